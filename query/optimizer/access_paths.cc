// From conjuncts to sets of ids: which indexes answer, how many ids each gives (exactly), and which are worth it.
#include <algorithm>

#include "query/optimizer/internal/context.h"

namespace protobase::query {
namespace {

// Costs in units of one row read in a scan. Reading one object by its id costs kFetch; taking one id out of an index kId;
// probing another index for one id kProbe; starting a search kSearch. A scan starts kScanStart later than a search.
constexpr double kFetch = 10;
constexpr double kId = 0.5;
constexpr double kProbe = 3;
constexpr double kSearch = 5;
constexpr double kScanStart = 20;
constexpr double kTinySet = 8;

ExpressionPtr null_constant() { return std::make_unique<Expression>(); }

class PathFinder {
 public:
  PathFinder(const CollectionDefinition& definition, const std::vector<ScanColumn>& columns, const std::vector<ExpressionPtr>& conjuncts,
             OptimizerContext& context)
      : definition_(definition), columns_(columns), conjuncts_(conjuncts), context_(context),
        restrictions_(find_restrictions(definition, columns, conjuncts, context)) {}

  Result<std::vector<AccessPath>> find(int depth) {
    PROTO_RETURN_IF_ERROR(find_ids());
    for (const auto& index : definition_.indexes) {
      if (index->method == IndexMethod::kIvfFlat || index->parts.empty()) continue;
      if (!is_restricted(*index) || !index_applies(*index, columns_, conjuncts_, context_)) continue;
      PROTO_RETURN_IF_ERROR(use_index(*index));
    }
    for (uint32_t i = 0; i < conjuncts_.size() && depth < 3; ++i) {
      if (conjuncts_[i]->kind == ExpressionKind::kOr) PROTO_RETURN_IF_ERROR(use_or(i, depth));
    }
    std::stable_sort(paths_.begin(), paths_.end(), [](const AccessPath& a, const AccessPath& b) { return a.count < b.count; });
    return std::move(paths_);
  }

 private:
  bool is_restricted(const IndexDefinition& index) const {
    return std::any_of(restrictions_.begin(), restrictions_.end(), [&](const Restriction& r) { return *r.path == index.parts[0].path; });
  }

  void add(std::unique_ptr<IdSource> source, std::vector<uint32_t> covers, bool proves, double count) {
    AccessPath path;
    source->estimated_rows = count;
    path.source = std::move(source);
    path.covers = std::move(covers);
    if (proves) path.proved = path.covers;
    path.count = count;
    paths_.push_back(std::move(path));
  }

  // ---- _id -------------------------------------------------------------------------------------------------------------

  bool is_id(const Expression& e) const {
    return e.kind == ExpressionKind::kColumn && std::any_of(columns_.begin(), columns_.end(), [&](const ScanColumn& column) {
      return column.id == e.index && column.read.what == ReadColumn::What::kId;
    });
  }

  Status find_ids() {
    for (uint32_t i = 0; i < conjuncts_.size(); ++i) {
      const Expression& e = *conjuncts_[i];
      auto source = std::make_unique<IdSource>();
      source->kind = IdSource::Kind::kIds;
      if (e.kind == ExpressionKind::kOperator && e.op == Operator::kEqual) {
        for (const size_t side : {0u, 1u}) {
          const bool given = is_id(*e.children[side]) && is_value_outside(*e.children[1 - side], columns_);
          if (given && source->ids.empty()) source->ids.push_back(e.children[1 - side]->clone());
        }
      } else if (e.kind == ExpressionKind::kIn && !e.negated && is_id(*e.children[0])) {
        for (size_t k = 1; k < e.children.size(); ++k) {
          if (!is_value_outside(*e.children[k], columns_)) source->ids.clear();
          else source->ids.push_back(e.children[k]->clone());
        }
        if (source->ids.size() + 1 != e.children.size()) source->ids.clear();
      }
      const auto count = static_cast<double>(source->ids.size());
      if (count > 0) add(std::move(source), {i}, true, count);
    }
    return Status();
  }

