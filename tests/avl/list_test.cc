#include "runtime/avl/list.h"

#include <gtest/gtest.h>

#include <iostream>
#include <vector>

#include "runtime/avl/cursor.h"
#include "runtime/avl/edit.h"
#include "runtime/avl/version_set.h"
#include "runtime/base/random.h"

namespace proto::avl {
namespace {

using Numbers = List<uint32_t>;
using Model = std::vector<uint32_t>;

class ListTest : public testing::TestWithParam<uint32_t> {
 protected:
  ListTest() : family_(Numbers{.max_entries = GetParam()}) { std::cout << "seed " << seed_ << "\n"; }
  ~ListTest() override { EXPECT_EQ(family_.live_nodes(), 0); }

  Model random_items(uint64_t size) {
    Model items(size);
    for (uint32_t& item : items) item = static_cast<uint32_t>(random_.next());
    return items;
  }
  static ptrdiff_t offset(uint64_t index) { return static_cast<ptrdiff_t>(index); }

  uint64_t seed_ = testing::UnitTest::GetInstance()->random_seed() + 1;
  Random random_{seed_};
  Family<Numbers> family_;
};

INSTANTIATE_TEST_SUITE_P(LeafSizes, ListTest, testing::Values(4, 7, 64, 1024));

Model model_of(const Tree<Numbers>& tree) {
  Model model;
  Cursor<Numbers> cursor(tree);
  for (cursor.seek_first(); cursor.valid(); cursor.next()) model.push_back(cursor.entry());
  return model;
}

void expect_same(const Tree<Numbers>& tree, const Model& model) {
  ASSERT_TRUE(tree.check().ok()) << tree.check().to_string();
  ASSERT_EQ(tree.size(), model.size());
  ASSERT_EQ(model_of(tree), model);
}

TEST_P(ListTest, SplicesWithOldVersionsKept) {
  VersionSet<Numbers> versions(family_);
  std::vector<std::pair<VersionSet<Numbers>::Pin, Model>> history;
  Model model;
  for (int round = 0; round < 120; ++round) {
    Edit<Numbers> edit(family_);
    const auto pin = versions.pin();
    Tree<Numbers> tree = *pin;
    for (int change = 0; change < 5; ++change) {
      const uint64_t index = random_.below(model.size() + 1);
      const uint64_t most = random_.one_in(10) ? 400 : 4;
      const uint64_t remove = std::min(random_.below(most), model.size() - index);
      const Model items = random_items(random_.below(most + 1));
      edit.splice(tree, index, remove, items);
      model.erase(model.begin() + offset(index), model.begin() + offset(index + remove));
      model.insert(model.begin() + offset(index), items.begin(), items.end());
    }
    expect_same(tree, model);
    versions.publish(edit, tree);
    history.emplace_back(versions.pin(), model);
  }
  for (const auto& [pin, then] : history) expect_same(*pin, then);
}

TEST_P(ListTest, SlicesConcatenationsAndPositions) {
  for (int round = 0; round < 60; ++round) {
    const Model a = random_items(random_.below(3000)), b = random_items(random_.below(300));
    Edit<Numbers> edit(family_);
    Tree<Numbers> tree = random_.one_in(2) ? edit.concatenate(edit.build(a), edit.build(b))
                                           : edit.concatenate(edit.build(b), edit.build(a));
    Model model = model_of(tree);
    ASSERT_EQ(model.size(), a.size() + b.size());
    if (!model.empty()) {
      const uint64_t index = random_.below(model.size());
      EXPECT_EQ(tree.select(index), model[index]);
    }
    const uint64_t from = random_.below(model.size() + 1), to = from + random_.below(model.size() - from + 1);
    if (random_.one_in(2)) {
      tree = edit.slice(tree, from, to);
      model = Model(model.begin() + offset(from), model.begin() + offset(to));
    } else {
      edit.erase_at(tree, from, to);
      model.erase(model.begin() + offset(from), model.begin() + offset(to));
    }
    expect_same(tree, model);
    auto [left, right] = edit.split_at(tree, model.size() / 3);
    expect_same(left, Model(model.begin(), model.begin() + offset(model.size() / 3)));
    tree = edit.concatenate(right, left);
    std::rotate(model.begin(), model.begin() + offset(model.size() / 3), model.end());
    expect_same(tree, model);
    edit.discard(tree);
  }
}

TEST_P(ListTest, BuildsFromLeavesOfAnySize) {
  Edit<Numbers> edit(family_);
  std::vector<Numbers::Leaf*> leaves;
  Model model;
  for (int i = 0; i < 50; ++i) {
    const Model items = random_items(1 + random_.below(GetParam()));
    family_.policy().build(items, leaves);
    model.insert(model.end(), items.begin(), items.end());
  }
  const Tree<Numbers> tree = edit.build_from_leaves(leaves);
  expect_same(tree, model);
  edit.discard(tree);
}

}  // namespace
}  // namespace proto::avl
