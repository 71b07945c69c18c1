// Objects of the transaction as columns: blocks read in place, single rows gathered, references followed.
#pragma once

#include <map>
#include <memory>

#include "db/transaction_state.h"
#include "query/executor/execution_context.h"
#include "query/executor/vector.h"
#include "query/planner/physical_plan.h"

namespace protobase::query {

/// Where an object stands.
struct Place {
  const ColumnBlock* block = nullptr;
  uint32_t row = 0;
};

/// Finds objects by id; ids that ascend are found fast. One thread.
class ObjectFinder {
 public:
  explicit ObjectFinder(const CollectionView& view) : view_(&view) {}
  /// `place.block` is null when there is no such object.
  Status find(uint64_t id, Place& place);

 private:
  const CollectionView* view_;
  const ColumnBlock* last_ = nullptr;  // neighbours are often in one block
};

/// The collections that a run reads, each seen at one moment. One thread.
class ObjectSource : public ReferenceFollower {
 public:
  explicit ObjectSource(TransactionState& transaction) : transaction_(transaction) {}
  Result<const CollectionView*> collection(CollectionId id);
  Status follow(Ref ref, std::span<const Path::Step> steps, Arena& arena, ValueView& out) override;
  TransactionState& transaction() { return transaction_; }

 private:
  struct Entry {
    CollectionView view;
    ObjectFinder finder;
    explicit Entry(CollectionView v) : view(std::move(v)), finder(view) {}
  };
  Result<Entry*> entry(CollectionId id);

  TransactionState& transaction_;
  std::map<CollectionId, std::unique_ptr<Entry>> entries_;
  int depth_ = 0;  // references followed inside each other
};

/// The value at `steps` of one object; follows references. The value is in the block or in `arena`.
Status read_steps(Place place, std::span<const Path::Step> steps, ReferenceFollower* references, Arena& arena, ValueView& out);

/// Reads the columns that an operator wants out of blocks. Paths are resolved once for each block layout. One thread.
class ColumnReader {
 public:
  ColumnReader(const std::vector<ReadColumn>& columns, CollectionId collection, ReferenceFollower* references);

  size_t size() const { return columns_.size(); }
  /// Column `index` of `rows` of a block: its own array where it has one.
  Status read(size_t index, const ColumnBlock& block, Rows rows, Arena& arena, ColumnVector& out);
  /// Column `index` of single rows.
  Status gather(size_t index, std::span<const Place> places, Arena& arena, ColumnVector& out);
  /// What is known of the values of column `index` in a block without reading them: false when nothing is.
  bool bounds(size_t index, const ColumnBlock& block, ColumnView& out) { return typed_column(index, block, out) && out.kind != Kind::kVector; }
  /// The array of column `index` in a block, when that is all there is: no row has a value of another shape.
  bool typed_column(size_t index, const ColumnBlock& block, ColumnView& out);

 private:
  struct Column {
    const ReadColumn* what;
    ColumnPath path;         // names joined; when `direct`
    bool direct = false;     // the whole path may be a column
    bool nested = false;     // several steps: a reference may stand on the way
    const BlockLayout* layout = nullptr;  // that `slot` belongs to; kept alive by the block
    ColumnSlot slot;
  };
  const ColumnSlot& slot(Column& column, const ColumnBlock& block);
  Status value(Column& column, Place place, Arena& arena, ValueView& out);
  Status read_values(Column& column, const ColumnBlock& block, Rows rows, Arena& arena, ColumnVector& out);
  Status special_value(const Column& column, Place place, Arena& arena, ValueView& out) const;

  std::vector<Column> columns_;
  CollectionId collection_;
  ReferenceFollower* references_;
  std::string scratch_;
};

/// An array of a block as a column; views are made for `rows` alone.
ColumnVector column_of(const ColumnView& view, Rows rows, Arena& arena);

}  // namespace protobase::query
