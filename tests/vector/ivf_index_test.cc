#include "vector/ivf_index.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <memory>
#include <set>

#include "runtime/avl/checkpoint.h"
#include "runtime/avl/version_set.h"
#include "runtime/base/random.h"
#include "tests/avl/memory_store.h"
#include "tests/vector/vector_samples.h"

namespace protobase::vector {
namespace {

using proto::ObjectId;
using Model = std::map<ObjectId, std::vector<float>>;

/// An index with the memory that it lives in; one edit from beginning to end unless published.
struct Fixture {
  ListFamily family;
  ListEdit edit;
  IvfIndex index;

  Fixture(std::shared_ptr<const Quantizer> quantizer, const Samples& rows, uint32_t max_entries)
      : family(ListPolicy(quantizer->dimension(), max_entries)),
        edit(family),
        index(*IvfIndex::build(edit, quantizer, rows.block())) {}
  ~Fixture() {
    edit.discard(index.lists());
    EXPECT_EQ(family.live_nodes(), 0);
  }
};

std::vector<Neighbor> brute_force(Metric metric, const Model& model, std::span<const float> query, size_t k,
                                  const std::set<ObjectId>* wanted = nullptr) {
  std::vector<Neighbor> all;
  for (const auto& [id, vector] : model) {
    if (wanted != nullptr && !wanted->contains(id)) continue;
    all.push_back({distance_kernel(metric, SimdLevel::kPortable).one(query.data(), vector.data(), vector.size()), id});
  }
  std::sort(all.begin(), all.end(), nearer);
  all.resize(std::min(k, all.size()));
  return all;
}

/// Equal up to rounding: the same ranks in order, and every row found really has its rank.
void expect_same(Metric metric, const Model& model, std::span<const float> query, const std::vector<Neighbor>& found,
                 const std::vector<Neighbor>& expected) {
  ASSERT_EQ(found.size(), expected.size());
  std::set<ObjectId> ids;
  for (size_t i = 0; i < found.size(); ++i) {
    const double tolerance = 1e-4 * (1 + std::abs(expected[i].rank));
    ASSERT_NEAR(found[i].rank, expected[i].rank, tolerance) << "place " << i;
    ASSERT_TRUE(ids.insert(found[i].id).second) << "object " << found[i].id.value << " twice";
    const auto row = model.find(found[i].id);
    ASSERT_NE(row, model.end()) << "object " << found[i].id.value << " is not there";
    const float rank = distance_kernel(metric).one(query.data(), row->second.data(), row->second.size());
    ASSERT_NEAR(found[i].rank, rank, tolerance);
  }
}

Model model_of(const Samples& rows) {
  Model model;
  for (size_t i = 0; i < rows.count(); ++i) model[rows.ids[i]] = {rows.row(i).begin(), rows.row(i).end()};
  return model;
}

class EveryMetric : public testing::TestWithParam<Metric> {};
INSTANTIATE_TEST_SUITE_P(Ivf, EveryMetric,
                         testing::Values(Metric::kL2, Metric::kInnerProduct, Metric::kCosine, Metric::kL1),
                         [](const auto& info) { return std::string(metric_name(info.param)); });

TEST_P(EveryMetric, ProbingAllListsIsExact) {
  for (const uint32_t dimension : {7u, 48u}) {  // without sketches and with
    SCOPED_TRACE(testing::Message() << "dimension " << dimension);
    const Samples rows = clustered_samples(11, 3000, dimension, 25);
    const Model model = model_of(rows);
    const auto quantizer = *Quantizer::train(GetParam(), dimension, rows.values, {.list_count = 40});
    Fixture fixture(quantizer, rows, 32);
    ASSERT_TRUE(fixture.index.check().ok()) << fixture.index.check().to_string();
    const Samples queries = clustered_samples(11, 40, dimension, 25, 77);
    for (size_t i = 0; i < queries.count(); ++i) {
      const auto query = queries.row(i);
      const auto expected = brute_force(GetParam(), model, query, 10);
      const SearchResult probed = *fixture.index.search(query, 10, {.probe_count = 40});
      expect_same(GetParam(), model, query, probed.neighbors, expected);
      EXPECT_EQ(probed.stats.lists_probed, 40u);
      EXPECT_EQ(probed.stats.candidates_scanned, 3000u);
      EXPECT_FALSE(probed.stats.refilled);
      expect_same(GetParam(), model, query, (*fixture.index.search_exact(query, 10)).neighbors, expected);
    }
  }
}

TEST_P(EveryMetric, AFewProbesFindMostOnClusters) {
  const Samples rows = clustered_samples(12, 6000, 24, 60);
  const Model model = model_of(rows);
  const auto quantizer = *Quantizer::train(GetParam(), 24, rows.values, {.list_count = 64});
  Fixture fixture(quantizer, rows, 64);
  const Samples queries = clustered_samples(12, 60, 24, 60, 78);
  size_t hits = 0;
  for (size_t i = 0; i < queries.count(); ++i) {
    const auto expected = brute_force(GetParam(), model, queries.row(i), 10);
    const SearchResult result = *fixture.index.search(queries.row(i), 10, {.probe_count = 8});
    EXPECT_EQ(result.stats.lists_probed, 8u);
    hits += common_ids(result.neighbors, expected);
  }
  EXPECT_GE(static_cast<double>(hits) / (10.0 * static_cast<double>(queries.count())), 0.95);
}

/// An index that changes at random beside a model, with some old versions kept alive.
class ChangingIndex {
 public:
  static constexpr size_t kDimension = 33;
  static constexpr uint64_t kIds = 600;

