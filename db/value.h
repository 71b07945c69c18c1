// Values as the database stores and returns them: scalars, references, vectors, and immutable nested arrays and objects.
//
// Two forms, both 16 bytes:
//   ValueView  borrows: trivially copyable, points into a block, a parameter or an arena that outlives it.
//   Value      owns: strings, bytes, vectors, arrays and objects sit in one immutable reference-counted buffer.
// Arrays and objects are held in their encoded form (db/document.h), the same bytes that are stored, so reading a nested
// attribute decodes only what is asked for. `Array` and `Object` are builders that become a Value.
#pragma once

#include <cmath>
#include <compare>
#include <cstdint>
#include <initializer_list>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

#include "runtime/base/ids.h"
#include "runtime/base/status.h"

namespace protobase {

using proto::CollectionId;
using proto::ObjectId;
using proto::Result;
using proto::Status;
using proto::StatusCode;

/// What a value is. The numbers are part of the file format and of the C ABI: never reused.
/// Their order is the order of values of different kinds in ORDER BY and in indexes (numbers compare with each other).
enum class Kind : uint8_t {
  kNone = 0,       // absent, SQL NULL
  kBool = 1,
  kInt = 2,        // 64-bit signed
  kDouble = 3,
  kDate = 4,       // days since 1970-01-01
  kTimestamp = 5,  // microseconds since 1970-01-01T00:00:00 UTC
  kTimespan = 6,   // microseconds
  kString = 7,     // UTF-8
  kBytes = 8,
  kRef = 9,        // an object of a collection
  kVector = 10,    // 32-bit floats
  kArray = 11,
  kObject = 12,
};

/// "integer", "text", ... as SQL and error messages name the kind.
std::string_view kind_name(Kind kind);
constexpr bool is_number(Kind kind) { return kind == Kind::kInt || kind == Kind::kDouble; }

struct Date {
  int32_t days = 0;  // since 1970-01-01
  auto operator<=>(const Date&) const = default;
};
struct Timestamp {
  int64_t microseconds = 0;  // since 1970-01-01T00:00:00 UTC
  auto operator<=>(const Timestamp&) const = default;
};
struct Timespan {
  int64_t microseconds = 0;
  auto operator<=>(const Timespan&) const = default;
};
/// A reference to an object: the value behind `author` in `author.country`.
struct Ref {
  CollectionId collection;
  ObjectId object;
  auto operator<=>(const Ref&) const = default;
};

class Value;

/// A borrowed value. Trivially copyable; valid while what it points into lives. Reading is thread-safe.
class ValueView {
 public:
  constexpr ValueView() : integer_(0) {}
  static ValueView of_bool(bool value) { return ValueView(Kind::kBool, 0, static_cast<int64_t>(value)); }
  static ValueView of_int(int64_t value) { return ValueView(Kind::kInt, 0, value); }
  static ValueView of_double(double value) {
    ValueView view(Kind::kDouble, 0, int64_t{0});
    view.real_ = value;
    return view;
  }
  static ValueView of_date(Date value) { return ValueView(Kind::kDate, 0, int64_t{value.days}); }
  static ValueView of_timestamp(Timestamp value) { return ValueView(Kind::kTimestamp, 0, value.microseconds); }
  static ValueView of_timespan(Timespan value) { return ValueView(Kind::kTimespan, 0, value.microseconds); }
  static ValueView of_ref(Ref value) {
    return ValueView(Kind::kRef, value.collection.value, static_cast<int64_t>(value.object.value));
  }
  static ValueView of_string(std::string_view text) { return of_buffer(Kind::kString, text); }
  static ValueView of_bytes(std::string_view bytes) { return of_buffer(Kind::kBytes, bytes); }
  /// `floats` as raw bytes, any alignment.
  static ValueView of_vector(std::string_view floats) { return of_buffer(Kind::kVector, floats); }
  /// An encoded array or object, as db/document.h lays it out (without the kind byte).
  static ValueView of_encoded(Kind kind, std::string_view encoded) { return of_buffer(kind, encoded); }

