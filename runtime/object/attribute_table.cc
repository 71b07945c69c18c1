#include "runtime/object/internal/attribute_table.h"

#include <vector>

namespace proto::objects {
namespace {

const AttributeTable* cell_of(Value table) { return static_cast<const AttributeTable*>(table.as_cell()); }

AttributeTable* allocate_table(Context& ctx, size_t size) {
  return allocate<AttributeTable>(ctx, CellKind::kValueArray, sizeof(Cell) + size * sizeof(Attribute), size);
}

uint64_t word_of(const Attribute& attribute) { return attribute.name.word(); }

const Attribute* lower_bound(const AttributeTable* table, Value name) {
  return std::ranges::lower_bound(table->view(), name.word(), {}, word_of).base();
}

const Attribute* end_of(const AttributeTable* table) { return table->attributes + table->size(); }

Value flat_with(Context& ctx, const AttributeTable* old, Value name, Value value) {
  const Attribute* at = lower_bound(old, name);
  const bool present = at != end_of(old) && at->name == name;
  AttributeTable* made = allocate_table(ctx, old->size() + (present ? 0 : 1));
  Attribute* to = std::copy(old->attributes, at, made->attributes);
  *to++ = {name, value};
  std::copy(at + (present ? 1 : 0), end_of(old), to);
  return Value::cell(made);
}

Value to_dictionary(Context& ctx, const AttributeTable* table) {
  const KeepAlive kept(table);  // items are reached from it alone
  std::vector<Dictionary::Item> items;
  for (const Attribute& attribute : table->view()) items.push_back({attribute.name, attribute.value});
  return Dictionary::of(ctx, items);
}

}  // namespace

Value make_table(Context& ctx, std::span<Attribute> attributes) {
  std::ranges::sort(attributes, {}, word_of);
  AttributeTable* table = allocate_table(ctx, attributes.size());
  std::ranges::copy(attributes, table->attributes);
  return Value::cell(table);
}

bool find_in_table(Context& ctx, Value table, Value name, Value& value) {
  if (table.is_dictionary()) {
    const std::optional<Value> found = Dictionary(table).find(ctx, name);
    if (found) value = *found;
    return found.has_value();
  }
  const Attribute* at = lower_bound(cell_of(table), name);
  if (at == end_of(cell_of(table)) || at->name != name) return false;
  value = at->value;
  return true;
}

Value table_with(Context& ctx, Value table, Value name, Value value) {
  if (!table.is_dictionary()) {
    if (cell_of(table)->size() < kMaxFlat) return flat_with(ctx, cell_of(table), name, value);
    table = to_dictionary(ctx, cell_of(table));
    if (table.is_none()) return table;
  }
  return Dictionary(table).with(ctx, name, value);
}

Value table_without(Context& ctx, Value table, Value name) {
  if (table.is_dictionary()) return Dictionary(table).without(ctx, name);
  const AttributeTable* old = cell_of(table);
  const Attribute* at = lower_bound(old, name);
  AttributeTable* made = allocate_table(ctx, old->size() - 1);
  std::copy(at + 1, end_of(old), std::copy(old->attributes, at, made->attributes));
  return Value::cell(made);
}

size_t table_size(Value table) { return table.is_dictionary() ? Dictionary(table).size() : cell_of(table)->size(); }

}  // namespace proto::objects
