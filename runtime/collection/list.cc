#include "runtime/collection/list.h"

#include <algorithm>
#include <string>
#include <vector>

#include "runtime/value/operations.h"

namespace proto {

using avl::Node;
using internal::kLeafItems;
using internal::list_cell;
using internal::ListCell;
using internal::ListNodes;
using internal::ListTail;
using internal::small_list_cell;
using internal::SmallListCell;
using Items = std::span<const Value>;
using NodeTree = avl::Tree<ListNodes>;

namespace {

constexpr uint64_t kListSeed = 0x4C69737400000001;

/// What any list consists of: a tree, and the items behind it, which stand in `tail` or else in a small list.
struct Parts {
  Node* root = nullptr;
  Items rest;
  ListTail* tail = nullptr;

  explicit Parts(const List& list) {
    const Cell* cell = list.as_cell();
    if (cell->kind() == CellKind::kSmallList) {
      rest = small_list_cell(cell)->view();
    } else {
      root = list_cell(cell)->root;
      rest = list_cell(cell)->tail_view();
      tail = list_cell(cell)->tail;
    }
  }
  uint64_t tree_size() const { return root == nullptr ? 0 : root->count; }
  uint64_t size() const { return tree_size() + rest.size(); }
};

void copy_items(Value* to, Items from) { std::copy(from.begin(), from.end(), to); }

/// Runs of items, one after the other.
struct Pieces {
  Items first, second = {}, third = {};

  size_t size() const { return first.size() + second.size() + third.size(); }
  void copy(Value* to) const {
    copy_items(to, first);
    copy_items(to + first.size(), second);
    copy_items(to + first.size() + second.size(), third);
  }
};

List make_small(Context& ctx, const Pieces& pieces) {
  const size_t count = pieces.size();
  PROTO_DCHECK(count <= List::kSmallListItems);
  auto* cell = allocate_raw<SmallListCell>(ctx, CellKind::kSmallList, SmallListCell::bytes(count), count);
  pieces.copy(cell->items);
  return List(Value::cell(cell));
}

List make_list(Context& ctx, Node* root, ListTail* tail, size_t tail_count) {
  auto* cell = allocate_raw<ListCell>(ctx, CellKind::kList, sizeof(ListCell), tail_count);
  cell->size = (root == nullptr ? 0 : root->count) + tail_count;
  cell->root = root;
  cell->tail = tail;
  return List(Value::cell(cell));
}

/// A tail with room for `capacity` items that holds these.
ListTail* new_tail(Context& ctx, size_t capacity, const Pieces& pieces) {
  PROTO_DCHECK(pieces.size() <= capacity && capacity <= kLeafItems);
  auto* tail = allocate_raw<ListTail>(ctx, CellKind::kListTail, ListTail::bytes(capacity), capacity);
  tail->used.store(pieces.size(), std::memory_order_relaxed);
  pieces.copy(tail->items);
  return tail;
}

// Cells of 256, 512, 1,008 and 2,032 bytes.
size_t tail_capacity_beyond(size_t count) { return count < 30 ? 30 : count < 62 ? 62 : count < 124 ? 124 : kLeafItems; }

/// True if the slots from `from` on are now the caller's: no other version used them.
bool claim(ListTail* tail, uint64_t from, uint64_t count) {
  if (from + count > tail->capacity()) return false;
  // Who gets a slot is all that this decides; its contents are published with the list that uses it.
  return tail->used.compare_exchange_strong(from, from + count, std::memory_order_relaxed);
}

List out_of_range(Context& ctx, const char* what, uint64_t size) {
  ctx.fail(Status(StatusCode::kRange, std::string(what) + " is outside a list of " + std::to_string(size) + " items"));
  return {};
}

/// One operation on trees of lists.
class ListEdit {
 public:
  explicit ListEdit(Context& ctx) : ctx_(ctx), family_(ListNodes(ctx)), edit_(family_) {}

  NodeTree tree(Node* root) const { return NodeTree(&family_, root); }
  NodeTree build(Items items) { return edit_.build(items); }
  NodeTree concatenate(NodeTree left, NodeTree right) { return edit_.concatenate(left, right); }
  NodeTree slice(NodeTree tree, uint64_t from, uint64_t to) { return edit_.slice(tree, from, to); }
  void splice(NodeTree& tree, uint64_t index, uint64_t remove, Items items) {
    edit_.splice(tree, index, remove, items);
  }

