#include <faiss/Clustering.h>
#include <faiss/IndexFlat.h>
#include <omp.h>

#include <new>

#include "vector/internal/kmeans.h"

namespace protobase::vector::internal {
namespace {

/// Sets this thread's OpenMP width and puts it back.
class OpenMpThreads {
 public:
  explicit OpenMpThreads(uint32_t count) : before_(omp_get_max_threads()) {
    omp_set_num_threads(static_cast<int>(count));
  }
  ~OpenMpThreads() { omp_set_num_threads(before_); }
  OpenMpThreads(const OpenMpThreads&) = delete;
  OpenMpThreads& operator=(const OpenMpThreads&) = delete;

 private:
  int before_;
};

std::vector<float> run_faiss(std::span<const float> points, uint32_t dimension, uint32_t list_count, bool spherical,
                             const TrainingOptions& options) {
  faiss::ClusteringParameters parameters;
  parameters.niter = static_cast<int>(options.iteration_count);
  parameters.seed = static_cast<int>(options.seed);
  parameters.spherical = spherical;
  parameters.min_points_per_centroid = 1;
  parameters.max_points_per_centroid = static_cast<int>(options.points_per_list);
  faiss::Clustering clustering(static_cast<int>(dimension), static_cast<int>(list_count), parameters);
  faiss::IndexFlatL2 index(dimension);
  clustering.train(static_cast<faiss::Index::idx_t>(points.size() / dimension), points.data(), index);
  return std::move(clustering.centroids);
}

}  // namespace

Result<std::vector<float>> train_centroids(std::span<const float> points, uint32_t dimension, uint32_t list_count,
                                           bool spherical, const TrainingOptions& options) {
  const OpenMpThreads threads(options.thread_count == 0 ? 1 : options.thread_count);
  try {
    return run_faiss(points, dimension, list_count, spherical, options);
  } catch (const std::bad_alloc&) {
    return Status(StatusCode::kOutOfMemory, "not enough memory to train the vector index");
  } catch (const std::exception& error) {
    return Status(StatusCode::kInvalidState, std::string("training the vector index failed: ") + error.what());
  }
}

}  // namespace protobase::vector::internal
