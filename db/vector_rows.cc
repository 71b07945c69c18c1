#include "db/vector_rows.h"

#include "db/root_edit.h"

namespace protobase {
namespace {

/// Calls `visit(id, value)` for the value at `path` of each object, until it gives false.
template <class Visit>
Status visit_values(const CollectionTree& objects, const Path& path, Visit&& visit) {
  const auto column = column_path(path);
  std::string scratch;
  proto::avl::Cursor<CollectionPolicy> cursor(objects);
  for (cursor.seek_first(); cursor.valid(); cursor.next_leaf()) {
    const ColumnBlock& block = *cursor.entry().block;
    const ColumnSlot slot = column.ok() ? block.layout()->find(*column) : ColumnSlot();
    for (uint32_t row = 0; row < block.rows(); ++row) {
      ValueView value;
      if (column.ok()) {
        value = block.value(row, slot, *column, scratch);
      } else {
        scratch.clear();
        block.materialize(row, scratch);
        value = path.follow(decode_trusted(scratch));
      }
      if (!visit(block.id(row), value)) return Status();
    }
  }
  return cursor.status();
}

}  // namespace

Status VectorRows::read(const CollectionTree& objects, const Path& path, uint64_t step) {
  uint64_t seen = 0;
  std::vector<float> storage;
  return visit_values(objects, path, [&](ObjectId id, const ValueView& value) {
    const auto floats = indexed_vector(value, dimension_, storage);
    if (!floats.empty() && seen++ % step == 0) {
      ids_.push_back(id);
      floats_.insert(floats_.end(), floats.begin(), floats.end());
    }
    return true;
  });
}

Result<uint32_t> find_dimension(const CollectionTree& objects, const Path& path) {
  uint32_t dimension = 0;
  PROTO_RETURN_IF_ERROR(visit_values(objects, path, [&](ObjectId, const ValueView& value) {
    if (value.kind() == Kind::kVector) dimension = static_cast<uint32_t>(value.size());
    return dimension == 0;
  }));
  return dimension;
}

vector::VectorBlock VectorRows::block() const { return {ids_, floats_.data()}; }

}  // namespace protobase