  /// The list of the tree and the items behind it; `tail` is where they stand, if in a tail.
  List finish(NodeTree tree, Items rest, ListTail* tail) {
    if (tree.size() + rest.size() <= List::kSmallListItems) return finish_small(tree, rest);
    if (tail == nullptr && !rest.empty()) tail = new_tail(ctx_, rest.size(), {rest});
    return make_list(ctx_, tree.root(), rest.empty() ? nullptr : tail, rest.size());
  }
  /// The list of the tree, `rest` without the items in [from, to), and in their place `items`.
  List finish_replacing(NodeTree tree, Items rest, size_t from, size_t to, Items items) {
    const size_t total = rest.size() - (to - from) + items.size();
    if (total > kLeafItems) {
      NodeTree last = build(rest);
      splice(last, from, to - from, items);
      return finish(concatenate(tree, last), {}, nullptr);
    }
    const Pieces pieces{rest.first(from), items, rest.subspan(to)};
    if (tree.empty() && total <= List::kSmallListItems) return make_small(ctx_, pieces);
    ListTail* tail = new_tail(ctx_, total, pieces);
    return finish(tree, Items(tail->items, total), tail);
  }

 private:
  List finish_small(NodeTree tree, Items rest) {
    if (tree.empty()) return make_small(ctx_, {rest});
    PROTO_DCHECK(tree.root()->is_leaf());
    const auto* leaf = static_cast<const ListNodes::Leaf*>(tree.root());
    return make_small(ctx_, {{leaf->items(), leaf->count}, rest});
  }

