// Ropes: everything that makes new ones.
#include "runtime/collection/internal/rope.h"

#include <algorithm>
#include <bit>
#include <string>

namespace proto::internal {

using avl::Node;

namespace {

template <class Nodes>
using NodeTree = avl::Tree<Nodes>;

std::span<const char> items_of(std::string_view bytes) { return {bytes.data(), bytes.size()}; }

template <class Nodes>
Value make_flat(Context& ctx, std::string_view bytes) {
  PROTO_DCHECK(bytes.size() <= kMaxFlatBytes);
  if constexpr (Nodes::kIsText) {
    return intern(ctx, bytes);
  } else {
    auto* cell = allocate_raw<FlatBytes>(ctx, CellKind::kFlatBytes, sizeof(Cell) + bytes.size(), bytes.size());
    std::copy(bytes.begin(), bytes.end(), cell->bytes());
    return Value::cell(cell);
  }
}

template <class Nodes>
uint64_t code_points_of(const Node* root) {
  return root == nullptr ? 0 : Nodes::code_points(*root);
}
template <class Nodes>
uint64_t code_points_of(std::string_view bytes) {
  if constexpr (Nodes::kIsText) return text::count_code_points(bytes);
  return bytes.size();
}

Value make_rope(Context& ctx, CellKind kind, const Node* root, RopeTail* tail, size_t tail_size, uint64_t code_points) {
  auto* cell = allocate_raw<RopeCell>(ctx, kind, sizeof(RopeCell), tail_size);
  cell->size = (root == nullptr ? 0 : root->count) + tail_size;
  cell->code_points = code_points;
  cell->fingerprint.store(0, std::memory_order_relaxed);
  cell->same_as.store(0, std::memory_order_relaxed);
  cell->root = const_cast<Node*>(root);
  cell->tail = tail;
  return Value::cell(cell);
}

/// A tail with room for `capacity` bytes that holds these.
RopeTail* new_tail(Context& ctx, size_t capacity, std::string_view first, std::string_view second = {}) {
  const size_t size = first.size() + second.size();
  PROTO_DCHECK(size <= capacity);
  auto* tail = allocate_raw<RopeTail>(ctx, CellKind::kRopeTail, RopeTail::cell_bytes(capacity), capacity);
  tail->used.store(size, std::memory_order_relaxed);
  std::copy(first.begin(), first.end(), tail->bytes());
  std::copy(second.begin(), second.end(), tail->bytes() + first.size());
  return tail;
}

constexpr size_t kMaxTailBytes = kRopeLeafBytes;

// Cells of 512 bytes to 2 KiB, at least twice what is there.
size_t tail_capacity_for(size_t size) {
  const size_t cell = std::max<size_t>(512, std::bit_ceil(2 * size));
  return std::min<size_t>(cell - RopeTail::cell_bytes(0), kMaxTailBytes);
}

/// True if the bytes of the tail from `from` on are now the caller's: no other version used them.
bool claim(RopeTail* tail, uint64_t from, uint64_t count) {
  if (from + count > tail->capacity()) return false;
  // Who gets the bytes is all that this decides; they are published with the rope that uses them.
  return tail->used.compare_exchange_strong(from, from + count, std::memory_order_relaxed);
}

/// One operation on ropes.
template <class Nodes>
class RopeEdit {
 public:
  using Tree = NodeTree<Nodes>;

  explicit RopeEdit(Context& ctx) : ctx_(ctx), family_(Nodes(ctx)), edit_(family_) {}

  Tree tree(const Node* root) const { return Tree(&family_, const_cast<Node*>(root)); }
  Tree build(std::string_view bytes) { return edit_.build(items_of(bytes)); }
  Tree concatenate(Tree left, Tree right) { return edit_.concatenate(left, right); }
  Tree slice(Tree tree, uint64_t from, uint64_t to) { return edit_.slice(tree, from, to); }
  /// The bytes behind the tree in a leaf of their own, or of the last one.
  Tree flush(Tree tree, std::string_view rest) { return rest.empty() ? tree : concatenate(tree, build(rest)); }

  /// The value of a tree and the bytes behind it; `tail` is where they stand, if in one.
  Value finish(Tree tree, std::string_view rest, RopeTail* tail) {
    if (tree.size() + rest.size() <= kMaxFlatBytes) return finish_flat(tree, rest);
    if (tail == nullptr && !rest.empty()) {
      tree = flush(tree, rest);
      rest = {};
    }
    const uint64_t code_points = code_points_of<Nodes>(tree.root()) + code_points_of<Nodes>(rest);
    return make_rope(ctx_, Nodes::kRope, tree.root(), rest.empty() ? nullptr : tail, rest.size(), code_points);
  }

