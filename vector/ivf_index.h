// IVF-Flat: vectors in inverted lists, one list per centroid; a search scans the lists nearest to the query.
//
// An IvfIndex is one version of an index: a shared quantizer and the root of an immutable tree of list blocks. Copies
// are snapshots: changing one under an edit leaves the others as they were. The nodes belong to whoever publishes the
// tree (runtime/avl/tree.h, "Ownership"). Reading is thread-safe; an edit is one thread's.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "runtime/avl/cursor.h"
#include "runtime/avl/edit.h"
#include "runtime/base/ids.h"
#include "runtime/base/status.h"
#include "vector/exact_search.h"
#include "vector/filter.h"
#include "vector/list_block.h"
#include "vector/quantizer.h"
#include "vector/top_k.h"

namespace protobase::vector {

using ListFamily = proto::avl::Family<ListPolicy>;
using ListTree = proto::avl::Tree<ListPolicy>;
using ListEdit = proto::avl::Edit<ListPolicy>;

/// What happened to the vector of one object: before empty is an insert, after empty a delete, both given an update.
struct VectorChange {
  proto::ObjectId id;
  std::span<const float> before;
  std::span<const float> after;
};

struct SearchOptions {
  /// Lists to probe; 0 leaves it to `recall`.
  uint32_t probe_count = 0;
  /// Recall to reach, by the quantizer's calibrations; 0 takes the quantizer's default probes.
  float recall = 0;
  Filter filter;
};

/// What a search did.
struct SearchStats {
  uint32_t lists_probed = 0;
  /// Rows whose distance was computed.
  uint64_t candidates_scanned = 0;
  /// True when more lists were probed than asked for, to fill up the result or because of the filter.
  bool refilled = false;
};

struct SearchResult {
  /// Nearest first, equal ranks by id; ranks as vector/distance.h defines them (distance_from_rank gives distances).
  std::vector<Neighbor> neighbors;
  SearchStats stats;
};

class IvfIndex {
 public:
  /// A version from its parts. `distance_sum` is what distance_sum() said when the tree was stored.
  IvfIndex(std::shared_ptr<const Quantizer> quantizer, ListTree lists, double distance_sum = 0)
      : quantizer_(std::move(quantizer)), lists_(lists), distance_sum_(distance_sum) {}

  /// The index of these rows (ids unique, in any order). `edit`'s family has the quantizer's dimension. O(n * lists *
  /// dimension). kInvalidArgument for values that are not finite.
  static Result<IvfIndex> build(ListEdit& edit, std::shared_ptr<const Quantizer> quantizer, const VectorBlock& rows);

  /// Adds, removes or moves vectors; visible in this copy at once. Each copies one block of O(64 KiB) at most once per
  /// edit. `before` must be what was inserted: it leads to the list. On kInvalidArgument (wrong dimension, not finite)
  /// nothing has changed; other errors are the edit's, which is then fit for discard() only.
  Status insert(ListEdit& edit, proto::ObjectId id, std::span<const float> vector);
  Status erase(ListEdit& edit, proto::ObjectId id, std::span<const float> vector);
  Status update(ListEdit& edit, proto::ObjectId id, std::span<const float> before, std::span<const float> after);
  /// Many changes at once, at most one per object; each touched block is copied once.
  Status apply(ListEdit& edit, std::span<const VectorChange> changes);

  /// The k nearest rows that pass the filter, as far as the probed lists hold them. There are always k when k rows
  /// pass: lists are probed on until then. With a filter that keeps a share s of the rows more lists are probed from
  /// the start, as many as keep the recall of an unfiltered search. O(lists * dimension + candidates * dimension).
  /// kInvalidArgument for a query of the wrong dimension; errors of loading blocks.
  Result<SearchResult> search(std::span<const float> query, size_t k, const SearchOptions& options = {}) const;
  /// The k nearest among all rows that pass the filter, exactly; best when few pass. Reads every block.
  Result<SearchResult> search_exact(std::span<const float> query, size_t k, const Filter& filter = {}) const;
  /// search_exact() among these objects (ascending strictly).
  Result<SearchResult> search_ids(std::span<const float> query, size_t k, std::span<const proto::ObjectId> ids) const {
    return search_exact(query, k, Filter::sorted_ids(ids));
  }

  const Quantizer& quantizer() const { return *quantizer_; }
  const std::shared_ptr<const Quantizer>& shared_quantizer() const { return quantizer_; }
  /// The same lists under a quantizer with the same centroids (e.g. one more calibration).
  void set_quantizer(std::shared_ptr<const Quantizer> quantizer);
  const ListTree& lists() const { return lists_; }
  /// Rows; O(1).
  uint64_t size() const { return lists_.size(); }
  /// Rows in one list. O(log n).
  Result<uint64_t> list_size(ListId list) const;

  /// Sum of the rows' distances to their centroids; to be stored with the root.
  double distance_sum() const { return distance_sum_; }
  /// Mean distance of the rows to their centroids now; 0 when empty.
  double mean_distance() const { return size() == 0 ? 0 : distance_sum_ / static_cast<double>(size()); }
  /// mean_distance() over that of the training sample: about 1 as long as the centroids fit the rows, larger as they
  /// drift apart. 1 when either is unknown (empty, or never trained). O(1).
  double drift() const;

  /// Verifies the tree and that each row stands in the list of its vector. O(n * lists * dimension).
  Status check() const;

 private:
  friend class IvfSearch;
  Status check_vector(std::span<const float> vector, const char* what) const;

  std::shared_ptr<const Quantizer> quantizer_;
  ListTree lists_;
  double distance_sum_ = 0;
};

/// Recall by number of probed lists, measured on queries whose exact answers the index itself gives.
struct RecallCurve {
  /// recall[p - 1] is the mean recall of searches that probe p lists; ascending.
  std::vector<float> recall;
  /// The smallest number of lists that reaches the target; all lists when none does.
  Calibration calibrate(float target) const;
};

/// Measures the recall at `k` on a sample of queries. Where `queries.ids` names rows of the index, each query ignores
/// the row of its own id; leave ids empty for queries that are no rows. O(queries * n * dimension). kInvalidArgument
/// when there is no query or no row.
Result<RecallCurve> measure_recall(const IvfIndex& index, std::span<const float> queries,
                                   std::span<const proto::ObjectId> ids, size_t k);

}  // namespace protobase::vector
