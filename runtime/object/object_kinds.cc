// Objects as values: equality, hash, order, text; and the prototypes that a space begins with.
#include <algorithm>
#include <vector>

#include "runtime/heap/intern_table.h"
#include "runtime/heap/weak.h"
#include "runtime/object/internal/describe.h"
#include "runtime/object/internal/object_space.h"
#include "runtime/object/modules.h"
#include "runtime/object/object.h"
#include "runtime/value/operations.h"

namespace proto {
namespace objects {
namespace {

const RootShape* root_of(const Cell* state) { return shape_of(state->header_word())->root; }

bool has_equal_slots(Context& ctx, const Cell* a, const Cell* b) {
  for (uint32_t i = 0; i < slots_of(a->header_word()); ++i) {
    if (!equal(ctx, slot(a, i), slot(b, i))) return false;
  }
  return true;
}

// Values may nest as deep as memory reaches (a chain of objects), the stack does not.
bool nests_too_deeply(Context& ctx) {
  if (!attribute_cache(ctx).stack_is_low()) return false;
  ctx.fail(Status(StatusCode::kRange, "values nest too deeply to be compared or printed"));
  return true;
}

bool equal_objects(Context& ctx, Value left, Value right) {
  if (nests_too_deeply(ctx)) return false;
  if (left.is_mutable_object() || right.is_mutable_object()) return false;
  Cell* a = left.as_cell();
  Cell* b = right.as_cell();
  if (is_kind(a->header_word(), CellKind::kObject) && a->header_word() == b->header_word())
    return has_equal_slots(ctx, a, b);
  if (root_of(a) != root_of(b) || attribute_count(a) != attribute_count(b)) return false;
  bool all = true;
  visit_attributes(a, [&](Value name, Value value) {
    Value other;
    all = all && peek_own(ctx, b, name, other) && equal(ctx, value, other);
  });
  return all;
}

// The order of attributes does not matter, so their hashes are added.
uint64_t hash_object(Context& ctx, Value object) {
  if (object.is_mutable_object()) return mix_hash(object.word());
  if (nests_too_deeply(ctx)) return 0;
  uint64_t sum = attribute_count(object.as_cell());
  visit_attributes(object.as_cell(),
                   [&](Value name, Value value) { sum += combine_hash(hash(ctx, name), hash(ctx, value)); });
  return mix_hash(sum);
}

// Attributes in the order of their names as texts. What they name is reached from the object.
std::vector<Attribute> sorted_attributes(const Cell* state) {
  std::vector<Attribute> attributes;
  visit_attributes(state, [&](Value name, Value value) { attributes.push_back({name, value}); });
  std::ranges::sort(attributes, {}, [](const Attribute& attribute) { return text_of_name(attribute.name); });
  return attributes;
}

template <class T>
int three_way(const T& a, const T& b) {
  return a < b ? -1 : b < a ? 1 : 0;
}

int compare_attributes(Context& ctx, const Cell* a, const Cell* b) {
  const std::vector<Attribute> left = sorted_attributes(a);
  const std::vector<Attribute> right = sorted_attributes(b);
  for (size_t i = 0; i < std::min(left.size(), right.size()); ++i) {
    if (left[i].name != right[i].name) return three_way(text_of_name(left[i].name), text_of_name(right[i].name));
    if (const int order = compare(ctx, left[i].value, right[i].value); order != 0) return order;
  }
  return three_way(left.size(), right.size());
}

// Immutable objects by their attributes in the order of the names, then by identity of their prototypes; mutable ones
// after them, by identity.
int compare_objects(Context& ctx, Value a, Value b) {
  if (nests_too_deeply(ctx)) return 0;
  const bool a_changes = a.is_mutable_object();
  const bool b_changes = b.is_mutable_object();
  if (a_changes || b_changes) return a_changes == b_changes ? three_way(a.word(), b.word()) : a_changes ? 1 : -1;
  if (const int order = compare_attributes(ctx, a.as_cell(), b.as_cell()); order != 0) return order;
  return three_way(reinterpret_cast<uintptr_t>(root_of(a.as_cell())),
                   reinterpret_cast<uintptr_t>(root_of(b.as_cell())));
}

// {x: 3, y: "four"}. A mutable object within itself is {...}.
void print_object(Context& ctx, Value object, bool, std::string& out) {
  thread_local std::vector<const Cell*> printing;
  const Cell* cell = object.as_cell();
  if (nests_too_deeply(ctx) || std::ranges::find(printing, cell) != printing.end()) {
    out += "{...}";
    return;
  }
  printing.push_back(cell);
  out += '{';
  bool first = true;
  visit_attributes(state_of(object), [&](Value name, Value value) {
    if (!first) out += ", ";
    first = false;
    out += text_of_name(name) + ": ";
    print(ctx, value, out, true);
  });
  out += '}';
  printing.pop_back();
}

KindOperations object_operations(const char* name, void (*trace)(const Cell*, Tracer&)) {
  KindOperations operations;
  operations.name = name;
  operations.value_class = ValueClass::kObject;
  operations.trace = trace;
  operations.equal = equal_objects;
  operations.hash = hash_object;
  operations.compare = compare_objects;
  operations.print = print_object;
  return operations;
}

KindOperations method_operations(void (*trace)(const Cell*, Tracer&)) {
  KindOperations operations;
  operations.name = "method";
  operations.value_class = ValueClass::kMethod;
  operations.trace = trace;
  operations.print = print_method;
  return operations;
}

KindOperations inner_operations(const char* name, void (*trace)(const Cell*, Tracer&)) {
  KindOperations operations;
  operations.name = name;
  operations.trace = trace;
  return operations;
}

}  // namespace
}  // namespace objects

void register_object_kinds() {
  using namespace objects;
  register_kind(CellKind::kObject, object_operations("object", trace_object));
  register_kind(CellKind::kDictionaryObject, object_operations("object", trace_dictionary_object));
  register_kind(CellKind::kMutableObject, object_operations("mutable object", trace_mutable_object));
  register_kind(CellKind::kMethod, method_operations(trace_method));
  register_kind(CellKind::kBoundMethod, method_operations(trace_bound_method));
  register_kind(CellKind::kShape, inner_operations("shape", trace_shape));
  register_kind(CellKind::kShapeTable, inner_operations("slot index", trace_slot_index));
}

void populate_objects(Space& space) {
  space.set_extension(SpaceSlot::kObjects, std::make_unique<objects::ObjectSpace>(space));
  space.set_extension(SpaceSlot::kModules, std::make_unique<Modules>());
  Thread self(space);
  Context ctx(self);
  auto& objects_of_space = objects::ObjectSpace::of(ctx);
  objects_of_space.call_name = intern(ctx, "__call__");
  objects_of_space.missing_name = intern(ctx, "__get__");
  const Value object = objects::make_mutable(ctx, objects::root_shape(ctx, {})->empty.as_cell());
  for (size_t i = 0; i < kValueClasses; ++i) {
    const bool is_object = i == static_cast<size_t>(ValueClass::kObject);
    const Value prototype = is_object ? object : object.new_mutable(ctx);
    heap::leave_to_collector(ctx, prototype);
    space.set_prototype(static_cast<ValueClass>(i), prototype);
  }
}

}  // namespace proto
