// Vectors for tests: seeded clusters, and the corpus files where they are present.
#pragma once

#include <cstdint>
#include <cstdio>
#include <cstring>
#include <memory>
#include <set>
#include <span>
#include <string>
#include <vector>

#include "runtime/base/random.h"
#include "vector/exact_search.h"
#include "vector/top_k.h"

namespace protobase::vector {

/// Rows with ascending ids.
struct Samples {
  size_t dimension = 1;
  std::vector<proto::ObjectId> ids;
  std::vector<float> values;

  size_t count() const { return ids.size(); }
  std::span<const float> row(size_t index) const { return std::span(values).subspan(index * dimension, dimension); }
  VectorBlock block() const { return {ids, values.data()}; }
};

/// A number of about normal distribution: mean 0, deviation 1.
inline float about_normal(proto::Random& random) {
  double sum = 0;
  for (int i = 0; i < 12; ++i) sum += random.unit();
  return static_cast<float>(sum - 6);
}

/// `count` points around `cluster_count` centers. The centers depend on `seed` alone, the points on `point_seed` too,
/// so that queries may come from the same clusters. `spread` is the points' deviation around centers that lie in [0,
/// 1).
inline Samples clustered_samples(uint64_t seed, size_t count, size_t dimension, size_t cluster_count,
                                 uint64_t point_seed = 0, float spread = 0.08f) {
  proto::Random centers_random(seed);
  std::vector<float> centers(cluster_count * dimension);
  for (float& value : centers) value = static_cast<float>(centers_random.unit());
  proto::Random random(seed * 1000003 + point_seed);
  Samples samples{dimension, {}, {}};
  samples.values.reserve(count * dimension);
  for (size_t i = 0; i < count; ++i) {
    samples.ids.push_back(proto::ObjectId(i + 1));
    const size_t cluster = random.below(cluster_count);
    for (size_t d = 0; d < dimension; ++d) {
      samples.values.push_back(centers[cluster * dimension + d] + spread * about_normal(random));
    }
  }
  return samples;
}

inline size_t common_ids(const std::vector<Neighbor>& found, const std::vector<Neighbor>& expected) {
  std::set<proto::ObjectId> ids;
  for (const Neighbor& neighbor : expected) ids.insert(neighbor.id);
  size_t common = 0;
  for (const Neighbor& neighbor : found) common += ids.contains(neighbor.id);
  return common;
}

/// The rows of an fvecs or ivecs file (each: a 32-bit length, then as many 4-byte values); none if it cannot be read.
template <class T>
std::vector<std::vector<T>> read_vecs(const std::string& path) {
  std::vector<std::vector<T>> rows;
  const std::unique_ptr<FILE, int (*)(FILE*)> file(std::fopen(path.c_str(), "rb"),
                                                   [](FILE* f) { return f ? std::fclose(f) : 0; });
  int32_t length = 0;
  while (file != nullptr && std::fread(&length, sizeof length, 1, file.get()) == 1 && length > 0 && length < 100000) {
    std::vector<T> row(static_cast<size_t>(length));
    if (std::fread(row.data(), sizeof(T), row.size(), file.get()) != row.size()) return {};
    rows.push_back(std::move(row));
  }
  return rows;
}

/// A file of vectors as samples with ids 1, 2, 3 ...; empty if it cannot be read.
inline Samples read_samples(const std::string& path) {
  Samples samples;
  for (const std::vector<float>& row : read_vecs<float>(path)) {
    samples.dimension = row.size();
    samples.ids.push_back(proto::ObjectId(samples.ids.size() + 1));
    samples.values.insert(samples.values.end(), row.begin(), row.end());
  }
  return samples;
}

}  // namespace protobase::vector
