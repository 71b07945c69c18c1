// C++ aggregates as objects: names and values of their members without a macro, base class or generator.
//
// The number of members is found by trying initialisation from something that converts to anything; members are reached by
// structured bindings; names are read from the spelling of a pointer to each member as a template argument (the approach
// of Boost.PFR and reflect-cpp). Works for aggregates of 1 to 16 members without base classes or C arrays.
#pragma once

#include <array>
#include <cstddef>
#include <optional>
#include <string_view>
#include <tuple>
#include <type_traits>
#include <utility>
#include <vector>

#include "db/value.h"

namespace protobase::aggregate {

struct Anything {
  template <class T>
  operator T() const;  // never defined: only for unevaluated use
};

template <class T, size_t... I>
constexpr bool takes(std::index_sequence<I...>) {
  return requires { T{((void)I, Anything())...}; };
}

/// Members of T. Compile-time.
template <class T, size_t N = 16>
constexpr size_t member_count() {
  if constexpr (N == 0) {
    return 0;
  } else if constexpr (takes<T>(std::make_index_sequence<N>())) {
    return N;
  } else {
    return member_count<T, N - 1>();
  }
}

/// A tuple of references to the members of `object`.
template <class T>
constexpr auto tie(T& object) {
  constexpr size_t n = member_count<std::remove_const_t<T>>();
  static_assert(n >= 1 && n <= 16, "an aggregate of 1 to 16 members");
#define PROTOBASE_TIE(count, ...)          \
  if constexpr (n == count) {              \
    auto& [__VA_ARGS__] = object;          \
    return std::tie(__VA_ARGS__);          \
  } else
  PROTOBASE_TIE(1, a)
  PROTOBASE_TIE(2, a, b)
  PROTOBASE_TIE(3, a, b, c)
  PROTOBASE_TIE(4, a, b, c, d)
  PROTOBASE_TIE(5, a, b, c, d, e)
  PROTOBASE_TIE(6, a, b, c, d, e, f)
  PROTOBASE_TIE(7, a, b, c, d, e, f, g)
  PROTOBASE_TIE(8, a, b, c, d, e, f, g, h)
  PROTOBASE_TIE(9, a, b, c, d, e, f, g, h, i)
  PROTOBASE_TIE(10, a, b, c, d, e, f, g, h, i, j)
  PROTOBASE_TIE(11, a, b, c, d, e, f, g, h, i, j, k)
  PROTOBASE_TIE(12, a, b, c, d, e, f, g, h, i, j, k, l)
  PROTOBASE_TIE(13, a, b, c, d, e, f, g, h, i, j, k, l, m)
  PROTOBASE_TIE(14, a, b, c, d, e, f, g, h, i, j, k, l, m, o)
  PROTOBASE_TIE(15, a, b, c, d, e, f, g, h, i, j, k, l, m, o, p)
  PROTOBASE_TIE(16, a, b, c, d, e, f, g, h, i, j, k, l, m, o, p, q)
  return std::tuple<>();
#undef PROTOBASE_TIE
}

template <class T>
struct Wrapper {
  T value;
};
/// Declared, never defined: only the addresses of its members are named.
template <class T>
extern const Wrapper<T> kSpecimen;

template <auto Member>
consteval std::string_view spelled_name() {
  // GCC spells "... [with auto Member = (& kSpecimen<X>.Wrapper<X>::value.X::name); ..."; clang "...value.name]".
  std::string_view text = __PRETTY_FUNCTION__;
#if defined(__clang__)
  const size_t end = text.rfind(']');
#else
  const size_t end = text.find(')', text.find("Member = ") + sizeof("Member = "));
  static_assert(true);
#endif
  text = text.substr(0, end);
  while (!text.empty() && (text.back() == ')' || text.back() == ' ')) text.remove_suffix(1);
  size_t start = text.size();
  while (start > 0 && (text[start - 1] == '_' || (text[start - 1] >= '0' && text[start - 1] <= '9') ||
                       (text[start - 1] >= 'a' && text[start - 1] <= 'z') || (text[start - 1] >= 'A' && text[start - 1] <= 'Z')))
    --start;
  return text.substr(start);
}

template <class T, size_t I>
consteval std::string_view member_name() {
  return spelled_name<&std::get<I>(tie(kSpecimen<T>.value))>();
}

/// The names of the members of T, in order of declaration. Compile-time.
template <class T>
constexpr auto member_names() {
  return []<size_t... I>(std::index_sequence<I...>) {
    return std::array<std::string_view, sizeof...(I)>{member_name<T, I>()...};
  }(std::make_index_sequence<member_count<T>()>());
}

template <class T>
struct IsOptional : std::false_type {};
template <class T>
struct IsOptional<std::optional<T>> : std::true_type {};

/// A member type that maps to a nested object.
template <class T>
concept Nested = std::is_aggregate_v<T> && !std::is_same_v<T, Date> && !std::is_same_v<T, Timestamp> &&
                 !std::is_same_v<T, Timespan> && !std::is_same_v<T, Ref>;

template <class T>
Value to_value(const T& object);

template <class M>
Value member_value(const M& member) {
  if constexpr (IsOptional<M>::value) {
    return member ? member_value(*member) : Value();
  } else if constexpr (Nested<M>) {
    return to_value(member);
  } else if constexpr (detail::IsStdVector<M>::value) {
    if constexpr (Nested<typename M::value_type>) {
      Array array;
      for (const auto& element : member) array.push(to_value(element));
      return Value(array);
    } else {
      return Value(member);
    }
  } else {
    return Value(member);
  }
}

/// An aggregate as an object value; nested aggregates become nested objects, absent optionals are left out.
template <class T>
Value to_value(const T& object) {
  Object built;
  constexpr auto names = member_names<T>();
  size_t index = 0;
  std::apply([&](const auto&... member) {
    ((IsOptional<std::remove_cvref_t<decltype(member)>>::value && member_value(member).is_none()
          ? (void)0
          : (void)built.set(names[index], member_value(member)),
      ++index), ...);
  }, tie(object));
  return Value(built);
}

template <class T>
bool from_value(const ValueView& value, T& object, std::string_view* failed);

template <class M>
bool read_member(const ValueView& value, M& member, std::string_view* failed) {
  if constexpr (IsOptional<M>::value) {
    if (value.is_none()) return member.reset(), true;
    return read_member(value, member.emplace(), failed);
  } else if constexpr (Nested<M>) {
    return value.kind() == Kind::kObject && from_value(value, member, failed);
  } else if constexpr (detail::IsStdVector<M>::value) {
    if constexpr (Nested<typename M::value_type>) {
      if (value.kind() != Kind::kArray) return false;
      member.resize(value.size());
      for (size_t i = 0; i < value.size(); ++i) {
        if (!read_member(value[static_cast<int64_t>(i)], member[i], failed)) return false;
      }
      return true;
    } else {
      auto read = value.get<M>();
      if (read) member = *std::move(read);
      return read.has_value();
    }
  } else {
    auto read = value.get<M>();
    if (read) member = *std::move(read);
    return read.has_value();
  }
}

/// Fills `object` from an object value. An absent attribute leaves the member as it is; one that does not convert gives
/// false and its name in `failed`.
template <class T>
bool from_value(const ValueView& value, T& object, std::string_view* failed) {
  constexpr auto names = member_names<T>();
  size_t index = 0;
  return std::apply([&](auto&... member) {
    auto read = [&](auto& one) {
      const std::string_view name = names[index++];
      const ValueView attribute = value[name];
      if (attribute.is_none() && !IsOptional<std::remove_cvref_t<decltype(one)>>::value) return true;
      if (read_member(attribute, one, failed)) return true;
      if (failed->empty()) *failed = name;
      return false;
    };
    return (read(member) && ...);
  }, tie(object));
}

/// The name of the member that `pointer` points to.
template <class T, class M>
std::string_view name_of(M T::*pointer) {
  static const T specimen{};
  const void* wanted = &(specimen.*pointer);
  constexpr auto names = member_names<T>();
  std::string_view found;
  size_t index = 0;
  std::apply([&](const auto&... member) {
    (((static_cast<const void*>(&member) == wanted ? (void)(found = names[index]) : (void)0), ++index), ...);
  }, tie(specimen));
  return found;
}

}  // namespace protobase::aggregate