  // ---- one index -------------------------------------------------------------------------------------------------------

  const Restriction* find_on(const IndexPart& part, Restriction::Kind kind) const {
    for (const Restriction& restriction : restrictions_) {
      if (restriction.kind == kind && *restriction.path == part.path) return &restriction;
    }
    return nullptr;
  }

  Status use_index(const IndexDefinition& index) {
    if (index.parts[0].each_element) return use_multi_valued(index);
    auto source = std::make_unique<IdSource>();
    source->index = index.id;
    std::vector<uint32_t> covers;
    size_t part = 0;
    for (; part < index.parts.size() && !index.parts[part].each_element; ++part) {
      const Restriction* equal = find_on(index.parts[part], Restriction::Kind::kEqual);
      if (equal == nullptr) break;
      source->bound.equal.push_back(equal->values[0]->clone());
      covers.push_back(equal->conjunct);
    }
    const bool hash = index.method == IndexMethod::kHash;
    if (hash && part < index.parts.size()) return Status();
    if (part < index.parts.size() && !index.parts[part].each_element) {
      if (add_range(index.parts[part], *source, covers)) {
        source->kind = IdSource::Kind::kIndexedRangeSearch;
      } else if (const Restriction* in = find_on(index.parts[part], Restriction::Kind::kIn)) {
        return use_in_list(index, *in, std::move(source), std::move(covers));
      } else if (part == 0) {
        return use_is_null(index);
      }
    }
    if (covers.empty()) return Status();
    PROTO_ASSIGN_OR_RETURN(const double count, context_.count(index, source->bound));
    add(std::move(source), std::move(covers), true, count);
    return Status();
  }

  /// All range conjuncts of one attribute in one bound. A side that two of them give keeps the first; the other one stays a
  /// condition of the rows.
  bool add_range(const IndexPart& part, IdSource& source, std::vector<uint32_t>& covers) const {
    KeyBound& bound = source.bound;
    for (const Restriction& r : restrictions_) {
      if (r.kind != Restriction::Kind::kRange || !(*r.path == part.path)) continue;
      const bool fits = (r.low == nullptr || bound.low == nullptr) && (r.high == nullptr || bound.high == nullptr);
      if (!fits) continue;
      if (r.low != nullptr) bound.low = r.low->clone(), bound.low_inclusive = r.low_inclusive;
      if (r.high != nullptr) bound.high = r.high->clone(), bound.high_inclusive = r.high_inclusive;
      covers.push_back(r.conjunct);
    }
    return bound.low != nullptr || bound.high != nullptr;
  }

  Status use_is_null(const IndexDefinition& index) {
    const Restriction* null = find_on(index.parts[0], Restriction::Kind::kIsNull);
    if (null == nullptr) return Status();
    auto source = std::make_unique<IdSource>();
    source->index = index.id;
    source->bound.equal.push_back(null_constant());
    source->bound.exclude_null = false;
    PROTO_ASSIGN_OR_RETURN(const double count, context_.count(index, source->bound));
    add(std::move(source), {null->conjunct}, true, count);
    return Status();
  }

  Status use_in_list(const IndexDefinition& index, const Restriction& in, std::unique_ptr<IdSource> prefix, std::vector<uint32_t> covers) {
    auto merge = std::make_unique<IdSource>();
    merge->kind = IdSource::Kind::kOrMerge;
    double total = 0;
    for (const Expression* value : in.values) {
      auto search = std::make_unique<IdSource>();
      search->index = index.id;
      for (const ExpressionPtr& equal : prefix->bound.equal) search->bound.equal.push_back(equal->clone());
      search->bound.equal.push_back(value->clone());
      PROTO_ASSIGN_OR_RETURN(search->estimated_rows, context_.count(index, search->bound));
      total += search->estimated_rows;
      merge->operands.push_back(std::move(search));
    }
    covers.push_back(in.conjunct);
    if (merge->operands.size() == 1) merge = std::move(merge->operands[0]);
    add(std::move(merge), std::move(covers), true, total);
    return Status();
  }

