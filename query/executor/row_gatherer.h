// Turns ids, in any order, into chunks of an operator's columns.
#pragma once

#include "query/executor/operator.h"

namespace protobase::query {

/// One thread; used by one operator, with its arena and evaluator.
class RowGatherer {
 public:
  RowGatherer(const std::vector<ReadColumn>& columns, CollectionId collection, const Expression* filter, const Run& run,
              Evaluator& evaluator)
      : columns_(columns), collection_(collection), filter_(filter), run_(run), evaluator_(evaluator) {}

  Status open();
  /// Reads from the front of `ids` as many rows as make a good chunk, at most `limit` ids, into `chunk`, those that pass
  /// the filter selected; ids without an object are passed over. Gives the number of ids consumed (0: there are none).
  Result<size_t> read(std::span<const uint64_t> ids, size_t limit, Chunk& chunk);
  /// The position in the consumed ids of each element of the last chunk.
  const std::vector<uint32_t>& positions() const { return positions_; }
  /// The block whose rows the last chunk shows in place, as it was a run of its ids (`positions` is empty then); else null.
  const ColumnBlock* block() const { return block_; }

 private:
  Status read_columns(bool of_filter, Chunk& chunk);
  size_t run_in_block(std::span<const uint64_t> ids, const ColumnBlock& block) const;
  void take_run(std::span<const uint64_t> ids, const ColumnBlock& block);
  Status fill(Chunk& chunk);

  const std::vector<ReadColumn>& columns_;
  CollectionId collection_;
  const Expression* filter_;
  Run run_;
  Evaluator& evaluator_;
  std::optional<ColumnReader> reader_;
  std::optional<ObjectFinder> finder_;
  std::vector<bool> in_filter_;
  std::vector<Place> places_;
  std::vector<uint32_t> positions_;
  // A run of rows of one block is read in place.
  const ColumnBlock* block_ = nullptr;
  std::vector<uint32_t> rows_;
};

}  // namespace protobase::query
