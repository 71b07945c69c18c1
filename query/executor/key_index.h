// Numbers for keys: equal keys get the same number, in order of first appearance. Groups, join keys, DISTINCT, set
// operations and long IN lists stand on it.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "query/executor/vector.h"

namespace protobase::query {

/// Appends bytes that are equal for values that are equal under `=` (1 and 1.0; a date and its midnight), and only for them.
/// None has bytes of its own.
void append_equality_key(std::string& key, const ValueView& value);

/// A hash table of byte strings, which it keeps. One thread.
class KeyTable {
 public:
  static constexpr uint32_t kAbsent = 0xFFFF'FFFF;
  /// The number of a key, a new one if it is not there. O(1) expected.
  uint32_t insert(std::string_view key);
  /// The number of a key, or kAbsent.
  uint32_t find(std::string_view key) const;
  uint32_t size() const { return static_cast<uint32_t>(entries_.size()); }

 private:
  struct Entry {
    uint64_t hash;
    std::string_view key;
  };
  void grow();
  std::vector<Entry> entries_;
  std::vector<uint32_t> slots_;  // numbers, kAbsent where free; a power of two
  Arena arena_;
};

/// A hash table of 64-bit integers. One thread.
class IntegerTable {
 public:
  uint32_t insert(int64_t key);
  uint32_t find(int64_t key) const;
  const std::vector<int64_t>& keys() const { return keys_; }  // by number
  /// Gives the next number to no key.
  uint32_t skip() { return keys_.push_back(0), static_cast<uint32_t>(keys_.size() - 1); }

 private:
  struct Slot {
    int64_t key;
    uint32_t number;
  };
  void grow();
  std::vector<int64_t> keys_;
  std::vector<Slot> slots_;
  uint32_t used_ = 0;
};

/// Numbers for rows by the values of their key columns: a table of integers while there is one column and it is of one
/// integer kind, else one of bytes. One thread.
class KeyIndex {
 public:
  static constexpr uint32_t kAbsent = KeyTable::kAbsent;

  /// `match_nulls`: NULLs are equal to each other (groups), else rows with a NULL get kAbsent (joins).
  explicit KeyIndex(bool match_nulls) : match_nulls_(match_nulls) {}

  /// numbers[row] for each of `rows`; keys that are new get new numbers.
  void insert(std::span<const ColumnVector> keys, Rows rows, uint32_t* numbers);
  /// The same without adding: kAbsent for keys that are not there.
  void find(std::span<const ColumnVector> keys, Rows rows, uint32_t* numbers) const;
  uint32_t size() const;

 private:
  bool takes(std::span<const ColumnVector> keys) const;
  void leave_integers();
  void insert_integers(const ColumnVector& key, Rows rows, uint32_t* numbers);
  bool encode(std::span<const ColumnVector> keys, uint32_t row, std::string& key) const;
  uint32_t find_among_integers(const ValueView& value) const;

  enum class Mode : uint8_t { kEmpty, kIntegers, kBytes };
  bool match_nulls_;
  Mode mode_ = Mode::kEmpty;
  Kind kind_ = Kind::kNone;             // of the integers
  uint32_t null_number_ = kAbsent;
  IntegerTable integers_;
  KeyTable bytes_;
  mutable std::string scratch_;
};

}  // namespace protobase::query
