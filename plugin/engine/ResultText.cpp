//===- ResultText.cpp - A compile's result on its way to another process --===//

#include "engine/ResultText.h"

#include "llvm/ADT/StringExtras.h"

#include <cstring>

using namespace llvm;

namespace fastir {

namespace {

class Writer {
public:
  template <typename T> void number(T Value) {
    Text.append(reinterpret_cast<const char *>(&Value), sizeof(T));
  }
  void string(StringRef Value) {
    number<uint64_t>(Value.size());
    Text.append(Value.begin(), Value.end());
  }
  std::string Text;
};

class Reader {
public:
  explicit Reader(StringRef Text) : Text(Text) {}

  /// Zero once the text has ended too early.
  template <typename T> T number() {
    T Value{};
    if (Text.size() < sizeof(T)) {
      IsWhole = false;
      return Value;
    }
    std::memcpy(&Value, Text.data(), sizeof(T));
    Text = Text.drop_front(sizeof(T));
    return Value;
  }
  std::string string() {
    const auto Size = number<uint64_t>();
    if (Text.size() < Size) {
      IsWhole = false;
      return "";
    }
    std::string Value = Text.take_front(Size).str();
    Text = Text.drop_front(Size);
    return Value;
  }
  bool IsWhole = true;

private:
  StringRef Text;
};

} // namespace

std::string writeResult(Expected<CompileResult> Result) {
  Writer Out;
  if (!Result) {
    Out.number(false);
    Out.string(toString(Result.takeError()));
    return std::move(Out.Text);
  }
  Out.number(true);
  Out.number<uint64_t>(Result->Decisions.size());
  for (const RecordedDecision &D : Result->Decisions) {
    Out.string(D.Caller);
    Out.string(D.Callee);
    Out.number(D.Prediction);
    Out.number(D.LlvmDecision);
    Out.number(D.Advice);
  }
  Out.number<uint64_t>(Result->Features.size());
  for (int64_t Value : Result->Features)
    Out.number(Value);
  Out.number<uint64_t>(Result->Sizes.Pieces.size());
  for (const SizePiece &P : Result->Sizes.Pieces) {
    Out.string(P.Comdat);
    Out.string(P.Symbol);
    Out.number(P.Kind);
    Out.number(P.Bytes);
  }
  Out.number<uint64_t>(Result->Sizes.Symbols.size());
  for (const SymbolSize &S : Result->Sizes.Symbols) {
    Out.string(S.Name);
    Out.number(S.Kind);
    Out.number(S.Bytes);
  }
  Out.number(Result->Reused);
  for (const auto *Names : {&Result->Unchanged, &Result->AttributesChanged}) {
    Out.number<uint64_t>(Names->size());
    for (const std::string &Name : *Names)
      Out.string(Name);
  }
  return std::move(Out.Text);
}

Expected<CompileResult> readResult(StringRef Text) {
  Reader In(Text);
  if (!In.number<bool>() && In.IsWhole)
    return createStringError(In.string());
  CompileResult Result;
  for (auto Left = In.number<uint64_t>(); Left && In.IsWhole; --Left) {
    RecordedDecision D{In.string(), In.string(), In.number<float>(),
                       In.number<bool>(), In.number<bool>()};
    Result.Decisions.push_back(std::move(D));
  }
  for (auto Left = In.number<uint64_t>(); Left && In.IsWhole; --Left)
    Result.Features.push_back(In.number<int64_t>());
  for (auto Left = In.number<uint64_t>(); Left && In.IsWhole; --Left) {
    SizePiece P{In.string(), In.string(), In.number<SectionKind>(),
                In.number<uint64_t>()};
    Result.Sizes.Pieces.push_back(std::move(P));
  }
  for (auto Left = In.number<uint64_t>(); Left && In.IsWhole; --Left) {
    SymbolSize S{In.string(), In.number<SectionKind>(), In.number<uint64_t>(),
                 0, 0};
    Result.Sizes.Symbols.push_back(std::move(S));
  }
  Result.Reused = In.number<uint64_t>();
  for (auto *Names : {&Result.Unchanged, &Result.AttributesChanged})
    for (auto Left = In.number<uint64_t>(); Left && In.IsWhole; --Left)
      Names->push_back(In.string());
  if (!In.IsWhole)
    return createStringError("a compile ended before it was done");
  return Result;
}

} // namespace fastir
