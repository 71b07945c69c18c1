// join_ordering: a region of inner joins is put together anew, smallest results first. Up to kDynamicLimit tables all
// trees are tried (dynamic programming over subsets); above, the pair of the smallest result is joined, again and again.
#include <algorithm>
#include <bit>
#include <cmath>

#include "query/optimizer/internal/context.h"

namespace protobase::query {
namespace {

constexpr size_t kDynamicLimit = 10;
constexpr size_t kMaxTables = 64;  // bits of a Set

using Set = uint64_t;

struct Condition {
  ExpressionPtr expression;
  Set tables = 0;
  double selectivity = 1;
};

/// A join tree under construction: a leaf, or two parts.
struct Part {
  Set tables = 0;
  double rows = 0;
  double cost = 0;   // rows of all joins inside
  int left = -1, right = -1;  // numbers of parts; leaves have none
};

class Region {
 public:
  explicit Region(OptimizerContext& context) : context_(context) {}

  /// Takes inner joins apart.
  void flatten(LogicalPtr node) {
    if (node->kind == LogicalKind::kJoin && as<LogicalJoin>(*node).type == JoinType::kInner && !as<LogicalJoin>(*node).lateral) {
      auto& join = as<LogicalJoin>(*node);
      for (ExpressionPtr& e : join.conjuncts) conditions_.push_back({std::move(e)});
      flatten(std::move(join.children[0]));
      flatten(std::move(join.children[1]));
      return;
    }
    leaves_.push_back(std::move(node));
  }

  size_t size() const { return leaves_.size(); }

  LogicalPtr arrange() {
    measure();
    for (size_t i = 0; i < leaves_.size(); ++i) parts_.push_back({Set{1} << i, leaves_[i]->estimated_rows, 0});
    const int root = leaves_.size() <= kDynamicLimit ? try_all() : join_greedily();
    return build(root);
  }

  std::vector<LogicalPtr>& leaves() { return leaves_; }

 private:
  Set tables_of(const Expression& e) const {
    std::vector<ColumnId> used;
    collect_columns(e, used);
    Set tables = 0;
    for (size_t i = 0; i < leaves_.size(); ++i) {
      const auto& output = leaves_[i]->output;
      if (std::any_of(used.begin(), used.end(), [&](ColumnId id) { return contains(output, id); })) tables |= Set{1} << i;
    }
    return tables;
  }

  double base_rows(size_t leaf) const {
    const LogicalNode* node = leaves_[leaf].get();
    while (!node->children.empty()) node = node->children[0].get();
    if (node->kind == LogicalKind::kScan) {
      const auto objects = context_.objects(as<LogicalScan>(*node).definition->id);
      if (objects.ok()) return std::max(1.0, static_cast<double>(*objects));
    }
    return std::max(1.0, leaves_[leaf]->estimated_rows);
  }

  void measure() {
    for (Condition& condition : conditions_) {
      const Expression& e = *condition.expression;
      condition.tables = tables_of(e);
      condition.selectivity = guess_selectivity(e);
      if (e.kind != ExpressionKind::kOperator || e.op != Operator::kEqual) continue;
      double largest = 1;
      for (size_t i = 0; i < leaves_.size(); ++i) {
        if (condition.tables >> i & 1) largest = std::max(largest, base_rows(i));
      }
      condition.selectivity = 1 / largest;
    }
  }

  /// Conditions that a join of these two sets can decide and neither side alone.
  template <class Visit>
  void for_each_between(Set a, Set b, const Visit& visit) const {
    for (const Condition& condition : conditions_) {
      const bool inside = (condition.tables & ~(a | b)) == 0;
      if (inside && (condition.tables & ~a) != 0 && (condition.tables & ~b) != 0) visit(condition);
    }
  }

  Part join(int left, int right) const {
    const Part &a = parts_[static_cast<size_t>(left)], &b = parts_[static_cast<size_t>(right)];
    Part part{a.tables | b.tables, a.rows * b.rows, 0, left, right};
    for_each_between(a.tables, b.tables, [&](const Condition& condition) { part.rows *= condition.selectivity; });
    part.cost = a.cost + b.cost + part.rows;
    return part;
  }

  bool connected(Set a, Set b) const {
    bool found = false;
    for_each_between(a, b, [&](const Condition&) { found = true; });
    return found;
  }

