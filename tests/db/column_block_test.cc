#include "db/column_block.h"

#include <gtest/gtest.h>

#include <deque>
#include <map>

#include "db/block_builder.h"
#include "db/document.h"
#include "tests/db/random_values.h"

namespace protobase {
namespace {

using Model = std::map<uint64_t, Value>;
using Blocks = std::vector<BlockPtr>;
using ChangeKind = BlockChange::Kind;

Value row_of(const ColumnBlock& block, uint32_t row) {
  std::string bytes;
  block.materialize(row, bytes);
  EXPECT_TRUE(validate(bytes).ok());
  return Value(decode_trusted(bytes));
}

/// Every block is sound, and all together hold what the model says.
void expect_equal(const Blocks& blocks, const Model& model) {
  auto expected = model.begin();
  for (const BlockPtr& block : blocks) {
    const Status status = block->check();
    ASSERT_TRUE(status.ok()) << status.to_string();
    for (uint32_t row = 0; row < block->rows(); ++row, ++expected) {
      ASSERT_NE(expected, model.end());
      ASSERT_EQ(block->id(row).value, expected->first);
      ASSERT_EQ(block->find(ObjectId(expected->first)), row);
      ASSERT_EQ(exact(row_of(*block, row)), exact(expected->second));
    }
  }
  ASSERT_EQ(expected, model.end());
}

/// Columns and single values show what the objects hold.
void expect_columns(const ColumnBlock& block, const Model& model) {
  for (const BlockLayout::Column& column : block.layout()->columns()) {
    const ColumnView view = block.column(column.path);
    ASSERT_EQ(view.rows, block.rows());
    uint32_t values = 0;
    for (uint32_t row = 0; row < block.rows(); ++row) {
      ValueView expected = model.at(block.ids()[row]);
      for (size_t at = 0; at != std::string::npos;) {
        const size_t end = column.path.find('\0', at);
        expected = expected[std::string_view(column.path).substr(at, end - at)];
        at = end == std::string::npos ? end : end + 1;
      }
      std::string scratch;
      ASSERT_EQ(exact(block.value(row, block.layout()->find(column.path), column.path, scratch)), exact(expected));
      if (view.is_valid(row)) {
        ASSERT_EQ(expected.kind(), view.kind);
        ASSERT_TRUE(view.kind == Kind::kVector || (view.min.compare(expected) <= 0 && view.max.compare(expected) >= 0));
        ++values;
      } else {
        ASSERT_TRUE(view.in_residual(row) || expected.is_none());
      }
    }
    ASSERT_EQ(values, view.value_count);
  }
}

/// Objects of one shape, with now and then something odd.
Value random_object(proto::Random& random, uint64_t oddness) {
  Object object{{"name", random_text(random, 20)}, {"number", random.between(-1000, 1000)}};
  if (!random.one_in(4)) object.set("price", random.one_in(oddness) ? Value(3) : Value(random.unit()));
  if (random.one_in(2)) object.set("on", random.one_in(5) ? Value() : Value(random.one_in(2)));
  Object size{{"w", random.between(0, 9)}};
  if (random.one_in(2)) size.set("h", Date{static_cast<int32_t>(random.between(0, 9))});
  if (random.one_in(oddness)) size.set("odd", random_value(random, 2));
  if (!random.one_in(5)) object.set("size", random.one_in(oddness) ? random_value(random, 1) : Value(size));
  if (random.one_in(3)) object.set("tags", Array{random_text(random, 3), random_scalar(random)});
  if (random.one_in(2)) object.set("vector", random_vector(random, random.one_in(oddness) ? 3 : 4));
  if (random.one_in(3)) object.set("maker", Ref{CollectionId(1), ObjectId(random.below(9))});
  if (random.one_in(oddness)) object.set(random_text(random, 4), random_value(random, 3));
  return object;
}

struct Changes {
  std::deque<Value> values;
  std::map<uint64_t, BlockChange> by_id;
};

Value random_patch(proto::Random& random, uint64_t oddness) {
  static const char* const kPaths[] = {"name",   "number", "price", "on",   "size.w", "size.h",
                                       "vector", "new",    "size",  "a[0]", "x..",    "size.deep.er"};
  Object patch;
  for (uint64_t n = 1 + random.below(3); n > 0; --n) {
    switch (random.below(5)) {
      case 0: patch.set("price", random.unit()); break;
      case 1: patch.set("name", random_text(random, 9)); break;
      case 2: patch.set("size.w", random.between(0, 9)); break;
      case 3: patch.set("number", random.one_in(3) ? Value() : Value(random.between(0, 5))); break;
      default:
        if (random.one_in(oddness))
          patch.set(kPaths[random.below(std::size(kPaths))], random_value(random, 1));
        else
          patch.set("vector", random_vector(random, 4));
    }
  }
  return patch;
}

/// Random changes to ids up to `ids`, and the same done to the model.
Changes random_changes(proto::Random& random, uint64_t ids, size_t count, uint64_t oddness, int patch_share,
                       Model& model) {
  Changes changes;
  for (size_t i = 0; i < count; ++i) {
    const uint64_t id = 1 + random.below(ids);
    BlockChange change{ObjectId(id)};
    if (random.below(100) < static_cast<uint64_t>(patch_share)) {
      change.kind = ChangeKind::kPatch;
      change.object = changes.values.emplace_back(random_patch(random, oddness));
      if (random.one_in(4)) {
        change.removed = changes.values.emplace_back(Array{random.one_in(2)   ? "price"
                                                           : random.one_in(2) ? "size.w"
                                                                              : "tags[0]"});
      }
    } else {
      static constexpr ChangeKind kKinds[] = {ChangeKind::kInsert, ChangeKind::kPut, ChangeKind::kErase};
      change.kind = kKinds[random.below(3)];
      if (change.kind != ChangeKind::kErase)
        change.object = changes.values.emplace_back(random_object(random, oddness));
    }
    changes.by_id[id] = change;
  }
  for (const auto& [id, change] : changes.by_id) {
    if (change.kind == ChangeKind::kErase) model.erase(id);
    if (change.kind == ChangeKind::kPut) model.insert_or_assign(id, Value(change.object));
    if (change.kind == ChangeKind::kInsert) model.emplace(id, Value(change.object));
    if (change.kind != ChangeKind::kPatch || !model.contains(id)) continue;
    std::string document = encode(model[id]);
    for (size_t i = 0; i < change.object.size(); ++i) {
      const auto [text, value] = change.object.attribute(i);
      auto path = Path::parse(text);
      if (!path) continue;
      if (auto next = set_path(document, *path, value)) document = *next;
    }
    for (size_t i = 0; i < change.removed.size(); ++i) {
      document = remove_path(document, *Path::parse(change.removed[static_cast<int64_t>(i)].as_string()));
    }
    model[id] = Value(decode_trusted(document));
  }
  return changes;
}

/// Applies changes to each block that they touch, as a tree does.
Blocks apply_to(const Blocks& blocks, const Changes& changes) {
  Blocks out;
  auto change = changes.by_id.begin();
  for (size_t i = 0; i < std::max<size_t>(blocks.size(), 1); ++i) {
    std::vector<BlockChange> batch;
    for (; change != changes.by_id.end(); ++change) {
      if (i + 1 < blocks.size() && change->first >= blocks[i + 1]->ids().front()) break;
      batch.push_back(change->second);
    }
    const ColumnBlock* block = blocks.empty() ? nullptr : blocks[i].get();
    if (!batch.empty() && ColumnBlock::apply(block, batch, out)) continue;
    if (block != nullptr) out.push_back(block->slice(0, block->rows()));
  }
  return out;
}

Blocks reencoded(const Blocks& blocks) {
  Blocks out;
  for (const BlockPtr& block : blocks) {
    std::string bytes, again;
    block->encode(bytes);
    auto back = ColumnBlock::decode(bytes);
    EXPECT_TRUE(back) << back.status().to_string();
    (*back)->encode(again);
    EXPECT_EQ(bytes, again);
    EXPECT_EQ((*back)->layout(), block->layout());
    out.push_back(std::move(*back));
  }
  return out;
}

/// Cuts or joins blocks at random.
Blocks rearranged(const Blocks& blocks, proto::Random& random) {
  Blocks out;
  for (size_t i = 0; i < blocks.size(); ++i) {
    const ColumnBlock& block = *blocks[i];
    if (i + 1 < blocks.size() && random.one_in(2)) {
      ColumnBlock::concat(block, *blocks[i + 1], out);
      ++i;
    } else if (block.rows() > 1) {
      const auto cut = static_cast<uint32_t>(1 + random.below(block.rows() - 1));
      out.push_back(block.slice(0, cut));
      out.push_back(block.slice(cut, block.rows()));
    } else {
      out.push_back(block.slice(0, 1));
    }
  }
  return out;
}

class ColumnBlockModel : public testing::TestWithParam<std::tuple<uint64_t, int>> {};

TEST_P(ColumnBlockModel, FollowsTheModelAndOldBlocksStay) {
  const auto [oddness, patch_share] = GetParam();
  const uint64_t seed = 1000 + oddness * 100 + static_cast<uint64_t>(patch_share);
  SCOPED_TRACE(seed);
  proto::Random random(seed);
  const int64_t chunks_before = Chunk::alive();
  {
    std::vector<std::pair<Blocks, Model>> versions;
    Blocks blocks;
    Model model;
    for (int step = 0; step < 60; ++step) {
      const Model before = model;
      const size_t count = random.one_in(5) ? 1 + random.below(600) : 1 + random.below(8);
      const Changes changes = random_changes(random, 1500, count, oddness, step < 5 ? 0 : patch_share, model);
      Blocks next = apply_to(blocks, changes);
      if (random.one_in(3)) next = rearranged(next, random);
      if (random.one_in(3)) next = reencoded(next);
      ASSERT_NO_FATAL_FAILURE(expect_equal(next, model)) << "step " << step;
      for (const BlockPtr& block : next) ASSERT_NO_FATAL_FAILURE(expect_columns(*block, model));
      versions.emplace_back(std::move(blocks), before);
      blocks = std::move(next);
    }
    for (const auto& [old_blocks, old_model] : versions) ASSERT_NO_FATAL_FAILURE(expect_equal(old_blocks, old_model));
  }
  EXPECT_EQ(Chunk::alive(), chunks_before);
}

INSTANTIATE_TEST_SUITE_P(Shapes, ColumnBlockModel,
                         testing::Combine(testing::Values(3, 30, 1000), testing::Values(0, 40, 95)));

Blocks build(const std::vector<Value>& objects, uint64_t first_id = 1) {
  std::vector<BlockRow> rows;
  for (const Value& object : objects) rows.push_back({ObjectId(first_id++), object});
  Blocks out;
  ColumnBlock::build(rows, out);
  return out;
}

TEST(ColumnBlock, OddObjectsComeBackExactly) {
  const std::vector<Value> objects = {Object{},
                                      Object{{"a", nullptr}},
                                      Object{{"a", 1}},
                                      Object{{"a", 1.0}},
                                      Object{{"a", Object{}}},
                                      Object{{"a", Object{{"b", nullptr}}}},
                                      Object{{"a", Object{{"b", Object{}}}}},
                                      Object{{"a.b", 1}, {"a", Object{{"b", 2}}}},
                                      Object{{"", Object{{"", 1}}}},
                                      Object{{std::string_view("z\0z", 3), 1}},
                                      Object{{"z", Object{{"z", 5}}}},
                                      Object{{"a", Array{}}},
                                      Object{{"a", std::vector<float>{}}},
                                      Object{{"a", std::vector<float>{1, 2}}},
                                      Object{{"\xFF\xFE", "bytes"}},
                                      Object{{"a", ""}}};
  for (size_t copies : {1, 5}) {
    std::vector<Value> all;
    Model model;
    for (size_t i = 0; i < objects.size() * copies; ++i) {
      all.push_back(objects[i % objects.size()]);
      model.emplace(i + 1, all.back());
    }
    expect_equal(build(all), model);
    for (size_t i = 0; i < objects.size(); ++i) expect_equal(build({objects[i]}), {{1, objects[i]}});
  }
}

TEST(ColumnBlock, TypedAttributesBecomeColumnsAndOddRowsSayWhere) {
  std::vector<Value> objects;
  for (int i = 0; i < 40; ++i) {
    objects.push_back(
        Object{{"n", i == 7 ? Value("seven") : Value(i)}, {"size", Object{{"w", i * 0.5}}}, {"tags", Array{i}}});
  }
  const Blocks blocks = build(objects);
  ASSERT_EQ(blocks.size(), 1U);
  const ColumnView n = blocks[0]->column("n");
  EXPECT_EQ(n.kind, Kind::kInt);
  EXPECT_EQ(n.value_count, 39U);
  EXPECT_EQ(n.as<int64_t>()[39], 39);
  EXPECT_TRUE(n.in_residual(7));
  EXPECT_FALSE(n.is_valid(7));
  EXPECT_EQ(n.min.as_int64(), 0);
  EXPECT_EQ(n.max.as_int64(), 39);
  EXPECT_EQ(blocks[0]->value(7, "n").as_string(), "seven");
  const ColumnView w = blocks[0]->column(*column_path(*Path::parse("size.w")));
  EXPECT_EQ(w.kind, Kind::kDouble);
  EXPECT_EQ(w.valid, nullptr);
  EXPECT_EQ(blocks[0]->value(3, "tags")[0].as_int64(), 3);
  EXPECT_EQ(blocks[0]->column("tags").kind, Kind::kNone);
  EXPECT_TRUE(blocks[0]->column("tags").in_residual(0));
  const ColumnSlot size = blocks[0]->layout()->find("size");
  EXPECT_EQ(size.place, ColumnSlot::Place::kObject);
  std::string scratch;
  EXPECT_EQ(blocks[0]->value(4, size, "size", scratch).to_json(), R"({"w":2.0})");
  EXPECT_EQ(row_of(*blocks[0], 2).to_json(), R"({"n":2,"size":{"w":1.0},"tags":[2]})");
}

TEST(ColumnBlock, APatchCopiesItsColumnAlone) {
  std::vector<Value> objects;
  for (int i = 0; i < 256; ++i) objects.push_back(Object{{"a", i}, {"b", "text"}, {"c", Object{{"d", 1.5}}}});
  const Blocks blocks = build(objects);
  const ColumnBlock& old = *blocks[0];
  const Value patch = Object{{"c.d", 2.5}};
  Blocks out;
  const BlockChange change{ObjectId(100), ChangeKind::kPatch, patch};
  ASSERT_TRUE(ColumnBlock::apply(&old, {&change, 1}, out));
  ASSERT_EQ(out.size(), 1U);
  EXPECT_EQ(out[0]->chunk(0), old.chunk(0));
  EXPECT_EQ(out[0]->chunk(1), old.chunk(1));
  EXPECT_NE(out[0]->chunk(2), old.chunk(2));
  EXPECT_EQ(out[0]->layout(), old.layout());
  EXPECT_EQ(row_of(*out[0], 99).at("c.d").as_double(), 2.5);
  EXPECT_EQ(row_of(old, 99).at("c.d").as_double(), 1.5);
  EXPECT_EQ(out[0]->column("c\0d").max.as_double(), 0.0) << "a path ends at the first byte 0 of a literal";
  EXPECT_EQ(out[0]->column(std::string_view("c\0d", 3)).max.as_double(), 2.5);
}

TEST(ColumnBlock, NeighboursShareTheirLayout) {
  std::vector<Value> objects;
  for (int i = 0; i < 2000; ++i) {
    Object object{{"a", i}, {"b", i * 0.5}};
    if (i > 700) object.set("late", "x");
    objects.push_back(object);
  }
  const Blocks blocks = build(objects);
  ASSERT_GE(blocks.size(), 4U);
  EXPECT_EQ(blocks[0]->layout(), blocks[1]->layout());
  EXPECT_EQ(blocks[blocks.size() - 1]->layout(), blocks[blocks.size() - 2]->layout());
}

TEST(ColumnBlock, NothingChangesWithoutEffect) {
  const Blocks blocks = build({Object{{"a", 1}}});
  const Value object = Object{{"a", 2}};
  Blocks out;
  const BlockChange changes[] = {{ObjectId(1), ChangeKind::kInsert, object},
                                 {ObjectId(2), ChangeKind::kErase},
                                 {ObjectId(3), ChangeKind::kPatch, object}};
  EXPECT_FALSE(ColumnBlock::apply(blocks[0].get(), changes, out));
  const BlockChange erase{ObjectId(1), ChangeKind::kErase};
  EXPECT_TRUE(ColumnBlock::apply(blocks[0].get(), {&erase, 1}, out));
  EXPECT_TRUE(out.empty());
}

TEST(ColumnBlock, LargeObjectsStandInBlocksOfFewRows) {
  std::vector<Value> objects;
  Model model;
  for (uint64_t i = 1; i <= 40; ++i) {
    objects.push_back(Object{{"text", std::string(50'000, static_cast<char>('a' + i % 26))}});
    model.emplace(i, objects.back());
  }
  const Blocks blocks = build(objects);
  EXPECT_GE(blocks.size(), 10U);
  expect_equal(blocks, model);
  Blocks out;
  std::vector<BlockChange> changes;
  for (uint64_t i = 1; i <= 40; ++i) changes.push_back({ObjectId(i), ChangeKind::kPut, objects[i - 1]});
  ASSERT_TRUE(ColumnBlock::apply(nullptr, changes, out));
  EXPECT_GE(out.size(), 10U);
  expect_equal(out, model);
}

TEST(ColumnBlock, SearchFindsGapsAndEnds) {
  const uint64_t seed = 3;
  proto::Random random(seed);
  for (int round = 0; round < 200; ++round) {
    std::map<uint64_t, int> ids;
    for (uint64_t n = 1 + random.below(300); n > 0; --n) ids[1 + random.below(random.one_in(2) ? 400 : ~0ull - 2)] = 0;
    const Value object = Object{};
    std::vector<BlockRow> rows;
    for (const auto& [id, unused] : ids) rows.push_back({ObjectId(id), object});
    Blocks out;
    ColumnBlock::build(rows, out);
    const auto all = out[0]->ids();
    for (int probe = 0; probe < 50; ++probe) {
      const uint64_t id = random.one_in(2) ? all[random.below(all.size())] + random.below(3) - 1 : random.next();
      const auto expected = static_cast<uint32_t>(std::lower_bound(all.begin(), all.end(), id) - all.begin());
      ASSERT_EQ(out[0]->lower_bound(ObjectId(id)), expected) << "seed " << seed;
    }
  }
}

TEST(ColumnBlock, HostileBytesAreRefusedOrHarmless) {
  const uint64_t seed = 2024;
  SCOPED_TRACE(seed);
  proto::Random random(seed);
  int accepted = 0;
  for (int round = 0; round < 300; ++round) {
    std::vector<Value> objects;
    for (uint64_t n = 1 + random.below(12); n > 0; --n) objects.push_back(random_object(random, 4));
    std::string bytes;
    build(objects)[0]->encode(bytes);
    for (int damage = 0; damage < 60; ++damage) {
      std::string bad = bytes;
      for (uint64_t flips = 1 + random.below(3); flips > 0; --flips)
        bad[random.below(bad.size())] ^= static_cast<char>(1 << random.below(8));
      if (random.one_in(5)) bad.resize(random.below(bad.size() + 1));
      const std::vector<char> copy(bad.begin(), bad.end());
      auto block = ColumnBlock::decode({copy.data(), copy.size()});
      if (!block) {
        ASSERT_EQ(block.status().code(), StatusCode::kCorruption);
        continue;
      }
      ++accepted;
      for (uint32_t row = 0; row < (*block)->rows(); ++row) {
        std::string out;
        (*block)->materialize(row, out);
        (void)decode(out).ok();
      }
      (void)(*block)->check().ok();
    }
  }
  EXPECT_GT(accepted, 100);
}

}  // namespace
}  // namespace protobase
