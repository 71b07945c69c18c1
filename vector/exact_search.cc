#include "vector/exact_search.h"

#include <algorithm>

#include "runtime/base/check.h"

namespace protobase::vector {
namespace {

using proto::ObjectId;

/// Rows ranked per kernel call: their ranks stay in the first cache.
constexpr size_t kChunkRows = 256;
/// Rows whose sketches are looked at under one threshold: few, since it falls as rows are found.
constexpr size_t kSketchChunkRows = 64;
/// A sorted filter with fewer ids than this share of the block's id range is matched by searching the block for them.
constexpr size_t kGallopRatio = 8;

const char* row_at(const VectorBlock& block, size_t position, size_t dimension) {
  return static_cast<const char*>(block.vectors) + position * dimension * sizeof(float);
}

}  // namespace

ExactSearch::ExactSearch(Metric metric, std::span<const float> query, size_t k, Filter filter)
    : metric_(metric), kernel_(distance_kernel(metric)), query_(query), filter_(filter), top_(k) {}

void ExactSearch::add_sorted(const VectorBlock& block) {
  PROTO_DCHECK(std::is_sorted(block.ids.begin(), block.ids.end()));
  switch (filter_.kind()) {
    case Filter::Kind::kSortedIds:
      return pick_by_ids(block);
    case Filter::Kind::kBitmap:
      return pick_by_test(block);
    case Filter::Kind::kAll:
    case Filter::Kind::kPredicate:
      return scan(block);
  }
}

void ExactSearch::add(const VectorBlock& block) {
  if (filter_.kind() == Filter::Kind::kSortedIds || filter_.kind() == Filter::Kind::kBitmap) {
    return pick_by_test(block);
  }
  scan(block);
}

void ExactSearch::add_picked(const VectorBlock& block, std::span<const uint32_t> positions) {
  scan_picked(block, positions, !filter_.passes_all());
}

void ExactSearch::pick_by_ids(const VectorBlock& block) {
  picks_.clear();
  if (block.ids.empty()) return;
  const auto wanted = filter_.ids();
  const auto first = std::lower_bound(wanted.begin(), wanted.end(), block.ids.front());
  const auto last = std::upper_bound(first, wanted.end(), block.ids.back());
  const bool few = static_cast<size_t>(last - first) * kGallopRatio < block.ids.size();
  auto row = block.ids.begin();
  for (auto id = first; id != last; ++id) {
    if (few) row = std::lower_bound(row, block.ids.end(), *id);
    while (*row < *id) ++row;  // ends: no wanted id is above the block's last
    if (*row == *id) picks_.push_back(static_cast<uint32_t>(row - block.ids.begin()));
  }
  scan_picked(block, picks_, false);
}

void ExactSearch::pick_by_test(const VectorBlock& block) {
  picks_.clear();
  for (size_t i = 0; i < block.ids.size(); ++i) {
    if (filter_.accepts(block.ids[i])) picks_.push_back(static_cast<uint32_t>(i));
  }
  if (picks_.size() == block.ids.size()) return scan(block);
  scan_picked(block, picks_, false);
}

void ExactSearch::scan(const VectorBlock& block) {
  scan_rows(block, 0, block.ids.size());
  scanned_count_ += block.ids.size();
}

void ExactSearch::scan_rows(const VectorBlock& block, size_t from, size_t to) {
  float ranks[kChunkRows];
  const size_t dimension = query_.size();
  for (size_t at = from; at < to; at += kChunkRows) {
    const size_t count = std::min(kChunkRows, to - at);
    kernel_.many(query_.data(), row_at(block, at, dimension), count, dimension, ranks);
    offer(block.ids.data() + at, ranks, count);
  }
}

void ExactSearch::add_sketched(const VectorBlock& block, const SketchRows& sketches) {
  const bool picks_by_id = filter_.kind() == Filter::Kind::kSortedIds || filter_.kind() == Filter::Kind::kBitmap;
  if (picks_by_id || !has_sketch_bound(metric_)) return add_sorted(block);
  if (!sketch_query_) sketch_query_.emplace(query_);
  const size_t count = block.ids.size();
  size_t at = 0;
  // Without k rows there is no threshold that a bound could exceed.
  while (at < count && !full()) {
    const size_t to = std::min(count, at + kSketchChunkRows);
    scan_rows(block, at, to);
    at = to;
  }
  for (; at < count; at += kSketchChunkRows) scan_chunk(block, sketches, at, std::min(count, at + kSketchChunkRows));
  scanned_count_ += count;
}

/// The rows [from, to) whose bound is not above the threshold are picked and ranked.
void ExactSearch::scan_chunk(const VectorBlock& block, const SketchRows& sketches, size_t from, size_t to) {
  const size_t count = to - from;
  const SketchRows part{sketches.codes + from * sketch_query_->stride(), sketches.scales + from,
                        sketches.offsets + from, sketches.norms_squared + from, sketches.errors + from};
  float bounds[kSketchChunkRows], ranks[kSketchChunkRows];
  uint32_t picks[kSketchChunkRows];
  sketch_query_->bound(metric_, part, count, bounds);
  const float threshold = top_.threshold();
  size_t picked = 0;
  for (size_t i = 0; i < count; ++i) {
    picks[picked] = static_cast<uint32_t>(from + i);
    picked += !(bounds[i] > threshold);  // a bound that is not a number excludes nothing
  }
  kernel_.picked(query_.data(), block.vectors, picks, picked, query_.size(), ranks);
  const bool ask = filter_.kind() == Filter::Kind::kPredicate;
  for (size_t i = 0; i < picked; ++i) {
    const ObjectId id = block.ids[picks[i]];
    ask ? offer_if_accepted(ranks[i], id) : top_.offer(ranks[i], id);
  }
}

void ExactSearch::scan_picked(const VectorBlock& block, std::span<const uint32_t> picks, bool filtered) {
  float ranks[kChunkRows];
  for (size_t at = 0; at < picks.size(); at += kChunkRows) {
    const size_t count = std::min(kChunkRows, picks.size() - at);
    kernel_.picked(query_.data(), block.vectors, picks.data() + at, count, query_.size(), ranks);
    for (size_t i = 0; i < count; ++i) {
      if (ranks[i] > top_.threshold()) continue;
      const ObjectId id = block.ids[picks[at + i]];
      filtered ? offer_if_accepted(ranks[i], id) : top_.offer(ranks[i], id);
    }
  }
  scanned_count_ += picks.size();
}

void ExactSearch::offer(const ObjectId* ids, const float* ranks, size_t count) {
  const bool ask = filter_.kind() == Filter::Kind::kPredicate;
  for (size_t i = 0; i < count; ++i) {
    if (ranks[i] > top_.threshold()) continue;
    ask ? offer_if_accepted(ranks[i], ids[i]) : top_.offer(ranks[i], ids[i]);
  }
}

/// A predicate may cost more than the distance, so it is asked about near rows only.
void ExactSearch::offer_if_accepted(float rank, ObjectId id) {
  if (!top_.admits(rank, id)) return;
  ++asked_count_;
  if (!filter_.accepts(id)) return;
  ++accepted_count_;
  top_.offer(rank, id);
}

std::vector<Neighbor> ExactSearch::take() { return top_.take_sorted(); }

}  // namespace protobase::vector
