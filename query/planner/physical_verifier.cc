#include <algorithm>
#include <set>

#include "query/planner/physical_planner.h"

namespace protobase::query {
namespace {

class Verifier {
 public:
  Status verify(const PhysicalNode& node) {
    if (node.id == 0 || !ids_.insert(node.id).second) return broken(node, "its id is not unique");
    for (const PhysicalPtr& child : node.children) {
      if (child == nullptr) return broken(node, "a child is missing");
      PROTO_RETURN_IF_ERROR(verify(*child));
    }
    return verify_slots(node);
  }

 private:
  static Status broken(const PhysicalNode& node, const std::string& what) {
    return Status(StatusCode::kInvalidState, "physical plan: operator " + std::to_string(node.id) + " of kind " +
                                                 std::to_string(static_cast<int>(node.kind)) + ": " + what);
  }

  Status slots(const PhysicalNode& node, const ExpressionPtr& e, size_t width) {
    if (e == nullptr) return Status();
    if (e->kind == ExpressionKind::kColumn && e->index >= width) return broken(node, "slot " + std::to_string(e->index) + " of " + std::to_string(width));
    for (const ExpressionPtr& child : e->children) PROTO_RETURN_IF_ERROR(slots(node, child, width));
    if (e->subquery == nullptr) return Status();
    if (e->subquery->plan == nullptr) return broken(node, "a subquery without a plan");
    PROTO_RETURN_IF_ERROR(verify(*e->subquery->plan));
    return all(node, e->subquery->outer, width);
  }

  Status all(const PhysicalNode& node, const std::vector<ExpressionPtr>& expressions, size_t width) {
    for (const ExpressionPtr& e : expressions) PROTO_RETURN_IF_ERROR(slots(node, e, width));
    return Status();
  }

  static size_t width_of(const PhysicalNode& node) {
    size_t width = 0;
    for (const PhysicalPtr& child : node.children) width += child->output.size();
    return width;
  }

  Status verify_slots(const PhysicalNode& node) {
    const size_t width = width_of(node);
    switch (node.kind) {
      case PhysicalKind::kScan: return slots(node, as<PhysicalScan>(node).filter, as<PhysicalScan>(node).columns.size());
      case PhysicalKind::kIdFetch:
        if (as<PhysicalIdFetch>(node).source == nullptr) return broken(node, "no source of ids");
        return slots(node, as<PhysicalIdFetch>(node).filter, as<PhysicalIdFetch>(node).columns.size());
      case PhysicalKind::kFilter: return slots(node, as<PhysicalFilter>(node).condition, width);
      case PhysicalKind::kProject: return all(node, as<PhysicalProject>(node).expressions, width);
      case PhysicalKind::kAggregate: return all(node, as<PhysicalAggregate>(node).groups, width);
      case PhysicalKind::kNestedLoopJoin: return slots(node, as<PhysicalNestedLoopJoin>(node).condition, width);
      case PhysicalKind::kHashJoin: {
        const auto& join = as<PhysicalHashJoin>(node);
        PROTO_RETURN_IF_ERROR(all(node, join.left_keys, node.children[0]->output.size()));
        PROTO_RETURN_IF_ERROR(all(node, join.right_keys, node.children[1]->output.size()));
        return slots(node, join.condition, width);
      }
      case PhysicalKind::kSetOperation:
        if (node.children[0]->output.size() != node.children[1]->output.size()) return broken(node, "sides of different width");
        return Status();
      case PhysicalKind::kUpdate:
        for (const auto& [path, e] : as<PhysicalUpdate>(node).assignments) PROTO_RETURN_IF_ERROR(slots(node, e, width));
        return Status();
      default: return Status();
    }
  }

  std::set<uint32_t> ids_;
};

}  // namespace

Status verify_physical(const PhysicalNode& plan) { return Verifier().verify(plan); }

}  // namespace protobase::query
