// Fuzzes the tree against std::map: the input is a program of edits, versions and set operations on tiny leaves. A second
// part feeds bytes to every decoder.
//
//   clang++ -std=c++20 -g -O1 -fsanitize=fuzzer,address,undefined -I. tests/fuzz/avl_fuzz.cc runtime/avl/*.cc
//     runtime/avl/internal/*.cc runtime/base/status.cc runtime/base/check.cc -o avl_fuzz
#include <cstddef>
#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "runtime/avl/byte_key_set.h"
#include "runtime/avl/cursor.h"
#include "runtime/avl/edit.h"
#include "runtime/avl/list.h"
#include "runtime/avl/pod_map.h"
#include "runtime/avl/version_set.h"
#include "runtime/base/coding.h"

namespace proto::avl {
namespace {

using Map = PodMap<uint64_t, uint64_t>;
using Model = std::map<uint64_t, uint64_t>;

/// Runs the program that the input spells.
class Program {
 public:
  explicit Program(std::string_view input) : input_(input), family_(Map{.max_entries = 4 + input_.fixed<uint8_t>() % 8u}) {}

  void run() {
    VersionSet<Map> versions(family_);
    std::vector<std::pair<VersionSet<Map>::Pin, Model>> history;
    Model model;
    while (input_.ok() && !input_.at_end()) {
      const auto pin = versions.pin();
      Edit<Map> edit(family_);
      Tree<Map> tree = *pin;
      step(edit, tree, model);
      require_same(tree, model);
      if (input_.fixed<uint8_t>() % 4 == 0) {
        edit.discard(tree);
        model = model_of(*pin);
        continue;
      }
      versions.publish(edit, tree);
      if (history.size() > 8) history.erase(history.begin());
      history.emplace_back(versions.pin(), model);
    }
    for (const auto& [pin, then] : history) require_same(*pin, then);
  }

 private:
  uint64_t key() { return input_.fixed<uint8_t>(); }

  static Model model_of(const Tree<Map>& tree) {
    Model model;
    Cursor<Map> cursor(tree);
    for (cursor.seek_last(); cursor.valid(); cursor.previous()) model.emplace(cursor.entry().key, cursor.entry().value);
    return model;
  }
  static void require_same(const Tree<Map>& tree, const Model& model) {
    PROTO_CHECK(tree.check().ok());
    PROTO_CHECK(model_of(tree) == model);
  }

  void step(Edit<Map>& edit, Tree<Map>& tree, Model& model) {
    switch (input_.fixed<uint8_t>() % 5) {
      case 0:
        return change_one(edit, tree, model);
      case 1:
        return change_many(edit, tree, model);
      case 2:
        return erase_range(edit, tree, model);
      case 3:
        return combine(edit, tree, model);
      default:
        return rotate(edit, tree, model);
    }
  }

  Map::Change change() { return {key(), input_.fixed<uint8_t>(), static_cast<ChangeKind>(input_.fixed<uint8_t>() % 3)}; }

  static void apply(const Map::Change& change, Model& model) {
    if (change.kind == ChangeKind::kErase) model.erase(change.key);
    if (change.kind == ChangeKind::kInsert) model.emplace(change.key, change.value);
    if (change.kind == ChangeKind::kUpsert) model[change.key] = change.value;
  }

  void change_one(Edit<Map>& edit, Tree<Map>& tree, Model& model) {
    const Map::Change one = change();
    const bool grew_or_shrank = edit.apply_one(tree, one);
    const size_t before = model.size();
    apply(one, model);
    PROTO_CHECK(grew_or_shrank == (model.size() != before));
  }
  void change_many(Edit<Map>& edit, Tree<Map>& tree, Model& model) {
    std::vector<Map::Change> batch;
    const size_t count = input_.fixed<uint8_t>();
    for (size_t i = 0; i < count && input_.ok(); ++i) batch.push_back(change());
    std::map<uint64_t, Map::Change> last;
    for (const Map::Change& one : batch) last[one.key] = one;
    for (const auto& [name, one] : last) apply(one, model);
    edit.apply_unsorted(tree, batch);
  }
  void erase_range(Edit<Map>& edit, Tree<Map>& tree, Model& model) {
    const uint64_t low = key(), high = key();
    edit.erase_range(tree, low, high);
    if (low < high) model.erase(model.lower_bound(low), model.lower_bound(high));
  }
  void combine(Edit<Map>& edit, Tree<Map>& tree, Model& model) {
    std::vector<Map::Item> items;
    const uint64_t step = 1 + input_.fixed<uint8_t>() % 16u;
    for (uint64_t name = key(); name < 256; name += step) items.push_back({name, step});
    const Tree<Map> other = edit.build(items);
    const auto operation = static_cast<SetOperation>(input_.fixed<uint8_t>() % 3);
    tree = edit.combine(operation, tree, other);
    edit.drop(other);
    Model result = operation == SetOperation::kIntersect ? Model() : model;
    for (const Map::Item& item : items) {
      if (operation == SetOperation::kUnion) result[item.key] = item.value;
      if (operation == SetOperation::kDifference) result.erase(item.key);
      if (operation == SetOperation::kIntersect && model.contains(item.key)) result[item.key] = model[item.key];
    }
    model = std::move(result);
  }
  // Cut and put together again.
  void rotate(Edit<Map>& edit, Tree<Map>& tree, Model&) {
    auto [left, right] = edit.split(tree, key());
    tree = edit.concatenate(left, right);
    auto [head, tail] = edit.split_at(tree, tree.size() / (1 + input_.fixed<uint8_t>() % 4u));
    tree = edit.concatenate(head, tail);
  }

  ByteReader input_;
  Family<Map> family_;
};

template <LeafPolicy P>
void decode_leaf(const P& policy, std::string_view bytes) {
  auto leaf = policy.decode(bytes);
  if (!leaf.ok()) return;
  PROTO_CHECK((*leaf)->count > 0);
  std::string again;
  policy.encode(**leaf, again);
  policy.free(*leaf);
}

void decode_all(std::string_view bytes) {
  decode_leaf(Map{}, bytes);
  decode_leaf(ByteKeySet{}, bytes);
  decode_leaf(List<uint32_t>{}, bytes);
  Family<ByteKeySet> family;
  if (auto node = family.decode(NodeKind::kInner, bytes, 1); node.ok()) {
    std::string again;
    family.encode(**node, again);
    family.free_node(*node);
  }
}

}  // namespace
}  // namespace proto::avl

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string_view input(reinterpret_cast<const char*>(data), size);
  if (input.empty()) return 0;
  if ((input.front() & 1) != 0) {
    proto::avl::decode_all(input.substr(1));
  } else {
    proto::avl::Program(input.substr(1)).run();
  }
  return 0;
}
