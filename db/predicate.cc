#include "db/predicate.h"

#include "runtime/base/coding.h"

namespace protobase {
namespace {

constexpr int kMaxPredicateDepth = 100;

using Truth = Predicate::Truth;

Truth of(bool value) { return value ? Truth::kTrue : Truth::kFalse; }

bool comparable(Kind a, Kind b) { return a == b || (is_number(a) && is_number(b)); }

Truth compare(Predicate::Operation operation, const ValueView& left, const ValueView& right) {
  if (left.is_none() || right.is_none()) return Truth::kUnknown;
  if (!comparable(left.kind(), right.kind())) {
    if (operation == Predicate::Operation::kEqual) return Truth::kFalse;
    if (operation == Predicate::Operation::kNotEqual) return Truth::kTrue;
    return Truth::kUnknown;
  }
  const auto order = left.compare(right);
  switch (operation) {
    case Predicate::Operation::kEqual: return of(order == 0);
    case Predicate::Operation::kNotEqual: return of(order != 0);
    case Predicate::Operation::kLess: return of(order < 0);
    case Predicate::Operation::kLessEqual: return of(order <= 0);
    case Predicate::Operation::kGreater: return of(order > 0);
    default: return of(order >= 0);
  }
}

Truth decide_in(const ValueView& left, const ValueView& candidates) {
  if (left.is_none()) return Truth::kUnknown;
  bool unknown = false;
  for (size_t i = 0; i < candidates.size(); ++i) {
    const Truth truth = compare(Predicate::Operation::kEqual, left, candidates[static_cast<int64_t>(i)]);
    if (truth == Truth::kTrue) return truth;
    unknown |= truth == Truth::kUnknown;
  }
  return unknown ? Truth::kUnknown : Truth::kFalse;
}

/// AND when `absorbing` is false, OR when it is true: one operand of that value decides.
Truth decide_all(const std::vector<Predicate>& operands, const ValueView& object, Truth absorbing) {
  bool unknown = false;
  for (const Predicate& operand : operands) {
    const Truth truth = operand.decide(object);
    if (truth == absorbing) return truth;
    unknown |= truth == Truth::kUnknown;
  }
  if (unknown) return Truth::kUnknown;
  return absorbing == Truth::kFalse ? Truth::kTrue : Truth::kFalse;
}

Truth negate(Truth truth) {
  return truth == Truth::kUnknown ? truth : truth == Truth::kTrue ? Truth::kFalse : Truth::kTrue;
}

Result<Predicate> decode_at(std::string_view& bytes, int depth) {
  const Status damaged(StatusCode::kCorruption, "a stored condition is damaged");
  if (depth > kMaxPredicateDepth) return damaged;
  proto::ByteReader reader(bytes);
  Predicate predicate;
  const auto operation = reader.fixed<uint8_t>();
  const std::string_view path = reader.string();
  const std::string_view value = reader.string();
  const uint64_t operands = reader.varint();
  if (!reader.ok() || operation < 1 || operation > 12 || operands > reader.rest().size()) return damaged;
  predicate.operation = static_cast<Predicate::Operation>(operation);
  PROTO_ASSIGN_OR_RETURN(predicate.path, Path::parse(path));
  PROTO_ASSIGN_OR_RETURN(ValueView view, decode(value));
  predicate.value = Value(view);
  bytes = reader.rest();
  for (uint64_t i = 0; i < operands; ++i) {
    PROTO_ASSIGN_OR_RETURN(Predicate operand, decode_at(bytes, depth + 1));
    predicate.operands.push_back(std::move(operand));
  }
  if (predicate.operation == Predicate::Operation::kNot && operands != 1) return damaged;
  return predicate;
}

}  // namespace

Truth Predicate::decide(const ValueView& object) const {
  switch (operation) {
    case Operation::kAnd: return decide_all(operands, object, Truth::kFalse);
    case Operation::kOr: return decide_all(operands, object, Truth::kTrue);
    case Operation::kNot: return negate(operands.front().decide(object));
    case Operation::kIsNull: return of(path.follow(object).is_none());
    case Operation::kIn: return decide_in(path.follow(object), value);
    case Operation::kIsTrue: {
      const ValueView found = path.follow(object);
      return found.is_none() ? Truth::kUnknown : of(found.kind() == Kind::kBool && found.as_bool());
    }
    default: return compare(operation, path.follow(object), value);
  }
}

void Predicate::encode(std::string& out) const {
  out.push_back(static_cast<char>(operation));
  proto::put_string(out, path.to_string());
  proto::put_string(out, protobase::encode(value.view()));
  proto::put_varint(out, operands.size());
  for (const Predicate& operand : operands) operand.encode(out);
}

Result<Predicate> Predicate::decode(std::string_view& bytes) { return decode_at(bytes, 0); }

}  // namespace protobase
