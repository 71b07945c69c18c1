// The attributes of dictionary objects: an immutable table from names (interned, so compared as words) to values.
#pragma once

#include <algorithm>
#include <span>

#include "runtime/collection/dictionary.h"
#include "runtime/heap/context.h"
#include "runtime/value/value.h"

namespace proto::objects {

struct Attribute {
  Value name;
  Value value;
};

/// More attributes than this are a Dictionary, fewer a flat table, which is smaller and searched faster.
inline constexpr size_t kMaxFlat = 256;

/// A flat table, ordered by the names' words.
struct AttributeTable : Cell {
  // kind kValueArray; header payload: number of attributes
  Attribute attributes[1];  // really size()

  size_t size() const { return payload(); }
  std::span<const Attribute> view() const { return {attributes, size()}; }
};

// Functions that make a table give none when a dictionary cannot be made (an error: the memory limit).

/// A table of at most kMaxFlat attributes with different names, in any order; reorders them. They must be reachable.
Value make_table(Context& ctx, std::span<Attribute> attributes);
bool find_in_table(Context& ctx, Value table, Value name, Value& value);
/// A table with the attribute added or replaced.
Value table_with(Context& ctx, Value table, Value name, Value value);
/// A table without the attribute, which it must have.
Value table_without(Context& ctx, Value table, Value name);
size_t table_size(Value table);
/// Calls visitor(name, value) for each attribute, in an order of the table's own.
template <class Visitor>
void visit_table(Value table, Visitor&& visitor) {
  if (table.is_dictionary()) {
    for (const auto [name, value] : Dictionary(table)) visitor(name, value);
    return;
  }
  for (const Attribute& attribute : static_cast<const AttributeTable*>(table.as_cell())->view()) {
    visitor(attribute.name, attribute.value);
  }
}

}  // namespace proto::objects
