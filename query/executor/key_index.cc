#include "query/executor/key_index.h"

#include "db/datetime.h"
#include "db/key_codec.h"
#include "query/executor/scalar.h"
#include "runtime/base/checksum.h"

namespace protobase::query {
namespace {

uint64_t mix(int64_t key) {
  uint64_t word = static_cast<uint64_t>(key) * 0x9E3779B97F4A7C15ull;
  return word ^ (word >> 32);
}

}  // namespace

void append_equality_key(std::string& key, const ValueView& value) {
  if (value.kind() == Kind::kDate) {
    append_key(key, ValueView::of_timestamp(start_of({static_cast<int32_t>(value.integer())})));
  } else {
    append_key(key, value);
  }
}

// ---- byte strings ------------------------------------------------------------------------------------------------------

uint32_t KeyTable::insert(std::string_view key) {
  if (entries_.size() * 4 >= slots_.size() * 3) grow();
  const uint64_t hash = proto::checksum64(key);
  const size_t mask = slots_.size() - 1;
  for (size_t at = hash & mask;; at = (at + 1) & mask) {
    const uint32_t number = slots_[at];
    if (number == kAbsent) {
      slots_[at] = size();
      entries_.push_back({hash, arena_.copy(key)});
      return slots_[at];
    }
    if (entries_[number].hash == hash && entries_[number].key == key) return number;
  }
}

uint32_t KeyTable::find(std::string_view key) const {
  if (slots_.empty()) return kAbsent;
  const uint64_t hash = proto::checksum64(key);
  const size_t mask = slots_.size() - 1;
  for (size_t at = hash & mask;; at = (at + 1) & mask) {
    const uint32_t number = slots_[at];
    if (number == kAbsent) return kAbsent;
    if (entries_[number].hash == hash && entries_[number].key == key) return number;
  }
}

void KeyTable::grow() {
  slots_.assign(slots_.empty() ? 16 : slots_.size() * 2, kAbsent);
  const size_t mask = slots_.size() - 1;
  for (uint32_t number = 0; number < size(); ++number) {
    size_t at = entries_[number].hash & mask;
    while (slots_[at] != kAbsent) at = (at + 1) & mask;
    slots_[at] = number;
  }
}

// ---- integers ----------------------------------------------------------------------------------------------------------

uint32_t IntegerTable::insert(int64_t key) {
  if (used_ * 4 >= slots_.size() * 3) grow();
  const size_t mask = slots_.size() - 1;
  for (size_t at = mix(key) & mask;; at = (at + 1) & mask) {
    Slot& slot = slots_[at];
    if (slot.number == KeyTable::kAbsent) {
      slot = {key, static_cast<uint32_t>(keys_.size())};
      keys_.push_back(key);
      ++used_;
      return slot.number;
    }
    if (slot.key == key) return slot.number;
  }
}

uint32_t IntegerTable::find(int64_t key) const {
  if (slots_.empty()) return KeyTable::kAbsent;
  const size_t mask = slots_.size() - 1;
  for (size_t at = mix(key) & mask;; at = (at + 1) & mask) {
    const Slot& slot = slots_[at];
    if (slot.number == KeyTable::kAbsent || slot.key == key) return slot.number;
  }
}

void IntegerTable::grow() {
  std::vector<Slot> old = std::move(slots_);
  slots_.assign(old.empty() ? 16 : old.size() * 2, Slot{0, KeyTable::kAbsent});
  const size_t mask = slots_.size() - 1;
  for (const Slot& slot : old) {
    if (slot.number == KeyTable::kAbsent) continue;
    size_t at = mix(slot.key) & mask;
    while (slots_[at].number != KeyTable::kAbsent) at = (at + 1) & mask;
    slots_[at] = slot;
  }
}

// ---- rows --------------------------------------------------------------------------------------------------------------

uint32_t KeyIndex::size() const {
  return mode_ == Mode::kBytes ? bytes_.size() : static_cast<uint32_t>(integers_.keys().size());
}

bool KeyIndex::takes(std::span<const ColumnVector> keys) const {
  if (keys.size() != 1) return false;
  if (keys[0].form == Form::kNull) return true;
  return keys[0].form == Form::kInteger && (kind_ == Kind::kNone || kind_ == keys[0].kind);
}

void KeyIndex::insert(std::span<const ColumnVector> keys, Rows rows, uint32_t* numbers) {
  if (mode_ != Mode::kBytes && takes(keys)) return insert_integers(keys[0], rows, numbers);
  if (mode_ != Mode::kBytes) leave_integers();
  for_each_row(rows, [&](uint32_t row) { numbers[row] = encode(keys, row, scratch_) ? bytes_.insert(scratch_) : kAbsent; });
}

void KeyIndex::insert_integers(const ColumnVector& key, Rows rows, uint32_t* numbers) {
  mode_ = Mode::kIntegers;
  if (key.form == Form::kInteger) kind_ = key.kind;
  for_each_row(rows, [&](uint32_t row) {
    if (!key.is_null(row)) {
      numbers[row] = integers_.insert(key.as<int64_t>()[key.element(row)]);
      return;
    }
    if (match_nulls_ && null_number_ == kAbsent) null_number_ = integers_.skip();
    numbers[row] = null_number_;
  });
}

/// The keys so far as bytes, with the numbers they have.
void KeyIndex::leave_integers() {
  mode_ = Mode::kBytes;
  const std::vector<int64_t>& keys = integers_.keys();
  for (uint32_t number = 0; number < keys.size(); ++number) {
    const ColumnVector key = ColumnVector::integers(kind_, &keys[number], nullptr);
    scratch_.clear();
    append_equality_key(scratch_, number == null_number_ ? ValueView() : key.at(0));
    bytes_.insert(scratch_);
  }
  integers_ = IntegerTable();
}

bool KeyIndex::encode(std::span<const ColumnVector> keys, uint32_t row, std::string& key) const {
  key.clear();
  for (const ColumnVector& column : keys) {
    const ValueView value = column.at(row);
    if (value.is_none() && !match_nulls_) return false;
    append_equality_key(key, value);
  }
  return true;
}

uint32_t KeyIndex::find_among_integers(const ValueView& value) const {
  if (value.is_none()) return null_number_;
  if (value.kind() == kind_) return integers_.find(value.integer());
  if (!comparable(value.kind(), kind_)) return kAbsent;
  for (uint32_t number = 0; number < integers_.keys().size(); ++number) {
    if (number == null_number_) continue;
    if (same_value(value, ColumnVector::integers(kind_, &integers_.keys()[number], nullptr).at(0))) return number;
  }
  return kAbsent;
}

void KeyIndex::find(std::span<const ColumnVector> keys, Rows rows, uint32_t* numbers) const {
  if (mode_ == Mode::kBytes) {
    for_each_row(rows, [&](uint32_t row) { numbers[row] = encode(keys, row, scratch_) ? bytes_.find(scratch_) : kAbsent; });
    return;
  }
  PROTO_DCHECK(mode_ == Mode::kEmpty || keys.size() == 1);
  const bool direct = mode_ == Mode::kIntegers && keys[0].form == Form::kInteger && keys[0].kind == kind_;
  for_each_row(rows, [&](uint32_t row) {
    if (mode_ == Mode::kEmpty) {
      numbers[row] = kAbsent;
    } else if (direct) {
      numbers[row] = keys[0].is_null(row) ? null_number_ : integers_.find(keys[0].as<int64_t>()[keys[0].element(row)]);
    } else {
      numbers[row] = find_among_integers(keys[0].at(row));
    }
  });
}

}  // namespace protobase::query
