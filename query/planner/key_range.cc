#include "query/planner/key_range.h"

#include "db/key_codec.h"

namespace protobase::query {
namespace {

constexpr size_t kUsualKeyBytes = 64;

/// The first bytes of all keys of the kind of `value`, lowest and highest in key order.
std::pair<std::string, std::string> kind_prefixes(const ValueView& value, KeyOrder order) {
  std::string low, high;
  if (value.kind() == Kind::kBool) {
    append_key(low, ValueView::of_bool(order.descending), order);
    append_key(high, ValueView::of_bool(!order.descending), order);
  } else {
    append_key(low, value, order);
    low.resize(1);  // the tag: one for each kind
    high = low;
  }
  return {low, high};
}

bool kinds_compare(Kind a, Kind b) { return a == b || (is_number(a) && is_number(b)); }

struct Side {
  Value value;
  bool given = false;
  bool inclusive = true;
};

/// The keys between two sides of one component, which follow `prefix`.
KeyRange component_range(const std::string& prefix, const Side& low, const Side& high, KeyOrder order) {
  const Side& first = order.descending ? high : low;
  const Side& last = order.descending ? low : high;
  const auto [lowest, highest] = kind_prefixes(low.given ? low.value.view() : high.value.view(), order);
  KeyRange range{prefix, prefix};
  if (first.given) {
    append_key(range.low, first.value, order);
    if (!first.inclusive) range.low = successor(range.low);
  } else {
    range.low += lowest;
  }
  if (last.given) {
    append_key(range.high, last.value, order);
    if (last.inclusive) range.high = successor(range.high);
  } else {
    range.high = successor(range.high + highest);
  }
  return range.low < range.high ? range : empty_key_range();
}

Result<Side> evaluate_side(const ExpressionPtr& expression, bool inclusive, const KeyEvaluator& evaluate) {
  Side side;
  if (expression == nullptr) return side;
  PROTO_ASSIGN_OR_RETURN(side.value, evaluate(*expression));
  side.given = true;
  side.inclusive = inclusive;
  return side;
}

}  // namespace

KeyRange empty_key_range() { return KeyRange{"\x01", "\x01"}; }

bool is_empty(const KeyRange& range) { return !range.high.empty() && range.low >= range.high; }

Result<KeyRange> make_key_range(const IndexDefinition& index, const KeyBound& bound, const KeyEvaluator& evaluate) {
  PROTO_DCHECK(bound.equal.size() <= index.parts.size());
  std::string prefix;
  prefix.reserve(kUsualKeyBytes);
  for (size_t i = 0; i < bound.equal.size(); ++i) {
    PROTO_ASSIGN_OR_RETURN(const Value value, evaluate(*bound.equal[i]));
    if (value.is_none() && bound.exclude_null) return empty_key_range();
    append_key(prefix, value, index.parts[i].order);
  }
  if (bound.low == nullptr && bound.high == nullptr) {
    std::string end = successor(prefix);
    return KeyRange{std::move(prefix), std::move(end)};
  }
  PROTO_DCHECK(bound.equal.size() < index.parts.size());
  PROTO_ASSIGN_OR_RETURN(const Side low, evaluate_side(bound.low, bound.low_inclusive, evaluate));
  PROTO_ASSIGN_OR_RETURN(const Side high, evaluate_side(bound.high, bound.high_inclusive, evaluate));
  if ((low.given && low.value.is_none()) || (high.given && high.value.is_none())) return empty_key_range();
  if (low.given && high.given && !kinds_compare(low.value.kind(), high.value.kind())) return empty_key_range();
  return component_range(prefix, low, high, index.parts[bound.equal.size()].order);
}

}  // namespace protobase::query