  ChangingIndex(Metric metric, uint64_t seed)
      : metric_(metric),
        random_(seed),
        start_(clustered_samples(13, 400, kDimension, 10)),
        fresh_(clustered_samples(14, 3000, kDimension, 10)),
        quantizer_(*Quantizer::train(metric, kDimension, start_.values, {.list_count = 12})),
        family_(ListPolicy(kDimension, 8)),
        versions_(family_),
        model_(model_of(start_)),
        index_(quantizer_, family_.empty_tree()) {
    ListEdit edit(family_);
    index_ = *IvfIndex::build(edit, quantizer_, start_.block());
    publish(edit);
  }

  void change_and_publish() {
    ListEdit edit(family_);
    for (uint64_t step = random_.below(6); step-- > 0;) change_one(edit);
    if (random_.one_in(4)) change_many(edit);
    ASSERT_EQ(index_.size(), model_.size());
    publish(edit);
  }
  void search_some_version() {
    const Version& version = kept_[random_.below(kept_.size())];
    const auto query = next_row();
    ASSERT_EQ(version.index.size(), version.model.size());
    const SearchResult result = *version.index.search(query, 7, {.probe_count = 12});
    expect_same(metric_, version.model, query, result.neighbors, brute_force(metric_, version.model, query, 7));
  }
  void check_all_versions() const {
    for (const Version& version : kept_) {
      const Status status = version.index.check();
      ASSERT_TRUE(status.ok()) << status.to_string();
    }
    double sum = 0;
    for (const auto& [id, vector] : model_) {
      std::vector<float> stored = vector;
      if (metric_ == Metric::kCosine) normalize(stored);
      sum += quantizer_->assign(stored).distance;
    }
    EXPECT_NEAR(index_.distance_sum(), sum, 1e-3 * sum);
  }

 private:
  struct Version {
    proto::avl::VersionSet<ListPolicy>::Pin pin;
    IvfIndex index;
    Model model;
  };

  std::span<const float> next_row() { return fresh_.row(next_++ % fresh_.count()); }
  void publish(ListEdit& edit) {
    versions_.publish(edit, index_.lists());
    kept_.push_back({versions_.pin(), index_, model_});
    if (kept_.size() > 12) kept_.erase(kept_.begin() + static_cast<ptrdiff_t>(random_.below(kept_.size())));
  }
  void change_one(ListEdit& edit) {
    const ObjectId id(1 + random_.below(kIds));
    const auto row = next_row();
    const auto present = model_.find(id);
    if (present == model_.end()) {
      ASSERT_TRUE(index_.insert(edit, id, row).ok());
      model_[id] = {row.begin(), row.end()};
    } else if (random_.one_in(3)) {
      ASSERT_TRUE(index_.update(edit, id, present->second, row).ok());
      model_[id] = {row.begin(), row.end()};
    } else {
      ASSERT_TRUE(index_.erase(edit, id, present->second).ok());
      model_.erase(id);
    }
  }
  void change_many(ListEdit& edit) {
    Model after = model_;
    std::vector<VectorChange> changes;
    for (uint64_t id = 1 + random_.below(30); id < kIds; id += 1 + random_.below(60)) {
      const auto old = model_.find(ObjectId(id));
      VectorChange change{ObjectId(id), {}, {}};
      if (old != model_.end()) change.before = old->second;
      if (old == model_.end() || random_.one_in(2)) change.after = next_row();
      changes.push_back(change);
      after.erase(ObjectId(id));
      if (!change.after.empty()) after[ObjectId(id)] = {change.after.begin(), change.after.end()};
    }
    std::reverse(changes.begin(), changes.end());
    ASSERT_TRUE(index_.apply(edit, changes).ok());
    model_ = after;
  }

