#include "db/block_builder.h"

#include <algorithm>

#include "db/document.h"
#include "runtime/base/check.h"
#include "runtime/base/checksum.h"

namespace protobase {
namespace {

using Place = ColumnSlot::Place;

/// Nodes with more children than this find them by hash.
constexpr uint32_t kManyChildren = 16;

bool is_column_kind(Kind kind) { return kind >= Kind::kBool && kind <= Kind::kVector; }

uint64_t hash_of(uint32_t parent, std::string_view name) { return proto::checksum64(name, parent + 1); }

}  // namespace

// ---- taking objects apart
// ------------------------------------------------------------------------------------------------

BlockBuilder::BlockBuilder(const LayoutPtr& like) { reset(like); }

void BlockBuilder::reset(const LayoutPtr& like) {
  nodes_.assign(1, Node());
  by_hash_.clear();
  cells_.clear();
  ids_.clear();
  residual_cells_.clear();
  size_bytes_ = 0;
  if (like == nullptr) return;
  for (uint32_t i = 1; i < like->nodes().size(); ++i) {
    const BlockLayout::Node& node = like->nodes()[i];
    add_node(node.parent, node.name);  // the numbers are the same: both count from the root
    nodes_.back().in_like = true;
    if (node.place == Place::kColumn) nodes_.back().hint = like->columns()[node.column].kind;
  }
}

uint32_t BlockBuilder::add_node(uint32_t parent, std::string_view name) {
  const auto number = static_cast<uint32_t>(nodes_.size());
  Node& node = nodes_.emplace_back();
  node.name = name;
  node.parent = parent;
  Node& above = nodes_[parent];
  node.shreddable = above.shreddable && name.find('\0') == std::string_view::npos;
  (above.last_child ? nodes_[above.last_child].next_sibling : above.first_child) = number;
  above.last_child = number;
  ++above.child_count;
  uint32_t& first = by_hash_[hash_of(parent, name)];
  node.next_same_hash = first;
  first = number;
  return number;
}

uint32_t BlockBuilder::find_hashed(uint32_t parent, std::string_view name) const {
  const auto found = by_hash_.find(hash_of(parent, name));
  uint32_t node = found == by_hash_.end() ? 0 : found->second;
  while (node != 0 && (nodes_[node].parent != parent || nodes_[node].name != name)) node = nodes_[node].next_same_hash;
  return node;
}

/// Objects of one kind have their attributes in one order: the child after the last one found is tried first.
uint32_t BlockBuilder::find_child(uint32_t parent, std::string_view name, uint32_t expected) {
  if (expected != 0 && nodes_[expected].name == name) return expected;
  uint32_t found = 0;
  if (nodes_[parent].child_count > kManyChildren) {
    found = find_hashed(parent, name);
  } else {
    found = nodes_[parent].first_child;
    while (found != 0 && nodes_[found].name != name) found = nodes_[found].next_sibling;
  }
  return found != 0 ? found : add_node(parent, name);
}

void BlockBuilder::shred(std::string_view payload, uint32_t node, uint32_t row, int depth) {
  const ObjectReader object(payload);
  uint32_t expected = nodes_[node].first_child;
  for (size_t i = 0; i < object.size(); ++i) {
    const uint32_t child = find_child(node, object.name(i), expected);
    expected = nodes_[child].next_sibling;
    const ValueView value = object.value(i);
    const bool nested = value.kind() == Kind::kObject && !value.buffer().empty() && depth < kMaxShredDepth;
    if (nested)
      shred(value.buffer(), child, row, depth + 1);
    else
      cells_.push_back({child, row, value});
  }
}

void BlockBuilder::add(ObjectId id, const ValueView& object) {
  PROTO_DCHECK(rows() < kMaxBlockRows && (ids_.empty() || ids_.back() < id.value));
  PROTO_CHECK(object.kind() == Kind::kObject);
  ids_.push_back(id.value);
  size_bytes_ += object.buffer().size();
  shred(object.buffer(), 0, rows() - 1, 0);
}

void BlockBuilder::add_rows(const ColumnBlock& block, uint32_t first, uint32_t last) {
  const uint32_t begin = rows();
  PROTO_DCHECK(begin + last - first <= kMaxBlockRows);
  ids_.insert(ids_.end(), block.ids().begin() + first, block.ids().begin() + last);
  size_bytes_ += block.size_bytes() * (last - first) / block.rows();
  const BlockLayout& layout = *block.layout();
  std::vector<uint32_t> node_of(layout.nodes().size(), 0);
  for (uint32_t i = 1; i < layout.nodes().size(); ++i) {
    const BlockLayout::Node& node = layout.nodes()[i];
    node_of[i] = find_child(node_of[node.parent], node.name, 0);
    if (node.place != Place::kColumn) continue;
    const Chunk* chunk = block.chunk(node.column);
    if (chunk == nullptr) continue;
    for (uint32_t row = first; row < last; ++row) {
      if (chunk->has_value(row) || chunk->is_null(row))
        cells_.push_back({node_of[i], begin + row - first, chunk->value(row)});
    }
  }
  for (uint32_t row = first; row < last && block.residual() != nullptr; ++row) {
    shred(block.residual(row).buffer(), 0, begin + row - first, 0);
  }
}

// ---- deciding
// ------------------------------------------------------------------------------------------------------------

void BlockBuilder::sort_cells() {
  for (Node& node : nodes_) node.begin = node.end = 0;
  for (const Cell& cell : cells_) ++nodes_[cell.node].end;
  uint32_t at = 0;
  for (Node& node : nodes_) {
    node.begin = at;
    at += node.end;
    node.end = node.begin;
  }
  order_.resize(cells_.size());
  for (uint32_t i = 0; i < cells_.size(); ++i) order_[nodes_[cells_[i].node].end++] = i;
}

void BlockBuilder::rank_nodes() {
  preorder_.clear();
  std::vector<uint32_t> open = {0};
  while (!open.empty()) {
    const uint32_t number = open.back();
    open.pop_back();
    nodes_[number].rank = static_cast<uint32_t>(preorder_.size());
    preorder_.push_back(number);
    const size_t begin = open.size();
    for (uint32_t child = nodes_[number].first_child; child != 0; child = nodes_[child].next_sibling)
      open.push_back(child);
    std::reverse(open.begin() + static_cast<ptrdiff_t>(begin), open.end());
  }
}

void BlockBuilder::count_subtrees() {
  for (Node& node : nodes_) node.subtree_cells = node.end - node.begin;
  for (size_t i = nodes_.size() - 1; i > 0; --i) nodes_[nodes_[i].parent].subtree_cells += nodes_[i].subtree_cells;
}

/// The most frequent kind of the node's cells, if there are enough of them; the earlier kind of its column also if
/// there are few.
void BlockBuilder::choose_kind(Node& node) const {
  uint32_t counts[13] = {};
  node.element_bytes = 0;
  for (uint32_t i = node.begin; i < node.end; ++i) {
    const ValueView& value = cells_[order_[i]].value;
    ++counts[static_cast<size_t>(value.kind())];
    if (value.kind() == Kind::kVector && node.element_bytes == 0)
      node.element_bytes = static_cast<uint32_t>(value.buffer().size());
  }
  Kind best = node.hint;
  for (Kind kind = Kind::kBool; is_column_kind(kind); kind = static_cast<Kind>(static_cast<int>(kind) + 1)) {
    if (counts[static_cast<size_t>(kind)] > counts[static_cast<size_t>(best)] || best == Kind::kNone) best = kind;
  }
  const uint32_t count = counts[static_cast<size_t>(best)];
  const uint32_t deeper = node.subtree_cells - (node.end - node.begin);
  const bool enough = count >= threshold() || (best == node.hint && count > 0);
  const bool is_object = deeper > 0 && count * 2 < rows();
  node.kind = enough && !is_object && node.shreddable ? best : Kind::kNone;
}

/// Columns of the earlier layout that have nothing in this block stay in the layout, so that it can be shared, unless
/// they are many.
bool BlockBuilder::keeps_unused_columns() const {
  size_t unused = 0, used = 0;
  for (const Node& node : nodes_) {
    if (node.hint != Kind::kNone) ++(node.subtree_cells == 0 ? unused : used);
  }
  return unused <= std::max<size_t>(4, used);
}

void BlockBuilder::choose_places() {
  const bool keep_unused = keeps_unused_columns();
  for (size_t i = 1; i < nodes_.size(); ++i) {
    Node& node = nodes_[i];
    const Node& parent = nodes_[node.parent];
    choose_kind(node);
    node.below_column = parent.below_column || parent.place == Place::kColumn;
    const bool unused = node.subtree_cells == 0;
    if (unused && keep_unused) node.kind = node.hint;
    node.place = node.kind != Kind::kNone && !node.below_column ? Place::kColumn : Place::kResidual;
    node.kept = !node.below_column &&
                (node.place == Place::kColumn ||
                 (unused ? keep_unused && node.in_like : node.in_like || node.subtree_cells >= threshold()));
  }
  // A node with kept columns below is an object; what is below a node that is none has no place in the layout.
  for (size_t i = nodes_.size() - 1; i > 0; --i) {
    Node& node = nodes_[i];
    Node& parent = nodes_[node.parent];
    if (node.place == Place::kResidual || node.parent == 0) continue;
    if (parent.place != Place::kColumn) parent.place = Place::kObject, parent.kept = true;
  }
  nodes_[0].place = Place::kObject;
  for (size_t i = 1; i < nodes_.size(); ++i) {
    nodes_[i].kept = nodes_[i].kept && nodes_[nodes_[i].parent].place == Place::kObject;
  }
}

LayoutPtr BlockBuilder::make_layout() {
  std::vector<BlockLayout::NodeSpec> specs = {{"", 0, Place::kObject, Kind::kNone}};
  std::vector<uint32_t> number(nodes_.size(), 0);
  for (uint32_t i = 1; i < nodes_.size(); ++i) {
    const Node& node = nodes_[i];
    if (!node.kept) continue;
    number[i] = static_cast<uint32_t>(specs.size());
    specs.push_back(
        {node.name, number[node.parent], node.place, node.place == Place::kColumn ? node.kind : Kind::kNone});
  }
  return BlockLayout::intern(specs);
}

// ---- making chunks
// -------------------------------------------------------------------------------------------------------

namespace {
enum Mark : uint8_t { kAbsent, kHere, kNull, kElsewhere };
}  // namespace

/// Everything in the subtree goes to the residual documents; marks the rows.
void BlockBuilder::mark_residual(uint32_t number) {
  const Node& node = nodes_[number];
  for (uint32_t i = node.begin; i < node.end; ++i) marks_[cells_[order_[i]].row] = kElsewhere;
  for (uint32_t child = node.first_child; child != 0; child = nodes_[child].next_sibling) mark_residual(child);
}

ChunkPtr BlockBuilder::make_column(uint32_t number) {
  const Node& node = nodes_[number];
  writer_.begin(node.kind, node.element_bytes);
  marks_.assign(rows(), kAbsent);
  std::array<const ValueView*, kMaxBlockRows> values;
  for (uint32_t child = node.first_child; child != 0; child = nodes_[child].next_sibling) mark_residual(child);
  for (uint32_t i = node.begin; i < node.end; ++i) {
    const Cell& cell = cells_[order_[i]];
    values[cell.row] = &cell.value;
    marks_[cell.row] = writer_.takes(cell.value) ? kHere : cell.value.is_none() ? kNull : kElsewhere;
    if (marks_[cell.row] == kElsewhere) residual_cells_.push_back(order_[i]);
  }
  for (uint32_t row = 0; row < rows(); ++row) {
    if (marks_[row] == kHere)
      writer_.add_value(*values[row]);
    else if (marks_[row] == kNull)
      writer_.add_null();
    else if (marks_[row] == kElsewhere)
      writer_.add_residual();
    else
      writer_.add_absent();
  }
  return writer_.finish();
}

const std::vector<ResidualWriter::Step>& BlockBuilder::path_of(uint32_t number) {
  path_.clear();
  for (uint32_t at = number; at != 0; at = nodes_[at].parent) path_.push_back({at, nodes_[at].name});
  std::reverse(path_.begin(), path_.end());
  return path_;
}

ChunkPtr BlockBuilder::make_residual() {
  if (residual_cells_.empty()) return ChunkPtr();
  const auto before = [&](uint32_t a, uint32_t b) {
    const Cell &left = cells_[a], &right = cells_[b];
    if (left.row != right.row) return left.row < right.row;
    return left.node != right.node ? nodes_[left.node].rank < nodes_[right.node].rank : a < b;
  };
  std::sort(residual_cells_.begin(), residual_cells_.end(), before);
  writer_.begin(Kind::kObject, 0);
  size_t at = 0;
  for (uint32_t row = 0; row < rows(); ++row) {
    if (at == residual_cells_.size() || cells_[residual_cells_[at]].row != row) {
      writer_.add_absent();
      continue;
    }
    residual_writer_.begin();
    for (; at < residual_cells_.size() && cells_[residual_cells_[at]].row == row; ++at) {
      const Cell& cell = cells_[residual_cells_[at]];
      residual_writer_.add(path_of(cell.node), cell.value);
    }
    writer_.add_value(residual_writer_.finish());
  }
  return writer_.finish();
}

BlockPtr BlockBuilder::finish() {
  PROTO_CHECK(rows() > 0);
  sort_cells();
  rank_nodes();
  count_subtrees();
  choose_places();
  LayoutPtr layout = make_layout();
  std::vector<ChunkPtr> chunks;
  for (uint32_t i = 1; i < nodes_.size(); ++i) {
    const Node& node = nodes_[i];
    if (node.place == Place::kColumn) {
      chunks.push_back(make_column(i));
    } else {
      residual_cells_.insert(residual_cells_.end(), order_.begin() + node.begin, order_.begin() + node.end);
    }
  }
  ChunkPtr residual = make_residual();
  writer_.begin(Kind::kInt, 0);
  for (uint64_t id : ids_) writer_.add_value(ValueView::of_int(static_cast<int64_t>(id)));
  BlockPtr block(new ColumnBlock(layout, writer_.finish(), std::move(chunks), std::move(residual)));
  reset(layout);
  return block;
}

}  // namespace protobase
