// Vector search beside Debian's FAISS, in one process, one thread, one query at a time, interleaved round by round.
// Both sides have the same centroids, lists and probes; every answer is compared with the exact one.
//
//   vector_benchmark [--siftsmall FOLDER] [--out FILE]
#include <faiss/IndexFlat.h>
#include <faiss/IndexIVFFlat.h>
#include <fmt/format.h>
#include <omp.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <ctime>
#include <functional>
#include <string>
#include <vector>

#include "runtime/avl/edit.h"
#include "tests/vector/vector_samples.h"
#include "vector/ivf_index.h"

namespace protobase::vector {
namespace {

constexpr size_t kNeighbors = 10;
constexpr int kRounds = 15;

double seconds_now() {
  return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch()).count();
}

/// Of this process: what else the machine does is not in it.
double cpu_seconds_now() { return static_cast<double>(std::clock()) / CLOCKS_PER_SEC; }

/// What was measured, as the lines of a JSON array.
std::string report;

void add_to_report(const std::string& line) { report += (report.empty() ? "\n" : ",\n") + line; }

using Answer = std::vector<int64_t>;  // row numbers, nearest first

struct Contestant {
  std::string name;
  std::function<Answer(const float* query)> search;
  std::vector<double> rounds{};  // CPU seconds per query
  std::vector<double> wall_rounds{};
  double recall = 0;

