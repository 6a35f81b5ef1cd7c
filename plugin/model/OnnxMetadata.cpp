//===- OnnxMetadata.cpp - What a model file says of itself ----------------===//

#include "model/OnnxMetadata.h"

#include "llvm/ADT/StringExtras.h"
#include "llvm/Config/llvm-config.h"
#include "llvm/Support/LEB128.h"

using namespace llvm;

namespace fastir {

namespace {

/// A protobuf field: its number and, if length-delimited, its bytes.
struct Field {
  uint64_t Number;
  StringRef Bytes;
};

/// Walks the fields of one protobuf message.
class FieldReader {
public:
  explicit FieldReader(StringRef Message) : Rest(Message) {}
  bool done() const { return Rest.empty(); }
  Expected<Field> next();

private:
  Expected<uint64_t> varint();
  Expected<StringRef> take(uint64_t Length);

  StringRef Rest;
};

Error notOnnx() {
  return createStringError("it is truncated or not an ONNX model");
}

Expected<uint64_t> FieldReader::varint() {
  unsigned Length = 0;
  const char *Problem = nullptr;
  uint64_t Value =
      decodeULEB128(Rest.bytes_begin(), &Length, Rest.bytes_end(), &Problem);
  if (Problem)
    return notOnnx();
  Rest = Rest.drop_front(Length);
  return Value;
}

Expected<StringRef> FieldReader::take(uint64_t Length) {
  if (Length > Rest.size())
    return notOnnx();
  StringRef Result = Rest.take_front(Length);
  Rest = Rest.drop_front(Length);
  return Result;
}

Expected<Field> FieldReader::next() {
  Expected<uint64_t> Tag = varint();
  if (!Tag)
    return Tag.takeError();
  uint64_t Length = 0;
  switch (*Tag & 7) {
  case 0: // varint
    if (Expected<uint64_t> Value = varint(); !Value)
      return Value.takeError();
    break;
  case 1: // 64 bits
    Length = 8;
    break;
  case 2: { // length-delimited
    Expected<uint64_t> Prefix = varint();
    if (!Prefix)
      return Prefix.takeError();
    Length = *Prefix;
    break;
  }
  case 5: // 32 bits
    Length = 4;
    break;
  default:
    return notOnnx();
  }
  Expected<StringRef> Bytes = take(Length);
  if (!Bytes)
    return Bytes.takeError();
  return Field{*Tag >> 3, *Bytes};
}

// Field numbers of onnx.ModelProto and onnx.StringStringEntryProto.
constexpr uint64_t GraphField = 7;
constexpr uint64_t MetadataPropsField = 14;
constexpr uint64_t KeyField = 1;
constexpr uint64_t ValueField = 2;

Expected<std::pair<StringRef, StringRef>> readEntry(StringRef Message) {
  StringRef Key, Value;
  for (FieldReader Reader(Message); !Reader.done();) {
    Expected<Field> F = Reader.next();
    if (!F)
      return F.takeError();
    if (F->Number == KeyField)
      Key = F->Bytes;
    else if (F->Number == ValueField)
      Value = F->Bytes;
  }
  return std::make_pair(Key, Value);
}

using Properties = StringMap<std::string>;

Expected<StringRef> require(const Properties &Props, StringRef Key) {
  auto It = Props.find(Key);
  if (It == Props.end())
    return createStringError("its metadata lacks '" + Key +
                             "'; it is not a model made by Fastir");
  return It->second;
}

Error checkSchema(const Properties &Props) {
  Expected<StringRef> Schema = require(Props, "fastir.schema_version");
  if (!Schema)
    return Schema.takeError();
  if (*Schema != std::to_string(ModelSchemaVersion))
    return createStringError("it has model schema " + *Schema +
                             "; this build reads schema " +
                             Twine(ModelSchemaVersion));
  Expected<StringRef> Llvm = require(Props, "fastir.llvm_version");
  if (!Llvm)
    return Llvm.takeError();
  if (Llvm->split('.').first != std::to_string(LLVM_VERSION_MAJOR))
    return createStringError("it was trained for LLVM " + *Llvm +
                             ", not for LLVM " + LLVM_VERSION_STRING);
  return Error::success();
}

Expected<std::vector<size_t>> parseFeatures(StringRef List,
                                            const FeatureSchema &Schema) {
  std::vector<size_t> Result;
  SmallVector<StringRef> Names, Unknown;
  List.split(Names, ',', -1, /*KeepEmpty=*/false);
  for (StringRef Name : Names)
    if (std::optional<size_t> Index = Schema.indexOf(Name))
      Result.push_back(*Index);
    else
      Unknown.push_back(Name);
  if (!Unknown.empty())
    return createStringError("it needs features unknown to this build: " +
                             join(Unknown, ", "));
  if (Result.empty())
    return createStringError("it names no features");
  return Result;
}

Expected<ModelDomain> parseDomain(StringRef Name) {
  if (Name == "minsize")
    return ModelDomain::MinSize;
  if (Name == "optsize")
    return ModelDomain::OptSize;
  if (Name == "all")
    return ModelDomain::All;
  return createStringError("its domain '" + Name +
                           "' is none of 'minsize', 'optsize' and 'all'");
}

} // namespace

Expected<Properties> readMetadataProperties(StringRef Bytes) {
  Properties Props;
  bool HasGraph = false;
  for (FieldReader Reader(Bytes); !Reader.done();) {
    Expected<Field> F = Reader.next();
    if (!F)
      return F.takeError();
    HasGraph |= F->Number == GraphField;
    if (F->Number != MetadataPropsField)
      continue;
    auto Entry = readEntry(F->Bytes);
    if (!Entry)
      return Entry.takeError();
    Props[Entry->first] = Entry->second.str();
  }
  if (!HasGraph)
    return notOnnx();
  return Props;
}

Expected<ModelMetadata> readOnnxMetadata(StringRef Bytes,
                                         const FeatureSchema &Schema) {
  Expected<Properties> Props = readMetadataProperties(Bytes);
  if (!Props)
    return Props.takeError();
  if (Error E = checkSchema(*Props))
    return E;
  StringMap<StringRef> Values;
  for (StringRef Key :
       {"features", "threshold", "objective", "unit", "domain"}) {
    Expected<StringRef> Value = require(*Props, ("fastir." + Key).str());
    if (!Value)
      return Value.takeError();
    Values[Key] = *Value;
  }
  ModelMetadata Result;
  Expected<std::vector<size_t>> Features =
      parseFeatures(Values["features"], Schema);
  if (!Features)
    return Features.takeError();
  Result.Features = std::move(*Features);
  Expected<ModelDomain> Domain = parseDomain(Values["domain"]);
  if (!Domain)
    return Domain.takeError();
  Result.Domain = *Domain;
  if (Values["threshold"].getAsDouble(Result.Threshold))
    return createStringError("its threshold '" + Values["threshold"] +
                             "' is not a number");
  Result.Objective = Values["objective"].str();
  Result.Unit = Values["unit"].str();
  return Result;
}

} // namespace fastir
