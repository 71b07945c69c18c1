#include "runtime/object/internal/shape.h"

#include <algorithm>

#include "runtime/heap/barrier.h"
#include "runtime/object/internal/attribute_cache.h"
#include "runtime/object/internal/object_space.h"

namespace proto::objects {
namespace {

/// Shapes whose names are looked for one after the other: further than this from a shape with an index.
constexpr uint32_t kMaxSteps = 8;

// The names of a shape in the order of their slots, and a hash table of their slots. Immutable.
struct SlotIndex : Cell {
  // header payload: number of names
  Value names[1];  // really payload(), then table_size() bytes: slot + 1, or 0

  uint32_t count() const { return static_cast<uint32_t>(payload()); }
  uint32_t table_size() const { return table_size(count()); }
  uint8_t* table() { return reinterpret_cast<uint8_t*>(names + count()); }
  static uint32_t table_size(uint32_t count) { return std::bit_ceil(count * 2); }
  static uint32_t place_of(Value name, uint32_t size) {
    return static_cast<uint32_t>((name.word() ^ name.word() >> 31) * 0x9E3779B97F4A7C15ull >> 40) & (size - 1);
  }
};

SlotIndex* index_of(const Shape* shape) {
  return static_cast<SlotIndex*>(state_cell(shape->index.load(std::memory_order_acquire)));
}

int32_t find_in_index(SlotIndex* index, Value name) {
  const uint32_t size = index->table_size();
  const uint8_t* table = index->table();
  for (uint32_t at = SlotIndex::place_of(name, size);; at = (at + 1) & (size - 1)) {
    if (table[at] == 0) return -1;
    if (index->names[table[at] - 1] == name) return table[at] - 1;
  }
}

SlotIndex* build_index(Context& ctx, Shape* shape) {
  const uint32_t size = SlotIndex::table_size(shape->count);
  auto* index = allocate<SlotIndex>(ctx, CellKind::kShapeTable, object_bytes(shape->count) + size, shape->count);
  copy_names(shape, index->names);
  uint8_t* table = index->table();
  for (uint32_t i = 0; i < shape->count; ++i) {
    uint32_t at = SlotIndex::place_of(index->names[i], size);
    while (table[at] != 0) at = (at + 1) & (size - 1);
    table[at] = static_cast<uint8_t>(i + 1);
  }
  store_value(ctx, shape->index, Value::cell(index));
  return index;
}

Shape* make_child(Context& ctx, Shape* parent, Value name) {
  auto* shape = allocate<Shape>(ctx, CellKind::kShape);
  shape->root = parent->root;
  shape->parent = parent;
  shape->name = name;
  shape->count = parent->count + 1;
  return shape;
}

RootShape* make_root(Context& ctx, std::span<const Value> prototypes) {
  auto* shape =
      allocate<RootShape>(ctx, CellKind::kShape, sizeof(RootShape) + prototypes.size() * sizeof(Value), Shape::kRoot);
  shape->root = shape;
  shape->name = Value();
  shape->prototype_count = prototypes.size();
  std::ranges::copy(prototypes, shape->prototypes);
  auto* empty = allocate<ObjectCell>(ctx, CellKind::kObject, object_bytes(0));
  empty->header.store(object_header(CellKind::kObject, shape, 0), std::memory_order_relaxed);
  shape->empty = Value::cell(empty);
  return shape;
}

}  // namespace

RootShape* root_shape(Context& ctx, std::span<const Value> prototypes) {
  AttributeCache& cache = attribute_cache(ctx);
  AttributeCache::Root* known = prototypes.size() == 1 ? &cache.root(prototypes[0].word()) : nullptr;
  if (known != nullptr && known->shape != nullptr && known->prototype == prototypes[0].word()) return known->shape;
  ShapeTable& shapes = ObjectSpace::of(ctx).shapes();
  RootShape* root = shapes.find(ctx, prototypes);
  if (root == nullptr) root = static_cast<RootShape*>(shapes.enter(ctx, make_root(ctx, prototypes)));
  if (known != nullptr) *known = {prototypes[0].word(), root};
  return root;
}

Shape* child_shape(Context& ctx, Shape* shape, Value name) {
  AttributeCache::Transition& known = attribute_cache(ctx).transition(reinterpret_cast<uintptr_t>(shape), name.word());
  if (known.shape == reinterpret_cast<uintptr_t>(shape) && known.name == name.word()) return known.child;
  if (shape->count >= kMaxSlots) return nullptr;
  ShapeTable& shapes = ObjectSpace::of(ctx).shapes();
  Shape* child = shapes.find(ctx, shape, name);
  if (child == nullptr) {
    if (shape->transitions.load(std::memory_order_relaxed) >= kMaxTransitions) return nullptr;
    child = shapes.enter(ctx, make_child(ctx, shape, name));
  }
  known = {reinterpret_cast<uintptr_t>(shape), name.word(), child};
  return child;
}

Shape* dictionary_shape(Context& ctx, RootShape* root) {
  if (Cell* known = state_cell(root->dictionary.load(std::memory_order_acquire)); known != nullptr) {
    return static_cast<Shape*>(known);
  }
  auto* shape = allocate<Shape>(ctx, CellKind::kShape, sizeof(Shape), Shape::kDictionary);
  shape->root = root;
  shape->name = Value();
  Value none_yet = Value::from_word(0);
  if (compare_and_set_value(ctx, root->dictionary, none_yet, Value::cell(shape))) return shape;
  return static_cast<Shape*>(none_yet.as_cell());
}

int32_t find_slot(Context& ctx, Shape* shape, Value name) {
  uint32_t steps = 0;
  for (Shape* at = shape; at->count > 0; at = at->parent, ++steps) {
    if (SlotIndex* index = index_of(at); index != nullptr) return find_in_index(index, name);
    if (at->name == name) return static_cast<int32_t>(at->count) - 1;
    if (steps == kMaxSteps) return find_in_index(build_index(ctx, shape), name);
  }
  return -1;
}

void copy_names(const Shape* shape, Value* names) {
  for (; shape->count > 0; shape = shape->parent) names[shape->count - 1] = shape->name;
}

void trace_shape(const Cell* cell, Tracer& tracer) {
  const auto* shape = static_cast<const Shape*>(cell);
  tracer.visit(shape->root);
  tracer.visit(shape->parent);
  tracer.visit(shape->name);
  tracer.visit(load_value(shape->index));
  if (!shape->is_root()) return;
  const auto* root = static_cast<const RootShape*>(shape);
  tracer.visit(load_value(root->order));
  tracer.visit(load_value(root->dictionary));
  tracer.visit(root->empty);
  tracer.visit(root->parents());
}

void trace_slot_index(const Cell* cell, Tracer& tracer) {
  const auto* index = static_cast<const SlotIndex*>(cell);
  tracer.visit({index->names, index->count()});
}

}  // namespace proto::objects