  static double quantile(std::vector<double> values, double part) {
    std::sort(values.begin(), values.end());
    return values[static_cast<size_t>(part * static_cast<double>(values.size() - 1))];
  }
  double median() const { return quantile(rounds, 0.5); }
};

Answer rows_of(const std::vector<Neighbor>& neighbors) {
  Answer answer;
  for (const Neighbor& neighbor : neighbors) answer.push_back(static_cast<int64_t>(neighbor.id.value) - 1);
  return answer;
}

Answer search_faiss(const faiss::Index& index, const float* query) {
  Answer answer(kNeighbors);
  float distances[kNeighbors];
  index.search(1, query, kNeighbors, distances, answer.data());
  return answer;
}

size_t common(const Answer& a, const Answer& b) {
  size_t count = 0;
  for (const int64_t row : a) count += static_cast<size_t>(std::count(b.begin(), b.end(), row));
  return count;
}

/// Runs all contestants round by round and prints them; the first is the peer of the comparison.
void compare(const std::string& data, const std::string& title, const Samples& queries,
             const std::vector<Answer>& truth, std::vector<Contestant> contestants) {
  for (int round = 0; round < kRounds; ++round) {
    for (Contestant& contestant : contestants) {
      std::vector<Answer> answers(queries.count());
      const double start = seconds_now(), cpu = cpu_seconds_now();
      for (size_t i = 0; i < queries.count(); ++i) answers[i] = contestant.search(queries.row(i).data());
      contestant.rounds.push_back((cpu_seconds_now() - cpu) / static_cast<double>(queries.count()));
      contestant.wall_rounds.push_back((seconds_now() - start) / static_cast<double>(queries.count()));
      size_t hits = 0;
      for (size_t i = 0; i < queries.count(); ++i) hits += common(answers[i], truth[i]);
      contestant.recall = static_cast<double>(hits) / static_cast<double>(kNeighbors * queries.count());
    }
  }
  std::printf("%s\n", title.c_str());
  for (const Contestant& contestant : contestants) {
    std::printf("  %-26s %9.0f queries/s  %8.1f us  recall %.4f  %5.2f x\n", contestant.name.c_str(),
                1 / contestant.median(), contestant.median() * 1e6, contestant.recall,
                contestants[0].median() / contestant.median());
    const auto us = [](double seconds) { return fmt::format("{:.3f}", seconds * 1e6); };
    add_to_report(fmt::format(
        R"({{"data":"{}","work":"{}","name":"{}","us":{},"us_min":{},"us_max":{},"wall_us":{},"recall":{:.4f}}})", data,
        title, contestant.name, us(contestant.median()), us(Contestant::quantile(contestant.rounds, 0)),
        us(Contestant::quantile(contestant.rounds, 1)), us(Contestant::quantile(contestant.wall_rounds, 0.5)),
        contestant.recall));
  }
}

/// Prints and reports the CPU time of its own life.
struct Timer {
  std::string data;
  const char* what;
  double start = cpu_seconds_now();
  ~Timer() {
    const double seconds = cpu_seconds_now() - start;
    std::printf("  %-26s %9.2f s\n", what, seconds);
    add_to_report(
        fmt::format(R"({{"data":"{}","work":"{}","name":"ProtoBase","us":{:.0f}}})", data, what, seconds * 1e6));
  }
};

void compare_on(const std::string& name, const Samples& base, const Samples& queries, uint32_t lists, uint32_t probes) {
  const long dimension = static_cast<long>(base.dimension);
  const long count = static_cast<long>(base.count());
  std::printf("%s: %ld x %ld, %zu queries, k = %zu, kernels %s\n", name.c_str(), count, dimension, queries.count(),
              kNeighbors, std::string(simd_level_name(best_simd_level())).c_str());
  std::shared_ptr<const Quantizer> quantizer;
  {
    const Timer timer{name, "train"};
    quantizer = *Quantizer::train(Metric::kL2, static_cast<uint32_t>(dimension), base.values, {.list_count = lists});
  }
  ListFamily family{ListPolicy(static_cast<uint32_t>(dimension))};
  ListEdit edit(family);
  IvfIndex ivf(quantizer, family.empty_tree());
  {
    const Timer timer{name, "assign and build"};
    ivf = *IvfIndex::build(edit, quantizer, base.block());
  }
  faiss::IndexFlatL2 flat(dimension);
  flat.add(count, base.values.data());
  faiss::IndexFlatL2 coarse(dimension);
  coarse.add(lists, quantizer->centroids().data());
  faiss::IndexIVFFlat faiss_ivf(&coarse, static_cast<size_t>(dimension), lists);
  faiss_ivf.train(count, base.values.data());
  faiss_ivf.add(count, base.values.data());
  faiss_ivf.nprobe = probes;

  std::vector<Answer> truth;
  for (size_t i = 0; i < queries.count(); ++i) truth.push_back(search_faiss(flat, queries.row(i).data()));
  const auto span_of = [&](const float* query) { return std::span(query, base.dimension); };
  compare(name, "exact", queries, truth,
          {{"FAISS IndexFlatL2", [&](const float* query) { return search_faiss(flat, query); }},
           {"ExactSearch on rows",
            [&](const float* query) {
              ExactSearch search(Metric::kL2, span_of(query), kNeighbors);
              search.add_sorted(base.block());
              return rows_of(search.take());
            }},
           {"IvfIndex::search_exact",
            [&](const float* query) { return rows_of((*ivf.search_exact(span_of(query), kNeighbors)).neighbors); }}});
  const std::string title = "IVF-Flat, " + std::to_string(lists) + " lists, " + std::to_string(probes) + " probes";
  compare(name, title, queries, truth,
          {{"FAISS IndexIVFFlat", [&](const float* query) { return search_faiss(faiss_ivf, query); }},
           {"IvfIndex::search", [&](const float* query) {
              return rows_of((*ivf.search(span_of(query), kNeighbors, {.probe_count = probes})).neighbors);
            }}});
  const size_t changes = 2000;
  const double start = cpu_seconds_now();
  for (size_t i = 0; i < changes; ++i) {
    // A new edit each time, as a commit of its own would have.
    ListEdit commit(family);
    const Status status = ivf.insert(commit, proto::ObjectId(base.count() + 1 + i), queries.row(i % queries.count()));
    if (!status.ok()) std::printf("%s\n", status.to_string().c_str());
    commit.take_retired().free();
  }
  const double insert_us = (cpu_seconds_now() - start) / changes * 1e6;
  std::printf("  %-26s %9.1f us\n", "insert one, own commit", insert_us);
  add_to_report(fmt::format(R"({{"data":"{}","work":"insert one, own commit","name":"ProtoBase","us":{:.2f}}})", name,
                            insert_us));
  edit.take_retired().free();
  family.free_all(ivf.lists().root());
}

int run(const std::string& folder, const std::string& out) {
  omp_set_num_threads(1);
  const Samples base = read_samples(folder + "/siftsmall_base.fvecs");
  if (base.count() == 0) {
    std::printf("siftsmall is not in %s: left out\n", folder.c_str());
  } else {
    compare_on("siftsmall", base, read_samples(folder + "/siftsmall_query.fvecs"), 64, 8);
  }
  // Clusters that overlap, so that 16 probes of 512 lists find most but not all.
  compare_on("clustered", clustered_samples(1, 100000, 128, 2000, 0, 0.25f),
             clustered_samples(1, 200, 128, 2000, 1, 0.25f), 512, 16);
  if (out.empty()) return 0;
  FILE* file = std::fopen(out.c_str(), "w");
  if (file == nullptr) return 1;
  std::fprintf(file, "{\"benchmark\":\"vector\",\"kernels\":\"%s\",\"cases\":[%s]}\n",
               std::string(simd_level_name(best_simd_level())).c_str(), report.c_str());
  return std::fclose(file) == 0 ? 0 : 1;
}

}  // namespace
}  // namespace protobase::vector

int main(int count, char** arguments) {
  std::string folder = "build/corpora/2-vectors/siftsmall", out;
  for (int i = 1; i + 1 < count; i += 2) {
    if (std::string_view(arguments[i]) == "--siftsmall") folder = arguments[i + 1];
    if (std::string_view(arguments[i]) == "--out") out = arguments[i + 1];
  }
  return protobase::vector::run(folder, out);
}
