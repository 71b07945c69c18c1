#include <algorithm>

#include "vector/internal/list_scan.h"
#include "vector/ivf_index.h"

namespace protobase::vector {
namespace {

struct PlacedNeighbor {
  Neighbor neighbor;
  uint32_t place = 0;  // of its list in the probe order
};

/// The exact k nearest of a query, each with the place of its list. `ignored` is left out.
std::vector<PlacedNeighbor> placed_neighbors(const IvfIndex& index, std::span<const float> query, size_t k,
                                             proto::ObjectId ignored, internal::ListCursor& cursor) {
  const Quantizer& quantizer = index.quantizer();
  const internal::ListQuery list_query(quantizer.metric(), query);
  std::vector<ListRank> order;
  quantizer.rank_lists(list_query.values(), quantizer.list_count(), order);
  std::vector<PlacedNeighbor> found;
  for (uint32_t place = 0; place < order.size(); ++place) {
    ExactSearch search(list_query.scan_metric(), list_query.values(), k + 1);
    internal::scan_list(cursor, order[place].list, search);
    for (const Neighbor& neighbor : search.take()) {
      if (ignored.value == 0 || neighbor.id != ignored) found.push_back({neighbor, place});
    }
  }
  const auto middle = found.begin() + static_cast<ptrdiff_t>(std::min(k, found.size()));
  std::partial_sort(found.begin(), middle, found.end(),
                    [](const PlacedNeighbor& a, const PlacedNeighbor& b) { return nearer(a.neighbor, b.neighbor); });
  found.erase(middle, found.end());
  return found;
}

}  // namespace

Result<RecallCurve> measure_recall(const IvfIndex& index, std::span<const float> queries,
                                   std::span<const proto::ObjectId> ids, size_t k) {
  const size_t dimension = index.quantizer().dimension();
  const size_t query_count = queries.size() / dimension;
  if (queries.size() % dimension != 0 || query_count == 0 || k == 0 || (!ids.empty() && ids.size() != query_count)) {
    return Status(StatusCode::kInvalidArgument, "recall needs whole queries of the index's dimension, and k");
  }
  std::vector<uint64_t> hits(index.quantizer().list_count());
  uint64_t total = 0;
  internal::ListCursor cursor(index.lists());
  for (size_t i = 0; i < query_count; ++i) {
    const proto::ObjectId ignored = ids.empty() ? proto::ObjectId(0) : ids[i];
    for (const PlacedNeighbor& found :
         placed_neighbors(index, queries.subspan(i * dimension, dimension), k, ignored, cursor)) {
      ++hits[found.place];
      ++total;
    }
  }
  PROTO_RETURN_IF_ERROR(proto::Status(cursor.status()));
  if (total == 0) return Status(StatusCode::kInvalidArgument, "recall cannot be measured on an empty index");
  RecallCurve curve;
  uint64_t reached = 0;
  for (const uint64_t count : hits) {
    reached += count;
    curve.recall.push_back(static_cast<float>(static_cast<double>(reached) / static_cast<double>(total)));
  }
  return curve;
}

Calibration RecallCurve::calibrate(float target) const {
  const auto first = std::lower_bound(recall.begin(), recall.end(), target);
  const size_t place = first == recall.end() ? recall.size() : static_cast<size_t>(first - recall.begin()) + 1;
  return {target, static_cast<uint32_t>(std::max<size_t>(place, 1))};
}

}  // namespace protobase::vector
