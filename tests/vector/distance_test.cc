#include "vector/distance.h"

#include <gtest/gtest.h>

#include <cmath>
#include <cstring>
#include <limits>
#include <vector>

#include "runtime/base/random.h"

namespace protobase::vector {
namespace {

constexpr Metric kMetrics[] = {Metric::kL2, Metric::kInnerProduct, Metric::kCosine, Metric::kL1};

std::vector<SimdLevel> levels() {
  std::vector<SimdLevel> all;
  for (uint8_t level = 0; level <= static_cast<uint8_t>(best_simd_level()); ++level) all.push_back(SimdLevel(level));
  return all;
}

std::vector<float> random_floats(proto::Random& random, size_t count) {
  std::vector<float> values(count);
  for (float& value : values) value = static_cast<float>(random.unit() * 20 - 10);
  return values;
}

struct Expected {
  double rank = 0;
  double magnitude = 0;  // sum of the terms' absolute values: rounding is relative to this
};

/// In double, from the definition.
Expected expected_rank(Metric metric, const float* a, const float* b, size_t dimension) {
  double l2 = 0, dot = 0, dot_magnitude = 0, l1 = 0, norm_a = 0, norm_b = 0;
  for (size_t i = 0; i < dimension; ++i) {
    const double x = a[i], y = b[i];
    l2 += (x - y) * (x - y);
    dot += x * y;
    dot_magnitude += std::fabs(x * y);
    l1 += std::fabs(x - y);
    norm_a += x * x;
    norm_b += y * y;
  }
  switch (metric) {
    case Metric::kL2:
      return {l2, l2};
    case Metric::kInnerProduct:
      return {-dot, dot_magnitude};
    case Metric::kL1:
      return {l1, l1};
    case Metric::kCosine:
      break;
  }
  if (norm_a == 0 || norm_b == 0) return {1, 1};
  return {1 - dot / std::sqrt(norm_a * norm_b), 2};
}

double tolerance(size_t dimension, double magnitude) {
  return static_cast<double>(dimension + 16) * 0x1p-23 * magnitude;
}

class DistanceKernels : public testing::TestWithParam<Metric> {};

TEST_P(DistanceKernels, AgreeWithTheDefinitionInEveryDimension) {
  const uint64_t seed = 20240117;
  SCOPED_TRACE(testing::Message() << "seed " << seed);
  proto::Random random(seed);
  std::vector<size_t> dimensions;
  for (size_t d = 1; d <= 130; ++d) dimensions.push_back(d);
  dimensions.insert(dimensions.end(), {255, 257, 384, 768, 999, 1536, 4097});
  for (const size_t dimension : dimensions) {
    constexpr size_t kRows = 21;  // two groups of eight, one of four, one single
    const std::vector<float> query = random_floats(random, dimension);
    const std::vector<float> rows = random_floats(random, dimension * kRows);
    for (const SimdLevel level : levels()) {
      SCOPED_TRACE(testing::Message() << simd_level_name(level) << ", dimension " << dimension);
      std::vector<float> ranks(kRows, -1);
      distance_kernel(GetParam(), level).many(query.data(), rows.data(), kRows, dimension, ranks.data());
      for (size_t i = 0; i < kRows; ++i) {
        const Expected expected = expected_rank(GetParam(), query.data(), rows.data() + i * dimension, dimension);
        ASSERT_NEAR(ranks[i], expected.rank, tolerance(dimension, expected.magnitude)) << "row " << i;
      }
    }
  }
}

TEST_P(DistanceKernels, GiveTheSameBitsAloneInBlocksAndPicked) {
  proto::Random random(7);
  for (const size_t dimension : {1, 3, 15, 16, 17, 40, 128, 131}) {
    for (const size_t count : {1, 2, 3, 4, 5, 7, 8, 9, 12, 13, 16, 17, 40}) {
      const std::vector<float> query = random_floats(random, dimension);
      const std::vector<float> rows = random_floats(random, dimension * count);
      std::vector<uint32_t> picks;
      for (uint32_t i = 0; i < count; ++i) {
        if (!random.one_in(3)) picks.push_back(i);
      }
      for (const SimdLevel level : levels()) {
        const DistanceKernel& kernel = distance_kernel(GetParam(), level);
        std::vector<float> ranks(count), picked(picks.size());
        kernel.many(query.data(), rows.data(), count, dimension, ranks.data());
        kernel.picked(query.data(), rows.data(), picks.data(), picks.size(), dimension, picked.data());
        for (size_t i = 0; i < count; ++i) {
          ASSERT_EQ(ranks[i], kernel.one(query.data(), rows.data() + i * dimension, dimension));
        }
        for (size_t i = 0; i < picks.size(); ++i) ASSERT_EQ(picked[i], ranks[picks[i]]);
      }
    }
  }
}

TEST_P(DistanceKernels, CrossGivesTheBitsOfMany) {
  proto::Random random(9);
  for (const size_t dimension : {1, 15, 16, 24, 100, 128}) {
    for (const size_t query_count : {0, 1, 2, 3, 4, 5, 9}) {
      for (const size_t count : {1, 3, 4, 6, 8, 13}) {
        const std::vector<float> queries = random_floats(random, dimension * query_count);
        const std::vector<float> rows = random_floats(random, dimension * count);
        for (const SimdLevel level : levels()) {
          const DistanceKernel& kernel = distance_kernel(GetParam(), level);
          std::vector<float> crossed(query_count * count, -7), expected(query_count * count);
          kernel.cross(queries.data(), query_count, rows.data(), count, dimension, crossed.data());
          for (size_t q = 0; q < query_count; ++q) {
            kernel.many(queries.data() + q * dimension, rows.data(), count, dimension, expected.data() + q * count);
          }
          ASSERT_EQ(crossed, expected) << simd_level_name(level) << ' ' << dimension << ' ' << query_count << ' '
                                       << count;
        }
      }
    }
  }
}

TEST_P(DistanceKernels, ReadRowsAtAnyAlignmentAndNothingBeyondThem) {
  proto::Random random(11);
  for (const size_t dimension : {1, 7, 16, 33, 100}) {
    constexpr size_t kRows = 13;
    const std::vector<float> query = random_floats(random, dimension);
    const std::vector<float> rows = random_floats(random, dimension * kRows);
    for (size_t shift = 0; shift < 8; ++shift) {
      // Of exact size, so that AddressSanitizer sees a read past either end.
      std::vector<char> moved(shift + rows.size() * sizeof(float));
      std::memcpy(moved.data() + shift, rows.data(), rows.size() * sizeof(float));
      for (const SimdLevel level : levels()) {
        std::vector<float> ranks(kRows), shifted(kRows);
        const DistanceKernel& kernel = distance_kernel(GetParam(), level);
        kernel.many(query.data(), rows.data(), kRows, dimension, ranks.data());
        kernel.many(query.data(), moved.data() + shift, kRows, dimension, shifted.data());
        ASSERT_EQ(ranks, shifted) << simd_level_name(level) << " dimension " << dimension << " shift " << shift;
      }
    }
  }
}

INSTANTIATE_TEST_SUITE_P(EveryMetric, DistanceKernels, testing::ValuesIn(kMetrics),
                         [](const auto& info) { return std::string(metric_name(info.param)); });

TEST(Distance, OfKnownVectors) {
  const std::vector<float> a{3, 0, 4}, b{0, 0, 0}, c{-3, 0, -4}, d{0, 2, 0};
  EXPECT_FLOAT_EQ(distance(Metric::kL2, a, b), 5);
  EXPECT_FLOAT_EQ(distance(Metric::kL2, a, c), 10);
  EXPECT_FLOAT_EQ(distance(Metric::kInnerProduct, a, c), 25);
  EXPECT_FLOAT_EQ(distance(Metric::kInnerProduct, a, a), -25);
  EXPECT_FLOAT_EQ(distance(Metric::kCosine, a, c), 2);
  EXPECT_FLOAT_EQ(distance(Metric::kCosine, a, a), 0);
  EXPECT_FLOAT_EQ(distance(Metric::kCosine, a, d), 1);
  EXPECT_FLOAT_EQ(distance(Metric::kCosine, a, b), 1) << "a vector of length zero is orthogonal to all";
  EXPECT_FLOAT_EQ(distance(Metric::kL1, a, c), 14);
}

TEST(Distance, CosineOfVeryLargeAndVerySmallVectors) {
  for (const SimdLevel level : levels()) {
    const auto one = distance_kernel(Metric::kCosine, level).one;
    const std::vector<float> large{1e18f, 0}, large_too{1e18f, 1e18f}, small{1e-15f, 0};
    EXPECT_NEAR(one(large.data(), large_too.data(), 2), 1 - std::sqrt(0.5), 1e-6);
    EXPECT_NEAR(one(large.data(), small.data(), 2), 0, 1e-6);
  }
}

TEST(Distance, Normalize) {
  std::vector<float> vector{3, 4}, zero{0, 0};
  normalize(vector);
  normalize(zero);
  EXPECT_FLOAT_EQ(vector[0], 0.6f);
  EXPECT_FLOAT_EQ(vector[1], 0.8f);
  EXPECT_EQ(zero, (std::vector<float>{0, 0}));
  std::vector<float> large{3e30f, 4e30f};
  normalize(large);
  EXPECT_FLOAT_EQ(euclidean_norm(large), 1);
}

TEST(Distance, AllFinite) {
  EXPECT_TRUE(all_finite(std::vector<float>{0, -1, 1e38f}));
  EXPECT_FALSE(all_finite(std::vector<float>{0, std::numeric_limits<float>::infinity()}));
  EXPECT_FALSE(all_finite(std::vector<float>{std::numeric_limits<float>::quiet_NaN()}));
}

TEST(Distance, MetricNumbersFromDisk) {
  for (int number = 0; number < 256; ++number) {
    EXPECT_EQ(is_metric(static_cast<uint8_t>(number)), number >= 1 && number <= 4);
  }
}

}  // namespace
}  // namespace protobase::vector
