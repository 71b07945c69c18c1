// Searches of an IVF index: which lists to probe, how many, and when to stop.
#include <algorithm>
#include <cmath>
#include <optional>

#include "vector/internal/list_scan.h"
#include "vector/ivf_index.h"

namespace protobase::vector {
namespace {

/// A filter that keeps a share s of the rows leaves a sparser set, whose nearest rows lie farther away and in more
/// lists. Probing s^-kSpread times the lists keeps the recall at that of the unfiltered search (tests/vector measures
/// it).
constexpr double kSpread = 0.5;

/// The lists of a quantizer from near to far, sorted only as far as they are asked for.
class ProbeOrder {
 public:
  ProbeOrder(const Quantizer& quantizer, std::span<const float> query, size_t expected) {
    quantizer.rank_lists(query, expected, order_);
    sorted_count_ = std::min(expected, order_.size());
  }
  size_t size() const { return order_.size(); }
  ListId operator[](size_t index) {
    if (index >= sorted_count_) sort_on(index + 1);
    return order_[index].list;
  }

 private:
  void sort_on(size_t count) {
    // Doubling keeps the sum of all partial sorts within a factor of one full sort.
    const size_t target = std::min(order_.size(), std::max(count, 2 * sorted_count_));
    const auto begin = order_.begin();
    std::partial_sort(
        begin + static_cast<ptrdiff_t>(sorted_count_), begin + static_cast<ptrdiff_t>(target), order_.end(),
        [](const ListRank& a, const ListRank& b) { return a.rank != b.rank ? a.rank < b.rank : a.list < b.list; });
    sorted_count_ = target;
  }

  std::vector<ListRank> order_;
  size_t sorted_count_ = 0;
};

/// How many lists a filtered search should probe.
class ProbeBudget {
 public:
  ProbeBudget(const Filter& filter, uint64_t row_count, size_t asked)
      : asked_(asked),
        all_(filter.passes_all() || row_count == 0),
        known_(filter.count_at_most()),
        row_count_(row_count) {}

  /// Lists to probe in all, as far as `search` has learnt how much the filter keeps.
  size_t probes(const ExactSearch& search) const {
    if (all_) return asked_;
    const double share =
        known_ ? ratio(*known_, row_count_) : ratio(search.accepted_count() + 1, search.asked_count() + 1);
    if (share >= 1) return asked_;
    return static_cast<size_t>(std::ceil(static_cast<double>(asked_) * std::pow(std::max(share, 1e-12), -kSpread)));
  }

 private:
  static double ratio(uint64_t part, uint64_t whole) { return static_cast<double>(part) / static_cast<double>(whole); }

  size_t asked_;
  bool all_;
  std::optional<uint64_t> known_;
  uint64_t row_count_;
};

Result<SearchResult> finish(ExactSearch& search, const internal::ListQuery& query, const proto::Status& status,
                            SearchStats stats) {
  if (!status.ok()) return status;
  SearchResult result;
  stats.candidates_scanned = search.scanned_count();
  result.stats = stats;
  result.neighbors = search.take();
  query.finish(result.neighbors);
  return result;
}

}  // namespace

Result<SearchResult> IvfIndex::search(std::span<const float> query, size_t k, const SearchOptions& options) const {
  PROTO_RETURN_IF_ERROR(check_vector(query, "the query vector"));
  size_t asked = options.probe_count;
  if (asked == 0) {
    asked = options.recall > 0 ? quantizer_->probes_for_recall(options.recall) : quantizer_->default_probe_count();
  }
  const internal::ListQuery list_query(quantizer_->metric(), query);
  ExactSearch exact(list_query.scan_metric(), list_query.values(), k, options.filter);
  internal::ListCursor cursor(lists_);
  const ProbeBudget budget(options.filter, size(), asked);
  ProbeOrder order(*quantizer_, list_query.values(), budget.probes(exact));
  SearchStats stats;
  for (size_t at = 0; at < order.size() && cursor.status().ok(); ++at) {
    if (exact.full() && at >= budget.probes(exact)) break;
    internal::scan_list(cursor, order[at], exact);
    ++stats.lists_probed;
  }
  stats.refilled = stats.lists_probed > asked;
  return finish(exact, list_query, cursor.status(), stats);
}

Result<SearchResult> IvfIndex::search_exact(std::span<const float> query, size_t k, const Filter& filter) const {
  PROTO_RETURN_IF_ERROR(check_vector(query, "the query vector"));
  const internal::ListQuery list_query(quantizer_->metric(), query);
  ExactSearch exact(list_query.scan_metric(), list_query.values(), k, filter);
  internal::ListCursor cursor(lists_);
  internal::scan_all_lists(cursor, exact);
  return finish(exact, list_query, cursor.status(), {.lists_probed = quantizer_->list_count()});
}

}  // namespace protobase::vector
