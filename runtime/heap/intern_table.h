// One object for equal contents: flat strings, symbols and tuples, weakly held.
//
// Two tables with one interface. What consists of immediates and of shared cells alone is *shared*: it lives in a
// process-wide heap, in 64 shards with a lock each, and every space that holds it has a bit in it (spaces beyond the 63rd
// at one time share the last bit, which is dropped only when none of them is left). A space's cycle marks what it reaches with
// its bit; afterwards the space lets go of what it did not reach, and the last to let go frees the cell. A tuple with cells
// of a space lives in that space's heap and table.
//
// Memory is counted to every space that holds a cell, as external bytes: symbols alone start a space's collections, too.
#pragma once

#include <atomic>
#include <cstdint>
#include <span>
#include <string_view>

#include "runtime/heap/context.h"

namespace proto {

/// What all interned cells begin with.
struct InternedCell : Cell {
  std::atomic<uint64_t> held_by;    // bit per space; changes under the shard's lock. Tuples of one space: their hash
  std::atomic<uint64_t> marked_by;  // bit per space: equal to the space's sense (shared_heap.h) when reached
};

/// A string's bytes, interned: contiguous, zero-terminated.
struct FlatString : InternedCell {
  // header payload: size in bytes (32 bits), bit 32: all ASCII
  uint64_t hash;
  uint64_t code_points;
  char bytes[8];  // really size + 1

  size_t size() const { return payload() & 0xFFFFFFFF; }
  bool ascii() const { return (payload() >> 32 & 1) != 0; }
  std::string_view view() const { return {bytes, size()}; }
};

/// A tuple's elements, interned.
struct TupleCell : InternedCell {
  // header payload: number of elements (32 bits), bit 32: shared
  std::atomic<uint64_t> hash_word;  // 0: nobody asked yet; ask hash_of_tuple()
  Value elements[1];                // really size()

  size_t size() const { return payload() & 0xFFFFFFFF; }
  bool shared() const { return (payload() >> 32 & 1) != 0; }
  std::span<const Value> view() const { return {elements, size()}; }
};

/// The string of these bytes, which must be valid UTF-8: immediate if it fits, else the one shared cell. O(size). `text` of
/// any size below 4 GiB. Any thread. None and an error when the memory limit is reached or the text is too long.
Value intern_string(Context& ctx, std::string_view text);
/// The same for texts of up to 7 bytes without a call.
inline Value intern(Context& ctx, std::string_view text) {
  return text.size() <= Value::kMaxShortString ? Value::short_string(text) : intern_string(ctx, text);
}

/// The tuple of these values; one object for the same elements. Elements are the same if their words are equal, or if they are
/// cells of one kind of number, span, rope or bytes with equal contents. (So 1 and 1.0 are not, nor are two lists: equal() of
/// two tuples that are not identical still compares elements.) `elements` must be reachable otherwise while the call lasts.
/// O(size). Any thread. None and an error when the memory limit is reached.
Value intern_tuple(Context& ctx, std::span<const Value> elements);

/// Consistent with equality of elements: (1, 2) and (1.0, 2.0) have equal hashes. O(size) the first time, then O(1).
uint64_t hash_of_tuple(Context& ctx, const TupleCell* tuple);
/// The trace function of kind kTuple.
void trace_tuple(const Cell* cell, Tracer& tracer);

/// True for cells of the process-wide heap. O(1).
bool is_shared(const Cell* cell);

/// What the shared table holds, in this process.
struct InternStatistics {
  uint64_t strings = 0;
  uint64_t tuples = 0;
  uint64_t cell_bytes = 0;    // of these
  uint64_t table_bytes = 0;   // the shards' tables
  uint64_t mapped_bytes = 0;  // memory that cells of the process-wide heap take from the system
};
/// Takes each shard's lock in turn. Any thread.
InternStatistics intern_statistics();

/// The hash of a string with these bytes, whatever its form: what hash() gives for it. O(size): about 0.1 ns a byte up to 256
/// bytes, 0.3 ns beyond, where it follows from the fingerprint. The same in every space and process run.
uint64_t hash_of_utf8(std::string_view text);

}  // namespace proto