  Metric metric_;
  proto::Random random_;
  Samples start_, fresh_;
  std::shared_ptr<const Quantizer> quantizer_;
  ListFamily family_;
  proto::avl::VersionSet<ListPolicy> versions_;
  Model model_;
  IvfIndex index_;
  std::vector<Version> kept_;
  size_t next_ = 0;
};

TEST_P(EveryMetric, RandomChangesAgainstAModelWithOldVersionsAlive) {
  const uint64_t seed = 5150;
  SCOPED_TRACE(testing::Message() << "seed " << seed);
  ChangingIndex changing(GetParam(), seed);
  for (int round = 0; round < 150; ++round) {
    ASSERT_NO_FATAL_FAILURE(changing.change_and_publish());
    ASSERT_NO_FATAL_FAILURE(changing.search_some_version());
  }
  changing.check_all_versions();
}

TEST(Ivf, FiltersOfEveryShareGiveKRowsAtTheUnfilteredRecall) {
  const Samples rows = clustered_samples(15, 20000, 16, 100);
  const Model model = model_of(rows);
  const auto quantizer = *Quantizer::train(Metric::kL2, 16, rows.values, {.list_count = 128});
  Fixture fixture(quantizer, rows, 128);
  const Samples queries = clustered_samples(15, 40, 16, 100, 79);
  double unfiltered = 0;
  for (const uint64_t one_in : {1, 2, 10, 100, 1000}) {
    proto::Random random(one_in);
    std::vector<ObjectId> wanted;
    std::vector<uint64_t> words(rows.ids.back().value / 64 + 1);
    for (const ObjectId id : rows.ids) {
      if (!random.one_in(one_in)) continue;
      wanted.push_back(id);
      words[id.value / 64] |= uint64_t{1} << (id.value % 64);
    }
    const std::set<ObjectId> wanted_set(wanted.begin(), wanted.end());
    const auto accepts = [&](ObjectId id) { return wanted_set.contains(id); };
    const Filter filters[] = {Filter::sorted_ids(wanted), Filter::bitmap(ObjectId(0), words),
                              Filter::predicate(accepts)};
    for (const Filter& filter : filters) {
      size_t hits = 0, possible = 0;
      for (size_t i = 0; i < queries.count(); ++i) {
        const auto expected = brute_force(Metric::kL2, model, queries.row(i), 10, &wanted_set);
        const SearchResult result = *fixture.index.search(queries.row(i), 10, {.probe_count = 4, .filter = filter});
        ASSERT_EQ(result.neighbors.size(), expected.size()) << "one in " << one_in;
        for (const Neighbor& neighbor : result.neighbors) ASSERT_TRUE(accepts(neighbor.id));
        hits += common_ids(result.neighbors, expected);
        possible += expected.size();
        const auto exact = fixture.index.search_ids(queries.row(i), 10, wanted);
        expect_same(Metric::kL2, model, queries.row(i), exact->neighbors, expected);
      }
      const double recall = static_cast<double>(hits) / static_cast<double>(possible);
      if (one_in == 1) unfiltered = recall;
      EXPECT_GE(recall, unfiltered - 0.01) << "one in " << one_in << ", filter " << int(filter.kind());
    }
  }
  EXPECT_GT(unfiltered, 0.8);
}

TEST(Ivf, ProbesOnUntilKRowsAreFound) {
  // Forty lists of one far corner each; the query's own corner has a single row.
  std::vector<float> centroids;
  Samples rows{2, {}, {}};
  for (uint64_t i = 0; i < 40; ++i) {
    centroids.insert(centroids.end(), {static_cast<float>(i) * 100, 0});
    rows.ids.push_back(ObjectId(i + 1));
    rows.values.insert(rows.values.end(), {static_cast<float>(i) * 100, 1});
  }
  Fixture fixture(*Quantizer::from_centroids(Metric::kL2, 2, centroids), rows, 8);
  const std::vector<float> query{0, 0};
  const SearchResult result = *fixture.index.search(query, 10, {.probe_count = 1});
  ASSERT_EQ(result.neighbors.size(), 10u);
  EXPECT_EQ(result.neighbors[9].id, ObjectId(10));
  EXPECT_EQ(result.stats.lists_probed, 10u);
  EXPECT_TRUE(result.stats.refilled);
  EXPECT_EQ((*fixture.index.search(query, 100, {.probe_count = 1})).neighbors.size(), 40u);
  EXPECT_EQ((*fixture.index.search(query, 0, {.probe_count = 1})).neighbors.size(), 0u);
  EXPECT_EQ(*fixture.index.list_size(3), 1u);
}

TEST(Ivf, AnEmptyIndexFindsNothingAndTakesRowsLater) {
  Fixture fixture(*Quantizer::train(Metric::kL2, 3, {}, {.list_count = 100}), Samples{3, {}, {}}, 8);
  const std::vector<float> row{1, 2, 3};
  EXPECT_TRUE((*fixture.index.search(row, 5)).neighbors.empty());
  EXPECT_EQ(fixture.index.drift(), 1);
  ASSERT_TRUE(fixture.index.insert(fixture.edit, ObjectId(7), row).ok());
  const SearchResult result = *fixture.index.search(row, 5);
  ASSERT_EQ(result.neighbors.size(), 1u);
  EXPECT_EQ(result.neighbors[0], (Neighbor{0, ObjectId(7)}));
  ASSERT_TRUE(fixture.index.erase(fixture.edit, ObjectId(7), row).ok());
  EXPECT_EQ(fixture.index.size(), 0u);
  EXPECT_EQ(fixture.index.distance_sum(), 0);
}

TEST(Ivf, EqualVectorsComeInOrderOfTheirIds) {
  Samples rows{4, {}, {}};
  for (uint64_t id = 1; id <= 500; ++id) {
    rows.ids.push_back(ObjectId(id));
    rows.values.insert(rows.values.end(), 4, 1.5f);
  }
  Fixture fixture(*Quantizer::train(Metric::kCosine, 4, rows.values, {.list_count = 5}), rows, 16);
  const SearchResult result = *fixture.index.search(std::vector<float>{1, 1, 1, 1}, 20, {.probe_count = 5});
  ASSERT_EQ(result.neighbors.size(), 20u);
  for (uint64_t i = 0; i < 20; ++i) EXPECT_EQ(result.neighbors[i].id, ObjectId(i + 1));
}

TEST(Ivf, RefusesWhatDoesNotFitAndStaysAsItWas) {
  const Samples rows = clustered_samples(16, 100, 5, 4);
  Fixture fixture(*Quantizer::train(Metric::kL2, 5, rows.values, {.list_count = 4}), rows, 16);
  const std::vector<float> narrow(4), wide(6), fits(5);
  std::vector<float> infinite(5, std::numeric_limits<float>::infinity());
  EXPECT_EQ(fixture.index.search(narrow, 3).status().code(), StatusCode::kInvalidArgument);
  EXPECT_EQ(fixture.index.search(infinite, 3).status().code(), StatusCode::kInvalidArgument);
  EXPECT_EQ(fixture.index.insert(fixture.edit, ObjectId(900), wide).code(), StatusCode::kInvalidArgument);
  EXPECT_EQ(fixture.index.insert(fixture.edit, ObjectId(900), infinite).code(), StatusCode::kInvalidArgument);
  const std::vector<VectorChange> mixed{{ObjectId(900), {}, fits}, {ObjectId(901), {}, infinite}};
  EXPECT_EQ(fixture.index.apply(fixture.edit, mixed).code(), StatusCode::kInvalidArgument);
  EXPECT_EQ(fixture.index.size(), 100u);
  EXPECT_TRUE(fixture.index.check().ok());
}

TEST(Ivf, CalibrationFindsTheFewestProbesForARecall) {
  const Samples rows = clustered_samples(17, 8000, 20, 300);
  const auto quantizer = *Quantizer::train(Metric::kL2, 20, rows.values, {.list_count = 80});
  Fixture fixture(quantizer, rows, 64);
  Samples sample{20, {}, {}};
  for (size_t i = 0; i < rows.count(); i += 40) {
    sample.ids.push_back(rows.ids[i]);
    sample.values.insert(sample.values.end(), rows.row(i).begin(), rows.row(i).end());
  }
  const RecallCurve curve = *measure_recall(fixture.index, sample.values, sample.ids, 10);
  ASSERT_EQ(curve.recall.size(), 80u);
  EXPECT_TRUE(std::is_sorted(curve.recall.begin(), curve.recall.end()));
  EXPECT_FLOAT_EQ(curve.recall.back(), 1);
  const Model model = model_of(rows);
  const Samples queries = clustered_samples(17, 200, 20, 300, 80);
  for (const float target : {0.8f, 0.95f, 0.99f}) {
    const Calibration calibration = curve.calibrate(target);
    EXPECT_GE(curve.recall[calibration.probe_count - 1], target);
    if (calibration.probe_count > 1) {
      EXPECT_LT(curve.recall[calibration.probe_count - 2], target);
    }
    fixture.index.set_quantizer(fixture.index.quantizer().with_calibration(calibration));
    size_t hits = 0;
    for (size_t i = 0; i < queries.count(); ++i) {
      const SearchResult result = *fixture.index.search(queries.row(i), 10, {.recall = target});
      EXPECT_EQ(result.stats.lists_probed, calibration.probe_count);
      hits += common_ids(result.neighbors, brute_force(Metric::kL2, model, queries.row(i), 10));
    }
    EXPECT_GE(static_cast<double>(hits) / (10.0 * static_cast<double>(queries.count())), target - 0.03);
  }
}

TEST(Ivf, FromDiskReadsTheProbedListsOnlyAndReportsFailures) {
  const Samples rows = clustered_samples(20, 4000, 40, 30);
  const auto quantizer = *Quantizer::train(Metric::kL2, 40, rows.values, {.list_count = 64});
  ListFamily family(ListPolicy(40, 16));
  proto::avl::MemoryStore<ListPolicy> store(family);
  ListEdit edit(family);
  const IvfIndex built = *IvfIndex::build(edit, quantizer, rows.block());
  edit.take_retired().free();
  const auto query = rows.row(1234);
  const SearchResult expected = *built.search(query, 10, {.probe_count = 3});
  ASSERT_TRUE(proto::avl::write_new_nodes(built.lists(), store).ok());
  const uint64_t address = built.lists().root()->address;
  store.forget_all();

  const auto reopened = [&] { return IvfIndex(quantizer, *family.open(address), built.distance_sum()); };
  const IvfIndex index = reopened();
  const uint64_t before = store.loads();
  EXPECT_EQ((*index.search(query, 10, {.probe_count = 3})).neighbors, expected.neighbors);
  const uint64_t needed = store.loads() - before;
  EXPECT_LT(needed, store.stored() / 4);
  EXPECT_TRUE(index.check().ok()) << index.check().to_string();
  for (uint64_t n = 0; n < needed; ++n) {
    store.forget_all();
    const IvfIndex cold = reopened();
    store.fail_after(static_cast<int64_t>(n));
    EXPECT_EQ(cold.search(query, 10, {.probe_count = 3}).status().code(), StatusCode::kIoError) << n;
    EXPECT_EQ(cold.search_exact(query, 10).status().code(), StatusCode::kIoError) << n;
    store.fail_after(-1);
  }
}

TEST(Ivf, DriftShowsWhenRowsLeaveTheCentroids) {
  const Samples rows = clustered_samples(18, 2000, 8, 20);
  Fixture fixture(*Quantizer::train(Metric::kL2, 8, rows.values, {.list_count = 20}), rows, 64);
  EXPECT_NEAR(fixture.index.drift(), 1, 1e-3);
  Samples moved = clustered_samples(19, 2000, 8, 20);
  for (size_t i = 0; i < rows.count(); ++i) {
    ASSERT_TRUE(fixture.index.update(fixture.edit, rows.ids[i], rows.row(i), moved.row(i)).ok());
  }
  EXPECT_GT(fixture.index.drift(), 2);
  EXPECT_TRUE(fixture.index.check().ok());
}

}  // namespace
}  // namespace protobase::vector
