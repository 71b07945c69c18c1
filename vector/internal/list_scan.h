// Scanning inverted lists, block by block.
#pragma once

#include <span>
#include <vector>

#include "runtime/avl/cursor.h"
#include "vector/exact_search.h"
#include "vector/list_block.h"
#include "vector/quantizer.h"

namespace protobase::vector::internal {

using ListCursor = proto::avl::Cursor<ListPolicy>;

/// A query as the lists must be searched for it. Under kCosine rows and query have length one, so that the inner
/// product says it all; final_rank() turns its rank back.
class ListQuery {
 public:
  ListQuery(Metric metric, std::span<const float> query) : metric_(metric), values_(query.begin(), query.end()) {
    if (metric == Metric::kCosine) normalize(values_);
  }
  std::span<const float> values() const { return values_; }
  Metric scan_metric() const { return metric_ == Metric::kCosine ? Metric::kInnerProduct : metric_; }
  /// Changes the ranks of a result, sorted again, from scan_metric() to the index's metric.
  void finish(std::vector<Neighbor>& neighbors) const;

 private:
  Metric metric_;
  std::vector<float> values_;
};

/// Hands every row of `list` to `search`. Errors of loading are the cursor's.
void scan_list(ListCursor& cursor, ListId list, ExactSearch& search);
/// Hands every row of the tree to `search`.
void scan_all_lists(ListCursor& cursor, ExactSearch& search);

}  // namespace protobase::vector::internal