  int try_all() {
    const Set all = (Set{1} << leaves_.size()) - 1;
    std::vector<int> best(all + 1, -1);
    for (size_t i = 0; i < leaves_.size(); ++i) best[Set{1} << i] = static_cast<int>(i);
    for (Set set = 1; set <= all; ++set) {
      if (std::has_single_bit(set)) continue;
      for (const bool crossing : {false, true}) {
        if (best[set] >= 0) break;
        find_best_split(set, crossing, best);
      }
    }
    return best[all];
  }

  void find_best_split(Set set, bool crossing, std::vector<int>& best) {
    const Set lowest = set & (~set + 1);
    Part winner;
    for (Set left = (set - 1) & set; left != 0; left = (left - 1) & set) {
      const Set right = set & ~left;
      if ((left & lowest) == 0 || best[left] < 0 || best[right] < 0) continue;  // each pair once
      if (!crossing && !connected(left, right)) continue;
      const Part part = join(best[left], best[right]);
      if (winner.tables == 0 || part.cost < winner.cost) winner = part;
    }
    if (winner.tables == 0) return;
    parts_.push_back(winner);
    best[set] = static_cast<int>(parts_.size() - 1);
  }

  int join_greedily() {
    std::vector<int> open;
    for (size_t i = 0; i < leaves_.size(); ++i) open.push_back(static_cast<int>(i));
    while (open.size() > 1) {
      size_t best_a = 0, best_b = 0;
      Part winner;
      const auto try_pairs = [&](bool crossing) {
        for (size_t a = 0; a < open.size(); ++a) {
          for (size_t b = a + 1; b < open.size(); ++b) {
            if (!crossing && !connected(tables(open[a]), tables(open[b]))) continue;
            const Part part = join(open[a], open[b]);
            if (winner.tables == 0 || part.rows < winner.rows) winner = part, best_a = a, best_b = b;
          }
        }
      };
      try_pairs(false);
      if (winner.tables == 0) try_pairs(true);
      parts_.push_back(winner);
      open[best_a] = static_cast<int>(parts_.size() - 1);
      open.erase(open.begin() + static_cast<ptrdiff_t>(best_b));
    }
    return open[0];
  }

  Set tables(int part) const { return parts_[static_cast<size_t>(part)].tables; }

  LogicalPtr build(int number) {
    const Part part = parts_[static_cast<size_t>(number)];
    if (part.left < 0) return std::move(leaves_[static_cast<size_t>(std::countr_zero(part.tables))]);
    auto node = std::make_unique<LogicalJoin>();
    const Set left_tables = tables(part.left), right_tables = tables(part.right);
    for (Condition& condition : conditions_) {
      if (condition.expression == nullptr || (condition.tables & ~(left_tables | right_tables)) != 0) continue;
      const bool decided_below = (condition.tables & ~left_tables) == 0 || (condition.tables & ~right_tables) == 0;
      if (!decided_below || condition.tables == 0) node->conjuncts.push_back(std::move(condition.expression));
    }
    LogicalPtr left = build(part.left);
    LogicalPtr right = build(part.right);
    node->estimated_rows = part.rows;
    node->output = left->output;
    node->output.insert(node->output.end(), right->output.begin(), right->output.end());
    node->children.push_back(std::move(left));
    node->children.push_back(std::move(right));
    return node;
  }

  OptimizerContext& context_;
  std::vector<LogicalPtr> leaves_;
  std::vector<Condition> conditions_;
  std::vector<Part> parts_;
};

bool is_inner_join(const LogicalNode& node) {
  return node.kind == LogicalKind::kJoin && as<LogicalJoin>(node).type == JoinType::kInner && !as<LogicalJoin>(node).lateral;
}

size_t count_leaves(const LogicalNode& node) {
  if (!is_inner_join(node)) return 1;
  return count_leaves(*node.children[0]) + count_leaves(*node.children[1]);
}

Status order(LogicalPtr& node, OptimizerContext& context) {
  if (!is_inner_join(*node) || count_leaves(*node) > kMaxTables) {
    for (LogicalPtr& child : node->children) PROTO_RETURN_IF_ERROR(order(child, context));
    return Status();
  }
  Region region(context);
  region.flatten(std::move(node));
  for (LogicalPtr& leaf : region.leaves()) PROTO_RETURN_IF_ERROR(order(leaf, context));
  node = region.arrange();
  return Status();
}

}  // namespace

Status order_joins(LogicalPtr& plan, OptimizerContext& context) {
  PROTO_RETURN_IF_ERROR(estimate_rows(*plan, context));
  return order(plan, context);
}

}  // namespace protobase::query