 private:
  // A tree of so few bytes has one leaf, or two where a thin one was cut off.
  Value finish_flat(Tree tree, std::string_view rest) {
    char bytes[kMaxFlatBytes];
    size_t size = 0;
    for (uint64_t at = 0; at < tree.size();) {
      uint64_t within = at;
      const std::string_view view = tree.select_leaf(within)->view();
      std::memcpy(bytes + size, view.data(), view.size());
      size += view.size();
      at += view.size();
    }
    std::copy(rest.begin(), rest.end(), bytes + size);
    return make_flat<Nodes>(ctx_, {bytes, size + rest.size()});
  }

  Context& ctx_;
  avl::Family<Nodes> family_;
  avl::Edit<Nodes> edit_;
};

// The tail has no room, or another version took it, or there is none.
template <class Nodes>
[[gnu::noinline]] Value append_with_new_tail(Context& ctx, const RopeParts& rope, std::string_view bytes) {
  const size_t behind = rope.rest.size() + bytes.size();
  if (behind <= kMaxTailBytes) {
    if (rope.size() + bytes.size() <= kMaxFlatBytes) {
      char all[kMaxFlatBytes];
      std::copy(rope.rest.begin(), rope.rest.end(), all);
      std::copy(bytes.begin(), bytes.end(), all + rope.rest.size());
      return make_flat<Nodes>(ctx, {all, behind});
    }
    const uint64_t code_points =
        code_points_of<Nodes>(rope.root) + code_points_of<Nodes>(rope.rest) + code_points_of<Nodes>(bytes);
    RopeTail* tail = new_tail(ctx, tail_capacity_for(behind), rope.rest, bytes);
    return make_rope(ctx, Nodes::kRope, rope.root, tail, behind, code_points);
  }
  RopeEdit<Nodes> edit(ctx);
  const NodeTree<Nodes> tree = edit.flush(edit.tree(rope.root), rope.rest);
  if (bytes.size() > kMaxTailBytes / 2) return edit.finish(edit.flush(tree, bytes), {}, nullptr);
  RopeTail* tail = new_tail(ctx, kMaxTailBytes, bytes);
  return edit.finish(tree, {tail->bytes(), bytes.size()}, tail);
}

}  // namespace

bool reserve_bytes(Context& ctx, uint64_t bytes) {
  if (bytes <= avl::kMaxCount) return ctx.reserve(bytes);
  ctx.fail(Status(StatusCode::kRange, "a text of " + std::to_string(bytes) + " bytes is beyond what there can be"));
  return false;
}

template <class Nodes>
Value make(Context& ctx, std::string_view bytes) {
  if (bytes.size() <= kMaxFlatBytes) return make_flat<Nodes>(ctx, bytes);
  if (!reserve_bytes(ctx, bytes.size())) return {};
  RopeEdit<Nodes> edit(ctx);
  return edit.finish(edit.build(bytes), {}, nullptr);
}

template <class Nodes>
Value append(Context& ctx, const RopeParts& rope, std::string_view bytes) {
  if (rope.tail != nullptr && claim(rope.tail, rope.rest.size(), bytes.size())) {
    std::memcpy(rope.tail->bytes() + rope.rest.size(), bytes.data(), bytes.size());
    return make_rope(ctx, Nodes::kRope, rope.root, rope.tail, rope.rest.size() + bytes.size(),
                     rope.cell->code_points + code_points_of<Nodes>(bytes));
  }
  if (!reserve_bytes(ctx, rope.size() + bytes.size() > avl::kMaxCount ? avl::kMaxCount + 1 : bytes.size())) return {};
  return append_with_new_tail<Nodes>(ctx, rope, bytes);
}

template <class Nodes>
Value concatenate(Context& ctx, const RopeParts& left, const RopeParts& right) {
  if (right.is_flat()) return append<Nodes>(ctx, left, right.rest);
  if (left.size() + right.size() > avl::kMaxCount && !reserve_bytes(ctx, avl::kMaxCount + 1)) return {};
  RopeEdit<Nodes> edit(ctx);
  const NodeTree<Nodes> tree = edit.flush(edit.tree(left.root), left.rest);
  return edit.finish(edit.concatenate(tree, edit.tree(right.root)), right.rest, right.tail);
}

template <class Nodes>
Value slice(Context& ctx, const RopeParts& rope, uint64_t from, uint64_t to) {
  PROTO_DCHECK(from <= to && to <= rope.size());
  const uint64_t in_tree = rope.tree_size();
  if (to - from <= kMaxFlatBytes) {
    char bytes[kMaxFlatBytes];
    rope.copy(bytes, from, to);
    return make_flat<Nodes>(ctx, {bytes, to - from});
  }
  RopeEdit<Nodes> edit(ctx);
  const NodeTree<Nodes> tree = edit.slice(edit.tree(rope.root), std::min(from, in_tree), std::min(to, in_tree));
  if (to <= in_tree) return edit.finish(tree, {}, nullptr);
  const uint64_t rest_from = from > in_tree ? from - in_tree : 0;
  const std::string_view rest = rope.rest.substr(rest_from, to - in_tree - rest_from);
  return edit.finish(tree, rest, rest_from == 0 ? rope.tail : nullptr);
}

template <class Nodes>
Value repeat(Context& ctx, Value value, uint64_t times) {
  const uint64_t size = RopeParts(value).size();
  if (size != 0 && times > avl::kMaxCount / size) return reserve_bytes(ctx, avl::kMaxCount + 1), Value();
  const Value nothing = make_flat<Nodes>(ctx, {});
  Value all = nothing;
  for (Value power = value; times > 0; times /= 2) {
    if (times % 2 == 1) all = all == nothing ? power : concatenate<Nodes>(ctx, RopeParts(all), RopeParts(power));
    if (times > 1) power = concatenate<Nodes>(ctx, RopeParts(power), RopeParts(power));
    if (ctx.failed()) return {};
  }
  return all;
}

template <class Nodes>
Status check(Value value) {
  const auto wrong = [](const char* what) { return Status(StatusCode::kCorruption, std::string("rope: ") + what); };
  const RopeParts rope(value);
  if (Nodes::kIsText && rope.is_flat() && !text::is_valid(rope.rest)) return wrong("a string is not UTF-8");
  if (rope.cell == nullptr) return {};
  if (rope.cell->size != rope.size() || rope.size() != rope_cell(value.as_cell())->size) return wrong("the size is wrong");
  if (rope.size() <= kMaxFlatBytes) return wrong("a short text is no flat one");
  const uint64_t code_points = code_points_of<Nodes>(rope.root) + code_points_of<Nodes>(rope.rest);
  if (rope.cell->code_points != code_points) return wrong("the count of code points is wrong");
  if (Nodes::kIsText && !text::is_valid(rope.rest)) return wrong("the tail is not UTF-8");
  if (rope.tail != nullptr) {
    const uint64_t used = rope.tail->used.load(std::memory_order_relaxed);
    if (rope.rest.size() > used || used > rope.tail->capacity()) return wrong("the tail is used beyond its room");
  }
  const avl::Family<Nodes> family{Nodes()};
  return NodeTree<Nodes>(&family, const_cast<Node*>(rope.root)).check();
}

// ---- builder --------------------------------------------------------------------------------------------------------------

// A full leaf goes into the tree. Nothing in it is traced, so unlike a list's it may be filled while a collection runs.
template <class Nodes>
void RopeBuilder<Nodes>::push() {
  if (leaf_ != nullptr) {
    const size_t size = filled();
    Nodes::close(*leaf_, static_cast<uint32_t>(size));
    edit_.push_leaf(leaf_);
    pushed_ += size;
  }
  leaf_ = family_.policy().new_leaf(kRopeLeafBytes);
  at_ = leaf_->bytes();
  room_ = kRopeLeafBytes;
}

template <class Nodes>
void RopeBuilder<Nodes>::append_slow(std::string_view bytes) {
  while (!bytes.empty()) {
    const size_t part = Nodes::cut(bytes, std::min(bytes.size(), room_));
    bytes.copy(at_, part);
    at_ += part;
    room_ -= part;
    bytes.remove_prefix(part);
    if (bytes.empty()) return;
    push();
    if (!ctx_.enter()) return;
  }
}

template <class Nodes>
Value RopeBuilder<Nodes>::finish() {
  const std::string_view rest = leaf_ == nullptr ? std::string_view() : std::string_view(leaf_->bytes(), filled());
  NodeTree<Nodes> tree = edit_.take_pushed();
  leaf_ = nullptr;  // `rest` names it
  room_ = 0;
  pushed_ = 0;
  if (ctx_.failed()) return {};
  return RopeEdit<Nodes>(ctx_).finish(tree, rest, nullptr);
}

#define PROTO_ROPES_OF(Nodes)                                                             \
  template Value make<Nodes>(Context&, std::string_view);                                 \
  template Value append<Nodes>(Context&, const RopeParts&, std::string_view);             \
  template Value concatenate<Nodes>(Context&, const RopeParts&, const RopeParts&);        \
  template Value slice<Nodes>(Context&, const RopeParts&, uint64_t, uint64_t);            \
  template Value repeat<Nodes>(Context&, Value, uint64_t);                                \
  template Status check<Nodes>(Value);                                                    \
  template class RopeBuilder<Nodes>;
PROTO_ROPES_OF(TextNodes)
PROTO_ROPES_OF(BytesNodes)
#undef PROTO_ROPES_OF

}  // namespace proto::internal
