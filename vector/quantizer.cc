// The bytes of a quantizer, little-endian:
//
//   offset  size  field
//   0       4     magic "PQZ1"
//   4       1     metric (Metric numbers)
//   5       3     zero
//   8       4     dimension
//   12      4     list count
//   16      8     training count
//   24      8     training distance (double)
//   32      4     calibration count
//   36      8*c   calibrations: recall (float), probe count (uint32)
//   .       4*l*d centroids, row-major floats
//   end-4   4     checksum32 of everything before
#include "vector/quantizer.h"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <limits>

#include "runtime/base/check.h"
#include "runtime/base/checksum.h"
#include "runtime/base/coding.h"
#include "vector/internal/kmeans.h"

namespace protobase::vector {
namespace {

constexpr uint32_t kMagic = 0x315A5150;  // "PQZ1"
constexpr uint32_t kMaxCalibrations = 64;
constexpr float kDefaultRecall = 0.95f;
/// Rows per kernel call of assign_many: their ranks stay in the second cache.
constexpr size_t kAssignedTogether = 64;
/// Training points whose mean distance is taken: enough for three digits.
constexpr size_t kMeasuredPoints = 8192;

Status check_shape(Metric metric, uint32_t dimension, size_t float_count) {
  if (!is_metric(static_cast<uint8_t>(metric))) return Status(StatusCode::kInvalidArgument, "unknown metric");
  if (dimension == 0 || dimension > Quantizer::kMaxDimension) {
    return Status(StatusCode::kInvalidArgument, "vector dimension " + std::to_string(dimension) + " is out of range");
  }
  if (float_count % dimension != 0) {
    return Status(StatusCode::kInvalidArgument, "the sample is not a whole number of vectors");
  }
  return {};
}

/// At most `limit` of the rows, evenly spaced, and normalized when asked: the training's own copy.
std::vector<float> training_points(std::span<const float> sample, uint32_t dimension, size_t limit, bool normalized) {
  const size_t available = sample.size() / dimension;
  const size_t count = std::min(available, limit);
  std::vector<float> points(count * dimension);
  for (size_t i = 0; i < count; ++i) {
    const auto row = sample.subspan(i * available / count * dimension, dimension);
    const auto copy = std::span(points).subspan(i * dimension, dimension);
    std::copy(row.begin(), row.end(), copy.begin());
    if (normalized) normalize(copy);
  }
  return points;
}

double mean_distance(const Quantizer& quantizer, std::span<const float> all_points) {
  const std::vector<float> points = training_points(all_points, quantizer.dimension(), kMeasuredPoints, false);
  std::vector<Assignment> assignments(points.size() / quantizer.dimension());
  if (assignments.empty()) return 0;
  quantizer.assign_many(points, assignments);
  double sum = 0;
  for (const Assignment& assignment : assignments) sum += assignment.distance;
  return sum / static_cast<double>(assignments.size());
}

}  // namespace

Result<std::shared_ptr<const Quantizer>> Quantizer::train(Metric metric, uint32_t dimension,
                                                          std::span<const float> sample,
                                                          const TrainingOptions& options) {
  PROTO_RETURN_IF_ERROR(check_shape(metric, dimension, sample.size()));
  if (options.list_count == 0 || options.list_count > kMaxLists) {
    return Status(StatusCode::kInvalidArgument, "the number of lists must be 1 to " + std::to_string(kMaxLists));
  }
  if (!all_finite(sample)) return Status(StatusCode::kInvalidArgument, "a vector to train on is not finite");
  const size_t limit = size_t{options.list_count} * std::max(options.points_per_list, 1u);
  std::vector<float> points = training_points(sample, dimension, limit, metric == Metric::kCosine);
  const size_t point_count = points.size() / dimension;

  auto quantizer = std::shared_ptr<Quantizer>(new Quantizer());
  quantizer->metric_ = metric;
  quantizer->dimension_ = dimension;
  quantizer->training_count_ = point_count;
  if (point_count == 0) {
    quantizer->centroids_.assign(dimension, 0.0f);
  } else if (point_count <= options.list_count) {
    quantizer->centroids_ = points;
  } else {
    PROTO_ASSIGN_OR_RETURN(quantizer->centroids_, internal::train_centroids(points, dimension, options.list_count,
                                                                            metric == Metric::kCosine, options));
  }
  if (!all_finite(quantizer->centroids_)) {
    return Status(StatusCode::kInvalidArgument, "the vectors are too large to average");
  }
  quantizer->training_distance_ = mean_distance(*quantizer, points);
  return std::shared_ptr<const Quantizer>(std::move(quantizer));
}

Result<std::shared_ptr<const Quantizer>> Quantizer::from_centroids(Metric metric, uint32_t dimension,
                                                                   std::vector<float> centroids) {
  PROTO_RETURN_IF_ERROR(check_shape(metric, dimension, centroids.size()));
  const size_t list_count = centroids.size() / dimension;
  if (list_count == 0 || list_count > kMaxLists) {
    return Status(StatusCode::kInvalidArgument, "the number of lists must be 1 to " + std::to_string(kMaxLists));
  }
  if (!all_finite(centroids)) return Status(StatusCode::kInvalidArgument, "a centroid is not finite");
  auto quantizer = std::shared_ptr<Quantizer>(new Quantizer());
  quantizer->metric_ = metric;
  quantizer->dimension_ = dimension;
  quantizer->centroids_ = std::move(centroids);
  if (metric == Metric::kCosine) {
    for (size_t i = 0; i < list_count; ++i) {
      normalize(std::span(quantizer->centroids_).subspan(i * dimension, dimension));
    }
  }
  return std::shared_ptr<const Quantizer>(std::move(quantizer));
}

std::string Quantizer::encode() const {
  std::string out;
  out.reserve(40 + calibrations_.size() * 8 + centroids_.size() * sizeof(float));
  proto::put_fixed(out, kMagic);
  proto::put_fixed(out, static_cast<uint32_t>(metric_));  // one byte and three zeros
  proto::put_fixed(out, dimension_);
  proto::put_fixed(out, list_count());
  proto::put_fixed(out, training_count_);
  proto::put_fixed(out, training_distance_);
  proto::put_fixed(out, static_cast<uint32_t>(calibrations_.size()));
  for (const Calibration& calibration : calibrations_) {
    proto::put_fixed(out, calibration.recall);
    proto::put_fixed(out, calibration.probe_count);
  }
  out.append(reinterpret_cast<const char*>(centroids_.data()), centroids_.size() * sizeof(float));
  proto::put_fixed(out, proto::checksum32(out));
  return out;
}

Result<std::shared_ptr<const Quantizer>> Quantizer::decode(std::string_view bytes) {
  if (bytes.size() < sizeof(uint32_t)) return Status(StatusCode::kCorruption, "the vector quantizer is cut short");
  const std::string_view body = bytes.substr(0, bytes.size() - sizeof(uint32_t));
  if (proto::load<uint32_t>(body.data() + body.size()) != proto::checksum32(body)) {
    return Status(StatusCode::kCorruption, "the vector quantizer's checksum is wrong");
  }
  return decode_body(body);
}

Result<std::shared_ptr<const Quantizer>> Quantizer::decode_body(std::string_view bytes) {
  const auto corrupt = [](const char* what) { return Status(StatusCode::kCorruption, what); };
  proto::ByteReader reader(bytes);
  if (reader.fixed<uint32_t>() != kMagic) return corrupt("not a vector quantizer, or of an unknown version");
  const uint32_t metric = reader.fixed<uint32_t>();
  const uint32_t dimension = reader.fixed<uint32_t>();
  const uint32_t list_count = reader.fixed<uint32_t>();
  auto quantizer = std::shared_ptr<Quantizer>(new Quantizer());
  quantizer->training_count_ = reader.fixed<uint64_t>();
  quantizer->training_distance_ = reader.fixed<double>();
  const uint32_t calibration_count = reader.fixed<uint32_t>();
  if (!reader.ok() || metric > 255 || !is_metric(static_cast<uint8_t>(metric)) || dimension == 0 ||
      dimension > kMaxDimension || list_count == 0 || list_count > kMaxLists || calibration_count > kMaxCalibrations ||
      !std::isfinite(quantizer->training_distance_)) {
    return corrupt("a field of the vector quantizer is out of range");
  }
  for (uint32_t i = 0; i < calibration_count; ++i) {
    const float recall = reader.fixed<float>();
    if (!std::isfinite(recall)) return corrupt("a calibration of the vector quantizer is not a number");
    quantizer->calibrations_.push_back({recall, reader.fixed<uint32_t>()});
  }
  const size_t float_count = size_t{dimension} * list_count;
  if (!reader.ok() || reader.rest().size() != float_count * sizeof(float)) {
    return corrupt("the vector quantizer has the wrong length");
  }
  quantizer->metric_ = static_cast<Metric>(metric);
  quantizer->dimension_ = dimension;
  quantizer->centroids_.resize(float_count);
  std::memcpy(quantizer->centroids_.data(), reader.rest().data(), reader.rest().size());
  if (!all_finite(quantizer->centroids_)) return corrupt("a centroid of the vector quantizer is not finite");
  return std::shared_ptr<const Quantizer>(std::move(quantizer));
}

Assignment Quantizer::assign(std::span<const float> vector) const {
  Assignment assignment;
  assign_many(vector, std::span(&assignment, 1));
  return assignment;
}

void Quantizer::assign_many(std::span<const float> rows, std::span<Assignment> assignments) const {
  PROTO_CHECK(rows.size() == assignments.size() * dimension_);
  const DistanceKernel& kernel = distance_kernel(assignment_metric());
  const size_t lists = list_count();
  std::vector<float> ranks(lists * std::min(assignments.size(), kAssignedTogether));
  for (size_t at = 0; at < assignments.size(); at += kAssignedTogether) {
    const size_t count = std::min(kAssignedTogether, assignments.size() - at);
    kernel.cross(rows.data() + at * dimension_, count, centroids_.data(), lists, dimension_, ranks.data());
    for (size_t i = 0; i < count; ++i) {
      const float* const row_ranks = ranks.data() + i * lists;
      const float* const best = std::min_element(row_ranks, row_ranks + lists);
      assignments[at + i] = {static_cast<ListId>(best - row_ranks),
                                 static_cast<float>(distance_from_rank(assignment_metric(), *best))};
    }
  }
}

void Quantizer::rank_lists(std::span<const float> query, size_t probe_count, std::vector<ListRank>& order) const {
  PROTO_CHECK(query.size() == dimension_);
  std::vector<float> ranks(list_count());
  distance_kernel(metric_).many(query.data(), centroids_.data(), ranks.size(), dimension_, ranks.data());
  order.resize(ranks.size());
  for (size_t i = 0; i < ranks.size(); ++i) {
    // A NaN (an overflow of two infinities) would break the order of the sort.
    order[i] = {std::isnan(ranks[i]) ? std::numeric_limits<float>::infinity() : ranks[i], static_cast<ListId>(i)};
  }
  const auto by_rank = [](const ListRank& a, const ListRank& b) {
    return a.rank != b.rank ? a.rank < b.rank : a.list < b.list;
  };
  const auto middle = order.begin() + static_cast<ptrdiff_t>(std::min(probe_count, order.size()));
  if (probe_count < order.size() / 8) {  // a small heap rejects almost all at one comparison each
    std::partial_sort(order.begin(), middle, order.end(), by_rank);
    return;
  }
  if (middle != order.end()) std::nth_element(order.begin(), middle, order.end(), by_rank);
  std::sort(order.begin(), middle, by_rank);
}

uint32_t Quantizer::probes_for_recall(float recall) const {
  for (const Calibration& calibration : calibrations_) {
    if (calibration.recall >= recall) return std::clamp(calibration.probe_count, 1u, list_count());
  }
  return list_count();
}

std::shared_ptr<const Quantizer> Quantizer::with_calibration(Calibration calibration) const {
  auto copy = std::shared_ptr<Quantizer>(new Quantizer(*this));
  std::erase_if(copy->calibrations_, [&](const Calibration& old) { return old.recall == calibration.recall; });
  if (copy->calibrations_.size() == kMaxCalibrations) copy->calibrations_.erase(copy->calibrations_.begin());
  copy->calibrations_.push_back(calibration);
  std::sort(copy->calibrations_.begin(), copy->calibrations_.end(),
            [](const Calibration& a, const Calibration& b) { return a.recall < b.recall; });
  return copy;
}

uint32_t Quantizer::default_probe_count() const {
  const uint32_t square_root = static_cast<uint32_t>(std::lround(std::sqrt(static_cast<double>(list_count()))));
  for (const Calibration& calibration : calibrations_) {
    if (calibration.recall >= kDefaultRecall) return std::clamp(calibration.probe_count, 1u, list_count());
  }
  return std::max(square_root, 1u);
}

}  // namespace protobase::vector
