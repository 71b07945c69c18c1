#include "db/block_layout.h"

#include <mutex>
#include <unordered_set>

#include "db/document.h"
#include "runtime/base/check.h"

namespace protobase {
namespace {

/// Of a layout from disk: beyond what any block has.
constexpr uint64_t kMaxNodes = 1 << 16;
constexpr uint32_t kMaxLayoutDepth = 64;

Status corrupt(const char* what) { return Status(StatusCode::kCorruption, std::string("block layout: ") + what); }

using Specs = std::vector<BlockLayout::NodeSpec>;
using Place = ColumnSlot::Place;

void encode_specs(const Specs& specs, std::string& out) {
  proto::put_varint(out, specs.size());
  for (size_t i = 1; i < specs.size(); ++i) {
    proto::put_varint(out, specs[i].parent);
    out.push_back(static_cast<char>(specs[i].place));
    out.push_back(static_cast<char>(specs[i].place == Place::kColumn ? specs[i].kind : Kind::kNone));
    proto::put_string(out, specs[i].name);
  }
}

bool is_column_kind(Kind kind) { return kind >= Kind::kBool && kind <= Kind::kVector; }

Status check_spec(const Specs& specs, const BlockLayout::NodeSpec& spec) {
  if (spec.parent >= specs.size() || specs[spec.parent].place != Place::kObject) return corrupt("parent of a node");
  if (spec.place > Place::kObject) return corrupt("place of a node");
  if (spec.place == Place::kColumn ? !is_column_kind(spec.kind) : spec.kind != Kind::kNone)
    return corrupt("kind of a column");
  if (spec.place != Place::kResidual && spec.name.find('\0') != std::string::npos) return corrupt("name of a column");
  return {};
}

/// The layouts in use. An entry whose layout has ended is dropped when the table has doubled.
class LayoutTable {
 public:
  LayoutPtr find(const std::string& key) {
    const auto found = layouts_.find(key);
    return found == layouts_.end() ? nullptr : found->second.lock();
  }
  void add(const std::string& key, const LayoutPtr& layout) {
    if (layouts_.size() >= sweep_at_) {
      std::erase_if(layouts_, [](const auto& entry) { return entry.second.expired(); });
      sweep_at_ = 2 * layouts_.size() + 64;
    }
    layouts_[key] = layout;
  }
  std::mutex mutex;

 private:
  std::unordered_map<std::string, std::weak_ptr<const BlockLayout>> layouts_;
  size_t sweep_at_ = 64;
};

LayoutTable& layout_table() {
  static auto* table = new LayoutTable();  // never destroyed: blocks may end after static objects do
  return *table;
}

}  // namespace

Result<ColumnPath> column_path(const Path& path) {
  ColumnPath joined;
  for (const Path::Step& step : path.steps()) {
    if (step.is_index || step.name.find('\0') != std::string::npos) {
      return Status(StatusCode::kInvalidArgument, "path '" + path.to_string() + "' is no path of a column");
    }
    if (&step != &path.steps().front()) joined.push_back('\0');
    joined += step.name;
  }
  return joined;
}

LayoutPtr BlockLayout::intern(const std::vector<NodeSpec>& specs) {
  PROTO_CHECK(!specs.empty());
  std::string key;
  encode_specs(specs, key);
  LayoutTable& table = layout_table();
  std::lock_guard lock(table.mutex);
  if (LayoutPtr known = table.find(key)) return known;
  auto layout = std::make_shared<BlockLayout>();
  layout->nodes_.push_back({"", kRoot, Place::kObject, 0, {}});
  std::vector<ColumnPath> paths(specs.size());
  for (uint32_t i = 1; i < specs.size(); ++i) {
    const NodeSpec& spec = specs[i];
    paths[i] = spec.parent == kRoot ? spec.name : paths[spec.parent] + '\0' + spec.name;
    layout->nodes_.push_back({spec.name, spec.parent, spec.place, static_cast<uint32_t>(layout->columns_.size()), {}});
    layout->nodes_[spec.parent].children.push_back(i);
    if (spec.place == Place::kResidual) continue;
    layout->slots_.emplace(paths[i], ColumnSlot{spec.place, layout->nodes_[i].column, i});
    if (spec.place == Place::kColumn) layout->columns_.push_back({paths[i], spec.kind, i});
  }
  table.add(key, layout);
  return layout;
}

ColumnSlot BlockLayout::find(std::string_view path) const {
  const auto found = slots_.find(path);
  return found == slots_.end() ? ColumnSlot() : found->second;
}

uint32_t BlockLayout::child(uint32_t node, std::string_view name) const {
  for (uint32_t child : nodes_[node].children) {
    if (nodes_[child].name == name) return child;
  }
  return 0;
}

void BlockLayout::encode(std::string& out) const {
  Specs specs;
  for (const Node& node : nodes_) {
    specs.push_back(
        {node.name, node.parent, node.place, node.place == Place::kColumn ? columns_[node.column].kind : Kind::kNone});
  }
  encode_specs(specs, out);
}

Result<LayoutPtr> BlockLayout::decode(proto::ByteReader& reader) {
  const uint64_t count = reader.varint();
  if (!reader.ok() || count == 0 || count > kMaxNodes) return corrupt("number of nodes");
  Specs specs = {{"", kRoot, Place::kObject, Kind::kNone}};
  std::vector<uint32_t> depths = {0};
  std::unordered_set<std::string> names;  // with the parent's number
  while (specs.size() < count) {
    NodeSpec spec;
    const uint64_t parent = reader.varint();
    spec.parent = static_cast<uint32_t>(std::min<uint64_t>(parent, kMaxNodes));
    spec.place = static_cast<Place>(reader.fixed<uint8_t>());
    spec.kind = static_cast<Kind>(reader.fixed<uint8_t>());
    spec.name = reader.string();
    if (!reader.ok()) return corrupt("cut short");
    PROTO_RETURN_IF_ERROR(check_spec(specs, spec));
    if (!names.insert(std::to_string(spec.parent) + ' ' + spec.name).second) return corrupt("a name occurs twice");
    depths.push_back(depths[spec.parent] + 1);
    if (depths.back() > kMaxLayoutDepth) return corrupt("nested too deeply");
    specs.push_back(std::move(spec));
  }
  return intern(specs);
}

}  // namespace protobase