  Kind kind() const { return kind_; }
  bool is_none() const { return kind_ == Kind::kNone; }
  explicit operator bool() const { return !is_none(); }

  // The following read without converting; the kind must match (PROTO_DCHECK).
  int64_t integer() const { return integer_; }  // also bool, date, timestamp, timespan, ref's object
  double real() const { return real_; }
  std::string_view buffer() const { return {bytes_, size_}; }  // string, bytes, vector (raw floats), encoded array or object
  Ref ref() const { return {CollectionId(size_), ObjectId(static_cast<uint64_t>(integer_))}; }

  // The following convert between numbers and give a default when the value is of another kind.
  bool as_bool(bool fallback = false) const { return kind_ == Kind::kBool ? integer_ != 0 : fallback; }
  int64_t as_int64(int64_t fallback = 0) const;
  double as_double(double fallback = 0) const;
  std::string_view as_string() const { return kind_ == Kind::kString ? buffer() : std::string_view(); }
  /// The floats of a vector; empty for other kinds. Copies only when the bytes are not aligned.
  std::vector<float> as_vector() const;
  /// The value as a C++ type: bool, integers (refused if they do not fit), floating point, std::string, std::string_view,
  /// Date, Timestamp, Timespan, Ref, std::vector<T>. Nothing when the kind does not fit.
  template <class T>
  std::optional<T> get() const;

  /// Elements of an array, attributes of an object, floats of a vector, bytes of a string; 0 for other kinds. O(1).
  size_t size() const;
  /// Attribute of an object (none when absent); O(log attributes).
  ValueView operator[](std::string_view name) const;
  /// Element of an array or vector (none when out of range); negative counts from the end. O(1).
  ValueView operator[](int64_t index) const;
  ValueView operator[](int index) const { return (*this)[static_cast<int64_t>(index)]; }
  /// Follows a path such as "size.w" or "tags[0].name"; none when a step is absent or the path does not parse.
  ValueView at(std::string_view path) const;
  /// Attribute number `index` of an object in order of insertion. O(1). Out of range: empty name, none.
  std::pair<std::string_view, ValueView> attribute(size_t index) const;

  /// JSON text; dates, timestamps and spans as ISO 8601 strings, references as {"$ref": "collection-number:object"},
  /// bytes as hexadecimal, vectors as arrays.
  std::string to_json() const;
  /// Text as a shell shows it: strings without quotes, none as empty text, arrays and objects as JSON.
  std::string to_text() const;
  /// Total order over all values: none first, then kinds in order of `Kind`, numbers by exact value (NaN greatest), strings
  /// by bytes, arrays element-wise, objects by sorted attributes.
  std::strong_ordering compare(const ValueView& other) const;
  friend bool operator==(const ValueView& a, const ValueView& b) { return a.compare(b) == 0; }
  /// Equal values hash alike (1 and 1.0 too).
  uint64_t hash() const;

