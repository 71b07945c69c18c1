// Status and Result: how every function of this project reports that it could not do its work.
// No exception crosses a folder or the public interface; a Status that is not looked at does not compile.
#pragma once

#include <cstdint>
#include <memory>
#include <new>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>

#include "runtime/base/check.h"

namespace proto {

enum class StatusCode : uint8_t {
#define PROTO_STATUS_CODE(name, number, text) name = number,
#include "runtime/base/status_codes.def"
#undef PROTO_STATUS_CODE
};

/// The fixed English name of a code ("conflict"). Any thread, O(1).
std::string_view status_code_name(StatusCode code);

/// Where in our sources an error was raised (SourceLocation, which clang 14 lacks).
class SourceLocation {
 public:
  static constexpr SourceLocation current(const char* file = __builtin_FILE(), unsigned line = __builtin_LINE()) {
    SourceLocation here;
    here.file_ = file;
    here.line_ = line;
    return here;
  }
  const char* file_name() const { return file_; }
  unsigned line() const { return line_; }

 private:
  const char* file_ = "";
  unsigned line_ = 0;
};

/// A half-open range of bytes in a query's text.
struct TextSpan {
  uint32_t offset = 0;
  uint32_t length = 0;
};

/// Success, or a code with a message, the source location that raised it and, for query errors, the span of text at
/// fault and a hint. One pointer wide; success allocates nothing. A value type: copies are independent.
class [[nodiscard]] Status {
 public:
  Status() = default;
  Status(StatusCode code, std::string message, SourceLocation where = SourceLocation::current());
  Status(const Status& other) : rep_(other.rep_ ? std::make_unique<Rep>(*other.rep_) : nullptr) {}
  Status(Status&&) noexcept = default;
  Status& operator=(const Status& other) {
    if (this != &other) rep_ = other.rep_ ? std::make_unique<Rep>(*other.rep_) : nullptr;
    return *this;
  }
  Status& operator=(Status&&) noexcept = default;
  ~Status() = default;

  bool ok() const { return rep_ == nullptr; }
  explicit operator bool() const { return ok(); }
  StatusCode code() const { return rep_ ? rep_->code : StatusCode::kOk; }
  /// What went wrong, for a person; empty on success.
  const std::string& message() const;
  /// What to try instead; empty when there is nothing to suggest.
  const std::string& hint() const;
  /// The part of the query text at fault; null when the error is not about a text.
  const TextSpan* span() const { return rep_ && rep_->has_span ? &rep_->span : nullptr; }
  SourceLocation where() const { return rep_ ? rep_->where : SourceLocation(); }
  /// True for errors that a second try of the same transaction may not meet.
  bool retryable() const { return code() == StatusCode::kConflict; }

  /// Adds a hint or a span to an error; no effect on success.
  Status&& with_hint(std::string hint) &&;
  Status&& with_span(TextSpan span) &&;
  /// Prefixes the message ("while reading x.pdb: ..."); no effect on success.
  Status&& with_context(std::string_view context) &&;

  /// "conflict: object 12 of products was changed" - code name and message, one line.
  std::string to_string() const;
  /// The error as a person sees it: message, line and column, the line of `text` with carets, and the hint.
  std::string render(std::string_view text) const;

 private:
  struct Rep {
    StatusCode code;
    bool has_span = false;
    TextSpan span;
    std::string message;
    std::string hint;
    SourceLocation where;
  };
  std::unique_ptr<Rep> rep_;
};

/// A value or the Status that says why there is none. Dereferencing an error aborts (PROTO_CHECK).
template <class T>
class [[nodiscard]] Result {
 public:
  using value_type = T;

  Result(T value) : has_value_(true) { new (&value_) T(std::move(value)); }                   // NOLINT: implicit by design
  Result(Status status) : status_(std::move(status)) { PROTO_CHECK(!status_.ok()); }          // NOLINT: implicit by design
  template <class U>
    requires(std::is_convertible_v<U &&, T> && !std::is_same_v<std::remove_cvref_t<U>, T> &&
             !std::is_same_v<std::remove_cvref_t<U>, Status> && !std::is_same_v<std::remove_cvref_t<U>, Result>)
  Result(U&& value) : has_value_(true) {                                                        // NOLINT: implicit by design
    new (&value_) T(std::forward<U>(value));
  }
  Result(const Result& other) : has_value_(other.has_value_), status_(other.status_) {
    if (has_value_) new (&value_) T(other.value_);
  }
  Result(Result&& other) noexcept : has_value_(other.has_value_), status_(std::move(other.status_)) {
    if (has_value_) new (&value_) T(std::move(other.value_));
  }
  Result& operator=(Result other) noexcept {
    this->~Result();
    new (this) Result(std::move(other));
    return *this;
  }
  ~Result() {
    if (has_value_) value_.~T();
  }

  bool ok() const { return has_value_; }
  explicit operator bool() const { return has_value_; }
  /// The error, or a success status when there is a value.
  const Status& status() const& { return status_; }
  Status status() && { return std::move(status_); }

  T& operator*() & { return checked(); }
  const T& operator*() const& { return const_cast<Result*>(this)->checked(); }
  /// By value, so that `for (auto& row : *db.query(...))` keeps the result alive.
  T operator*() && { return std::move(checked()); }
  T* operator->() { return &checked(); }
  const T* operator->() const { return &const_cast<Result*>(this)->checked(); }
  T value_or(T fallback) && { return has_value_ ? std::move(value_) : std::move(fallback); }

 private:
  T& checked() {
    if (!has_value_) check_failed("Result has a value", __FILE__, __LINE__, status_.to_string().c_str());
    return value_;
  }
  bool has_value_ = false;
  Status status_;
  union {
    T value_;
  };
};

}  // namespace proto

#define PROTO_CONCAT_INNER(a, b) a##b
#define PROTO_CONCAT(a, b) PROTO_CONCAT_INNER(a, b)

/// Returns from the enclosing function when `expression` (a Status) is an error.
#define PROTO_RETURN_IF_ERROR(expression)                        \
  do {                                                           \
    if (::proto::Status proto_status_ = (expression); !proto_status_.ok()) return proto_status_; \
  } while (false)

/// Evaluates `expression` (a Result), returns its error or assigns its value: PROTO_ASSIGN_OR_RETURN(auto x, f());
#define PROTO_ASSIGN_OR_RETURN(declaration, expression) \
  PROTO_ASSIGN_OR_RETURN_INNER(PROTO_CONCAT(proto_result_, __LINE__), declaration, expression)
#define PROTO_ASSIGN_OR_RETURN_INNER(result, declaration, expression) \
  auto result = (expression);                                         \
  if (!result.ok()) return std::move(result).status();                \
  declaration = *std::move(result)
