// The k best of many (rank, id) pairs.
#pragma once

#include <algorithm>
#include <cstddef>
#include <limits>
#include <vector>

#include "runtime/base/ids.h"

namespace protobase::vector {

/// One row found: its rank (smaller is nearer) and its object.
struct Neighbor {
  float rank = 0;
  proto::ObjectId id;
  bool operator==(const Neighbor&) const = default;
};

/// The order of results: by rank, then by id, so that equal distances come out the same way every time.
inline bool nearer(const Neighbor& a, const Neighbor& b) { return a.rank != b.rank ? a.rank < b.rank : a.id < b.id; }

/// Keeps the `k` nearest of the pairs offered, in a heap whose top is the worst kept. NaN ranks count as infinitely
/// far, so they still fill up a result. One thread. An id must not be offered twice.
class TopK {
 public:
  explicit TopK(size_t k) : k_(k), threshold_(k == 0 ? -kInfinity : kInfinity) {
    heap_.reserve(std::min<size_t>(k, 1024));
  }

  /// A rank above this cannot enter; one at or below it might. Only falls as pairs are offered.
  float threshold() const { return threshold_; }
  bool full() const { return heap_.size() >= k_; }
  size_t size() const { return heap_.size(); }
  size_t capacity() const { return k_; }

  /// True when a pair would be kept now. O(1).
  bool admits(float rank, proto::ObjectId id) const {
    if (!full()) return true;
    return k_ != 0 && nearer({ordered(rank), id}, heap_.front());
  }

  /// Keeps the pair if it is among the k nearest so far. O(1) when rejected, O(log k) when kept.
  void offer(float rank, proto::ObjectId id) {
    if (rank > threshold_) return;
    if (admits(rank, id)) keep({ordered(rank), id});
  }

  /// The pairs kept, nearest first; empties the heap. O(k log k).
  std::vector<Neighbor> take_sorted();

 private:
  static constexpr float kInfinity = std::numeric_limits<float>::infinity();
  static float ordered(float rank) { return rank == rank ? rank : kInfinity; }
  void keep(Neighbor neighbor);

  size_t k_;
  float threshold_;
  std::vector<Neighbor> heap_;
};

}  // namespace protobase::vector
