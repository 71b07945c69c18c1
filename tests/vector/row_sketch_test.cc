#include "vector/row_sketch.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "tests/vector/vector_samples.h"
#include "vector/exact_search.h"

namespace protobase::vector {
namespace {

/// Sketches of rows, as a block keeps them.
struct Sketches {
  std::vector<uint8_t> codes;
  std::vector<float> scales, offsets, norms, errors;

  Sketches(const std::vector<float>& rows, size_t dimension) {
    const size_t count = rows.size() / dimension, stride = sketch_stride(dimension);
    codes.resize(count * stride);
    for (size_t i = 0; i < count; ++i) {
      const SketchNumbers numbers =
          make_sketch(std::span(rows).subspan(i * dimension, dimension), codes.data() + i * stride);
      scales.push_back(numbers.scale);
      offsets.push_back(numbers.offset);
      norms.push_back(numbers.norm_squared);
      errors.push_back(numbers.error);
    }
  }
  SketchRows rows() const { return {codes.data(), scales.data(), offsets.data(), norms.data(), errors.data()}; }
};

std::vector<SimdLevel> levels() {
  std::vector<SimdLevel> all;
  for (uint8_t level = 0; level <= static_cast<uint8_t>(best_simd_level()); ++level) all.push_back(SimdLevel(level));
  return all;
}

/// Rows of many kinds: small and large values, far from zero, of one value, with one extreme component.
std::vector<float> mixed_rows(proto::Random& random, size_t count, size_t dimension) {
  std::vector<float> rows;
  for (size_t i = 0; i < count; ++i) {
    const double size = std::pow(10.0, random.unit() * 12 - 6), shift = random.one_in(2) ? 0 : size * 1000;
    const bool flat = random.one_in(8), extreme = random.one_in(4);
    for (size_t d = 0; d < dimension; ++d) {
      rows.push_back(static_cast<float>(shift + (flat ? size : (random.unit() * 2 - 1) * size)));
    }
    if (extreme) rows[rows.size() - 1 - random.below(dimension)] *= -1000;
  }
  return rows;
}

TEST(RowSketch, BoundsNeverExceedTheRank) {
  const uint64_t seed = 271828;
  SCOPED_TRACE(testing::Message() << "seed " << seed);
  proto::Random random(seed);
  for (size_t dimension = 1; dimension <= 130; ++dimension) {
    constexpr size_t kRows = 23;
    std::vector<float> rows = mixed_rows(random, kRows, dimension);
    std::vector<float> query = mixed_rows(random, 1, dimension);
    if (random.one_in(2))
      query.assign(rows.begin(), rows.begin() + static_cast<ptrdiff_t>(dimension));  // distance zero
    const Sketches sketches(rows, dimension);
    const SketchQuery sketch_query(query);
    for (const Metric metric : {Metric::kL2, Metric::kInnerProduct}) {
      for (const SimdLevel level : levels()) {
        std::vector<float> bounds(kRows), ranks(kRows);
        sketch_query.bound(metric, level, sketches.rows(), kRows, bounds.data());
        for (const SimdLevel rank_level : levels()) {
          distance_kernel(metric, rank_level).many(query.data(), rows.data(), kRows, dimension, ranks.data());
          for (size_t i = 0; i < kRows; ++i) {
            ASSERT_LE(bounds[i], ranks[i])
                << metric_name(metric) << ' ' << simd_level_name(level) << " dimension " << dimension << " row " << i;
          }
        }
      }
    }
  }
}

TEST(RowSketch, BoundsAreCloseOnOrdinaryRows) {
  const Samples rows = clustered_samples(3, 200, 96, 5), queries = clustered_samples(3, 5, 96, 5, 9);
  const Sketches sketches(rows.values, 96);
  for (size_t q = 0; q < queries.count(); ++q) {
    const SketchQuery sketch_query(queries.row(q));
    for (const SimdLevel level : levels()) {
      std::vector<float> bounds(rows.count()), ranks(rows.count());
      sketch_query.bound(Metric::kL2, level, sketches.rows(), rows.count(), bounds.data());
      distance_kernel(Metric::kL2, level)
          .many(queries.row(q).data(), rows.values.data(), rows.count(), 96, ranks.data());
      for (size_t i = 0; i < rows.count(); ++i) EXPECT_GE(bounds[i], ranks[i] * 0.95f);
    }
  }
}

TEST(RowSketch, ASearchBySketchesIsTheFullSearch) {
  for (const Metric metric : {Metric::kL2, Metric::kInnerProduct, Metric::kL1, Metric::kCosine}) {
    const Samples rows = clustered_samples(4, 3000, 50, 12), queries = clustered_samples(4, 20, 50, 12, 5);
    const Sketches sketches(rows.values, 50);
    const auto odd = [](proto::ObjectId id) { return id.value % 2 == 1; };
    for (size_t q = 0; q < queries.count(); ++q) {
      for (const Filter& filter :
           {Filter(), Filter::predicate(odd), Filter::sorted_ids(std::span(rows.ids).subspan(9, 40))}) {
        ExactSearch full(metric, queries.row(q), 15, filter), sketched(metric, queries.row(q), 15, filter);
        full.add_sorted(rows.block());
        sketched.add_sketched(rows.block(), sketches.rows());
        EXPECT_EQ(full.scanned_count(), sketched.scanned_count());
        EXPECT_EQ(full.take(), sketched.take()) << metric_name(metric);
      }
    }
  }
}

TEST(RowSketch, ValuesBeyondMeasureAreNeverExcluded) {
  const float infinity = std::numeric_limits<float>::infinity();
  std::vector<float> rows(96, 1);
  rows[3] = 1e30f;
  rows[40] = infinity;
  rows[70] = std::numeric_limits<float>::quiet_NaN();
  const Sketches sketches(rows, 32);
  std::vector<float> bounds(3);
  for (const SimdLevel level : levels()) {
    const SketchQuery query(std::vector<float>(32, 2));
    query.bound(Metric::kL2, level, sketches.rows(), 3, bounds.data());
    EXPECT_EQ(bounds, (std::vector<float>{0, 0, 0}));
    query.bound(Metric::kInnerProduct, level, sketches.rows(), 3, bounds.data());
    EXPECT_EQ(bounds, (std::vector<float>{-infinity, -infinity, -infinity}));
  }
}

}  // namespace
}  // namespace protobase::vector
