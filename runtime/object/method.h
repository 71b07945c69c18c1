// Methods: native functions as values, and calling.
#pragma once

#include <cstdint>
#include <string_view>

#include "runtime/object/arguments.h"
#include "runtime/object/internal/lookup.h"

namespace proto {

/// A method written in C++. `self` is the value that it was called on. The context is the caller's: what the function
/// allocates belongs to the caller's frame, unless it makes a Context of its own. An error is ctx.fail(...), and the
/// result none.
using NativeFunction = Value (*)(Context& ctx, Value self, Arguments arguments);
/// The same with the value that was captured when the method was made.
using ClosureFunction = Value (*)(Context& ctx, Value self, Value captured, Arguments arguments);

/// What a method takes. Calls with anything else fail before the function runs.
struct MethodOptions {
  static constexpr uint16_t kAnyNumber = 0xFFFF;
  std::string_view name = {};  // for messages
  uint16_t min_arguments = 0;  // positional
  uint16_t max_arguments = kAnyNumber;
  bool keywords = true;  // may be given; which of them is the function's business
};

/// A method as a value. One cell; equal only to itself.
Value method(Context& ctx, NativeFunction function, const MethodOptions& options = {});
Value closure(Context& ctx, ClosureFunction function, const Input& captured, const MethodOptions& options = {});
/// What a closure of this function captured; null if `callable` is no such closure. (An interpreter makes tail calls of
/// its own closures by it.) It stays where it is as long as the closure is reachable.
const Value* captured_by(Value callable, ClosureFunction function);
/// `callable` with its self fixed: calling it ignores the self it is called with.
Value bind(Context& ctx, Value callable, Value self);

/// True for methods, bound methods and objects that have (or inherit) an attribute "__call__".
bool is_callable(Context& ctx, Value value);

/// Calls `callable` with `self`. An object is called through its attribute "__call__", whose self is that object. None
/// and an error if it cannot be called, does not take these arguments, or calls nest deeper than the thread's stack. A
/// safepoint.
Value invoke_with(Context& ctx, Value callable, Value self, Arguments arguments);
/// The same with arguments as C++ values; keywords (arguments.h) anywhere among them.
template <class... Inputs>
Value invoke(Context& ctx, Value callable, Value self, const Inputs&... inputs);

namespace objects {

struct MethodCell : Cell {
  // header payload: least number of arguments 16, most 16, flags
  static constexpr uint64_t kClosure = uint64_t{1} << 32;
  static constexpr uint64_t kKeywords = uint64_t{1} << 33;

  union {
    NativeFunction function;
    ClosureFunction closure;
  };
  Value captured;
  Value name;

  static bool takes(uint64_t payload, Arguments arguments) {
    const auto least = static_cast<uint32_t>(payload & 0xFFFF);
    const auto most = static_cast<uint32_t>(payload >> 16 & 0xFFFF);
    const auto count = static_cast<uint32_t>(arguments.size());
    return (count - least <= most - least || (most == MethodOptions::kAnyNumber && count >= least)) &&
           (arguments.keyword_count() == 0 || (payload & kKeywords) != 0);
  }
};

struct BoundMethodCell : Cell {
  Value callable;
  Value self;
};

Value invoke_slow(Context& ctx, Value callable, Value self, Arguments arguments);
/// The error of a call whose method does not exist.
Value no_method(Context& ctx, Value self, Value name);

template <class T>
inline constexpr bool kIsKeyword = std::is_same_v<std::remove_cvref_t<T>, Keyword>;

/// Arguments on the stack of a call: positional values, keyword values, keyword names.
template <class... Inputs>
class ArgumentPack {
 public:
  static constexpr size_t kKeywords = (size_t{kIsKeyword<Inputs>} + ... + 0);
  static constexpr size_t kPositional = sizeof...(Inputs) - kKeywords;

  ArgumentPack(Context& ctx, const Inputs&... inputs) {
    size_t positional = 0, keyword = 0;
    (add(ctx, inputs, positional, keyword), ...);
  }
  Arguments get() const { return {words_, kPositional, kKeywords}; }

 private:
  template <class T>
  void add(Context& ctx, const T& input, size_t& positional, size_t& keyword) {
    if constexpr (kIsKeyword<T>) {
      words_[kPositional + keyword] = input.value.value(ctx);
      words_[kPositional + kKeywords + keyword] = input.name.word(ctx);
      ++keyword;
    } else {
      words_[positional++] = Input(input).value(ctx);
    }
  }
  Value words_[kPositional + 2 * kKeywords];
};

template <>
class ArgumentPack<> {
 public:
  explicit ArgumentPack(Context&) {}
  Arguments get() const { return {}; }
};

void trace_method(const Cell* cell, Tracer& tracer);
void trace_bound_method(const Cell* cell, Tracer& tracer);
void print_method(Context& ctx, Value value, bool nested, std::string& out);

}  // namespace objects

inline const Value* captured_by(Value callable, ClosureFunction function) {
  if (!callable.is_cell_of(CellKind::kMethod)) return nullptr;
  const auto* cell = static_cast<const objects::MethodCell*>(callable.as_cell());
  return (cell->payload() & objects::MethodCell::kClosure) != 0 && cell->closure == function ? &cell->captured
                                                                                             : nullptr;
}

inline Value invoke_with(Context& ctx, Value callable, Value self, Arguments arguments) {
  using objects::MethodCell;
  if (callable.is_cell_of(CellKind::kMethod)) {
    const auto* cell = static_cast<const MethodCell*>(callable.as_cell());
    const uint64_t payload = cell->payload();
    if (__builtin_expect(MethodCell::takes(payload, arguments) && !objects::attribute_cache(ctx).stack_is_low(), 1)) {
      if (!ctx.enter()) return {};
      if ((payload & MethodCell::kClosure) != 0) return cell->closure(ctx, self, cell->captured, arguments);
      return cell->function(ctx, self, arguments);
    }
  }
  return objects::invoke_slow(ctx, callable, self, arguments);
}

template <class... Inputs>
Value invoke(Context& ctx, Value callable, Value self, const Inputs&... inputs) {
  const objects::ArgumentPack<Inputs...> pack(ctx, inputs...);
  return invoke_with(ctx, callable, self, pack.get());
}

}  // namespace proto
