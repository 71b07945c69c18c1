#include "vector/exact_search.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <limits>
#include <set>

#include "runtime/base/random.h"
#include "vector/top_k.h"

namespace protobase::vector {
namespace {

using proto::ObjectId;

TEST(TopK, KeepsWhatSortingKeeps) {
  const uint64_t seed = 99;
  SCOPED_TRACE(testing::Message() << "seed " << seed);
  proto::Random random(seed);
  for (int round = 0; round < 300; ++round) {
    const size_t k = random.below(20), count = random.below(200);
    TopK top(k);
    std::vector<Neighbor> all;
    for (size_t i = 0; i < count; ++i) {
      const Neighbor neighbor{static_cast<float>(random.below(30)), ObjectId(i * 7919 % 1000 + 1)};
      all.push_back(neighbor);
      top.offer(neighbor.rank, neighbor.id);
    }
    std::sort(all.begin(), all.end(), nearer);
    all.resize(std::min(k, all.size()));
    EXPECT_EQ(top.take_sorted(), all);
  }
}

TEST(TopK, ThresholdRejectsOnlyWhatCannotEnter) {
  TopK top(2);
  EXPECT_TRUE(top.admits(std::numeric_limits<float>::infinity(), ObjectId(1)));
  top.offer(5, ObjectId(9));
  EXPECT_EQ(top.threshold(), std::numeric_limits<float>::infinity());
  top.offer(3, ObjectId(8));
  EXPECT_EQ(top.threshold(), 5);
  EXPECT_TRUE(top.admits(5, ObjectId(8))) << "of equal ranks the smaller id wins";
  EXPECT_FALSE(top.admits(5, ObjectId(10)));
}

TEST(TopK, NothingIsNearerThanNaNButItStillFills) {
  TopK top(3);
  top.offer(std::numeric_limits<float>::quiet_NaN(), ObjectId(1));
  top.offer(std::numeric_limits<float>::infinity(), ObjectId(2));
  top.offer(1, ObjectId(3));
  top.offer(2, ObjectId(4));
  top.offer(std::numeric_limits<float>::quiet_NaN(), ObjectId(5));
  const std::vector<Neighbor> found = top.take_sorted();
  ASSERT_EQ(found.size(), 3u);
  EXPECT_EQ(found[0].id, ObjectId(3));
  EXPECT_EQ(found[1].id, ObjectId(4));
  EXPECT_EQ(found[2].id, ObjectId(1));
}

TEST(TopK, OfNoneKeepsNone) {
  TopK top(0);
  top.offer(-std::numeric_limits<float>::infinity(), ObjectId(1));
  EXPECT_TRUE(top.take_sorted().empty());
}

struct Rows {
  size_t dimension;
  std::vector<ObjectId> ids;
  std::vector<float> vectors;
  std::vector<float> query;

