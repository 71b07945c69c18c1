// Functions of vectors; distances by the kernels of vector/.
#include <cstring>

#include "query/executor/cast.h"
#include "query/executor/functions.h"
#include "query/executor/vector_metric.h"
#include "vector/distance.h"

namespace protobase::query {
namespace {

template <Operator op>
Status distance_function(FunctionContext& context, Arguments a, ValueView& out) {
  return vector_distance(op, a[0], a[1], context.arena, out);
}

constexpr FunctionEntry kVectors[] = {
    {FunctionId::kVectorDimension,
     [](FunctionContext& context, Arguments a, ValueView& out) -> Status {
       std::span<const float> floats;
       PROTO_RETURN_IF_ERROR(floats_of(a[0], context.arena, floats));
       return out = ValueView::of_int(static_cast<int64_t>(floats.size())), Status();
     }},
    {FunctionId::kVectorNorm,
     [](FunctionContext& context, Arguments a, ValueView& out) -> Status {
       std::span<const float> floats;
       PROTO_RETURN_IF_ERROR(floats_of(a[0], context.arena, floats));
       return out = ValueView::of_double(vector::euclidean_norm(floats)), Status();
     }},
    {FunctionId::kL2Distance, distance_function<Operator::kL2Distance>},
    {FunctionId::kCosineDistance, distance_function<Operator::kCosineDistance>},
    {FunctionId::kL1Distance, distance_function<Operator::kL1Distance>},
    {FunctionId::kInnerProduct,
     [](FunctionContext& context, Arguments a, ValueView& out) -> Status {
       PROTO_RETURN_IF_ERROR(vector_distance(Operator::kNegativeInnerProduct, a[0], a[1], context.arena, out));
       if (!out.is_none()) out = ValueView::of_double(-out.real());
       return Status();
     }},
};

}  // namespace

std::span<const FunctionEntry> vector_functions() { return kVectors; }

vector::Metric metric_of(Operator op) {
  switch (op) {
    case Operator::kCosineDistance: return vector::Metric::kCosine;
    case Operator::kNegativeInnerProduct: return vector::Metric::kInnerProduct;
    case Operator::kL1Distance: return vector::Metric::kL1;
    default: return vector::Metric::kL2;
  }
}

bool is_distance(Operator op) { return op >= Operator::kL2Distance && op <= Operator::kL1Distance; }

Status floats_of(const ValueView& value, Arena& arena, std::span<const float>& out) {
  ValueView floats = value;
  if (value.kind() == Kind::kArray || value.kind() == Kind::kString) {
    PROTO_RETURN_IF_ERROR(cast(value, Type::of(Kind::kVector), arena, floats));
  }
  if (floats.kind() != Kind::kVector) {
    return Status(StatusCode::kType, "a vector is expected, not " + std::string(kind_name(value.kind())));
  }
  std::string_view bytes = floats.buffer();
  if (reinterpret_cast<uintptr_t>(bytes.data()) % alignof(float) != 0) bytes = arena.copy(bytes);
  out = {reinterpret_cast<const float*>(bytes.data()), bytes.size() / sizeof(float)};
  return Status();
}

Status vector_distance(Operator op, const ValueView& a, const ValueView& b, Arena& arena, ValueView& out) {
  if (a.is_none() || b.is_none()) return out = ValueView(), Status();
  std::span<const float> x, y;
  PROTO_RETURN_IF_ERROR(floats_of(a, arena, x));
  PROTO_RETURN_IF_ERROR(floats_of(b, arena, y));
  if (x.size() != y.size()) {
    return Status(StatusCode::kRange, "the distance of vectors of " + std::to_string(x.size()) + " and " +
                                          std::to_string(y.size()) + " dimensions is not defined");
  }
  out = ValueView::of_double(vector::distance(metric_of(op), x, y));
  return Status();
}

}  // namespace protobase::query
