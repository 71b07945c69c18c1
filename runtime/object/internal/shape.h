// Shapes (hidden classes): what objects of the same attributes, added in the same order, and the same prototypes have
// in common.
//
// A root shape stands for a list of prototypes; every other shape adds one attribute to its parent. There is one root
// for a list of prototypes and one child for a parent and a name, as long as somebody uses it: the table that finds
// them is weak.
#pragma once

#include <atomic>
#include <cstdint>
#include <span>

#include "runtime/heap/context.h"
#include "runtime/object/internal/cells.h"

namespace proto::objects {

/// A shape with more living children than this is used as a map would be: further attributes go to dictionaries.
inline constexpr uint32_t kMaxTransitions = 512;

struct RootShape;

struct Shape : Cell {
  // header payload: kRoot, kDictionary
  static constexpr uint64_t kRoot = 1;
  static constexpr uint64_t kDictionary = 2;

  RootShape* root;
  Shape* parent;                      // null for roots and for the shape of dictionaries
  Value name;                         // what this shape adds
  uint32_t count;                     // attributes
  std::atomic<uint32_t> transitions;  // children that live; relaxed: a guess is enough
  std::atomic<uint64_t> index;        // word of a SlotIndex cell; 0 until it pays

  bool is_root() const { return (payload() & kRoot) != 0; }
  bool is_dictionary() const { return (payload() & kDictionary) != 0; }
};

struct RootShape : Shape {
  std::atomic<uint64_t> order;       // word of a ResolutionOrder cell, when there are several prototypes; else 0
  std::atomic<uint64_t> dictionary;  // word of the Shape of dictionary objects with these prototypes; 0 until needed
  Value empty;                       // the immutable object of this shape
  uint64_t prototype_count;
  Value prototypes[1];  // really prototype_count

  std::span<const Value> parents() const { return {prototypes, prototype_count}; }
};

/// The root shape of objects with these prototypes. `prototypes` must lie where the collector finds them. Takes a lock
/// when this thread did not ask for it lately.
RootShape* root_shape(Context& ctx, std::span<const Value> prototypes);

/// The shape of `shape`'s objects with `name` added, which they must not have. Null: make it a dictionary object.
Shape* child_shape(Context& ctx, Shape* shape, Value name);

/// The shape of dictionary objects with the prototypes of `root`.
Shape* dictionary_shape(Context& ctx, RootShape* root);

/// The slot of an attribute; -1 if objects of this shape do not have it. May allocate an index, if the shape is long.
int32_t find_slot(Context& ctx, Shape* shape, Value name);

/// The names of a shape's attributes in the order of their slots; `names` has room for shape->count.
void copy_names(const Shape* shape, Value* names);

void trace_shape(const Cell* cell, Tracer& tracer);
void trace_slot_index(const Cell* cell, Tracer& tracer);

/// The space's table of shapes (part of the extension in SpaceSlot::kObjects).
class ShapeTable;

}  // namespace proto::objects