  Rows(proto::Random& random, size_t count, size_t dimension_in) : dimension(dimension_in) {
    uint64_t id = 0;
    for (size_t i = 0; i < count; ++i) ids.push_back(ObjectId(id += 1 + random.below(3)));
    for (size_t i = 0; i < count * dimension; ++i) vectors.push_back(static_cast<float>(random.below(9)));
    for (size_t i = 0; i < dimension; ++i) query.push_back(static_cast<float>(random.below(9)));
  }
  VectorBlock block(size_t from, size_t to) const {
    return {std::span(ids).subspan(from, to - from), vectors.data() + from * dimension};
  }
  template <class Accepts>
  std::vector<Neighbor> brute_force(Metric metric, size_t k, Accepts accepts) const {
    std::vector<Neighbor> all;
    for (size_t i = 0; i < ids.size(); ++i) {
      if (!accepts(ids[i])) continue;
      all.push_back({distance_kernel(metric).one(query.data(), vectors.data() + i * dimension, dimension), ids[i]});
    }
    std::sort(all.begin(), all.end(), nearer);
    all.resize(std::min(k, all.size()));
    return all;
  }
};

TEST(ExactSearch, BlockByBlockWithEveryKindOfFilterIsBruteForce) {
  const uint64_t seed = 4242;
  SCOPED_TRACE(testing::Message() << "seed " << seed);
  proto::Random random(seed);
  for (int round = 0; round < 120; ++round) {
    const Rows rows(random, random.below(900), 1 + random.below(20));
    const uint64_t one_in = 1 + random.below(round % 2 == 0 ? 4 : 200);
    std::vector<ObjectId> wanted;
    std::vector<uint64_t> words(random.below(40));
    const ObjectId first(random.below(100));
    for (uint64_t id = 1; id < 2000; ++id) {
      if (!random.one_in(one_in)) continue;
      wanted.push_back(ObjectId(id));
      const uint64_t bit = id - first.value;
      if (id >= first.value && bit / 64 < words.size()) words[bit / 64] |= uint64_t{1} << (bit % 64);
    }
    const std::set<ObjectId> wanted_set(wanted.begin(), wanted.end());
    const auto accepts = [&](ObjectId id) { return wanted_set.contains(id); };
    const Filter bitmap = Filter::bitmap(first, words);
    const size_t k = 1 + random.below(30);
    for (const Metric metric : {Metric::kL2, Metric::kInnerProduct, Metric::kCosine, Metric::kL1}) {
      const auto search = [&](Filter filter, bool sorted) {
        ExactSearch exact(metric, rows.query, k, filter);
        for (size_t at = 0, to = 0; at < rows.ids.size(); at = to) {
          to = std::min(rows.ids.size(), at + 1 + random.below(400));
          sorted ? exact.add_sorted(rows.block(at, to)) : exact.add(rows.block(at, to));
        }
        return exact.take();
      };
      for (const bool sorted : {true, false}) {
        ASSERT_EQ(search({}, sorted), rows.brute_force(metric, k, [](ObjectId) { return true; }));
        ASSERT_EQ(search(Filter::sorted_ids(wanted), sorted), rows.brute_force(metric, k, accepts));
        ASSERT_EQ(search(Filter::predicate(accepts), sorted), rows.brute_force(metric, k, accepts));
        ASSERT_EQ(search(bitmap, sorted), rows.brute_force(metric, k, [&](ObjectId id) { return bitmap.accepts(id); }));
      }
    }
  }
}

TEST(ExactSearch, PickedRowsPassTheFilterToo) {
  proto::Random random(5);
  const Rows rows(random, 500, 6);
  std::vector<uint32_t> positions;
  std::set<ObjectId> picked;
  for (uint32_t i = 0; i < rows.ids.size(); i += 3) {
    positions.push_back(i);
    if (rows.ids[i].value % 2 == 0) picked.insert(rows.ids[i]);
  }
  const auto even = [](ObjectId id) { return id.value % 2 == 0; };
  ExactSearch exact(Metric::kL2, rows.query, 12, Filter::predicate(even));
  exact.add_picked(rows.block(0, rows.ids.size()), positions);
  EXPECT_EQ(exact.scanned_count(), positions.size());
  EXPECT_EQ(exact.take(), rows.brute_force(Metric::kL2, 12, [&](ObjectId id) { return picked.contains(id); }));
}

TEST(ExactSearch, AThinFilterSkipsTheOtherRows) {
  proto::Random random(6);
  const Rows rows(random, 1000, 4);
  const std::vector<ObjectId> wanted{rows.ids[17], rows.ids[500], rows.ids[999]};
  ExactSearch exact(Metric::kL2, rows.query, 10, Filter::sorted_ids(wanted));
  exact.add_sorted(rows.block(0, rows.ids.size()));
  EXPECT_EQ(exact.scanned_count(), 3u);
  EXPECT_EQ(exact.take().size(), 3u);
}

TEST(ExactSearch, APredicateIsAskedAboutNearRowsOnly) {
  proto::Random random(8);
  const Rows rows(random, 5000, 8);
  const auto all = [](ObjectId) { return true; };
  ExactSearch exact(Metric::kL2, rows.query, 5, Filter::predicate(all));
  exact.add_sorted(rows.block(0, rows.ids.size()));
  EXPECT_LT(exact.asked_count(), 500u);
  EXPECT_EQ(exact.asked_count(), exact.accepted_count());
}

TEST(Filter, BitmapEdges) {
  const std::vector<uint64_t> words{1, uint64_t{1} << 63};
  const Filter filter = Filter::bitmap(ObjectId(100), words);
  EXPECT_TRUE(filter.accepts(ObjectId(100)));
  EXPECT_TRUE(filter.accepts(ObjectId(227)));
  EXPECT_FALSE(filter.accepts(ObjectId(99)));
  EXPECT_FALSE(filter.accepts(ObjectId(228)));
  EXPECT_FALSE(filter.accepts(ObjectId(0)));
  EXPECT_EQ(filter.count_at_most(), 2u);
  EXPECT_EQ(Filter().count_at_most(), std::nullopt);
}

}  // namespace
}  // namespace protobase::vector
