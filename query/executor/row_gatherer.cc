#include "query/executor/row_gatherer.h"

#include <algorithm>

#include "query/executor/block_bounds.h"

namespace protobase::query {
namespace {
/// From this many rows of one block on, its arrays are used as they are.
constexpr size_t kLongRun = 32;
}  // namespace

Status RowGatherer::open() {
  PROTO_ASSIGN_OR_RETURN(const CollectionView* view, run_.objects->collection(collection_));
  finder_.emplace(*view);
  reader_.emplace(columns_, collection_, run_.objects);
  if (filter_ == nullptr) return Status();
  in_filter_.assign(columns_.size(), false);
  mark_slots(*filter_, in_filter_);
  return Status();
}

/// How many ids from the front ascend within one block.
size_t RowGatherer::run_in_block(std::span<const uint64_t> ids, const ColumnBlock& block) const {
  const uint64_t last = block.ids().back();
  size_t count = 1;
  while (count < ids.size() && ids[count] <= last && ids[count] > ids[count - 1]) ++count;
  return count;
}

void RowGatherer::take_run(std::span<const uint64_t> ids, const ColumnBlock& block) {
  block_ = &block;
  rows_.clear();
  for (const uint64_t id : ids) {
    const uint32_t row = block.find(ObjectId(id));
    if (row != ColumnBlock::kNoRow) rows_.push_back(row);
  }
}

Result<size_t> RowGatherer::read(std::span<const uint64_t> ids, size_t limit, Chunk& chunk) {
  block_ = nullptr;
  places_.clear();
  positions_.clear();
  const size_t count = std::min({ids.size(), limit, size_t{kChunkRows}});
  size_t at = 0;
  for (; at < count; ++at) {
    Place place;
    PROTO_RETURN_IF_ERROR(finder_->find(ids[at], place));
    if (place.block == nullptr) continue;
    const size_t run = run_in_block(ids.subspan(at, count - at), *place.block);
    if (run >= kLongRun) {
      if (!places_.empty()) break;  // first what came before
      take_run(ids.subspan(at, run), *place.block);
      at += run;
      break;
    }
    places_.push_back(place);
    positions_.push_back(static_cast<uint32_t>(at));
  }
  PROTO_RETURN_IF_ERROR(fill(chunk));
  return at;
}

Status RowGatherer::fill(Chunk& chunk) {
  chunk.columns.resize(columns_.size());
  if (block_ != nullptr) {
    chunk.size = block_->rows();
    chunk.rows = {rows_.data(), static_cast<uint32_t>(rows_.size())};
  } else {
    chunk.set_all(static_cast<uint32_t>(places_.size()));
  }
  if (filter_ != nullptr) {
    PROTO_RETURN_IF_ERROR(read_columns(true, chunk));
    PROTO_RETURN_IF_ERROR(evaluator_.filter(*filter_, chunk, chunk.rows, chunk.rows));
    if (chunk.rows.count == 0) return Status();
  }
  return read_columns(false, chunk);
}

Status RowGatherer::read_columns(bool of_filter, Chunk& chunk) {
  Arena& arena = evaluator_.arena();
  for (size_t i = 0; i < columns_.size(); ++i) {
    if ((filter_ != nullptr && in_filter_[i]) != of_filter) continue;
    if (block_ != nullptr) {
      PROTO_RETURN_IF_ERROR(reader_->read(i, *block_, chunk.rows, arena, chunk.columns[i]));
    } else {
      PROTO_RETURN_IF_ERROR(reader_->gather(i, places_, arena, chunk.columns[i]));
    }
  }
  return Status();
}

}  // namespace protobase::query
