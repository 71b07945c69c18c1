// What can be asked of any value: equality, hash, order and text. Dispatches to the kinds (kind_table.h).
#pragma once

#include <cstdint>
#include <string>

#include "runtime/value/kind_table.h"
#include "runtime/value/value.h"

namespace proto {

ValueClass class_of(Value value);

/// By value: 1 equals 1.0, equal lists are equal, NaN equals itself here. Mutable objects and methods equal only themselves.
/// O(1) for immediates, interned values and shared parts; else O(size). Any thread; no allocation.
bool equal_slow(Context& ctx, Value a, Value b);
inline bool equal(Context& ctx, Value a, Value b) {
  if (a == b) return true;
  // Unequal words of one immediate form, or of interned strings, are unequal values; 2 and 2.0 differ in tag.
  if (!a.is_cell() && !b.is_cell() && a.tag() == b.tag() && !a.is_immediate_double()) return false;
  return equal_slow(ctx, a, b);
}

/// Equal values have equal hashes; the same in every space and process run for all but identities. Well mixed in all bits.
uint64_t hash_slow(Context& ctx, Value value);
/// A bijective mixer (the finalizer of splitmix64).
constexpr uint64_t mix_hash(uint64_t x) {
  x ^= x >> 30, x *= 0xBF58476D1CE4E5B9ull;
  x ^= x >> 27, x *= 0x94D049BB133111EBull;
  return x ^ x >> 31;
}
/// Joins a hash of what came before with that of what comes next; order matters.
constexpr uint64_t combine_hash(uint64_t seed, uint64_t hash) { return mix_hash(seed * 0x9E3779B97F4A7C15ull + hash); }
inline uint64_t hash(Context& ctx, Value value) {
  // An integral double hashes as its integer; texts of up to 7 bytes have no other form.
  if (value.is_small_integer() || value.is_short_string()) return mix_hash(value.word());
  return hash_slow(ctx, value);
}

/// A total order of all values, consistent with equal(): by class, then by value; NaN after all numbers; objects and other
/// identities in an order that holds as long as they live. <0, 0, >0.
int compare(Context& ctx, Value a, Value b);

/// Appends the text of a value: `3`, `text`, `[1, "two", 3.0]`. `nested`: strings are quoted.
void print(Context& ctx, Value value, std::string& out, bool nested = false);
std::string to_text(Context& ctx, Value value);

// ---- for the kinds ----

/// The operations of an immediate class are entered by the folder that knows it (numbers: all forms of ValueClass::kNumber).
void register_class(ValueClass value_class, const KindOperations& operations);
const KindOperations& class_operations(ValueClass value_class);

}  // namespace proto