  Context& ctx_;
  avl::Family<ListNodes> family_;
  avl::Edit<ListNodes> edit_;
};

/// The leaf of a tree in which `index` stands; `index` becomes the place within the leaf.
const ListNodes::Leaf* leaf_at(const Node* node, uint64_t& index) {
  while (!node->is_leaf()) {
    const auto& inner = *static_cast<const avl::Inner*>(node);
    const bool right = index >= inner.left_count;
    index -= right ? inner.left_count : 0;
    node = inner.link(right).node();
  }
  return static_cast<const ListNodes::Leaf*>(node);
}

/// The items of one block up to `end`, which is not 0.
Items block_before(const Parts& parts, uint64_t end) {
  if (end > parts.tree_size()) return parts.rest.first(end - parts.tree_size());
  uint64_t index = end - 1;
  const ListNodes::Leaf* leaf = leaf_at(parts.root, index);
  return {leaf->items(), index + 1};
}

uint64_t first_difference_of_items(Context& ctx, Items a, Items b) {
  if (a.data() == b.data()) return a.size();
  uint64_t i = 0;
  while (i < a.size() && equal(ctx, a[i], b[i])) ++i;
  return i;
}

/// Where `count` items of two trees, from the given places on, first differ; `count` if nowhere. The higher tree is
/// taken apart, so nodes that both share meet.
uint64_t first_difference_of_trees(Context& ctx, const Node* a, uint64_t at_a, const Node* b, uint64_t at_b,
                                   uint64_t count) {
  if (count == 0 || (a == b && at_a == at_b)) return count;
  if (a->is_leaf() && b->is_leaf()) {
    const auto items = [&](const Node* node, uint64_t at) {
      return Items(static_cast<const ListNodes::Leaf*>(node)->items() + at, count);
    };
    return first_difference_of_items(ctx, items(a, at_a), items(b, at_b));
  }
  if (b->height() > a->height()) std::swap(a, b), std::swap(at_a, at_b);  // equality has no sides
  const auto& inner = *static_cast<const avl::Inner*>(a);
  const uint64_t left = inner.left_count;
  if (at_a >= left) return first_difference_of_trees(ctx, inner.link(1).node(), at_a - left, b, at_b, count);
  const uint64_t first = std::min(count, left - at_a);
  const uint64_t found = first_difference_of_trees(ctx, inner.link(0).node(), at_a, b, at_b, first);
  if (found < first || first == count) return found;
  return first + first_difference_of_trees(ctx, inner.link(1).node(), 0, b, at_b + first, count - first);
}

List append_items(Context& ctx, const List& list, Items items) {
  const Parts parts(list);
  if (parts.tail != nullptr && claim(parts.tail, parts.rest.size(), items.size())) {
    copy_items(parts.tail->items + parts.rest.size(), items);
    return make_list(ctx, parts.root, parts.tail, parts.rest.size() + items.size());
  }
  return list.replace(ctx, parts.size(), parts.size(), items);
}

// The tail has no room, or an older version took it, or there is none.
[[gnu::noinline]] List append_with_new_tail(Context& ctx, const Parts& parts, Value value) {
  if (parts.rest.size() < kLeafItems) {
    ListTail* tail = new_tail(ctx, tail_capacity_beyond(parts.rest.size()), {parts.rest, {&value, 1}});
    return make_list(ctx, parts.root, tail, parts.rest.size() + 1);
  }
  ListEdit edit(ctx);
  const NodeTree tree = edit.concatenate(edit.tree(parts.root), edit.build(parts.rest));
  return make_list(ctx, tree.root(), new_tail(ctx, kLeafItems, {{&value, 1}}), 1);
}

}  // namespace

// ---- making
// -----------------------------------------------------------------------------------------------------------

List List::of(Context& ctx, Items items) {
  if (!ctx.enter()) return {};
  if (items.size() <= kSmallListItems) return make_small(ctx, {items});
  if (!ctx.reserve(items.size() * sizeof(Value))) return {};
  ListEdit edit(ctx);
  const size_t in_tree = items.size() <= kLeafItems ? 0 : items.size() - items.size() % kLeafItems;
  return edit.finish(edit.build(items.first(in_tree)), items.subspan(in_tree), nullptr);
}

List List::filled(Context& ctx, uint64_t count, Value value) {
  Value block[kLeafItems];
  std::fill(std::begin(block), std::end(block), value);
  const List whole = of(ctx, Items(block)).repeat(ctx, count / kLeafItems);
  return whole.valid() ? append_items(ctx, whole, Items(block, count % kLeafItems)) : whole;
}

// ---- reading
// ----------------------------------------------------------------------------------------------------------

Value List::get(uint64_t index) const {
  const Cell* cell = as_cell();
  if (cell->kind() == CellKind::kSmallList) {
    return index < cell->payload() ? small_list_cell(cell)->items[index] : Value();
  }
  const ListCell& list = *list_cell(cell);
  const uint64_t in_tree = list.tree_size();
  if (index < in_tree) {
    const ListNodes::Leaf* leaf = leaf_at(list.root, index);
    return leaf->items()[index];
  }
  return index < list.size ? list.tail->items[index - in_tree] : Value();
}

Items List::block_at(uint64_t index) const {
  const Parts parts(*this);
  const uint64_t in_tree = parts.tree_size();
  if (index < in_tree) {
    const ListNodes::Leaf* leaf = leaf_at(parts.root, index);
    return {leaf->items() + index, leaf->count - index};
  }
  return index < parts.size() ? parts.rest.subspan(index - in_tree) : Items();
}

std::optional<uint64_t> List::index_of(Context& ctx, Value value, uint64_t from) const {
  for (Items block = block_at(from); !block.empty(); block = block_at(from)) {
    for (size_t i = 0; i < block.size(); ++i) {
      if (equal(ctx, block[i], value)) return from + i;
    }
    from += block.size();
    ctx.safepoint();
  }
  return std::nullopt;
}

uint64_t List::count(Context& ctx, Value value) const {
  uint64_t found = 0;
  uint64_t index = 0;
  for (Items block = block_at(0); !block.empty(); block = block_at(index)) {
    for (const Value item : block) found += equal(ctx, item, value);
    index += block.size();
    ctx.safepoint();
  }
  return found;
}

uint64_t List::first_difference(Context& ctx, const List& other) const {
  const Parts a(*this), b(other);
  const uint64_t common = std::min(a.size(), b.size());
  const uint64_t in_trees = std::min(a.tree_size(), b.tree_size());
  uint64_t at = first_difference_of_trees(ctx, a.root, 0, b.root, 0, in_trees);
  if (at < in_trees) return at;
  while (at < common) {
    const Items of_a = block_at(at), of_b = other.block_at(at);
    const size_t size = std::min(of_a.size(), of_b.size());
    const uint64_t found = first_difference_of_items(ctx, of_a.first(size), of_b.first(size));
    at += found;
    if (found < size) return at;
  }
  return common;
}

// ---- new versions
// -------------------------------------------------------------------------------------------------------

List List::append(Context& ctx, Value value) const {
  if (!ctx.enter()) return {};
  const Parts parts(*this);
  if (parts.tail != nullptr && claim(parts.tail, parts.rest.size(), 1)) {
    parts.tail->items[parts.rest.size()] = value;
    return make_list(ctx, parts.root, parts.tail, parts.rest.size() + 1);
  }
  if (parts.size() < kSmallListItems) return make_small(ctx, {parts.rest, {&value, 1}});
  return append_with_new_tail(ctx, parts, value);
}

List List::set(Context& ctx, uint64_t index, Value value) const {
  if (index >= size()) return out_of_range(ctx, "the index", size());
  return replace(ctx, index, index + 1, {&value, 1});
}

List List::insert(Context& ctx, uint64_t index, const List& items) const {
  if (index > size()) return out_of_range(ctx, "the index", size());
  if (index == size()) return concatenate(ctx, items);
  const Parts parts(items);
  if (parts.root == nullptr) return replace(ctx, index, index, parts.rest);
  const List head = slice(ctx, 0, index).concatenate(ctx, items);
  return head.valid() ? head.concatenate(ctx, slice(ctx, index, size())) : head;
}

List List::replace(Context& ctx, uint64_t from, uint64_t to, Items items) const {
  if (from > to || to > size()) return out_of_range(ctx, "the range", size());
  if (!ctx.enter() || !ctx.reserve(items.size() * sizeof(Value))) return {};
  const Parts parts(*this);
  const uint64_t in_tree = parts.tree_size();
  ListEdit edit(ctx);
  NodeTree tree = edit.tree(parts.root);
  if (to <= in_tree && from < in_tree) {
    edit.splice(tree, from, to - from, items);
    return edit.finish(tree, parts.rest, parts.tail);
  }
  if (from >= in_tree) return edit.finish_replacing(tree, parts.rest, from - in_tree, to - in_tree, items);
  return edit.finish_replacing(edit.slice(tree, 0, from), parts.rest, 0, to - in_tree, items);
}

List List::slice(Context& ctx, uint64_t from, uint64_t to) const {
  if (from > to || to > size()) return out_of_range(ctx, "the range", size());
  if (!ctx.enter()) return {};
  if (to - from == size()) return *this;
  const Parts parts(*this);
  const uint64_t in_tree = parts.tree_size();
  ListEdit edit(ctx);
  const NodeTree tree = edit.slice(edit.tree(parts.root), std::min(from, in_tree), std::min(to, in_tree));
  if (to <= in_tree) return edit.finish(tree, {}, nullptr);
  const uint64_t rest_from = from > in_tree ? from - in_tree : 0;
  const Items rest = parts.rest.subspan(rest_from, to - in_tree - rest_from);
  return edit.finish(tree, rest, rest_from == 0 ? parts.tail : nullptr);
}

List List::concatenate(Context& ctx, const List& other) const {
  if (!ctx.enter() || !other.valid()) return {};
  if (other.is_empty()) return *this;
  if (is_empty()) return other;
  const Parts left(*this), right(other);
  if (right.root == nullptr) return append_items(ctx, *this, right.rest);
  if (left.size() + right.size() > avl::kMaxCount) return out_of_range(ctx, "that many items", left.size());
  ListEdit edit(ctx);
  NodeTree tree = edit.tree(left.root);
  if (!left.rest.empty()) tree = edit.concatenate(tree, edit.build(left.rest));
  return edit.finish(edit.concatenate(tree, edit.tree(right.root)), right.rest, right.tail);
}

List List::repeat(Context& ctx, uint64_t times) const {
  if (!is_empty() && times > avl::kMaxCount / size()) return out_of_range(ctx, "that many repetitions", size());
  List all = empty(ctx);
  for (List power = *this; all.valid() && times > 0; times /= 2) {
    if (times % 2 == 1) all = all.concatenate(ctx, power);
    if (times > 1) power = power.concatenate(ctx, power);
    if (!power.valid()) return power;
  }
  return all;
}

// ---- the whole list
// -----------------------------------------------------------------------------------------------------

List List::reverse(Context& ctx) const {
  if (!ctx.enter() || !ctx.reserve(size() * sizeof(Value))) return {};
  ListBuilder reversed(ctx);
  for (uint64_t end = size(); end > 0;) {
    const Items block = block_before(Parts(*this), end);
    for (auto item = block.rbegin(); item != block.rend(); ++item) reversed.append(*item);
    end -= block.size();
    ctx.safepoint();
  }
  return reversed.finish();
}

List List::sort(Context& ctx) const {
  return sort(ctx, [&ctx](Value a, Value b) { return compare(ctx, a, b) < 0; });
}

List List::sort(Context& ctx, const std::function<bool(Value, Value)>& less) const {
  if (!ctx.enter() || !ctx.reserve(size() * sizeof(Value))) return {};
  std::vector<Value> items;  // not seen by the collector, but all of them are reached from this list
  items.reserve(size());
  for (const Value item : *this) items.push_back(item);
  std::stable_sort(items.begin(), items.end(), [&](Value a, Value b) {
    ctx.safepoint();
    return less(a, b);
  });
  return of(ctx, items);
}

Status List::check() const {
  const Parts parts(*this);
  const auto wrong = [](const char* what) { return Status(StatusCode::kCorruption, std::string("list: ") + what); };
  if (size() != parts.size()) return wrong("the size is not that of its parts");
  if (parts.tail == nullptr && !parts.rest.empty() && size() > kSmallListItems) return wrong("a small list is too big");
  if (is_cell_of(CellKind::kList) && size() <= kSmallListItems) return wrong("a short list is not a small one");
  if (parts.tail != nullptr) {
    const uint64_t used = parts.tail->used.load(std::memory_order_relaxed);
    if (parts.rest.size() > used || used > parts.tail->capacity()) return wrong("the tail is used beyond its room");
  }
  const avl::Family<ListNodes> family{ListNodes()};
  return NodeTree(&family, parts.root).check();
}

// ---- builder
// ------------------------------------------------------------------------------------------------------------

ListBuilder::ListBuilder(Context& ctx) : ctx_(ctx), family_(ListNodes(ctx)), edit_(family_) {}

void ListBuilder::new_leaf() {
  const auto& memory = family_.policy().memory;
  constexpr size_t kBytes = sizeof(ListNodes::Leaf) + kLeafItems * sizeof(Value);
  auto* leaf = new (memory.allocate_leaf(kBytes)) ListNodes::Leaf;
  leaf->owner = memory.leaf_header();
  leaf->capacity = kLeafItems;
  leaf->count = kLeafItems;
  std::fill_n(leaf->items(), kLeafItems, Value::from_word(0));
  leaf_ = leaf;
  epoch_ = snapshot_epoch(ctx_);
}

// The leaf is full, or a snapshot was taken: the collector may be reading the leaf, so go on with a copy.
void ListBuilder::turn() {
  if (count_ == kLeafItems) {
    if (leaf_ != nullptr) {
      edit_.push_leaf(leaf_);
      pushed_ += kLeafItems;
    }
    new_leaf();
    count_ = 0;
  } else {
    const ListNodes::Leaf* before = leaf_;
    new_leaf();
    copy_items(leaf_->items(), {before->items(), count_});
  }
}

List ListBuilder::finish() {
  if (ctx_.failed()) return {};
  const Items rest = leaf_ == nullptr ? Items() : Items(leaf_->items(), count_);
  const NodeTree tree = edit_.take_pushed();
  leaf_ = nullptr;
  count_ = kLeafItems;
  pushed_ = 0;
  return ListEdit(ctx_).finish(tree, rest, nullptr);
}

// ---- kinds
// --------------------------------------------------------------------------------------------------------------

namespace {

void trace_small(const Cell* cell, Tracer& tracer) { tracer.visit(small_list_cell(cell)->view()); }

void trace_list(const Cell* cell, Tracer& tracer) {
  const ListCell& list = *list_cell(cell);
  tracer.visit(reinterpret_cast<const Cell*>(list.root));
  tracer.visit(list.tail);
  tracer.visit(list.tail_view());
}

void trace_leaf(const Cell* cell, Tracer& tracer) {
  const auto* leaf = reinterpret_cast<const ListNodes::Leaf*>(cell);
  tracer.visit(Items(leaf->items(), leaf->count));
}

bool lists_equal(Context& ctx, Value a, Value b) {
  const List left(a), right(b);
  return left.size() == right.size() && left.first_difference(ctx, right) == left.size();
}

int compare_lists(Context& ctx, Value a, Value b) {
  const List left(a), right(b);
  const uint64_t at = left.first_difference(ctx, right);
  if (at < left.size() && at < right.size()) return compare(ctx, left.get(at), right.get(at));
  return left.size() < right.size() ? -1 : left.size() > right.size();
}

uint64_t hash_list(Context& ctx, Value value) {
  uint64_t result = kListSeed;
  for (const Value item : List(value)) result = combine_hash(result, hash(ctx, item));
  return result;
}

void print_list(Context& ctx, Value value, bool, std::string& out) {
  out += '[';
  const char* separator = "";
  for (const Value item : List(value)) {
    out += separator;
    print(ctx, item, out, true);
    separator = ", ";
  }
  out += ']';
}

}  // namespace

void register_list_kinds() {
  KindOperations list{.name = "list",
                      .value_class = ValueClass::kList,
                      .trace = trace_small,
                      .equal = lists_equal,
                      .hash = hash_list,
                      .compare = compare_lists,
                      .print = print_list};
  register_kind(CellKind::kSmallList, list);
  list.trace = trace_list;
  register_kind(CellKind::kList, list);
  register_kind(CellKind::kListInner, {.name = "list node", .trace = trace_children});
  register_kind(CellKind::kListLeaf, {.name = "list leaf", .trace = trace_leaf});
  register_kind(CellKind::kListTail, {.name = "list tail"});
}

}  // namespace proto
