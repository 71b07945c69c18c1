// What strings and byte strings have in common: runs of bytes in three forms, and the operations on ropes.
#pragma once

#include <atomic>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "runtime/collection/internal/rope_cells.h"
#include "runtime/heap/context.h"
#include "runtime/heap/intern_table.h"
#include "runtime/value/value.h"

namespace proto::internal {

/// A string or byte string taken apart: the bytes of a tree, then `rest`, which stands in `tail`, in a flat cell, or (a short
/// string) here. Lives on the stack, where the collector sees what it points to. The value is of one of the two classes.
struct RopeParts {
  const avl::Node* root = nullptr;
  std::string_view rest;
  RopeTail* tail = nullptr;
  const RopeCell* cell = nullptr;  // null unless it is a rope

  explicit RopeParts(Value value) {
    if (!value.is_cell()) {
      value.copy_short_string(room_);
      rest = {room_, value.short_string_size()};
      return;
    }
    take(value.as_cell());
  }
  RopeParts(const RopeParts&) = delete;
  RopeParts& operator=(const RopeParts&) = delete;

  uint64_t tree_size() const { return root == nullptr ? 0 : root->count; }
  uint64_t size() const { return tree_size() + rest.size(); }
  bool is_flat() const { return root == nullptr; }
  /// Bytes from `offset` to the end of the run in which it stands; empty at the end. O(log n).
  std::string_view block_at(uint64_t offset) const;
  /// Bytes before `offset` from the beginning of the run in which the one before it stands; empty at the start. O(log n).
  std::string_view block_before(uint64_t offset) const;
  /// Appends bytes [from, to).
  void append_to(std::string& out, uint64_t from, uint64_t to) const;
  /// Copies bytes [from, to) to `out`.
  void copy(char* out, uint64_t from, uint64_t to) const;

 private:
  void take(const Cell* cell);
  char room_[8];
};

inline const RopeCell* rope_cell(const Cell* cell) { return static_cast<const RopeCell*>(cell); }

/// The rope that stands for all those known to be equal to it.
inline const RopeCell* rope_of(const RopeCell* rope) {
  for (;;) {
    const uint64_t word = rope->same_as.load(std::memory_order_acquire);
    if (__builtin_expect(word == 0, 1)) return rope;
    rope = rope_cell(Value::from_word(word).as_cell());
  }
}

inline void RopeParts::take(const Cell* from) {
  switch (from->kind()) {
    case CellKind::kFlatString: rest = static_cast<const FlatString*>(from)->view(); return;
    case CellKind::kFlatBytes: rest = static_cast<const FlatBytes*>(from)->view(); return;
    default: break;
  }
  cell = rope_of(rope_cell(from));
  root = cell->root;
  tail = cell->tail;
  if (tail != nullptr) rest = {tail->bytes(), cell->tail_size()};
}

// ---- reading; none allocates ----

/// Code points among the first `offset` bytes, and the offset of code point `index`; both within the text. O(log n) and a leaf.
uint64_t code_points_before(const RopeParts& text, uint64_t offset);
uint64_t offset_of_code_point(const RopeParts& text, uint64_t index);
/// Where code point `index`, which there is, stands in memory.
const char* address_of_code_point(const RopeParts& text, uint64_t index);

/// The fingerprint of all bytes; what is computed is kept in the nodes. O(nodes that nobody asked before).
uint64_t fingerprint(Context& ctx, const RopeParts& rope);
/// Where the two first differ: an offset up to the size of the shorter one. Shared nodes are skipped.
uint64_t first_difference(Context& ctx, const RopeParts& a, const RopeParts& b);
/// Compares as bytes (for UTF-8: as code points).
int compare(Context& ctx, const RopeParts& a, const RopeParts& b);
/// Equality of contents. Two ropes that prove equal share a root afterwards: comparing them again takes 2 ns.
bool equal(Context& ctx, Value a, Value b);

/// Offset of the first occurrence at or after `from`, or of the last one that begins at or before it. `needle` is in one piece.
std::optional<uint64_t> find(Context& ctx, const RopeParts& rope, std::string_view needle, uint64_t from);
std::optional<uint64_t> find_last(Context& ctx, const RopeParts& rope, std::string_view needle, uint64_t from);

// ---- making: for Nodes = TextNodes and BytesNodes. Give none after an error. Callers have entered ----

/// The value of these bytes (of valid UTF-8, if text). They are no part of a cell that only this view reaches.
template <class Nodes>
Value make(Context& ctx, std::string_view bytes);
template <class Nodes>
Value append(Context& ctx, const RopeParts& rope, std::string_view bytes);
template <class Nodes>
Value concatenate(Context& ctx, const RopeParts& left, const RopeParts& right);
/// Bytes [from, to), which cut no code point.
template <class Nodes>
Value slice(Context& ctx, const RopeParts& rope, uint64_t from, uint64_t to);
template <class Nodes>
Value repeat(Context& ctx, Value value, uint64_t times);

/// Verifies the cells of a value. O(n). For tests.
template <class Nodes>
Status check(Value value);

/// The entries of the kind table for a rope and its nodes.
void trace_rope(const Cell* cell, Tracer& tracer);

/// Around long work on bytes outside the heap, or on leaves that the stack holds: the collector does not wait for it.
class LongWork {
 public:
  LongWork(Context& ctx, uint64_t bytes) {
    if (bytes > 64 * 1024) region_.emplace(ctx);
  }

 private:
  std::optional<BlockingRegion> region_;
};

/// Fails with kRange when a text of so many bytes cannot be; else asks the heap for room.
bool reserve_bytes(Context& ctx, uint64_t bytes);

/// Makes a string or byte string piece by piece. As ListBuilder: on the stack, one frame, one thread.
template <class Nodes>
class RopeBuilder {
 public:
  explicit RopeBuilder(Context& ctx) : ctx_(ctx), family_(Nodes(ctx)), edit_(family_) {}
  RopeBuilder(const RopeBuilder&) = delete;
  RopeBuilder& operator=(const RopeBuilder&) = delete;

  /// Whole code points, if text.
  void append(std::string_view bytes) {
    if (__builtin_expect(bytes.size() > room_, 0)) return append_slow(bytes);
    bytes.copy(at_, bytes.size());
    at_ += bytes.size();
    room_ -= bytes.size();
  }
  uint64_t size() const { return pushed_ + filled(); }
  /// What was appended; the builder is empty then. None when an error is pending.
  Value finish();

 private:
  size_t filled() const { return leaf_ == nullptr ? 0 : static_cast<size_t>(at_ - leaf_->bytes()); }
  void append_slow(std::string_view bytes);
  void push();

  Context& ctx_;
  avl::Family<Nodes> family_;
  avl::Edit<Nodes> edit_;
  RopeLeaf* leaf_ = nullptr;
  char* at_ = nullptr;
  size_t room_ = 0;
  uint64_t pushed_ = 0;
};

}  // namespace proto::internal
