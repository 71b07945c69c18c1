// The published siftsmall set: 10,000 base vectors, 100 queries, the 100 true neighbors of each.
#include <gtest/gtest.h>

#include <algorithm>

#include "runtime/avl/edit.h"
#include "tests/vector/vector_samples.h"
#include "vector/ivf_index.h"

namespace protobase::vector {
namespace {

class Siftsmall : public testing::Test {
 protected:
  void SetUp() override {
    const std::string folder = PROTOBASE_SOURCE_DIR "/build/corpora/2-vectors/siftsmall/siftsmall_";
    base_ = read_samples(folder + "base.fvecs");
    queries_ = read_samples(folder + "query.fvecs");
    truth_ = read_vecs<int32_t>(folder + "groundtruth.ivecs");
    if (base_.count() == 0) GTEST_SKIP() << "siftsmall is not there: " << folder << "base.fvecs";
    ASSERT_EQ(base_.count(), 10000u);
    ASSERT_EQ(queries_.count(), truth_.size());
  }

  template <class Search>
  double recall_at_10(Search search) {
    size_t hits = 0;
    for (size_t i = 0; i < queries_.count(); ++i) {
      const std::vector<Neighbor> found = search(queries_.row(i));
      EXPECT_EQ(found.size(), 10u);
      for (const Neighbor& neighbor : found) {
        const int32_t position = static_cast<int32_t>(neighbor.id.value - 1);
        hits += std::count(truth_[i].begin(), truth_[i].begin() + 10, position);
      }
    }
    return static_cast<double>(hits) / (10.0 * static_cast<double>(queries_.count()));
  }

  Samples base_, queries_;
  std::vector<std::vector<int32_t>> truth_;
};

TEST_F(Siftsmall, ExactSearchFindsThePublishedNeighbors) {
  EXPECT_EQ(recall_at_10([&](std::span<const float> query) {
              ExactSearch search(Metric::kL2, query, 10);
              search.add_sorted(base_.block());
              return search.take();
            }),
            1.0);
}

TEST_F(Siftsmall, IvfReachesTheRecallAsked) {
  const auto quantizer = *Quantizer::train(Metric::kL2, 128, base_.values, {.list_count = 64});
  ListFamily family{ListPolicy(128)};
  ListEdit edit(family);
  IvfIndex index = *IvfIndex::build(edit, quantizer, base_.block());
  EXPECT_TRUE(index.check().ok());
  const auto recall = [&](const SearchOptions& options) {
    return recall_at_10([&](std::span<const float> query) { return (*index.search(query, 10, options)).neighbors; });
  };
  const double at_8 = recall({.probe_count = 8});
  RecordProperty("recall_at_8_probes", std::to_string(at_8));
  EXPECT_GE(at_8, 0.95);
  EXPECT_EQ(recall({.probe_count = 64}), 1.0);

  const Samples& sample = base_;
  std::vector<float> values;
  std::vector<proto::ObjectId> ids;
  for (size_t i = 0; i < sample.count(); i += 50) {
    ids.push_back(sample.ids[i]);
    values.insert(values.end(), sample.row(i).begin(), sample.row(i).end());
  }
  const RecallCurve curve = *measure_recall(index, values, ids, 10);
  for (const float target : {0.9f, 0.95f, 0.99f}) {
    index.set_quantizer(index.quantizer().with_calibration(curve.calibrate(target)));
    EXPECT_GE(recall({.recall = target}), target - 0.01) << curve.calibrate(target).probe_count << " probes";
  }
  edit.discard(index.lists());
  EXPECT_EQ(family.live_nodes(), 0);
}

}  // namespace
}  // namespace protobase::vector
