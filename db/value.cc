#include "db/value.h"

#include <algorithm>
#include <atomic>
#include <cstring>
#include <limits>

#include "db/document.h"
#include "db/json.h"
#include "runtime/base/check.h"
#include "runtime/base/checksum.h"

namespace protobase {
namespace {

constexpr double kTwoTo63 = 9223372036854775808.0;

std::strong_ordering order_of(int comparison) { return comparison <=> 0; }

std::strong_ordering compare_bytes(std::string_view a, std::string_view b) { return order_of(a.compare(b)); }

/// NaN equals NaN and is greater than everything else.
template <class Real>
std::strong_ordering compare_reals(Real a, Real b) {
  if (a < b) return std::strong_ordering::less;
  if (a > b) return std::strong_ordering::greater;
  if (a == b) return std::strong_ordering::equal;
  return std::isnan(a) <=> std::isnan(b);
}

/// Exact: an integer is never rounded to a double.
std::strong_ordering compare_int_real(int64_t a, double b) {
  if (std::isnan(b) || b >= kTwoTo63) return std::strong_ordering::less;
  if (b < -kTwoTo63) return std::strong_ordering::greater;
  const double whole = std::trunc(b);
  const auto order = a <=> static_cast<int64_t>(whole);
  return order != 0 ? order : compare_reals(whole, b);
}

std::strong_ordering compare_numbers(const ValueView& a, const ValueView& b) {
  if (a.kind() == b.kind()) {
    return a.kind() == Kind::kInt ? a.integer() <=> b.integer() : compare_reals(a.real(), b.real());
  }
  if (a.kind() == Kind::kInt) return compare_int_real(a.integer(), b.real());
  return 0 <=> compare_int_real(b.integer(), a.real());
}

std::strong_ordering compare_vectors(std::string_view a, std::string_view b) {
  const size_t shared = std::min(a.size(), b.size());
  for (size_t at = 0; at < shared; at += sizeof(float)) {
    const auto order = compare_reals(proto::load<float>(a.data() + at), proto::load<float>(b.data() + at));
    if (order != 0) return order;
  }
  return a.size() <=> b.size();
}

std::strong_ordering compare_arrays(std::string_view a, std::string_view b) {
  const ArrayReader left(a), right(b);
  const size_t shared = std::min(left.size(), right.size());
  for (size_t i = 0; i < shared; ++i) {
    const auto order = left[i].compare(right[i]);
    if (order != 0) return order;
  }
  return left.size() <=> right.size();
}

std::strong_ordering compare_objects(std::string_view a, std::string_view b) {
  const ObjectReader left(a), right(b);
  const size_t shared = std::min(left.size(), right.size());
  for (size_t rank = 0; rank < shared; ++rank) {
    const size_t i = left.by_name(rank), j = right.by_name(rank);
    auto order = compare_bytes(left.name(i), right.name(j));
    if (order == 0) order = left.value(i).compare(right.value(j));
    if (order != 0) return order;
  }
  return left.size() <=> right.size();
}

uint64_t mix(uint64_t word) {
  word ^= word >> 32;
  word *= 0xD6E8FEB86659FD93ull;
  word ^= word >> 32;
  word *= 0xD6E8FEB86659FD93ull;
  return word ^ (word >> 32);
}

uint64_t hash_real(double value) {
  if (value >= -kTwoTo63 && value < kTwoTo63 && std::trunc(value) == value)
    return mix(static_cast<uint64_t>(static_cast<int64_t>(value)));
  if (std::isnan(value)) value = std::numeric_limits<double>::quiet_NaN();
  return mix(std::bit_cast<uint64_t>(value) + 1);
}

uint64_t hash_vector(std::string_view floats) {
  uint64_t hash = floats.size();
  for (size_t at = 0; at < floats.size(); at += sizeof(float)) {
    hash = mix(hash * 31 + hash_real(proto::load<float>(floats.data() + at)));
  }
  return hash;
}

uint64_t hash_array(std::string_view payload) {
  const ArrayReader array(payload);
  uint64_t hash = mix(array.size() + 11);
  for (size_t i = 0; i < array.size(); ++i) hash = mix(hash * 31 + array[i].hash());
  return hash;
}

/// A sum, since the order of attributes does not count.
uint64_t hash_object(std::string_view payload) {
  const ObjectReader object(payload);
  uint64_t hash = mix(object.size() + 12);
  for (size_t i = 0; i < object.size(); ++i) {
    hash += mix(proto::checksum64(object.name(i)) * 31 + object.value(i).hash());
  }
  return hash;
}

}  // namespace

std::string_view kind_name(Kind kind) {
  static constexpr std::string_view kNames[] = {"null",      "boolean",  "integer", "double", "date",
                                                "timestamp", "interval", "text",    "bytes",  "reference",
                                                "vector",    "array",    "object"};
  const auto number = static_cast<size_t>(kind);
  return number < std::size(kNames) ? kNames[number] : "unknown";
}

int64_t ValueView::as_int64(int64_t fallback) const {
  if (kind_ == Kind::kInt) return integer_;
  if (kind_ != Kind::kDouble || !(real_ >= -kTwoTo63 && real_ < kTwoTo63)) return fallback;
  return static_cast<int64_t>(real_);
}

double ValueView::as_double(double fallback) const {
  if (kind_ == Kind::kDouble) return real_;
  return kind_ == Kind::kInt ? static_cast<double>(integer_) : fallback;
}

std::vector<float> ValueView::as_vector() const {
  if (kind_ != Kind::kVector) return {};
  std::vector<float> floats(size_ / sizeof(float));
  if (!floats.empty()) std::memcpy(floats.data(), bytes_, floats.size() * sizeof(float));
  return floats;
}

size_t ValueView::size() const {
  switch (kind_) {
    case Kind::kString:
    case Kind::kBytes: return size_;
    case Kind::kVector: return size_ / sizeof(float);
    case Kind::kArray: return ArrayReader(buffer()).size();
    case Kind::kObject: return ObjectReader(buffer()).size();
    default: return 0;
  }
}

ValueView ValueView::operator[](std::string_view name) const {
  return kind_ == Kind::kObject ? ObjectReader(buffer())[name] : ValueView();
}

ValueView ValueView::operator[](int64_t index) const {
  if (kind_ != Kind::kArray && kind_ != Kind::kVector) return {};
  const auto count = static_cast<int64_t>(size());
  if (index < 0) index += count;
  if (index < 0 || index >= count) return {};
  if (kind_ == Kind::kArray) return ArrayReader(buffer())[static_cast<size_t>(index)];
  return of_double(proto::load<float>(bytes_ + index * static_cast<int64_t>(sizeof(float))));
}

ValueView ValueView::at(std::string_view path) const {
  ValueView at = *this;
  PathReader steps(path);
  while (steps.next()) at = steps.is_index() ? at[steps.index()] : at[steps.name()];
  return steps.ok() ? at : ValueView();
}

std::pair<std::string_view, ValueView> ValueView::attribute(size_t index) const {
  if (kind_ != Kind::kObject) return {};
  const ObjectReader object(buffer());
  if (index >= object.size()) return {};
  return {object.name(index), object.value(index)};
}

std::string ValueView::to_json() const {
  std::string out;
  append_json(*this, out);
  return out;
}

std::string ValueView::to_text() const {
  if (kind_ == Kind::kNone) return {};
  if (kind_ == Kind::kString) return std::string(buffer());
  std::string json = to_json();
  // Dates and the like are JSON strings of plain characters: the text is what stands between the quotes.
  if (json.size() >= 2 && json.front() == '"') return json.substr(1, json.size() - 2);
  return json;
}

std::strong_ordering ValueView::compare(const ValueView& other) const {
  if (is_number(kind_) && is_number(other.kind_)) return compare_numbers(*this, other);
  if (kind_ != other.kind_) return kind_ <=> other.kind_;
  switch (kind_) {
    case Kind::kNone: return std::strong_ordering::equal;
    case Kind::kString:
    case Kind::kBytes: return compare_bytes(buffer(), other.buffer());
    case Kind::kVector: return compare_vectors(buffer(), other.buffer());
    case Kind::kArray: return compare_arrays(buffer(), other.buffer());
    case Kind::kObject: return compare_objects(buffer(), other.buffer());
    case Kind::kRef: return ref() <=> other.ref();
    default: return integer_ <=> other.integer_;
  }
}

uint64_t ValueView::hash() const {
  switch (kind_) {
    case Kind::kNone: return 0x6E6F6E65;
    case Kind::kInt: return mix(static_cast<uint64_t>(integer_));
    case Kind::kDouble: return hash_real(real_);
    case Kind::kString: return proto::checksum64(buffer());
    case Kind::kBytes: return proto::checksum64(buffer(), 8);
    case Kind::kRef: return mix(static_cast<uint64_t>(integer_) * 31 + size_ + 9);
    case Kind::kVector: return hash_vector(buffer());
    case Kind::kArray: return hash_array(buffer());
    case Kind::kObject: return hash_object(buffer());
    default: return mix(static_cast<uint64_t>(integer_) * 31 + static_cast<uint64_t>(kind_));
  }
}

// ---- owned values
// ------------------------------------------------------------------------------------------------------

namespace {

/// What stands before the bytes of an owned buffer. 8 bytes keep the bytes aligned.
struct BufferHeader {
  std::atomic<uint32_t> owners;
  uint32_t reserved;
};
static_assert(sizeof(BufferHeader) == 8);

BufferHeader* header_of(const char* bytes) {
  return reinterpret_cast<BufferHeader*>(const_cast<char*>(bytes) - sizeof(BufferHeader));
}

}  // namespace

Value::Value(Kind kind, std::string_view buffer) {
  PROTO_CHECK_MSG(buffer.size() <= std::numeric_limits<uint32_t>::max(), "a value is larger than 4 GB");
  if (buffer.empty()) {
    view_ = ValueView::of_buffer(kind, std::string_view("", 0));
    return;
  }
  auto* memory = static_cast<char*>(::operator new(sizeof(BufferHeader) + buffer.size()));
  new (memory) BufferHeader{{1}, 0};
  std::memcpy(memory + sizeof(BufferHeader), buffer.data(), buffer.size());
  view_ = ValueView::of_buffer(kind, {memory + sizeof(BufferHeader), buffer.size()});
}

Value::Value(const ValueView& view) : view_(view) {
  if (!owns_buffer(view.kind())) return;
  view_ = ValueView();
  *this = Value(view.kind(), view.buffer());
}

Value::Value(std::span<const float> floats)
    : Value(Kind::kVector, std::string_view(reinterpret_cast<const char*>(floats.data()), floats.size_bytes())) {}

Value::Value(const Object& object) {
  DocumentWriter writer;
  writer.begin_object();
  for (const auto& [name, value] : object.attributes()) {
    writer.key(name);
    writer.value(value);
  }
  writer.end();
  *this = Value(Kind::kObject, writer.bytes().substr(1));
}

Value::Value(const Array& array) {
  DocumentWriter writer;
  writer.begin_array();
  for (const Value& element : array.elements()) writer.value(element);
  writer.end();
  *this = Value(Kind::kArray, writer.bytes().substr(1));
}

void Value::retain() const {
  if (owns_buffer(view_.kind_) && view_.size_ > 0)
    header_of(view_.bytes_)->owners.fetch_add(1, std::memory_order_relaxed);
}

void Value::release() const {
  if (!owns_buffer(view_.kind_) || view_.size_ == 0) return;
  BufferHeader* header = header_of(view_.bytes_);
  // Release pairs with the acquire of whoever ends the buffer: all reads are over before the memory goes.
  if (header->owners.fetch_sub(1, std::memory_order_acq_rel) == 1) ::operator delete(header);
}

Object::Object(std::initializer_list<std::pair<std::string_view, Value>> attributes) {
  attributes_.reserve(attributes.size());
  for (const auto& [name, value] : attributes) set(name, value);
}

Object& Object::set(std::string_view name, Value value) {
  for (auto& [known, old] : attributes_) {
    if (known == name) {
      old = std::move(value);
      return *this;
    }
  }
  attributes_.emplace_back(std::string(name), std::move(value));
  return *this;
}

}  // namespace protobase