 private:
  friend class Value;
  ValueView(Kind kind, uint32_t size, int64_t integer) : kind_(kind), size_(size), integer_(integer) {}
  static ValueView of_buffer(Kind kind, std::string_view bytes) {
    ValueView view(kind, static_cast<uint32_t>(bytes.size()), int64_t{0});
    view.bytes_ = bytes.data();
    return view;
  }
  Kind kind_ = Kind::kNone;
  uint32_t size_ = 0;  // bytes of the buffer; for a reference, the collection
  union {
    int64_t integer_;
    double real_;
    const char* bytes_;
  };
};
static_assert(sizeof(ValueView) == 16 && std::is_trivially_copyable_v<ValueView>);

class Object;
class Array;

/// An owned, immutable value. Copies share the buffer (atomic count). Converts to ValueView for reading.
class Value {
 public:
  Value() = default;
  Value(std::nullptr_t) {}                                                                  // NOLINT: implicit by design
  Value(bool value) : view_(ValueView::of_bool(value)) {}                                   // NOLINT
  template <class T>
    requires(std::is_integral_v<T> && !std::is_same_v<T, bool> && !std::is_same_v<T, char>)
  Value(T value) : view_(ValueView::of_int(static_cast<int64_t>(value))) {}                 // NOLINT
  template <class T>
    requires std::is_floating_point_v<T>
  Value(T value) : view_(ValueView::of_double(static_cast<double>(value))) {}               // NOLINT
  Value(Date value) : view_(ValueView::of_date(value)) {}                                   // NOLINT
  Value(Timestamp value) : view_(ValueView::of_timestamp(value)) {}                         // NOLINT
  Value(Timespan value) : view_(ValueView::of_timespan(value)) {}                           // NOLINT
  Value(Ref value) : view_(ValueView::of_ref(value)) {}                                     // NOLINT
  Value(const char* text) : Value(std::string_view(text)) {}                                // NOLINT
  Value(std::string_view text) : Value(Kind::kString, text) {}                              // NOLINT
  Value(const std::string& text) : Value(std::string_view(text)) {}                         // NOLINT
  Value(std::span<const float> floats);                                                     // NOLINT
  Value(const std::vector<float>& floats) : Value(std::span<const float>(floats)) {}        // NOLINT
  Value(const Object& object);                                                              // NOLINT
  Value(const Array& array);                                                                // NOLINT
  template <class T>
    requires(!std::is_same_v<T, float>)
  Value(const std::vector<T>& elements);                                                    // NOLINT
  template <class T>
  Value(const std::optional<T>& value) : Value(value ? Value(*value) : Value()) {}          // NOLINT
  static Value bytes(std::string_view bytes) { return Value(Kind::kBytes, bytes); }
  /// A copy of what a view shows.
  explicit Value(const ValueView& view);

  Value(const Value& other) : view_(other.view_) { retain(); }
  Value(Value&& other) noexcept : view_(std::exchange(other.view_, ValueView())) {}
  Value& operator=(Value other) noexcept {
    std::swap(view_, other.view_);
    return *this;
  }
  ~Value() { release(); }

  operator const ValueView&() const { return view_; }  // NOLINT: implicit by design
  const ValueView& view() const { return view_; }

  // Reading, as ValueView does.
  Kind kind() const { return view_.kind(); }
  bool is_none() const { return view_.is_none(); }
  bool as_bool(bool fallback = false) const { return view_.as_bool(fallback); }
  int64_t as_int64(int64_t fallback = 0) const { return view_.as_int64(fallback); }
  double as_double(double fallback = 0) const { return view_.as_double(fallback); }
  std::string_view as_string() const { return view_.as_string(); }
  template <class T>
  std::optional<T> get() const {
    return view_.get<T>();
  }
  size_t size() const { return view_.size(); }
  ValueView operator[](std::string_view name) const { return view_[name]; }
  ValueView operator[](const char* name) const { return view_[std::string_view(name)]; }
  ValueView operator[](int64_t index) const { return view_[index]; }
  ValueView operator[](int index) const { return view_[index]; }
  ValueView at(std::string_view path) const { return view_.at(path); }
  std::string to_json() const { return view_.to_json(); }
  std::string to_text() const { return view_.to_text(); }
  friend bool operator==(const Value& a, const Value& b) { return a.view_ == b.view_; }

  /// Parses JSON text (RFC 8259, UTF-8). Integers outside 64 bits become doubles. Error: kInvalidArgument.
  static Result<Value> parse_json(std::string_view json);

