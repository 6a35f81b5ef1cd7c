//===- OnnxMetadata.cpp - What a model file says of itself ----------------===//

#include "model/OnnxMetadata.h"
#include "ir/BuildPhase.h"
#include "model/Protobuf.h"

#include "llvm/ADT/StringExtras.h"
#include "llvm/Config/llvm-config.h"

using namespace llvm;

namespace fastir {

namespace {

using Properties = StringMap<std::string>;

Error notOnnx() {
  return createStringError("it is truncated or not an ONNX model");
}

// Field numbers of onnx.ModelProto and onnx.StringStringEntryProto.
constexpr uint64_t GraphField = 7;
constexpr uint64_t MetadataPropsField = 14;
constexpr uint64_t KeyField = 1;
constexpr uint64_t ValueField = 2;

/// Adds a key and its value; false if the message is malformed.
bool readEntry(StringRef Message, Properties &Props) {
  StringRef Key, Value;
  FieldReader Reader(Message);
  while (Reader.next())
    if (Reader.number() == KeyField)
      Key = Reader.bytes();
    else if (Reader.number() == ValueField)
      Value = Reader.bytes();
  Props[Key] = Value.str();
  return !Reader.hasFailed();
}

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

Error badRule(StringRef Rule, const Twine &Why) {
  return createStringError("its rule '" + Rule + "' " + Why);
}

/// "feature>value,feature<=value,...", features that the model has.
Expected<KeepRule> parseKeepRule(StringRef Text, const FeatureSchema &Schema,
                                 ArrayRef<size_t> Features) {
  KeepRule Result;
  SmallVector<StringRef> Parts;
  Text.split(Parts, ',');
  for (StringRef Part : Parts) {
    const bool IsAbove = !Part.contains("<=");
    auto [Name, Value] = Part.split(IsAbove ? ">" : "<=");
    std::optional<size_t> Index = Schema.indexOf(Name);
    if (!Index || !is_contained(Features, *Index))
      return badRule(Text, "compares '" + Name + "', not one of its features");
    Condition &Next = Result.emplace_back(Condition{*Index, IsAbove, 0});
    if (Value.getAsInteger(10, Next.Value))
      return badRule(Text, "compares with '" + Value + "', not an integer");
  }
  return Result;
}

/// Rules with ';' between them.
Expected<std::vector<KeepRule>> parseKeepRules(StringRef List,
                                               const FeatureSchema &Schema,
                                               ArrayRef<size_t> Features) {
  std::vector<KeepRule> Result;
  SmallVector<StringRef> Rules;
  List.split(Rules, ';', -1, /*KeepEmpty=*/false);
  for (StringRef Text : Rules) {
    Expected<KeepRule> Rule = parseKeepRule(Text, Schema, Features);
    if (!Rule)
      return Rule.takeError();
    Result.push_back(std::move(*Rule));
  }
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

/// Names with ',' between them; what a model does not say is that it decides
/// without LTO alone.
Expected<std::vector<ThinOrFullLTOPhase>> parsePhases(StringRef List) {
  std::vector<ThinOrFullLTOPhase> Result;
  SmallVector<StringRef> Names;
  List.split(Names, ',');
  for (StringRef Name : Names) {
    Expected<ThinOrFullLTOPhase> Phase = parsePhase(Name);
    if (!Phase)
      return createStringError("its " + toString(Phase.takeError()));
    Result.push_back(*Phase);
  }
  return Result;
}

} // namespace

Expected<Properties> readMetadataProperties(StringRef Bytes) {
  Properties Props;
  bool HasGraph = false;
  FieldReader Reader(Bytes);
  while (Reader.next()) {
    HasGraph |= Reader.number() == GraphField;
    if (Reader.number() == MetadataPropsField &&
        !readEntry(Reader.bytes(), Props))
      return notOnnx();
  }
  if (Reader.hasFailed() || !HasGraph)
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
  for (StringRef Key : {"features", "threshold", "objective", "unit", "domain",
                        "keep_default"}) {
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
  Expected<std::vector<KeepRule>> Rules =
      parseKeepRules(Values["keep_default"], Schema, Result.Features);
  if (!Rules)
    return Rules.takeError();
  Result.KeepRules = std::move(*Rules);
  Expected<ModelDomain> Domain = parseDomain(Values["domain"]);
  if (!Domain)
    return Domain.takeError();
  Result.Domain = *Domain;
  if (auto It = Props->find("fastir.phases"); It != Props->end()) {
    Expected<std::vector<ThinOrFullLTOPhase>> Phases = parsePhases(It->second);
    if (!Phases)
      return Phases.takeError();
    Result.Phases = std::move(*Phases);
  }
  if (Values["threshold"].getAsDouble(Result.Threshold))
    return createStringError("its threshold '" + Values["threshold"] +
                             "' is not a number");
  Result.Objective = Values["objective"].str();
  Result.Unit = Values["unit"].str();
  return Result;
}

} // namespace fastir
