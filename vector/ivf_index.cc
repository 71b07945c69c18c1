#include "vector/ivf_index.h"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <string>

#include "runtime/base/check.h"

namespace protobase::vector {
namespace {

using proto::ObjectId;
using proto::avl::ChangeKind;

/// Vectors as the index stores them: normalized copies for kCosine.
class StoredVectors {
 public:
  StoredVectors(const Quantizer& quantizer, size_t count)
      : dimension_(quantizer.dimension()), normalized_(quantizer.metric() == Metric::kCosine) {
    values_.reserve(count * dimension_);
  }
  void add(const void* vector) {
    const size_t at = values_.size();
    values_.resize(at + dimension_);
    std::memcpy(values_.data() + at, vector, dimension_ * sizeof(float));
    if (normalized_) normalize(std::span(values_).subspan(at));
  }
  size_t count() const { return values_.size() / dimension_; }
  const float* operator[](size_t index) const { return values_.data() + index * dimension_; }
  std::span<const float> values() const { return values_; }

 private:
  size_t dimension_;
  bool normalized_;
  std::vector<float> values_;
};

std::vector<Assignment> assign_all(const Quantizer& quantizer, const StoredVectors& vectors) {
  std::vector<Assignment> assignments(vectors.count());
  quantizer.assign_many(vectors.values(), assignments);
  return assignments;
}

bool by_key(const ListEntry& a, const ListEntry& b) { return a.key < b.key; }

}  // namespace

Result<IvfIndex> IvfIndex::build(ListEdit& edit, std::shared_ptr<const Quantizer> quantizer, const VectorBlock& rows) {
  const uint32_t dimension = quantizer->dimension();
  PROTO_CHECK(edit.family().policy().dimension() == dimension);
  StoredVectors vectors(*quantizer, rows.ids.size());
  for (size_t i = 0; i < rows.ids.size(); ++i) {
    vectors.add(static_cast<const char*>(rows.vectors) + i * dimension * sizeof(float));
  }
  if (!all_finite(vectors.values())) return Status(StatusCode::kInvalidArgument, "a vector is not finite");
  const std::vector<Assignment> assignments = assign_all(*quantizer, vectors);
  std::vector<ListEntry> entries(rows.ids.size());
  double distance_sum = 0;
  for (size_t i = 0; i < entries.size(); ++i) {
    entries[i] = {{assignments[i].list, rows.ids[i]}, vectors[i]};
    distance_sum += assignments[i].distance;
  }
  std::sort(entries.begin(), entries.end(), by_key);
  const ListTree lists = edit.build(entries);
  PROTO_RETURN_IF_ERROR(edit.status());
  return IvfIndex(std::move(quantizer), lists, distance_sum);
}

Status IvfIndex::insert(ListEdit& edit, ObjectId id, std::span<const float> vector) {
  const VectorChange change{id, {}, vector};
  return apply(edit, std::span(&change, 1));
}

Status IvfIndex::erase(ListEdit& edit, ObjectId id, std::span<const float> vector) {
  const VectorChange change{id, vector, {}};
  return apply(edit, std::span(&change, 1));
}

Status IvfIndex::update(ListEdit& edit, ObjectId id, std::span<const float> before, std::span<const float> after) {
  const VectorChange change{id, before, after};
  return apply(edit, std::span(&change, 1));
}

Status IvfIndex::check_vector(std::span<const float> vector, const char* what) const {
  if (vector.size() != quantizer_->dimension()) {
    return Status(StatusCode::kInvalidArgument, std::string(what) + " has dimension " + std::to_string(vector.size()) +
                                                    ", the vector index " + std::to_string(quantizer_->dimension()));
  }
  if (!all_finite(vector)) return Status(StatusCode::kInvalidArgument, std::string(what) + " is not finite");
  return {};
}

Status IvfIndex::apply(ListEdit& edit, std::span<const VectorChange> changes) {
  StoredVectors vectors(*quantizer_, 2 * changes.size());
  for (const VectorChange& change : changes) {
    for (const auto& vector : {change.before, change.after}) {
      if (vector.empty()) continue;
      PROTO_RETURN_IF_ERROR(check_vector(vector, "a vector"));
      vectors.add(vector.data());
    }
  }
  const std::vector<Assignment> assignments = assign_all(*quantizer_, vectors);
  std::vector<ListPolicy::Change> batch;
  batch.reserve(assignments.size());
  double distance_change = 0;
  size_t at = 0;
  for (const VectorChange& change : changes) {
    const Assignment* before = change.before.empty() ? nullptr : &assignments[at++];
    const float* vector = change.after.empty() ? nullptr : vectors[at];
    const Assignment* after = change.after.empty() ? nullptr : &assignments[at++];
    if (before != nullptr) distance_change -= before->distance;
    if (after != nullptr) distance_change += after->distance;
    const bool same_list = before != nullptr && after != nullptr && before->list == after->list;
    if (before != nullptr && !same_list) batch.push_back({{before->list, change.id}, ChangeKind::kErase, nullptr});
    if (after != nullptr) batch.push_back({{after->list, change.id}, ChangeKind::kUpsert, vector});
  }
  if (batch.size() == 1) {
    edit.apply_one(lists_, batch[0]);
  } else {
    edit.apply_unsorted(lists_, batch);
  }
  distance_sum_ = lists_.empty() ? 0 : std::max(0.0, distance_sum_ + distance_change);
  return edit.status();
}

void IvfIndex::set_quantizer(std::shared_ptr<const Quantizer> quantizer) {
  const auto now = quantizer_->centroids(), then = quantizer->centroids();
  PROTO_CHECK(quantizer->metric() == quantizer_->metric() &&
              std::equal(now.begin(), now.end(), then.begin(), then.end()));
  quantizer_ = std::move(quantizer);
}

Result<uint64_t> IvfIndex::list_size(ListId list) const {
  Status status;
  const uint64_t count = lists_.count_range(ListKey{list, ObjectId(0)}, ListKey{list + 1, ObjectId(0)}, &status);
  PROTO_RETURN_IF_ERROR(std::move(status));
  return count;
}

double IvfIndex::drift() const {
  const double trained = quantizer_->training_distance();
  return trained <= 0 || size() == 0 ? 1 : mean_distance() / trained;
}

Status IvfIndex::check() const {
  PROTO_RETURN_IF_ERROR(lists_.check());
  proto::avl::Cursor<ListPolicy> cursor(lists_);
  for (cursor.seek_first(); cursor.valid(); cursor.next()) {
    const ListEntry entry = cursor.entry();
    const std::span<const float> vector(entry.vector, quantizer_->dimension());
    if (!all_finite(vector)) return Status(StatusCode::kCorruption, "a vector in a vector index is not finite");
    if (quantizer_->assign(vector).list != entry.key.list) {
      return Status(StatusCode::kCorruption, "object " + std::to_string(entry.key.id.value) + " stands in list " +
                                                 std::to_string(entry.key.list) + " of a vector index, not in its own");
    }
  }
  return cursor.status();
}

}  // namespace protobase::vector
