// Exact nearest neighbours over rows that the caller hands in block by block.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "runtime/base/ids.h"
#include "vector/distance.h"
#include "vector/filter.h"
#include "vector/row_sketch.h"
#include "vector/top_k.h"

namespace protobase::vector {

/// A block of vectors: row i belongs to ids[i]. `vectors` holds ids.size() rows, one after the other, at any alignment.
struct VectorBlock {
  std::span<const proto::ObjectId> ids;
  const void* vectors = nullptr;
};

/// One exact search: make it, add blocks in any order, take the result. One thread per search; a caller that scans in
/// parallel makes one search per thread and merges the results. `query` and what `filter` views must outlive it.
class ExactSearch {
 public:
  /// k nearest rows to `query` under `metric`, among the rows that pass `filter`.
  ExactSearch(Metric metric, std::span<const float> query, size_t k, Filter filter = {});

  /// Searches a block whose ids ascend strictly: a sorted or bitmap filter that keeps little then skips the other rows.
  /// O(rows that pass * dimension).
  void add_sorted(const VectorBlock& block);
  /// add_sorted() for rows that have sketches: reads only those rows that the sketches leave a chance. The result is
  /// the same. `sketches` begins at the block's first row.
  void add_sketched(const VectorBlock& block, const SketchRows& sketches);
  /// Searches a block whose ids come in any order.
  void add(const VectorBlock& block);
  /// Searches only the rows at `positions` (ascending) of a block, e.g. those with a vector at all.
  void add_picked(const VectorBlock& block, std::span<const uint32_t> positions);

  /// Ranks no better than this cannot enter the result any more.
  float threshold() const { return top_.threshold(); }
  bool full() const { return top_.full(); }
  size_t found_count() const { return top_.size(); }
  /// Rows looked at so far, by sketch or distance; without those that a filter on ids left out.
  uint64_t scanned_count() const { return scanned_count_; }
  /// Rows that a predicate was asked about so far, and those that it accepted.
  uint64_t asked_count() const { return asked_count_; }
  uint64_t accepted_count() const { return accepted_count_; }
  /// The result, nearest first, as ranks (see distance_from_rank). Ends the search.
  std::vector<Neighbor> take();

 private:
  void offer(const proto::ObjectId* ids, const float* ranks, size_t count);
  void offer_if_accepted(float rank, proto::ObjectId id);
  void scan(const VectorBlock& block);
  void scan_rows(const VectorBlock& block, size_t from, size_t to);
  void scan_chunk(const VectorBlock& block, const SketchRows& sketches, size_t from, size_t to);
  void scan_picked(const VectorBlock& block, std::span<const uint32_t> picks, bool filtered);
  void pick_by_ids(const VectorBlock& block);
  void pick_by_test(const VectorBlock& block);

  Metric metric_;
  const DistanceKernel& kernel_;
  std::span<const float> query_;
  Filter filter_;
  TopK top_;
  uint64_t scanned_count_ = 0;
  uint64_t asked_count_ = 0;
  uint64_t accepted_count_ = 0;
  std::vector<uint32_t> picks_;
  std::optional<SketchQuery> sketch_query_;  // made when first needed
};

}  // namespace protobase::vector
