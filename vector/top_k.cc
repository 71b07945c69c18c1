#include "vector/top_k.h"

#include <utility>

namespace protobase::vector {

std::vector<Neighbor> TopK::take_sorted() {
  std::sort_heap(heap_.begin(), heap_.end(), nearer);
  threshold_ = k_ == 0 ? -kInfinity : kInfinity;
  return std::exchange(heap_, {});
}

void TopK::keep(Neighbor neighbor) {
  if (full()) {
    std::pop_heap(heap_.begin(), heap_.end(), nearer);
    heap_.back() = neighbor;
  } else {
    heap_.push_back(neighbor);
  }
  std::push_heap(heap_.begin(), heap_.end(), nearer);
  if (full()) threshold_ = heap_.front().rank;
}

}  // namespace protobase::vector
