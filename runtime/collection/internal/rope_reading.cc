// Ropes: everything that allocates nothing.
#include <algorithm>
#include <cstring>
#include <utility>

#include "runtime/base/fingerprint.h"
#include "runtime/collection/internal/rope.h"
#include "runtime/heap/barrier.h"
#include "runtime/text/search.h"

namespace proto::internal {

using avl::Inner;
using avl::Node;

namespace {

const RopeLeaf* leaf_of(const Node* node) { return static_cast<const RopeLeaf*>(node); }
const Inner& inner_of(const Node* node) { return *static_cast<const Inner*>(node); }

// The leaf in which `offset` stands; it becomes the offset within the leaf.
const RopeLeaf* leaf_at(const Node* node, uint64_t& offset) {
  while (!node->is_leaf()) {
    const Inner& inner = inner_of(node);
    const bool right = offset >= inner.left_count;
    offset -= right ? inner.left_count : 0;
    node = inner.link(right).node();
  }
  return leaf_of(node);
}

uint64_t common_prefix(std::string_view a, std::string_view b) {
  const size_t size = std::min(a.size(), b.size());
  if (a.data() == b.data() || std::memcmp(a.data(), b.data(), size) == 0) return size;
  return static_cast<uint64_t>(std::mismatch(a.begin(), a.begin() + static_cast<ptrdiff_t>(size), b.begin()).first - a.begin());
}

// Where `count` bytes of two trees, from the given places on, first differ; `count` if nowhere. The higher tree is taken
// apart, so nodes that both share meet.
uint64_t first_difference_of_trees(Context& ctx, const Node* a, uint64_t at_a, const Node* b, uint64_t at_b, uint64_t count) {
  if (count == 0 || (a == b && at_a == at_b)) return count;
  if (a->is_leaf() && b->is_leaf()) {
    ctx.safepoint();
    return common_prefix(leaf_of(a)->view().substr(at_a, count), leaf_of(b)->view().substr(at_b, count));
  }
  if (b->height() > a->height()) std::swap(a, b), std::swap(at_a, at_b);  // equality has no sides
  const Inner& inner = inner_of(a);
  const uint64_t left = inner.left_count;
  if (at_a >= left) return first_difference_of_trees(ctx, inner.link(1).node(), at_a - left, b, at_b, count);
  const uint64_t first = std::min(count, left - at_a);
  const uint64_t found = first_difference_of_trees(ctx, inner.link(0).node(), at_a, b, at_b, first);
  if (found < first || first == count) return found;
  return first + first_difference_of_trees(ctx, inner.link(1).node(), 0, b, at_b + first, count - first);
}

// Who else computes it stores the same word, so relaxed order is enough.
uint64_t fingerprint_of_node(Context& ctx, const Node* node) {
  auto& kept = const_cast<std::atomic<uint64_t>&>(node->address);
  if (const uint64_t known = kept.load(std::memory_order_relaxed); known != 0) return known - 1;
  uint64_t result;
  if (node->is_leaf()) {
    ctx.safepoint();
    result = fingerprint_of(leaf_of(node)->view());
  } else {
    const Inner& inner = inner_of(node);
    const uint64_t left = fingerprint_of_node(ctx, inner.link(0).node());
    const uint64_t right = fingerprint_of_node(ctx, inner.link(1).node());
    result = concatenate_fingerprints(left, right, inner.count - inner.left_count);
  }
  kept.store(result + 1, std::memory_order_relaxed);
  return result;
}

// `loser` lets go of its own bytes and stands for `winner` from now on. Other threads may be reading those bytes: the
// collector is told of them, and this thread's frames spare them, so they live as long as somebody's stack names them.
void adopt(Context& ctx, const RopeCell* loser, const RopeCell* winner) {
  if (loser > winner) std::swap(loser, winner);  // by ascending address: never a circle
  for (const Cell* own : {reinterpret_cast<const Cell*>(loser->root), static_cast<const Cell*>(loser->tail)}) {
    if (own == nullptr) continue;
    note_overwritten(ctx, Value::cell(own));
    note_escape(ctx, Value::cell(own));
  }
  store_value(ctx, loser->same_as, Value::cell(winner));
}

}  // namespace

// ---- parts --------------------------------------------------------------------------------------------------------------

std::string_view RopeParts::block_at(uint64_t offset) const {
  const uint64_t in_tree = tree_size();
  if (offset >= in_tree) return rest.substr(std::min<uint64_t>(offset - in_tree, rest.size()));
  const RopeLeaf* leaf = leaf_at(root, offset);
  return leaf->view().substr(offset);
}

std::string_view RopeParts::block_before(uint64_t offset) const {
  const uint64_t in_tree = tree_size();
  if (offset > in_tree) return rest.substr(0, offset - in_tree);
  if (offset == 0) return {};
  uint64_t last = offset - 1;
  const RopeLeaf* leaf = leaf_at(root, last);
  return leaf->view().substr(0, last + 1);
}

void RopeParts::append_to(std::string& out, uint64_t from, uint64_t to) const {
  out.reserve(out.size() + (to - from));
  while (from < to) {
    const std::string_view block = block_at(from).substr(0, to - from);
    out.append(block);
    from += block.size();
  }
}

void RopeParts::copy(char* out, uint64_t from, uint64_t to) const {
  while (from < to) {
    const std::string_view block = block_at(from).substr(0, to - from);
    std::memcpy(out, block.data(), block.size());
    out += block.size();
    from += block.size();
  }
}

// ---- code points ----------------------------------------------------------------------------------------------------------

uint64_t code_points_before(const RopeParts& text, uint64_t offset) {
  uint64_t before = 0;
  const Node* node = text.root;
  if (offset >= text.tree_size()) {
    if (node != nullptr) before = TextNodes::code_points(*node);
    return before + text::count_code_points(text.rest.substr(0, offset - text.tree_size()));
  }
  while (!node->is_leaf()) {
    const Inner& inner = inner_of(node);
    const bool right = offset >= inner.left_count;
    if (right) offset -= inner.left_count, before += inner.separator.head;
    node = inner.link(right).node();
  }
  if (leaf_of(node)->code_points == node->count) return before + offset;
  return before + text::count_code_points(leaf_of(node)->view().substr(0, offset));
}

namespace {

// The leaf of code point `index`, which becomes the one within the leaf; `offset` grows by the bytes before the leaf.
const RopeLeaf* leaf_of_code_point(const Node* node, uint64_t& index, uint64_t& offset) {
  while (!node->is_leaf()) {
    const Inner& inner = inner_of(node);
    const bool right = index >= inner.separator.head;
    index -= right ? inner.separator.head : 0;
    offset += right ? inner.left_count : 0;
    node = inner.link(right).node();
  }
  return leaf_of(node);
}

size_t offset_in(const RopeLeaf& leaf, uint64_t index) {
  return leaf.code_points == leaf.count ? index : text::offset_of(leaf.view(), index);
}

}  // namespace

uint64_t offset_of_code_point(const RopeParts& text, uint64_t index) {
  const uint64_t in_tree = text.root == nullptr ? 0 : TextNodes::code_points(*text.root);
  if (index >= in_tree) return text.tree_size() + text::offset_of(text.rest, index - in_tree);
  uint64_t offset = 0;
  const RopeLeaf* leaf = leaf_of_code_point(text.root, index, offset);
  return offset + offset_in(*leaf, index);
}

const char* address_of_code_point(const RopeParts& text, uint64_t index) {
  const uint64_t in_tree = text.root == nullptr ? 0 : TextNodes::code_points(*text.root);
  if (index >= in_tree) return text.rest.data() + text::offset_of(text.rest, index - in_tree);
  uint64_t offset = 0;
  const RopeLeaf* leaf = leaf_of_code_point(text.root, index, offset);
  return leaf->bytes() + offset_in(*leaf, index);
}

// ---- comparing ------------------------------------------------------------------------------------------------------------

uint64_t fingerprint(Context& ctx, const RopeParts& rope) {
  if (rope.cell != nullptr) {
    if (const uint64_t known = rope.cell->fingerprint.load(std::memory_order_relaxed); known != 0) return known - 1;
  }
  uint64_t result = fingerprint_of(rope.rest);
  if (rope.root != nullptr) {
    result = concatenate_fingerprints(fingerprint_of_node(ctx, rope.root), result, rope.rest.size());
  }
  if (rope.cell != nullptr) rope.cell->fingerprint.store(result + 1, std::memory_order_relaxed);
  return result;
}

uint64_t first_difference(Context& ctx, const RopeParts& a, const RopeParts& b) {
  const uint64_t common = std::min(a.size(), b.size());
  const uint64_t in_trees = std::min(a.tree_size(), b.tree_size());
  uint64_t at = first_difference_of_trees(ctx, a.root, 0, b.root, 0, in_trees);
  if (at < in_trees) return at;
  while (at < common) {
    const std::string_view of_a = a.block_at(at), of_b = b.block_at(at);
    const uint64_t found = common_prefix(of_a, of_b);
    at += found;
    if (found < std::min(of_a.size(), of_b.size())) return at;
  }
  return common;
}

int compare(Context& ctx, const RopeParts& a, const RopeParts& b) {
  const uint64_t at = first_difference(ctx, a, b);
  const std::string_view of_a = a.block_at(at), of_b = b.block_at(at);
  if (of_a.empty() || of_b.empty()) return static_cast<int>(of_b.empty()) - static_cast<int>(of_a.empty());
  return static_cast<uint8_t>(of_a[0]) < static_cast<uint8_t>(of_b[0]) ? -1 : 1;
}

namespace {
bool is_rope(Value value) { return value.is_cell_of(CellKind::kRope) || value.is_cell_of(CellKind::kBytes); }
}  // namespace

bool equal(Context& ctx, Value a, Value b) {
  const bool ropes = is_rope(a) && is_rope(b);
  if (ropes && rope_of(rope_cell(a.as_cell())) == rope_of(rope_cell(b.as_cell()))) return true;
  const RopeParts left(a), right(b);
  if (!ropes) return left.size() == right.size() && first_difference(ctx, left, right) == left.size();
  if (left.cell->size != right.cell->size || left.cell->code_points != right.cell->code_points) return false;
  const uint64_t of_left = left.cell->fingerprint.load(std::memory_order_relaxed);
  const uint64_t of_right = right.cell->fingerprint.load(std::memory_order_relaxed);
  if (of_left != 0 && of_right != 0 && of_left != of_right) return false;
  if (first_difference(ctx, left, right) != left.size()) return false;
  adopt(ctx, left.cell, right.cell);
  return true;
}

// ---- searching ------------------------------------------------------------------------------------------------------------

namespace {

// Beyond this the text is put into one piece first, which keeps the search linear whatever the texts are.
constexpr size_t kMaxWindow = 1024;

// The bytes around `seam` in which an occurrence may stand that begins before it and ends after it.
struct Seam {
  uint64_t from;
  std::string bytes;
  Seam(const RopeParts& rope, uint64_t seam, size_t needle) : from(seam - std::min<uint64_t>(seam, needle - 1)) {
    rope.append_to(bytes, from, std::min<uint64_t>(rope.size(), seam + needle - 1));
  }
};

std::optional<uint64_t> shifted(size_t found, uint64_t from) {
  return found == std::string_view::npos ? std::nullopt : std::optional<uint64_t>(from + found);
}

}  // namespace

std::optional<uint64_t> find(Context& ctx, const RopeParts& rope, std::string_view needle, uint64_t from) {
  const uint64_t size = rope.size();
  if (from > size || needle.size() > size - from) return std::nullopt;
  if (rope.is_flat()) return shifted(text::find(rope.rest, needle, from), 0);
  if (needle.empty()) return from;
  if (needle.size() > kMaxWindow) {
    const LongWork work(ctx, size - from);
    std::string all;
    rope.append_to(all, from, size);
    return shifted(text::find(all, needle), from);
  }
  for (uint64_t at = from; at < size;) {
    const std::string_view block = rope.block_at(at);
    if (const auto found = shifted(text::find(block, needle), at)) return found;
    at += block.size();
    if (at < size && needle.size() > 1) {
      const Seam seam(rope, at, needle.size());
      // What begins before `from` does not count.
      const uint64_t skip = seam.from < from ? from - seam.from : 0;
      if (const auto found = shifted(text::find(seam.bytes, needle, skip), seam.from)) return found;
    }
    ctx.safepoint();
  }
  return std::nullopt;
}

std::optional<uint64_t> find_last(Context& ctx, const RopeParts& rope, std::string_view needle, uint64_t from) {
  const uint64_t size = rope.size();
  if (needle.size() > size) return std::nullopt;
  from = std::min(from, size - needle.size());
  if (rope.is_flat()) return shifted(text::find_last(rope.rest, needle, from), 0);
  if (needle.empty()) return from;
  const uint64_t end = from + needle.size();
  if (needle.size() > kMaxWindow) {
    const LongWork work(ctx, end);
    std::string all;
    rope.append_to(all, 0, end);
    return shifted(text::find_last(all, needle), 0);
  }
  for (uint64_t at = end; at > 0;) {
    const std::string_view block = rope.block_before(at);
    at -= block.size();
    if (const auto found = shifted(text::find_last(block, needle), at)) return found;
    if (at > 0 && needle.size() > 1) {
      const Seam seam(rope, at, needle.size());
      if (from >= seam.from) {
        if (const auto found = shifted(text::find_last(seam.bytes, needle, from - seam.from), seam.from)) return found;
      }
    }
    ctx.safepoint();
  }
  return std::nullopt;
}

// ---- kinds ----------------------------------------------------------------------------------------------------------------

void trace_rope(const Cell* cell, Tracer& tracer) {
  const RopeCell* rope = rope_cell(cell);
  if (const uint64_t same = rope->same_as.load(std::memory_order_acquire); same != 0) {
    return tracer.visit(Value::from_word(same));
  }
  tracer.visit(reinterpret_cast<const Cell*>(rope->root));
  tracer.visit(static_cast<const Cell*>(rope->tail));
}

}  // namespace proto::internal
