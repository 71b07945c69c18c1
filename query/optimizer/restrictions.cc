// What the conjuncts of a scan say of single attributes, in forms that an index can use.
#include <algorithm>

#include "query/optimizer/internal/context.h"

namespace protobase::query {
namespace {

bool has_kind(uint32_t kinds, Kind kind) { return (kinds >> static_cast<uint32_t>(kind) & 1) != 0; }

const Attribute* attribute_at(const CollectionDefinition& definition, const Path& path) {
  return definition.find_attribute(path.steps()[0].name);
}

/// Dates and timestamps compare with each other but are keys of their own: an index answers for one kind of them only.
bool kinds_agree(const CollectionDefinition& definition, const Path& path, const Expression& value) {
  const auto is_moment = [](Kind kind) { return kind == Kind::kDate || kind == Kind::kTimestamp; };
  const Attribute* attribute = attribute_at(definition, path);
  const bool single = attribute != nullptr && path.steps().size() == 1;
  if (single && attribute->declared && attribute->type != Kind::kNone) {
    if (!is_moment(attribute->type)) return true;
    return !value.type.any && (value.type.kind == attribute->type || !is_moment(value.type.kind));
  }
  const bool may_be_moment = value.type.any || is_moment(value.type.kind);
  const bool seen_moment = attribute == nullptr || path.steps().size() > 1 || has_kind(attribute->seen_kinds, Kind::kDate) ||
                           has_kind(attribute->seen_kinds, Kind::kTimestamp);
  return !may_be_moment || !seen_moment || (value.kind == ExpressionKind::kParameter && value.type.any);
}

class Finder {
 public:
  Finder(const CollectionDefinition& definition, const std::vector<ScanColumn>& columns, OptimizerContext& context)
      : definition_(definition), columns_(columns), context_(context) {}

  void find(const Expression& e, uint32_t position) {
    position_ = position;
    switch (e.kind) {
      case ExpressionKind::kOperator: return find_operator(e);
      case ExpressionKind::kBetween:
        if (!e.negated) find_range(*e.children[0], e.children[1].get(), true, e.children[2].get(), true);
        return;
      case ExpressionKind::kIn:
        if (!e.negated) find_in(e);
        return;
      case ExpressionKind::kInArray:
        if (!e.negated) find_contains(*e.children[1], *e.children[0]);
        return;
      case ExpressionKind::kFunction:
        if (e.function == FunctionId::kArrayContains) find_contains(*e.children[0], *e.children[1]);
        return;
      case ExpressionKind::kColumn: return find_true(e);
      default: return;
    }
  }

  std::vector<Restriction> take() { return std::move(found_); }

 private:
  bool is_value(const Expression& e) const { return is_value_outside(e, columns_); }

  Restriction* add(Restriction::Kind kind, const Path* path) {
    Restriction restriction;
    restriction.kind = kind;
    restriction.path = path;
    restriction.conjunct = position_;
    found_.push_back(std::move(restriction));
    return &found_.back();
  }

  const Path* path_for(const Expression& column, const Expression& value) const {
    if (!is_value(value)) return nullptr;
    const Path* path = indexable_path(column, definition_, columns_);
    return path != nullptr && kinds_agree(definition_, *path, value) ? path : nullptr;
  }

  void find_operator(const Expression& e) {
    if (e.op == Operator::kIsNull) {
      const Path* path = indexable_path(*e.children[0], definition_, columns_);
      if (path != nullptr) add(Restriction::Kind::kIsNull, path);
      return;
    }
    if (e.op == Operator::kContains) return find_contains(*e.children[0], *e.children[1]);
    if (e.op == Operator::kContainsAll) return find_contains_all(e);
    if (e.children.size() != 2) return;
    for (const bool mirrored : {false, true}) {
      const Expression& column = *e.children[mirrored ? 1 : 0];
      const Expression& value = *e.children[mirrored ? 0 : 1];
      if (e.op == Operator::kEqual) {
        if (const Path* path = path_for(column, value)) return add(Restriction::Kind::kEqual, path)->values.push_back(&value);
      }
      if (e.op < Operator::kLess || e.op > Operator::kGreaterEqual || path_for(column, value) == nullptr) continue;
      const bool less = (e.op == Operator::kLess || e.op == Operator::kLessEqual) != mirrored;
      const bool inclusive = e.op == Operator::kLessEqual || e.op == Operator::kGreaterEqual;
      return less ? find_range(column, nullptr, true, &value, inclusive) : find_range(column, &value, inclusive, nullptr, true);
    }
  }

