// One object for equal contents: flat strings, symbols and tuples, weakly held.
//
// Two tables with one interface. What consists of immediates and of shared cells alone is *shared*: it lives in a
// process-wide heap, in 64 shards with a lock each, and every space that holds it has a bit in it (spaces beyond the 63rd
// at one time share the last bit, which is dropped only when none of them is left). A space's cycle marks what it reaches with
// its bit; afterwards the space lets go of what it did not reach, and the last to let go frees the cell. A tuple with cells
// of a space lives in that space's heap and table.
#pragma once

#include <span>
#include <string_view>

#include "runtime/heap/context.h"

namespace proto {

/// A string's bytes, interned: contiguous, zero-terminated.
struct FlatString : Cell {
  // header payload: size in bytes (32 bits), bit 32: all ASCII
  uint64_t held_by;   // bit per space; guarded by the shard, read without it by its own space
  uint64_t marked_by;  // bit per space, set by its marker (atomic)
  uint64_t hash;
  uint64_t code_points;
  char bytes[8];  // really size + 1

  size_t size() const { return payload() & 0xFFFFFFFF; }
  bool ascii() const { return (payload() >> 32 & 1) != 0; }
  std::string_view view() const { return {bytes, size()}; }
};

/// A tuple's elements, interned.
struct TupleCell : Cell {
  // header payload: number of elements (32 bits), bit 32: shared
  uint64_t held_by;
  uint64_t marked_by;
  uint64_t hash;
  Value elements[1];  // really size()

  size_t size() const { return payload() & 0xFFFFFFFF; }
  std::span<const Value> view() const { return {elements, size()}; }
};

/// The string of these bytes, which must be valid UTF-8: immediate if it fits, else the one shared cell. O(size). `text` of
/// any size. Any thread. None and an error when the memory limit is reached. `hash` is that of String (hash_of_utf8).
Value intern_string(Context& ctx, std::string_view text);
/// The same for texts of up to 7 bytes without a call.
inline Value intern(Context& ctx, std::string_view text) {
  return text.size() <= Value::kMaxShortString ? Value::short_string(text) : intern_string(ctx, text);
}
/// The tuple of these values, each of them a canonical word (see Value: equal elements must be equal words where the element is
/// immediate or interned; others are compared by equal()). O(size).
Value intern_tuple(Context& ctx, std::span<const Value> elements);

/// True for cells of the process-wide heap.
bool is_shared(const Cell* cell);

/// What the shared table holds, in this process.
struct InternStatistics {
  uint64_t strings = 0;
  uint64_t tuples = 0;
  uint64_t bytes = 0;
};
InternStatistics intern_statistics();

/// The hash of a string with these bytes, whatever its form: what hash() gives for it. O(size); the same in all spaces.
uint64_t hash_of_utf8(std::string_view text);

}  // namespace proto
