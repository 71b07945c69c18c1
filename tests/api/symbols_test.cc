// Every public function is defined: this program does not link otherwise. The list is made from the headers at build time.
#include <gtest/gtest.h>

#include <array>
#include <cstring>
#include <new>
#include <set>

#include "db/database_state.h"
#include "db/protobase.h"
#include "db/protobase_c.h"
#include "db/query_engine.h"
#include "db/session.h"
#include "db/transaction_state.h"

namespace {

using namespace proto;      // NOLINT: the generated list spells types as the headers do
using namespace protobase;  // NOLINT

/// The address of a function or member function, as bytes.
struct Address {
  template <class Pointer>
  static Address of(Pointer pointer) {
    Address address;
    static_assert(sizeof pointer <= sizeof address.bytes);
    std::memcpy(address.bytes.data(), &pointer, sizeof pointer);
    return address;
  }
  std::array<char, 16> bytes{};
};

struct Symbol {
  const char* declaration;
  Address address;
};

/// An argument for a call that is compiled and never run.
template <class T>
T&& given(void* memory) {
  return static_cast<T&&>(*static_cast<std::remove_reference_t<T>*>(memory));
}

#include "public_symbols.inc"

TEST(PublicSymbols, EachIsDefined) {
  std::set<std::array<char, 16>> addresses;
  for (const Symbol& symbol : kFunctions) {
    EXPECT_NE(symbol.address.bytes, Address().bytes) << symbol.declaration;
    addresses.insert(symbol.address.bytes);
  }
  // Fewer would mean that the list was not made from the headers.
  EXPECT_GT(std::size(kFunctions), 180u);
  EXPECT_GT(addresses.size(), 180u);
}

TEST(PublicSymbols, EachConstructorIsDefined) {
  void (*volatile constructors)(void*) = construct_each;
  EXPECT_NE(constructors, nullptr);
  EXPECT_GT(kConstructorCount, 30u);
}

}  // namespace

struct SymbolsSample {
  std::string name;
  int64_t count = 0;
};

// Templates: every member of an instance is compiled and linked.
template class protobase::TypedCollection<SymbolsSample>;
template class protobase::TypedQuery<SymbolsSample>;
template class protobase::TypedResult<SymbolsSample>;
template class proto::Result<protobase::Value>;
