// The classes that built-in methods are written for.
#pragma once

#include "runtime/builtin/builtin.h"
#include "runtime/collection/bytes.h"
#include "runtime/collection/dictionary.h"
#include "runtime/collection/list.h"
#include "runtime/collection/multiset.h"
#include "runtime/collection/set.h"
#include "runtime/collection/sparse_list.h"
#include "runtime/collection/string.h"
#include "runtime/collection/tuple.h"

namespace proto::builtin {

#define PROTO_BUILTIN_KIND(Class, question, text)                    \
  template <>                                                        \
  struct Kind<Class> {                                               \
    static bool is(Value value) { return value.question(); }         \
    static constexpr const char* kName = text;                       \
  }
PROTO_BUILTIN_KIND(List, is_list, "a list");
PROTO_BUILTIN_KIND(Tuple, is_tuple, "a tuple");
PROTO_BUILTIN_KIND(String, is_string, "a string");
PROTO_BUILTIN_KIND(Bytes, is_bytes, "bytes");
PROTO_BUILTIN_KIND(SparseList, is_sparse_list, "a sparse list");
PROTO_BUILTIN_KIND(Dictionary, is_dictionary, "a dictionary");
PROTO_BUILTIN_KIND(Set, is_set, "a set");
PROTO_BUILTIN_KIND(Multiset, is_multiset, "a multiset");
#undef PROTO_BUILTIN_KIND

/// The argument as a List, String...; nothing after an error.
template <class Wanted>
std::optional<Wanted> argument(Context& ctx, Value given) {
  if (Kind<Wanted>::is(given)) return Wanted(given);
  wrong_type(ctx, given, Kind<Wanted>::kName);
  return std::nullopt;
}

}  // namespace proto::builtin
