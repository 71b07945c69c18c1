// How interned contents are hashed in the tables, and how much memory their cells take.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

#include "runtime/heap/intern_table.h"
#include "runtime/heap/internal/byte_hash.h"
#include "runtime/heap/size_classes.h"

namespace proto::heap {

inline uint64_t key_hash(std::string_view text) { return hash_of_bytes(text.data(), text.size(), secret_hash_key()); }
/// Of words: the elements are canonical. Differs from that of a text of the same bytes.
inline uint64_t key_hash(std::span<const Value> elements) {
  return ~hash_of_bytes(reinterpret_cast<const char*>(elements.data()), elements.size_bytes(), secret_hash_key());
}

/// The hash that a cell of the process-wide table has there.
struct InternedKey {
  static uint64_t hash_of(const Cell* cell) {
    if (cell->kind() == CellKind::kFlatString) return key_hash(static_cast<const FlatString*>(cell)->view());
    return key_hash(static_cast<const TupleCell*>(cell)->view());
  }
};

constexpr size_t flat_string_bytes(size_t size) { return usable_bytes(sizeof(FlatString) - 8 + size + 1); }
constexpr size_t tuple_bytes(size_t size) { return usable_bytes(sizeof(TupleCell) - sizeof(Value) + size * sizeof(Value)); }
static_assert(sizeof(FlatString) == 48 && sizeof(TupleCell) == 40);

}  // namespace proto::heap
