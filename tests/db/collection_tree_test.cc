#include "db/collection_tree.h"

#include <gtest/gtest.h>

#include <deque>
#include <map>

#include "runtime/avl/cursor.h"
#include "runtime/avl/version_set.h"
#include "tests/db/random_values.h"

namespace protobase {
namespace {

using Model = std::map<uint64_t, Value>;
using Edit = proto::avl::Edit<CollectionPolicy>;
using Cursor = proto::avl::Cursor<CollectionPolicy>;

void expect_equal(const CollectionTree& tree, const Model& model) {
  const Status status = tree.check();
  ASSERT_TRUE(status.ok()) << status.to_string();
  ASSERT_EQ(tree.size(), model.size());
  Cursor cursor(tree);
  cursor.seek_first();
  for (const auto& [id, value] : model) {
    ASSERT_TRUE(cursor.valid());
    ASSERT_EQ(cursor.entry().id().value, id);
    std::string bytes;
    cursor.entry().block->materialize(cursor.entry().row, bytes);
    ASSERT_EQ(exact(decode_trusted(bytes)), exact(value));
    cursor.next();
  }
  ASSERT_FALSE(cursor.valid());
}

Value object_of(proto::Random& random) {
  Object object{{"a", random.between(0, 9)}, {"name", random_text(random)}};
  if (random.one_in(10)) object.set("odd", random_value(random, 2));
  return object;
}

TEST(CollectionTree, BatchesFollowTheModelAndOldVersionsStay) {
  const uint64_t seed = 555;
  SCOPED_TRACE(seed);
  proto::Random random(seed);
  const int64_t chunks_before = Chunk::alive();
  proto::avl::Family<CollectionPolicy> family;
  {
    proto::avl::VersionSet<CollectionPolicy> versions(family);
    std::vector<std::pair<proto::avl::VersionSet<CollectionPolicy>::Pin, Model>> pinned;
    Model model;
    for (int step = 0; step < 40; ++step) {
      Edit edit(family);
      CollectionTree tree = *versions.pin();
      std::deque<Value> values;
      std::map<uint64_t, BlockChange> batch;
      for (uint64_t n = random.one_in(4) ? 3000 : 1 + random.below(40); n > 0; --n) {
        const uint64_t id = 1 + random.below(20'000);
        if (random.one_in(3)) {
          batch[id] = {ObjectId(id), BlockChange::Kind::kErase, {}, {}};
        } else {
          batch[id] = {ObjectId(id), BlockChange::Kind::kPut, values.emplace_back(object_of(random)), {}};
        }
      }
      std::vector<BlockChange> changes;
      for (const auto& [id, change] : batch) {
        changes.push_back(change);
        if (change.kind == BlockChange::Kind::kErase)
          model.erase(id);
        else
          model.insert_or_assign(id, Value(change.object));
      }
      edit.apply(tree, std::span<const BlockChange>(changes));
      if (random.one_in(5)) {
        const uint64_t low = random.below(20'000), high = low + random.below(3000);
        edit.erase_range(tree, low, high);
        model.erase(model.lower_bound(low), model.lower_bound(high));
      }
      ASSERT_TRUE(edit.ok());
      ASSERT_NO_FATAL_FAILURE(expect_equal(tree, model)) << "step " << step;
      for (int probe = 0; probe < 20; ++probe) {
        const uint64_t id = random.below(20'000);
        ASSERT_EQ(tree.find(id).has_value(), model.contains(id));
        ASSERT_EQ(tree.rank(id), static_cast<uint64_t>(std::distance(model.begin(), model.lower_bound(id))));
      }
      versions.publish(edit, tree);
      if (random.one_in(4)) pinned.emplace_back(versions.pin(), model);
    }
    for (const auto& [pin, expected] : pinned) ASSERT_NO_FATAL_FAILURE(expect_equal(*pin, expected));
  }
  EXPECT_EQ(family.live_nodes(), 0);
  EXPECT_EQ(Chunk::alive(), chunks_before);
}

TEST(CollectionTree, AppendingOneByOneFillsBlocks) {
  proto::avl::Family<CollectionPolicy> family;
  Edit edit(family);
  CollectionTree tree = family.empty_tree();
  Model model;
  for (uint64_t id = 1; id <= 3000; ++id) {
    const Value object = Object{{"n", static_cast<int64_t>(id)}, {"text", "abc"}};
    edit.apply_one(tree, BlockChange{ObjectId(id), BlockChange::Kind::kInsert, object, {}});
    model.emplace(id, object);
  }
  expect_equal(tree, model);
  Cursor cursor(tree);
  int leaves = 0;
  for (cursor.seek_first(); cursor.valid(); cursor.next_leaf()) ++leaves;
  EXPECT_LE(leaves, 13);
  edit.discard(tree);
}

}  // namespace
}  // namespace protobase
