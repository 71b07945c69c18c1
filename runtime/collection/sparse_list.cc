#include "runtime/collection/sparse_list.h"

#include <string>
#include <vector>

#include "runtime/avl/difference.h"
#include "runtime/avl/edit.h"
#include "runtime/value/operations.h"

namespace proto {

using internal::SparseListCell;
using internal::SparseNodes;
using NodeTree = avl::Tree<SparseNodes>;
using Change = SparseNodes::Change;

namespace {

constexpr uint64_t kSparseListSeed = 0x5370617273650001;

// For reading only.
const avl::Family<SparseNodes>& reading_family() {
  static const avl::Family<SparseNodes> family{SparseNodes()};
  return family;
}

NodeTree tree_of(const SparseList& list) {
  return NodeTree(&reading_family(), static_cast<const SparseListCell*>(list.as_cell())->root);
}

SparseList make_list(Context& ctx, NodeTree tree) {
  auto* cell = allocate_raw<SparseListCell>(ctx, CellKind::kSparseList);
  cell->root = tree.root();
  return SparseList(Value::cell(cell));
}

/// One operation on a list's tree.
struct SparseEdit {
  SparseEdit(Context& ctx, const SparseList& list, bool leaves_room = false)
      : family(SparseNodes(ctx, leaves_room)), edit(family), tree(&family, tree_of(list).root()) {}
  avl::Family<SparseNodes> family;
  avl::Edit<SparseNodes> edit;
  NodeTree tree;
};

}  // namespace

SparseList SparseList::empty(Context& ctx) {
  if (!ctx.enter()) return {};
  return make_list(ctx, reading_family().empty_tree());
}

SparseList SparseList::of(Context& ctx, std::span<const Entry> entries) {
  const SparseList list = empty(ctx);
  return list.valid() ? list.set(ctx, entries) : list;
}

uint64_t SparseList::size() const { return tree_of(*this).size(); }

Value SparseList::get(int64_t index) const {
  const auto entry = tree_of(*this).find(index);
  return entry.has_value() ? entry->value : Value();
}

bool SparseList::has(int64_t index) const { return tree_of(*this).contains(index); }

std::optional<int64_t> SparseList::first_index() const {
  const auto entry = tree_of(*this).select(0);
  return entry.has_value() ? std::optional(entry->key) : std::nullopt;
}

std::optional<int64_t> SparseList::last_index() const {
  const auto entry = tree_of(*this).select(size() - 1);
  return entry.has_value() ? std::optional(entry->key) : std::nullopt;
}

std::optional<int64_t> SparseList::next_index(int64_t from) const {
  const NodeTree tree = tree_of(*this);
  const auto entry = tree.select(tree.rank(from));
  return entry.has_value() ? std::optional(entry->key) : std::nullopt;
}

uint64_t SparseList::count(int64_t from, int64_t to) const { return tree_of(*this).count_range(from, to); }

SparseListIterator SparseList::begin() const { return SparseListIterator(*this); }

SparseList SparseList::set(Context& ctx, int64_t index, Value value) const {
  if (!ctx.enter()) return {};
  SparseEdit change(ctx, *this);
  change.edit.apply_one(change.tree, Change{index, value, avl::ChangeKind::kUpsert});
  return make_list(ctx, change.tree);
}

SparseList SparseList::set(Context& ctx, std::span<const Entry> entries) const {
  if (!ctx.enter() || !ctx.reserve(entries.size() * sizeof(Entry))) return {};
  std::vector<Change> changes;  // not seen by the collector, but all values are reached from where the entries are
  changes.reserve(entries.size());
  for (const Entry& entry : entries) changes.push_back({entry.index, entry.value, avl::ChangeKind::kUpsert});
  SparseEdit change(ctx, *this);
  change.edit.apply_unsorted(change.tree, changes);
  return make_list(ctx, change.tree);
}

SparseList SparseList::erase(Context& ctx, int64_t index) const {
  if (!ctx.enter()) return {};
  SparseEdit change(ctx, *this);
  if (!change.edit.apply_one(change.tree, Change{index, Value(), avl::ChangeKind::kErase})) return *this;
  return make_list(ctx, change.tree);
}

SparseList SparseList::erase(Context& ctx, int64_t from, int64_t to) const {
  if (!ctx.enter()) return {};
  if (count(from, to) == 0) return *this;
  SparseEdit change(ctx, *this);
  change.edit.erase_range(change.tree, from, to);
  return make_list(ctx, change.tree);
}

SparseList SparseList::slice(Context& ctx, int64_t from, int64_t to) const {
  if (!ctx.enter()) return {};
  SparseEdit change(ctx, *this);
  return make_list(ctx, change.edit.slice_range(change.tree, from, to));
}

SparseList SparseList::merge(Context& ctx, const SparseList& other) const {
  if (!ctx.enter() || !other.valid()) return {};
  if (other.is_empty()) return *this;
  SparseEdit change(ctx, *this);
  return make_list(ctx, change.edit.combine(avl::SetOperation::kUnion, change.tree, tree_of(other)));
}

Status SparseList::check() const { return tree_of(*this).check(); }

SparseListIterator::SparseListIterator(const SparseList& list) : cursor_(tree_of(list)) { cursor_.seek_first(); }

// ---- kinds
// --------------------------------------------------------------------------------------------------------------

namespace {

void trace_list(const Cell* cell, Tracer& tracer) {
  tracer.visit(reinterpret_cast<const Cell*>(static_cast<const SparseListCell*>(cell)->root));
}

void trace_leaf(const Cell* cell, Tracer& tracer) {
  const auto* leaf = reinterpret_cast<const SparseNodes::Leaf*>(cell);
  tracer.visit(std::span<const Value>(leaf->values(), leaf->count));
}

// Parts that both share are skipped.
bool lists_equal(Context& ctx, Value a, Value b) {
  const SparseList left(a), right(b);
  bool same = left.size() == right.size();
  if (!same) return false;
  const Status loaded =
      avl::visit_differences(tree_of(left), tree_of(right), [&](const auto* before, const auto* after) {
        return same = before != nullptr && after != nullptr && equal(ctx, before->value, after->value);
      });
  PROTO_CHECK(loaded.ok());  // nothing of a collected tree is ever loaded
  return same;
}

// By the first entry that differs: the lesser index, then the lesser value, comes first; a list that ends first is
// less.
int compare_lists(Context& ctx, Value a, Value b) {
  const SparseList left(a), right(b);
  int order = 0;
  const auto order_without = [](const SparseList& without, int64_t index) {
    const auto last = without.last_index();
    return last.has_value() && *last > index ? 1 : -1;
  };
  const Status loaded =
      avl::visit_differences(tree_of(left), tree_of(right), [&](const auto* before, const auto* after) {
        if (before == nullptr) {
          order = order_without(left, after->key);
        } else if (after == nullptr) {
          order = -order_without(right, before->key);
        } else {
          order = compare(ctx, before->value, after->value);
        }
        return order == 0;
      });
  PROTO_CHECK(loaded.ok());
  return order;
}

uint64_t hash_list(Context& ctx, Value value) {
  uint64_t result = kSparseListSeed;
  for (const SparseList::Entry entry : SparseList(value)) {
    result = combine_hash(combine_hash(result, static_cast<uint64_t>(entry.index)), hash(ctx, entry.value));
  }
  return result;
}

void print_list(Context& ctx, Value value, bool, std::string& out) {
  if (SparseList(value).is_empty()) {
    out += "[:]";  // `[]` is a list
    return;
  }
  out += '[';
  const char* separator = "";
  for (const SparseList::Entry entry : SparseList(value)) {
    out += separator;
    out += std::to_string(entry.index);
    out += ": ";
    print(ctx, entry.value, out, true);
    separator = ", ";
  }
  out += ']';
}

}  // namespace

void register_sparse_list_kinds() {
  register_kind(CellKind::kSparseList, {.name = "sparse list",
                                        .value_class = ValueClass::kSparseList,
                                        .trace = trace_list,
                                        .equal = lists_equal,
                                        .hash = hash_list,
                                        .compare = compare_lists,
                                        .print = print_list});
  register_kind(CellKind::kSparseInner, {.name = "sparse list node", .trace = trace_children});
  register_kind(CellKind::kSparseLeaf, {.name = "sparse list leaf", .trace = trace_leaf});
}

}  // namespace proto