  /// `low` and `high`, one of which may be null; two conjuncts on one attribute are put together later.
  void find_range(const Expression& column, const Expression* low, bool low_inclusive, const Expression* high, bool high_inclusive) {
    const Path* path = indexable_path(column, definition_, columns_);
    for (const Expression* side : {low, high}) {
      if (side != nullptr && (path == nullptr || path_for(column, *side) == nullptr)) return;
    }
    Restriction* range = add(Restriction::Kind::kRange, path);
    range->low = low;
    range->high = high;
    range->low_inclusive = low_inclusive;
    range->high_inclusive = high_inclusive;
  }

  void find_in(const Expression& e) {
    const Path* path = nullptr;
    for (size_t i = 1; i < e.children.size(); ++i) {
      path = path_for(*e.children[0], *e.children[i]);
      if (path == nullptr) return;
    }
    Restriction* in = add(Restriction::Kind::kIn, path);
    for (size_t i = 1; i < e.children.size(); ++i) in->values.push_back(e.children[i].get());
  }

  void find_contains(const Expression& array, const Expression& element) {
    const Path* path = path_for(array, element);
    if (path != nullptr) add(Restriction::Kind::kContains, path)->values.push_back(&element);
  }

  void find_contains_all(const Expression& e) {
    if (e.children[1]->kind != ExpressionKind::kArray || e.children[1]->children.empty()) return;
    const Path* path = nullptr;
    for (const ExpressionPtr& element : e.children[1]->children) {
      path = path_for(*e.children[0], *element);
      if (path == nullptr) return;
    }
    Restriction* contains = add(Restriction::Kind::kContains, path);
    for (const ExpressionPtr& element : e.children[1]->children) contains->values.push_back(element.get());
  }

  /// `WHERE active`: the attribute is TRUE.
  void find_true(const Expression& e) {
    static const Expression* const kTrue = [] {
      auto* constant = new Expression;
      constant->value = Value(true);
      constant->type = Type::of(Kind::kBool);
      return constant;
    }();
    if (const Path* path = indexable_path(e, definition_, columns_)) add(Restriction::Kind::kEqual, path)->values.push_back(kTrue);
  }

  const CollectionDefinition& definition_;
  const std::vector<ScanColumn>& columns_;
  OptimizerContext& context_;
  uint32_t position_ = 0;
  std::vector<Restriction> found_;
};

}  // namespace

const Path* indexable_path(const Expression& e, const CollectionDefinition& definition, const std::vector<ScanColumn>& columns) {
  if (e.kind != ExpressionKind::kColumn) return nullptr;
  for (const ScanColumn& column : columns) {
    if (column.id != e.index || column.read.what != ReadColumn::What::kPath) continue;
    const Path& path = column.read.path;
    if (path.steps().size() == 1) return &path;
    const Attribute* attribute = attribute_at(definition, path);
    if (attribute == nullptr) return nullptr;
    const bool may_follow = attribute->type == Kind::kRef || has_kind(attribute->seen_kinds, Kind::kRef);
    return may_follow ? nullptr : &path;  // the index holds what is inside the object
  }
  return nullptr;
}

std::vector<Restriction> find_restrictions(const CollectionDefinition& definition, const std::vector<ScanColumn>& columns,
                                           const std::vector<ExpressionPtr>& conjuncts, OptimizerContext& context) {
  Finder finder(definition, columns, context);
  for (uint32_t i = 0; i < conjuncts.size(); ++i) finder.find(*conjuncts[i], i);
  return finder.take();
}

bool index_applies(const IndexDefinition& index, const std::vector<ScanColumn>& columns, const std::vector<ExpressionPtr>& conjuncts,
                   OptimizerContext& context) {
  if (!index.where) return true;
  const PathOf path_of = [&](const Expression& e) -> std::optional<Path> {
    for (const ScanColumn& column : columns) {
      const bool reads = e.kind == ExpressionKind::kColumn && column.id == e.index && column.read.what == ReadColumn::What::kPath;
      if (reads) return column.read.path;
    }
    return std::nullopt;
  };
  const auto translate = [&](const Expression& e, const ValueOf& value_of) { return to_predicate(e, path_of, value_of); };
  const ValueOf peek = [&](const Expression& e) { return context.planning_value(e); };
  const ValueOf pin = [&](const Expression& e) { return context.pinned_value(e); };
  const auto implied = [&](const Predicate& wanted) {
    for (const ExpressionPtr& e : conjuncts) {
      const auto given = translate(*e, peek);
      if (!given || !(*given == wanted)) continue;
      (void)translate(*e, pin);  // the values decide: with others the index may lack objects
      return true;
    }
    return false;
  };
  const Predicate& where = *index.where;
  if (where.operation != Predicate::Operation::kAnd) return implied(where);
  return implied(where) || std::all_of(where.operands.begin(), where.operands.end(), implied);
}

}  // namespace protobase::query