  /// Each element that must be in the array is a search of its own.
  Status use_multi_valued(const IndexDefinition& index) {
    for (const Restriction& restriction : restrictions_) {
      if (restriction.kind != Restriction::Kind::kContains || !(*restriction.path == index.parts[0].path)) continue;
      for (const Expression* value : restriction.values) {
        auto search = std::make_unique<IdSource>();
        search->index = index.id;
        search->bound.equal.push_back(value->clone());
        PROTO_ASSIGN_OR_RETURN(const double count, context_.count(index, search->bound));
        add(std::move(search), {restriction.conjunct}, false, count);
      }
    }
    return Status();
  }

  // ---- OR --------------------------------------------------------------------------------------------------------------

  /// Every alternative must have ids of its own; together they are a union.
  Status use_or(uint32_t position, int depth) {
    auto merge = std::make_unique<IdSource>();
    merge->kind = IdSource::Kind::kOrMerge;
    double total = 0;
    bool proves = true;
    for (const ExpressionPtr& alternative : conjuncts_[position]->children) {
      std::vector<ExpressionPtr> parts;
      split_conjuncts(alternative->clone(), parts);
      PROTO_ASSIGN_OR_RETURN(std::vector<AccessPath> paths, PathFinder(definition_, columns_, parts, context_).find(depth + 1));
      if (paths.empty()) return Status();
      proves &= paths[0].proved.size() == parts.size();
      total += paths[0].count;
      merge->operands.push_back(std::move(paths[0].source));
    }
    add(std::move(merge), {position}, proves, total);
    return Status();
  }

  const CollectionDefinition& definition_;
  const std::vector<ScanColumn>& columns_;
  const std::vector<ExpressionPtr>& conjuncts_;
  OptimizerContext& context_;
  std::vector<Restriction> restrictions_;
  std::vector<AccessPath> paths_;
};

bool adds_nothing(const AccessPath& path, const std::vector<uint32_t>& covered) {
  return std::all_of(path.covers.begin(), path.covers.end(), [&](uint32_t conjunct) {
    return std::find(covered.begin(), covered.end(), conjunct) != covered.end();
  });
}

void append(std::vector<uint32_t>& to, const std::vector<uint32_t>& from) { to.insert(to.end(), from.begin(), from.end()); }

}  // namespace

Result<std::vector<AccessPath>> find_access_paths(const CollectionDefinition& definition, const std::vector<ScanColumn>& columns,
                                                  const std::vector<ExpressionPtr>& conjuncts, OptimizerContext& context) {
  if (conjuncts.empty()) return std::vector<AccessPath>();
  return PathFinder(definition, columns, conjuncts, context).find(0);
}

std::optional<AccessPath> choose_access_path(std::vector<AccessPath> paths, double rows) {
  if (paths.empty()) return std::nullopt;
  const double scan_cost = kScanStart + rows;
  if (kSearch + paths[0].count * (kFetch + kId) >= scan_cost) return std::nullopt;
  AccessPath chosen = std::move(paths[0]);
  std::vector<std::unique_ptr<IdSource>> operands;
  operands.push_back(std::move(chosen.source));
  double count = chosen.count;
  for (size_t i = 1; i < paths.size() && count > kTinySet; ++i) {
    AccessPath& next = paths[i];
    const double kept = rows > 0 ? std::min(1.0, next.count / rows) : 1.0;
    const double gain = count * (1 - kept) * kFetch;
    const double cost = kSearch + std::min(next.count * kId, count * kProbe);
    if (gain <= cost || adds_nothing(next, chosen.covers)) continue;
    operands.push_back(std::move(next.source));
    append(chosen.covers, next.covers);
    append(chosen.proved, next.proved);
    count *= kept;
  }
  chosen.count = count;
  if (operands.size() == 1) {
    chosen.source = std::move(operands[0]);
    return chosen;
  }
  chosen.source = std::make_unique<IdSource>();
  chosen.source->kind = IdSource::Kind::kAndMerge;
  chosen.source->operands = std::move(operands);
  chosen.source->estimated_rows = count;
  return chosen;
}

}  // namespace protobase::query