 private:
  friend class Object;
  friend class Array;
  Value(Kind kind, std::string_view buffer);  // copies the buffer
  void retain() const;
  void release() const;
  static bool owns_buffer(Kind kind) {
    return kind == Kind::kString || kind == Kind::kBytes || kind >= Kind::kVector;
  }
  ValueView view_;
};
static_assert(sizeof(Value) == 16);

/// Builds an object: names in order of insertion, a later value of the same name replaces the earlier one.
class Object {
 public:
  Object() = default;
  Object(std::initializer_list<std::pair<std::string_view, Value>> attributes);
  Object& set(std::string_view name, Value value);
  const std::vector<std::pair<std::string, Value>>& attributes() const { return attributes_; }

 private:
  std::vector<std::pair<std::string, Value>> attributes_;
};

/// Builds an array of any values.
class Array {
 public:
  Array() = default;
  Array(std::initializer_list<Value> elements) : elements_(elements) {}
  Array& push(Value value) {
    elements_.push_back(std::move(value));
    return *this;
  }
  const std::vector<Value>& elements() const { return elements_; }

 private:
  std::vector<Value> elements_;
};

template <class T>
  requires(!std::is_same_v<T, float>)
Value::Value(const std::vector<T>& elements) {
  Array array;
  for (const T& element : elements) array.push(Value(element));
  *this = Value(array);
}

namespace detail {
template <class T>
struct IsStdVector : std::false_type {};
template <class T>
struct IsStdVector<std::vector<T>> : std::true_type {};
}  // namespace detail

template <class T>
std::optional<T> ValueView::get() const {
  if constexpr (std::is_same_v<T, bool>) {
    return kind_ == Kind::kBool ? std::optional<T>(integer_ != 0) : std::nullopt;
  } else if constexpr (std::is_integral_v<T>) {
    if (kind_ != Kind::kInt || !std::in_range<T>(integer_)) return std::nullopt;
    return static_cast<T>(integer_);
  } else if constexpr (std::is_floating_point_v<T>) {
    return is_number(kind_) ? std::optional<T>(static_cast<T>(as_double())) : std::nullopt;
  } else if constexpr (std::is_same_v<T, std::string> || std::is_same_v<T, std::string_view>) {
    return kind_ == Kind::kString ? std::optional<T>(buffer()) : std::nullopt;
  } else if constexpr (std::is_same_v<T, Date>) {
    return kind_ == Kind::kDate ? std::optional<T>(Date{static_cast<int32_t>(integer_)}) : std::nullopt;
  } else if constexpr (std::is_same_v<T, Timestamp>) {
    return kind_ == Kind::kTimestamp ? std::optional<T>(Timestamp{integer_}) : std::nullopt;
  } else if constexpr (std::is_same_v<T, Timespan>) {
    return kind_ == Kind::kTimespan ? std::optional<T>(Timespan{integer_}) : std::nullopt;
  } else if constexpr (std::is_same_v<T, Ref>) {
    return kind_ == Kind::kRef ? std::optional<T>(ref()) : std::nullopt;
  } else if constexpr (std::is_same_v<T, Value>) {
    return Value(*this);
  } else if constexpr (std::is_same_v<T, std::vector<float>>) {
    if (kind_ == Kind::kVector) return as_vector();
    if (kind_ != Kind::kArray) return std::nullopt;
    T out;
    for (size_t i = 0; i < size(); ++i) out.push_back(static_cast<float>((*this)[static_cast<int64_t>(i)].as_double()));
    return out;
  } else {
    static_assert(detail::IsStdVector<T>::value, "ValueView::get: a type that values do not map to");
    if (kind_ != Kind::kArray && kind_ != Kind::kVector) return std::nullopt;
    T out;
    for (size_t i = 0; i < size(); ++i) {
      auto element = (*this)[static_cast<int64_t>(i)].get<typename T::value_type>();
      if (!element) return std::nullopt;
      out.push_back(*std::move(element));
    }
    return out;
  }
}

}  // namespace protobase

template <>
struct std::hash<protobase::Value> {
  size_t operator()(const protobase::Value& value) const noexcept { return value.view().hash(); }
};
