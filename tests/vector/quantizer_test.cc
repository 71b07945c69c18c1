#include "vector/quantizer.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <limits>

#include "runtime/base/checksum.h"
#include "runtime/base/coding.h"
#include "runtime/base/random.h"

namespace protobase::vector {
namespace {

std::vector<float> clusters(proto::Random& random, size_t count, size_t dimension, size_t cluster_count) {
  std::vector<float> centers(cluster_count * dimension), points;
  for (float& value : centers) value = static_cast<float>(random.unit() * 100);
  for (size_t i = 0; i < count; ++i) {
    const size_t cluster = random.below(cluster_count);
    for (size_t d = 0; d < dimension; ++d) {
      points.push_back(centers[cluster * dimension + d] + static_cast<float>(random.unit() * 2 - 1));
    }
  }
  return points;
}

TEST(Quantizer, FindsClusters) {
  proto::Random random(1);
  const std::vector<float> points = clusters(random, 4000, 12, 16);
  for (const Metric metric : {Metric::kL2, Metric::kInnerProduct, Metric::kL1}) {
    const auto quantizer = *Quantizer::train(metric, 12, points, {.list_count = 64});
    EXPECT_EQ(quantizer->list_count(), 64u);
    EXPECT_EQ(quantizer->training_count(), 4000u);
    // Uniform in a cube of side 2 around 12-dimensional centers: distance about sqrt(12 / 3) = 2, L1 6; centers 100
    // apart.
    EXPECT_LT(quantizer->training_distance(), metric == Metric::kL1 ? 7 : 2.2);
    EXPECT_GT(quantizer->training_distance(), 1);
  }
}

TEST(Quantizer, TrainingIsDeterministic) {
  proto::Random random(2);
  const std::vector<float> points = clusters(random, 3000, 8, 10);
  const auto a = *Quantizer::train(Metric::kL2, 8, points, {.list_count = 20});
  const auto b = *Quantizer::train(Metric::kL2, 8, points, {.list_count = 20});
  EXPECT_EQ(a->encode(), b->encode());
}

TEST(Quantizer, SamplesWhatIsTooMuch) {
  proto::Random random(3);
  const std::vector<float> points = clusters(random, 3000, 4, 5);
  const auto quantizer = *Quantizer::train(Metric::kL2, 4, points, {.list_count = 10, .points_per_list = 50});
  EXPECT_EQ(quantizer->training_count(), 500u);
}

TEST(Quantizer, CosineCentroidsHaveLengthOne) {
  proto::Random random(4);
  const auto quantizer = *Quantizer::train(Metric::kCosine, 6, clusters(random, 1000, 6, 8), {.list_count = 12});
  for (ListId list = 0; list < quantizer->list_count(); ++list) {
    EXPECT_NEAR(euclidean_norm(quantizer->centroid(list)), 1, 1e-5);
  }
}

TEST(Quantizer, OfFewerPointsThanLists) {
  const std::vector<float> points{1, 2, 3, 4, 5, 6};
  const auto three = *Quantizer::train(Metric::kL2, 2, points, {.list_count = 100});
  EXPECT_EQ(three->list_count(), 3u);
  EXPECT_EQ(three->assign(std::vector<float>{5.1f, 6}).list, 2u);
  const auto none = *Quantizer::train(Metric::kCosine, 2, {}, {.list_count = 100});
  EXPECT_EQ(none->list_count(), 1u);
  EXPECT_EQ(none->assign(std::vector<float>{7, 7}).list, 0u);
}

TEST(Quantizer, OfEqualPoints) {
  const std::vector<float> points(300, 2.5f);
  const auto quantizer = Quantizer::train(Metric::kL2, 3, points, {.list_count = 4});
  ASSERT_TRUE(quantizer.ok()) << quantizer.status().to_string();
  EXPECT_NEAR((*quantizer)->training_distance(), 0, 0.05) << "the trainer spreads equal centroids a little";
}

TEST(Quantizer, RejectsWhatItCannotTrain) {
  const std::vector<float> points{1, 2, 3};
  const std::vector<float> infinite{1, std::numeric_limits<float>::infinity()};
  EXPECT_EQ(Quantizer::train(Metric::kL2, 2, points).status().code(), StatusCode::kInvalidArgument);
  EXPECT_EQ(Quantizer::train(Metric::kL2, 0, points).status().code(), StatusCode::kInvalidArgument);
  EXPECT_EQ(Quantizer::train(Metric::kL2, 3, points, {.list_count = 0}).status().code(), StatusCode::kInvalidArgument);
  EXPECT_EQ(Quantizer::train(Metric::kL2, 2, infinite).status().code(), StatusCode::kInvalidArgument);
  EXPECT_EQ(Quantizer::train(Metric{9}, 3, points).status().code(), StatusCode::kInvalidArgument);
}

TEST(Quantizer, AssignsToTheNearestAndRanksListsInOrder) {
  proto::Random random(5);
  const auto quantizer = *Quantizer::train(Metric::kL2, 5, clusters(random, 2000, 5, 30), {.list_count = 50});
  std::vector<ListRank> order;
  for (int round = 0; round < 200; ++round) {
    std::vector<float> query(5);
    for (float& value : query) value = static_cast<float>(random.unit() * 100);
    const size_t probes = random.below(60);
    quantizer->rank_lists(query, probes, order);
    ASSERT_EQ(order.size(), 50u);
    const size_t sorted = std::min<size_t>(probes, 50);
    EXPECT_TRUE(std::is_sorted(order.begin(), order.begin() + sorted,
                               [](const ListRank& a, const ListRank& b) { return a.rank < b.rank; }));
    for (size_t i = sorted; i < 50 && sorted > 0; ++i) EXPECT_GE(order[i].rank, order[sorted - 1].rank);
    const Assignment assignment = quantizer->assign(query);
    if (sorted > 0) {
      EXPECT_EQ(assignment.list, order[0].list);
    }
    EXPECT_FLOAT_EQ(assignment.distance, distance(Metric::kL2, query, quantizer->centroid(assignment.list)));
  }
}

TEST(Quantizer, BytesComeBack) {
  proto::Random random(6);
  for (const Metric metric : {Metric::kL2, Metric::kInnerProduct, Metric::kCosine, Metric::kL1}) {
    const auto quantizer = (*Quantizer::train(metric, 7, clusters(random, 400, 7, 9), {.list_count = 9}))
                               ->with_calibration({0.99f, 5})
                               ->with_calibration({0.9f, 2});
    const auto again = Quantizer::decode(quantizer->encode());
    ASSERT_TRUE(again.ok()) << again.status().to_string();
    EXPECT_EQ((*again)->metric(), metric);
    EXPECT_EQ((*again)->encode(), quantizer->encode());
    EXPECT_EQ((*again)->training_distance(), quantizer->training_distance());
    EXPECT_EQ((*again)->probes_for_recall(0.95f), 5u);
  }
}

TEST(Quantizer, HostileBytesAreCorruption) {
  proto::Random random(7);
  const std::string good =
      (*Quantizer::train(Metric::kL2, 3, clusters(random, 100, 3, 4), {.list_count = 4}))->encode();
  for (size_t length = 0; length < good.size(); ++length) {
    EXPECT_EQ(Quantizer::decode(std::string_view(good).substr(0, length)).status().code(), StatusCode::kCorruption);
  }
  // With a checksum made right again, so that the fields themselves are looked at.
  for (size_t at = 0; at < good.size() - 4; ++at) {
    for (const int change : {1, 0x40, 0xFF}) {
      std::string bad = good.substr(0, good.size() - 4);
      bad[at] = static_cast<char>(bad[at] ^ change);
      EXPECT_EQ(Quantizer::decode(bad + good.substr(good.size() - 4)).status().code(), StatusCode::kCorruption);
      proto::put_fixed(bad, proto::checksum32(bad));
      const auto decoded = Quantizer::decode(bad);
      if (decoded.ok()) {
        EXPECT_TRUE(all_finite((*decoded)->centroids()));
      }
    }
  }
}

TEST(Quantizer, CalibrationsChooseTheProbes) {
  const auto plain = *Quantizer::from_centroids(Metric::kL2, 1, {1, 2, 3, 4, 5, 6, 7, 8, 9});
  EXPECT_EQ(plain->default_probe_count(), 3u);
  EXPECT_EQ(plain->probes_for_recall(0.5f), 9u);
  const auto calibrated =
      plain->with_calibration({0.99f, 6})->with_calibration({0.95f, 4})->with_calibration({0.99f, 7});
  EXPECT_EQ(calibrated->default_probe_count(), 4u);
  EXPECT_EQ(calibrated->probes_for_recall(0.95f), 4u);
  EXPECT_EQ(calibrated->probes_for_recall(0.96f), 7u);
  EXPECT_EQ(calibrated->probes_for_recall(0.999f), 9u);
  EXPECT_EQ(plain->calibrations().size(), 0u) << "the original stays as it was";
}

}  // namespace
}  // namespace protobase::vector
