#include "query/executor/functions.h"

#include <array>

#include "db/json.h"
#include "db/protobase.h"
#include "query/executor/scalar.h"

namespace protobase::query {
namespace {

constexpr size_t kIdLimit = 256;

std::array<FunctionEntry, kIdLimit> collect() {
  std::array<FunctionEntry, kIdLimit> all{};
  for (const auto& family : {number_functions(), text_functions(), date_functions(), array_functions(), vector_functions(),
                             general_functions()}) {
    for (const FunctionEntry& entry : family) all[static_cast<size_t>(entry.id)] = entry;
  }
  return all;
}

Status extreme(FunctionId id, Operator wins, Arguments arguments, ValueView& out) {
  out = ValueView();
  for (const ValueView& value : arguments) {
    if (value.is_none()) continue;
    if (!out.is_none() && !comparable(out.kind(), value.kind())) return wrong_argument(id, value);
    if (out.is_none() || meets(wins, order_of(value, out))) out = value;
  }
  return Status();
}

Status make_ref(FunctionContext& context, Arguments arguments, ValueView& out) {
  if (arguments[0].kind() != Kind::kString) return wrong_argument(FunctionId::kMakeRef, arguments[0]);
  if (arguments[1].kind() != Kind::kInt) return wrong_argument(FunctionId::kMakeRef, arguments[1]);
  if (context.catalog == nullptr) return Status(StatusCode::kUnsupported, "make_ref() needs a database");
  const auto collection = context.catalog->find(arguments[0].buffer());
  if (collection == nullptr) {
    return Status(StatusCode::kNotFound, "no collection is called '" + std::string(arguments[0].buffer()) + "'");
  }
  if (arguments[1].integer() <= 0) return Status(StatusCode::kRange, "an object id is a positive integer");
  out = ValueView::of_ref({collection->id, ObjectId(static_cast<uint64_t>(arguments[1].integer()))});
  return Status();
}

constexpr FunctionEntry kGeneral[] = {
    {FunctionId::kGreatest,
     [](FunctionContext&, Arguments a, ValueView& out) { return extreme(FunctionId::kGreatest, Operator::kGreater, a, out); }, true},
    {FunctionId::kLeast,
     [](FunctionContext&, Arguments a, ValueView& out) { return extreme(FunctionId::kLeast, Operator::kLess, a, out); }, true},
    {FunctionId::kCoalesce,
     [](FunctionContext&, Arguments a, ValueView& out) -> Status {
       out = ValueView();
       for (const ValueView& value : a) {
         if (out.is_none()) out = value;
       }
       return Status();
     },
     true},
    {FunctionId::kNullIf,
     [](FunctionContext&, Arguments a, ValueView& out) -> Status {
       out = compare(Operator::kEqual, a[0], a[1]) == Truth::kTrue ? ValueView() : a[0];
       return Status();
     },
     true},
    {FunctionId::kIf,
     [](FunctionContext&, Arguments a, ValueView& out) -> Status {
       PROTO_ASSIGN_OR_RETURN(Truth truth, condition_of(a[0]));
       out = truth == Truth::kTrue ? a[1] : a[2];
       return Status();
     },
     true},
    {FunctionId::kTypeOf,
     [](FunctionContext&, Arguments a, ValueView& out) -> Status {
       out = ValueView::of_string(kind_name(a[0].kind()));
       return Status();
     },
     true},
    {FunctionId::kHash,
     [](FunctionContext&, Arguments a, ValueView& out) -> Status {
       out = ValueView::of_int(static_cast<int64_t>(a[0].hash()));
       return Status();
     },
     true},
    {FunctionId::kToJson,
     [](FunctionContext& context, Arguments a, ValueView& out) -> Status {
       out = ValueView::of_string(context.arena.copy(a[0].to_json()));
       return Status();
     },
     true},
    {FunctionId::kParseJson,
     [](FunctionContext& context, Arguments a, ValueView& out) -> Status {
       if (a[0].kind() != Kind::kString) return wrong_argument(FunctionId::kParseJson, a[0]);
       PROTO_ASSIGN_OR_RETURN(Value value, Value::parse_json(a[0].buffer()));
       out = context.arena.keep(value);
       return Status();
     }},
    {FunctionId::kMakeRef, make_ref},
    {FunctionId::kRefId,
     [](FunctionContext&, Arguments a, ValueView& out) -> Status {
       if (a[0].kind() != Kind::kRef) return wrong_argument(FunctionId::kRefId, a[0]);
       out = ValueView::of_int(static_cast<int64_t>(a[0].ref().object.value));
       return Status();
     }},
    {FunctionId::kVersion,
     [](FunctionContext&, Arguments, ValueView& out) -> Status {
       out = ValueView::of_string(version());
       return Status();
     }},
    {FunctionId::kRandom,
     [](FunctionContext& context, Arguments, ValueView& out) -> Status {
       out = ValueView::of_int(static_cast<int64_t>(context.random.next()));
       return Status();
     }},
};

}  // namespace

std::span<const FunctionEntry> general_functions() { return kGeneral; }

const FunctionEntry* find_function(FunctionId id) {
  static const std::array<FunctionEntry, kIdLimit> kAll = collect();
  const auto number = static_cast<size_t>(id);
  return number < kIdLimit && kAll[number].call != nullptr ? &kAll[number] : nullptr;
}

Status wrong_argument(FunctionId id, const ValueView& value) {
  return Status(StatusCode::kType, std::string(function_name(id)) + "() does not take " + std::string(kind_name(value.kind())));
}

}  // namespace protobase::query
