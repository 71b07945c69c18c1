#include "runtime/heap/root_list.h"

#include <array>

#include "runtime/heap/barrier.h"
#include "runtime/heap/heap.h"

namespace proto {
namespace heap {

std::atomic<uint64_t>* Heap::add_root(Context& ctx, Value value) {
  note_escape(ctx, value);
  const std::lock_guard lock(root_mutex_);
  if (free_roots_.empty()) {
    root_slots_.push_back(std::make_unique<RootSlots>());
    for (std::atomic<uint64_t>& word : root_slots_.back()->words) free_roots_.push_back(&word);
  }
  std::atomic<uint64_t>* slot = free_roots_.back();
  free_roots_.pop_back();
  slot->store(value.word(), std::memory_order_release);
  return slot;
}

void Heap::remove_root(std::atomic<uint64_t>* slot) {
  end_root(*slot);
  const std::lock_guard lock(root_mutex_);
  free_roots_.push_back(slot);
}

// Under the mutex of the stops, as whoever ends a root may be attached to no space: a stop between the exchange and the note would lose
// the value.
void Heap::end_root(std::atomic<uint64_t>& slot) {
  const std::lock_guard world(world_mutex_);
  const Value value = Value::from_word(slot.exchange(Value().word(), std::memory_order_acq_rel));
  if (phase() == Phase::kMarking && value.is_cell()) lost_.push_back(value);
}

void Heap::add_root_list(RootList* list) {
  const std::lock_guard lock(root_mutex_);
  root_lists_.push_back(list);
}

void Heap::remove_root_list(RootList* list) {
  const std::lock_guard lock(root_mutex_);
  std::erase(root_lists_, list);
}

}  // namespace heap

// ---- Root -----------------------------------------------------------------------------------------------------------------

Root::Root(Context& ctx, Value value) : space_(&ctx.space()), slot_(ctx.space().heap().add_root(ctx, value)) {}

Root::~Root() {
  if (slot_ != nullptr) space_->heap().remove_root(slot_);
}

Root::Root(Root&& other) noexcept
    : space_(std::exchange(other.space_, nullptr)), slot_(std::exchange(other.slot_, nullptr)) {}

Root& Root::operator=(Root&& other) noexcept {
  std::swap(space_, other.space_);
  std::swap(slot_, other.slot_);
  return *this;
}

Value Root::get() const { return slot_ == nullptr ? Value() : load_value(*slot_); }

void Root::set(Context& ctx, Value value) {
  if (slot_ == nullptr) {
    *this = Root(ctx, value);
  } else {
    store_value(ctx, *slot_, value);
  }
}

// ---- RootList ---------------------------------------------------------------------------------------------------------------

struct RootList::Chunk {
  static constexpr size_t kSlots = 512;
  std::array<std::atomic<uint64_t>, kSlots> words{};
};

RootList::RootList(Context& ctx) : space_(ctx.space()) { space_.heap().add_root_list(this); }

RootList::~RootList() {
  clear();
  space_.heap().remove_root_list(this);
}

Value RootList::load_value(size_t index) const {
  return proto::load_value(chunks_[index / Chunk::kSlots]->words[index % Chunk::kSlots]);
}

void RootList::push_back(Context& ctx, Value value) {
  note_escape(ctx, value);
  const std::lock_guard lock(space_.heap().root_mutex());
  if (size_ == chunks_.size() * Chunk::kSlots) chunks_.push_back(std::make_unique<Chunk>());
  chunks_[size_ / Chunk::kSlots]->words[size_ % Chunk::kSlots].store(value.word(), std::memory_order_release);
  ++size_;
}

void RootList::set(Context& ctx, size_t index, Value value) {
  PROTO_CHECK(index < size_);
  store_value(ctx, chunks_[index / Chunk::kSlots]->words[index % Chunk::kSlots], value);
}

void RootList::clear() {
  for (size_t i = 0; i < size_; ++i) space_.heap().end_root(chunks_[i / Chunk::kSlots]->words[i % Chunk::kSlots]);
  const std::lock_guard lock(space_.heap().root_mutex());
  chunks_.clear();
  size_ = 0;
}

}  // namespace proto
