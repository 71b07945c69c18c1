// The trained part of an IVF index: which list a vector belongs to, and which lists are near a query.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "runtime/base/status.h"
#include "vector/distance.h"

namespace protobase::vector {

using proto::Result;
using proto::Status;
using proto::StatusCode;

/// Number of an inverted list: 0 to list_count - 1 of its quantizer.
using ListId = uint32_t;

/// How to train.
struct TrainingOptions {
  uint32_t list_count = 100;
  uint32_t iteration_count = 10;
  /// At most this many sample points per list are used (evenly spaced ones when there are more).
  uint32_t points_per_list = 256;
  uint64_t seed = 1234;
  /// OpenMP threads of the training.
  uint32_t thread_count = 1;
};

/// A list with the rank of its centroid.
struct ListRank {
  float rank = 0;
  ListId list = 0;
};

/// The list of a vector and how far the vector is from the list's centroid.
struct Assignment {
  ListId list = 0;
  float distance = 0;
};

/// How many lists must be probed for a recall, measured on this index's own vectors.
struct Calibration {
  float recall = 0;
  uint32_t probe_count = 0;
};

/// Centroids with their metric. Immutable, so any number of threads and snapshots share one.
///
/// A vector's list is that of the nearest centroid: by Euclidean distance (L1 for kL1). For kCosine vectors count as
/// normalized and centroids have length one. A query ranks lists by the index's metric.
class Quantizer {
 public:
  static constexpr uint32_t kMaxLists = 1u << 20;
  static constexpr uint32_t kMaxDimension = 1u << 16;

  /// Trains by k-means on a sample of rows (`sample.size()` is a multiple of `dimension`). With fewer points than lists
  /// there are as many lists as points; with none, one list around zero. kInvalidArgument for a dimension or list count
  /// out of range and for values that are not finite; kOutOfMemory or kInvalidState when the training itself fails.
  static Result<std::shared_ptr<const Quantizer>> train(Metric metric, uint32_t dimension,
                                                        std::span<const float> sample,
                                                        const TrainingOptions& options = {});
  /// From given centroids (row-major). kInvalidArgument as above.
  static Result<std::shared_ptr<const Quantizer>> from_centroids(Metric metric, uint32_t dimension,
                                                                 std::vector<float> centroids);
  /// Reads what encode() wrote. kCorruption for anything else; safe on hostile bytes.
  static Result<std::shared_ptr<const Quantizer>> decode(std::string_view bytes);
  /// The bytes of this quantizer (format: head of quantizer.cc). O(lists * dimension).
  std::string encode() const;

  Metric metric() const { return metric_; }
  uint32_t dimension() const { return dimension_; }
  uint32_t list_count() const { return static_cast<uint32_t>(centroids_.size() / dimension_); }
  /// The centroid of a list.
  std::span<const float> centroid(ListId list) const {
    return std::span(centroids_).subspan(size_t{list} * dimension_, dimension_);
  }
  std::span<const float> centroids() const { return centroids_; }

  /// The list of a vector as the index stores it (normalized already for kCosine). Deterministic: the same bits give
  /// the same list on the same kernels. `vector.size() == dimension()`. O(lists * dimension).
  Assignment assign(std::span<const float> vector) const;
  /// assign() for many rows, faster than one by one. `rows.size() == dimension() * assignments.size()`.
  void assign_many(std::span<const float> rows, std::span<Assignment> assignments) const;

  /// Fills `order` with every list and its rank from `query`, the `probe_count` nearest first and in order, the rest
  /// behind them unordered. O(lists * dimension).
  void rank_lists(std::span<const float> query, size_t probe_count, std::vector<ListRank>& order) const;

  /// Mean distance of the training sample to its centroids; 0 when there was no training.
  double training_distance() const { return training_distance_; }
  /// Points that the training saw.
  uint64_t training_count() const { return training_count_; }
  /// The calibrations stored so far, by ascending recall.
  std::span<const Calibration> calibrations() const { return calibrations_; }
  /// Lists to probe for at least this recall, from the stored calibrations; all lists when none reaches it.
  uint32_t probes_for_recall(float recall) const;
  /// A copy that remembers one more calibration (replacing one of the same recall).
  std::shared_ptr<const Quantizer> with_calibration(Calibration calibration) const;
  /// Lists that a search probes when nobody says: the smallest calibration of at least 0.95, else the square root of
  /// the number of lists.
  uint32_t default_probe_count() const;

 private:
  Quantizer() = default;
  Metric assignment_metric() const { return metric_ == Metric::kL1 ? Metric::kL1 : Metric::kL2; }
  static Result<std::shared_ptr<const Quantizer>> decode_body(std::string_view bytes);

  Metric metric_ = Metric::kL2;
  uint32_t dimension_ = 1;
  double training_distance_ = 0;
  uint64_t training_count_ = 0;
  std::vector<float> centroids_;
  std::vector<Calibration> calibrations_;
};

}  // namespace protobase::vector
