#include "db/root_state.h"

#include <algorithm>

namespace protobase {

const IndexState* CollectionState::find_index(IndexId index) const {
  const auto found = std::find_if(indexes.begin(), indexes.end(), [&](const IndexState& state) { return state.id == index; });
  return found == indexes.end() ? nullptr : &*found;
}

const std::shared_ptr<const VectorIndexState>* CollectionState::find_vector_index(IndexId index) const {
  const auto found = std::find_if(vector_indexes.begin(), vector_indexes.end(),
                                  [&](const auto& state) { return state->id == index; });
  return found == vector_indexes.end() ? nullptr : &*found;
}

namespace {

auto place(const std::vector<std::shared_ptr<const CollectionState>>& collections, CollectionId id) {
  return std::lower_bound(collections.begin(), collections.end(), id,
                          [](const auto& state, CollectionId wanted) { return state->id < wanted; });
}

}  // namespace

std::shared_ptr<const CollectionState> RootState::find(CollectionId id) const {
  const auto found = place(collections, id);
  return found == collections.end() || (*found)->id != id ? nullptr : *found;
}

void RootState::set(CollectionId id, std::shared_ptr<const CollectionState> state) {
  const auto at = collections.begin() + (place(collections, id) - collections.cbegin());
  const bool there = at != collections.end() && (*at)->id == id;
  if (state == nullptr) {
    if (there) collections.erase(at);
  } else if (there) {
    *at = std::move(state);
  } else {
    collections.insert(at, std::move(state));
  }
}

uint64_t RootState::object_count() const {
  uint64_t count = 0;
  for (const auto& collection : collections) count += collection->objects.size();
  return count;
}

}  // namespace protobase
