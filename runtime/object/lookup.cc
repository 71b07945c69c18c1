#include "runtime/object/internal/lookup.h"

#include "runtime/object/internal/attribute_table.h"
#include "runtime/object/internal/object_space.h"
#include "runtime/object/method.h"
#include "runtime/value/operations.h"

namespace proto::objects {
namespace {

constexpr uint32_t kStepsToSafepoint = 1024;

// What inherited attributes of a receiver are remembered under. Dictionary objects and values that are no objects get
// keys that no cell's header is, since get() compares those.
uint64_t key_of(Value receiver, const Cell* state) {
  if (state == nullptr) return Cell::make_header(CellKind::kFree, static_cast<uint64_t>(class_of(receiver)));
  const uint64_t header = state->header_word();
  return is_kind(header, CellKind::kDictionaryObject) ? header | kKindMask : header;
}

bool is_dictionary(const Cell* state) { return state != nullptr && state->kind() == CellKind::kDictionaryObject; }

void remember(Context& ctx, uint64_t key, Value name, uint64_t where, uint64_t epoch, uint64_t extra) {
  AttributeCache& cache = attribute_cache(ctx);
  const uint32_t index = cache.index_of(key, name.word());
  cache.entry(index) = {key, name.word(), where, epoch};
  cache.extra(index) = extra;
}

// Looks for the own attribute of an object with slots, and remembers its place.
bool find_own_slot(Context& ctx, Cell* state, Value name, Value& value) {
  const uint64_t header = state->header_word();
  const int32_t index = find_slot(ctx, shape_of(header), name);
  if (index < 0) return false;
  remember(ctx, header, name, where_own(static_cast<uint32_t>(index)), 0, 0);
  value = slot(state, static_cast<uint32_t>(index));
  return true;
}

// Looks into one prototype; if it has the attribute, remembers for `key` where it is.
bool find_in_prototype(Context& ctx, const PrototypeWalk& walk, uint64_t key, Value name, uint64_t epoch,
                       Finding& found) {
  Cell* state = walk.state();
  if (state == nullptr) return false;
  const Cell* holder = walk.prototype().as_cell();
  if (is_dictionary(state)) {
    if (!find_in_table(ctx, static_cast<DictionaryObjectCell*>(state)->table, name, found.value)) return false;
    found.place = Place::kHolderDictionary;
    if (holder == state) {
      remember(ctx, key, name, static_cast<uint64_t>(Place::kConstant), epoch, found.value.word());
    } else {
      remember(ctx, key, name, where_holder(Place::kHolderDictionary, holder, 0), epoch, 0);
    }
    return true;
  }
  const uint64_t header = state->header_word();
  const int32_t index = find_slot(ctx, shape_of(header), name);
  if (index < 0) return false;
  found.value = slot(state, static_cast<uint32_t>(index));
  if (holder == state) {
    found.place = Place::kConstant;
    remember(ctx, key, name, static_cast<uint64_t>(Place::kConstant), epoch, found.value.word());
  } else {
    found.place = Place::kHolder;
    remember(ctx, key, name, where_holder(Place::kHolder, holder, static_cast<uint32_t>(index)), epoch, header);
  }
  return true;
}

Place absent_place(Context& ctx, Value receiver, Value name) {
  const Value hook = ObjectSpace::of(ctx).missing_name;
  return name != hook && find(ctx, receiver, hook).found() ? Place::kAsk : Place::kAbsent;
}

// What is not the receiver's own and not remembered.
Finding find_inherited(Context& ctx, Value receiver, Cell* state, uint64_t key, Value name) {
  Finding found;
  const uint64_t epoch = ctx.space().lookup_epoch().load(std::memory_order_acquire);  // before the walk
  PrototypeWalk walk(ctx, receiver, state);
  while (walk.next()) {
    if (find_in_prototype(ctx, walk, key, name, epoch, found)) return found;
  }
  if (ctx.failed()) return found;
  found.place = absent_place(ctx, receiver, name);
  remember(ctx, key, name, static_cast<uint64_t>(found.place), epoch, 0);
  return found;
}

// What an entry that matches says. False: it does not hold any more.
bool answer(Context& ctx, const CacheEntry entry, uint64_t extra, Value name, Finding& found) {
  if (entry.epoch != ctx.space().lookup_epoch().load(std::memory_order_acquire)) return false;
  found.place = entry.place();
  if (!found.found()) return true;
  if (found.place != Place::kHolderDictionary) return read_entry(ctx, entry, extra, found.value);
  const Cell* state = load_state(holder_of(entry.where));
  return is_dictionary(state) &&
         find_in_table(ctx, static_cast<const DictionaryObjectCell*>(state)->table, name, found.value);
}

}  // namespace

bool find_own(Context& ctx, Cell* state, Value name, Value& value) {
  if (is_dictionary(state)) return find_in_table(ctx, static_cast<DictionaryObjectCell*>(state)->table, name, value);
  const uint64_t header = state->header_word();
  AttributeCache& cache = attribute_cache(ctx);
  const CacheEntry& entry = cache.entry(cache.index_of(header, name.word()));
  if (entry.shape == header && entry.name == name.word()) {
    if (entry.place() != Place::kOwn) return false;  // what is inherited or absent is not own
    value = slot(state, static_cast<uint32_t>((entry.where >> 8) / sizeof(Value)) - 1);
    return true;
  }
  return find_own_slot(ctx, state, name, value);
}

bool peek_own(Context& ctx, const Cell* state, Value name, Value& value) {
  if (is_dictionary(state))
    return find_in_table(ctx, static_cast<const DictionaryObjectCell*>(state)->table, name, value);
  const Shape* shape = shape_of(state->header_word());
  while (shape->count > 0 && shape->name != name) shape = shape->parent;
  if (shape->count == 0) return false;
  value = slot(state, shape->count - 1);
  return true;
}

Finding find(Context& ctx, Value receiver, Value name) {
  Finding found;
  Cell* state = receiver.is_object() ? state_of(receiver) : nullptr;
  if (state != nullptr && find_own(ctx, state, name, found.value)) {
    found.place = Place::kOwn;
    return found;
  }
  const KeepAlive kept(state);  // and so the shape that the key names
  const uint64_t key = key_of(receiver, state);
  AttributeCache& cache = attribute_cache(ctx);
  const uint32_t index = cache.index_of(key, name.word());
  const CacheEntry& entry = cache.entry(index);
  const bool known = entry.shape == key && entry.name == name.word() && entry.place() != Place::kOwn;
  if (!known || !answer(ctx, entry, cache.extra(index), name, found)) {
    found = find_inherited(ctx, receiver, state, key, name);
  }
  // The key of a dictionary object says nothing of its own attributes, so nothing of a hook among them.
  if (!found.found() && is_dictionary(state) && !ctx.failed()) found.place = absent_place(ctx, receiver, name);
  return found;
}

Value get_slow(Context& ctx, Value receiver, Value name) {
  if (name.is_none()) return {};  // an error, which ctx has
  const Finding found = find(ctx, receiver, name);
  if (found.place == Place::kAsk) return ask_for_absent(ctx, receiver, name);
  return found.found() ? found.value : Value();
}

Value ask_for_absent(Context& ctx, Value receiver, Value name) {
  const Finding hook = find(ctx, receiver, ObjectSpace::of(ctx).missing_name);
  if (!hook.found() || hook.value.is_none()) return {};
  return invoke_with(ctx, hook.value, receiver, Arguments(&name, 1, 0));
}

bool PrototypeWalk::next() {
  if (++steps_ % kStepsToSafepoint == 0) ctx_.safepoint();
  if (order_ == nullptr) {
    Value single;
    const std::span<const Value> parents =
        state_ != nullptr ? shape_of(state_->header_word())->root->parents() : parents_of(ctx_, current_, single);
    if (parents.empty()) return false;
    if (parents.size() > 1) {
      order_ = resolution_order(ctx_, shape_of(state_->header_word())->root);
      if (order_ == nullptr) return false;
    } else {
      current_ = parents[0];
    }
  }
  if (order_ != nullptr) {
    if (position_ == order_->size()) return false;
    current_ = order_->items[position_++];
  }
  state_ = current_.is_object() ? resolved_state(current_) : nullptr;
  return true;
}

}  // namespace proto::objects
