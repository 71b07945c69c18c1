// Which columns a block has, and where attribute paths lead in it. Layouts are interned: blocks of the same shape share
// one pointer, so a path is resolved once for many blocks.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "db/value.h"
#include "runtime/base/coding.h"

namespace protobase {

class Path;

/// The names of an attribute path joined by the byte 0, which no name of a column holds: "size\0w". Order, equality and
/// hashing are those of the string.
using ColumnPath = std::string;
/// Error: kInvalidArgument when the path has element steps or a name with the byte 0: such paths have no column.
Result<ColumnPath> column_path(const Path& path);

/// Where a path leads in the blocks of one layout.
struct ColumnSlot {
  enum class Place : uint8_t {
    kResidual,  // in the residual documents, if anywhere
    kColumn,    // a typed column; rows of another shape in the residual documents
    kObject,    // an object whose attributes have columns of their own; what is no such object is in the residual
                // documents
  };
  Place place = Place::kResidual;
  uint32_t column = 0;  // kColumn: its number
  uint32_t node = 0;    // kObject: its node
};

/// The shape of a block: the attributes of its objects in order of first appearance, nested ones below their parents.
class BlockLayout {
 public:
  struct Node {
    std::string name;
    uint32_t parent = 0;  // the root is its own
    ColumnSlot::Place place = ColumnSlot::Place::kResidual;
    uint32_t column = 0;             // kColumn
    std::vector<uint32_t> children;  // numbers greater than this node's; kObject only
  };
  struct Column {
    ColumnPath path;
    Kind kind;
    uint32_t node;
  };

  static constexpr uint32_t kRoot = 0;

  /// The one layout with these nodes: node 0 is the root, parents come before children, siblings differ in name,
  /// children and columns are numbered by this function. Thread-safe.
  struct NodeSpec {
    std::string name;
    uint32_t parent;
    ColumnSlot::Place place;
    Kind kind;  // kColumn
  };
  static std::shared_ptr<const BlockLayout> intern(const std::vector<NodeSpec>& nodes);

  const std::vector<Node>& nodes() const { return nodes_; }
  const std::vector<Column>& columns() const { return columns_; }
  /// Where `path` leads. O(1) expected; any thread.
  ColumnSlot find(std::string_view path) const;
  /// Number of the child of `node` called `name`; 0 when there is none.
  uint32_t child(uint32_t node, std::string_view name) const;

  void encode(std::string& out) const;
  /// Safe on hostile bytes. Error: kCorruption.
  static Result<std::shared_ptr<const BlockLayout>> decode(proto::ByteReader& reader);

 private:
  struct Hash {
    using is_transparent = void;
    size_t operator()(std::string_view text) const { return std::hash<std::string_view>{}(text); }
  };
  std::vector<Node> nodes_;
  std::vector<Column> columns_;
  std::unordered_map<std::string, ColumnSlot, Hash, std::equal_to<>> slots_;
};

using LayoutPtr = std::shared_ptr<const BlockLayout>;

}  // namespace protobase
