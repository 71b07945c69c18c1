// Builds column blocks from objects, deciding which attributes become columns.
//
// Objects are taken apart into cells (attribute, row, value) as they come; when the block is finished the cells are
// sorted by attribute and each attribute becomes a column or goes to the residual documents, column by column.
#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "db/block_layout.h"
#include "db/column_block.h"
#include "db/residual_writer.h"

namespace protobase {

/// One thread; reusable without allocating much. What is added is referred to until finish().
class BlockBuilder {
 public:
  /// `like`: a layout that the block takes up as far as it fits, so that neighbours share one; may be null.
  explicit BlockBuilder(const LayoutPtr& like = nullptr);

  /// Adds an object (kObject) of a greater id than all before. At most kMaxBlockRows rows.
  void add(ObjectId id, const ValueView& object);
  /// Adds rows [first, last) of a block, column by column.
  void add_rows(const ColumnBlock& block, uint32_t first, uint32_t last);
  uint32_t rows() const { return static_cast<uint32_t>(ids_.size()); }
  /// About what the block will take.
  size_t size_bytes() const { return size_bytes_; }
  /// The block of what was added (at least one row). The builder is empty again and takes up the layout just made.
  BlockPtr finish();

  /// Attributes deeper than this stay in the residual documents with the object that holds them.
  static constexpr int kMaxShredDepth = 16;

 private:
  struct Node {
    std::string name;
    uint32_t parent = 0;
    uint32_t first_child = 0, last_child = 0, next_sibling = 0;  // 0: none (the root is nobody's child)
    uint32_t child_count = 0;
    uint32_t next_same_hash = 0;
    Kind hint = Kind::kNone;  // the kind of its column in `like`
    bool in_like = false;
    bool shreddable = true;  // no byte 0 in the names down to here
    // Decided by finish():
    uint32_t begin = 0, end = 0;  // its cells in order_
    uint32_t subtree_cells = 0;
    uint32_t rank = 0;  // in preorder
    ColumnSlot::Place place = ColumnSlot::Place::kResidual;
    bool kept = false;  // in the new layout
    bool below_column = false;
    Kind kind = Kind::kNone;
    uint32_t element_bytes = 0;
  };
  struct Cell {
    uint32_t node;
    uint32_t row;
    ValueView value;
  };

  void reset(const LayoutPtr& like);
  uint32_t add_node(uint32_t parent, std::string_view name);
  uint32_t find_child(uint32_t parent, std::string_view name, uint32_t expected);
  uint32_t find_hashed(uint32_t parent, std::string_view name) const;
  void shred(std::string_view payload, uint32_t node, uint32_t row, int depth);

  void sort_cells();
  void rank_nodes();
  void count_subtrees();
  void choose_places();
  void choose_kind(Node& node) const;
  bool keeps_unused_columns() const;
  LayoutPtr make_layout();
  ChunkPtr make_column(uint32_t node);
  void mark_residual(uint32_t node);
  ChunkPtr make_residual();
  const std::vector<ResidualWriter::Step>& path_of(uint32_t node);
  uint32_t threshold() const { return std::max(1U, rows() / 8); }

  std::vector<Node> nodes_;
  std::unordered_map<uint64_t, uint32_t> by_hash_;  // children of nodes with many
  std::vector<Cell> cells_;
  std::vector<uint32_t> order_;  // cells by node
  std::vector<uint32_t> preorder_;
  std::vector<uint64_t> ids_;
  std::vector<uint32_t> residual_cells_;  // numbers in cells_
  std::vector<ResidualWriter::Step> path_;
  std::vector<uint8_t> marks_;  // of rows, in make_column
  size_t size_bytes_ = 0;
  ChunkWriter writer_;
  ResidualWriter residual_writer_;
};

}  // namespace protobase
