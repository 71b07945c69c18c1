// Sets of object ids, computed from indexes: what IdSource trees of a plan stand for.
#pragma once

#include <vector>

#include "query/executor/operator.h"
#include "query/planner/key_range.h"

namespace protobase::query {

/// Evaluates IdSources of one operator. One thread.
class IdSetReader {
 public:
  /// Expressions are evaluated by `evaluator`, over `row` of `chunk` when there is one (index joins).
  IdSetReader(const Run& run, CollectionId collection, Evaluator& evaluator) : run_(run), collection_(collection), evaluator_(evaluator) {}
  void set_row(const Chunk* chunk, uint32_t row) { chunk_ = chunk, row_ = row; }

  /// The ids, ascending, each once.
  Status read(const IdSource& source, std::vector<uint64_t>& ids);
  /// The keys that `bound` accepts in `index`.
  Result<KeyRange> range(const IndexDefinition& index, const KeyBound& bound);
  /// A choice made at run time, for EXPLAIN ANALYZE: "AndMerge: 12 of 4,000 by products_name_idx".
  const std::string& note() const { return note_; }

 private:
  /// An operand of an AndMerge, ready to be counted.
  struct Operand {
    const IdSource* source = nullptr;
    std::optional<IndexView> view;
    KeyRange range;
    uint64_t count = 0;
    bool exact_key = false;   // the range is one whole key: entries can be probed
  };
  Status read_index(const IdSource& source, std::vector<uint64_t>& ids);
  Status read_and(const IdSource& source, std::vector<uint64_t>& ids);
  Status read_or(const IdSource& source, std::vector<uint64_t>& ids);
  Status read_ids(const IdSource& source, std::vector<uint64_t>& ids);
  Status prepare(const IdSource& source, Operand& operand);
  Status materialise(const Operand& operand, std::vector<uint64_t>& ids);
  Status narrow(const Operand& operand, std::vector<uint64_t>& ids);
  Status probe(const Operand& operand, std::vector<uint64_t>& ids);
  Status check_objects(const Operand& operand, std::vector<uint64_t>& ids);
  Status value_of(const Expression& expression, ValueView& out);

  Run run_;
  CollectionId collection_;
  Evaluator& evaluator_;
  const Chunk* chunk_ = nullptr;
  uint32_t row_ = 0;
  std::string note_;
};

}  // namespace protobase::query
