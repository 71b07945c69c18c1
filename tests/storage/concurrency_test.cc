// Appends under a mutex, syncs, checkpoints and readers on many threads at once.
#include <atomic>
#include <mutex>
#include <thread>

#include "tests/storage/storage_fixture.h"

namespace protobase::storage {
namespace {

class ConcurrencyTest : public testing::TestWithParam<Backend> {
 protected:
  ConcurrencyTest() : place_(GetParam()) {}
  Place place_;
};

INSTANTIATE_TEST_SUITE_P(Backends, ConcurrencyTest,
                         testing::Values(Backend::kMemory, Backend::kFileInMemory, Backend::kFile),
                         [](const auto& info) { return backend_name(info.param); });

TEST_P(ConcurrencyTest, CommittersShareSyncs) {
  constexpr int kThreads = 8, kCommits = 40;
  auto storage = place_.open();
  ASSERT_OK(storage);
  std::mutex commit_mutex;
  std::atomic<int> failures{0};
  std::vector<std::thread> threads;
  for (int thread = 0; thread < kThreads; ++thread) {
    threads.emplace_back([&, thread] {
      for (int i = 0; i < kCommits; ++i) {
        Lsn end;
        {
          std::lock_guard guard(commit_mutex);
          auto appended = append_one(*storage->log, std::to_string(thread) + " " + std::to_string(i));
          if (!appended.ok()) ++failures;
          else end = *appended;
        }
        if (!storage->log->sync(end).ok() || storage->log->durable() < end) ++failures;
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(failures, 0);
  EXPECT_LE(storage->log->statistics().syncs, uint64_t{kThreads * kCommits});
  ASSERT_OK(storage->close());
  storage = place_.open();
  ASSERT_OK(storage);
  auto records = replayed(*storage->log);
  ASSERT_OK(records);
  ASSERT_EQ(records->size(), size_t{kThreads * kCommits});
  std::vector<int> next(kThreads, 0);
  for (const std::string& record : *records) {
    const int thread = std::stoi(record);
    EXPECT_EQ(record, std::to_string(thread) + " " + std::to_string(next[thread]++)) << "each thread's commits are in order";
  }
}

TEST_P(ConcurrencyTest, CheckpointsRunBesideCommitsAndReaders) {
  constexpr int kCommits = 400;
  auto storage = place_.open();
  ASSERT_OK(storage);
  std::mutex commit_mutex;
  std::vector<Lsn> ends{storage->log->end()};  // guarded by commit_mutex: where record i ends is ends[i + 1]
  std::atomic<int> failures{0};
  std::atomic<bool> done{false};

  std::thread committer([&] {
    for (int i = 0; i < kCommits; ++i) {
      Lsn end;
      {
        std::lock_guard guard(commit_mutex);
        auto appended = append_one(*storage->log, record_bytes(i, 200 + i * 7 % 3000));
        if (!appended.ok()) ++failures;
        ends.push_back(end = storage->log->end());
      }
      if (i % 4 == 0 && !storage->log->sync(end).ok()) ++failures;
    }
    done = true;
  });
  std::thread checkpointer([&] {
    std::vector<SegmentId> live;
    while (!done) {
      Lsn start;
      size_t count = 0;
      {
        std::lock_guard guard(commit_mutex);
        start = ends.back(), count = ends.size() - 1;
      }
      auto id = add_segment(*storage->blobs, record_bytes(count, 100'000));
      if (!id.ok()) ++failures;
      if (!live.empty() && !storage->blobs->remove(live.back()).ok()) ++failures;
      live.assign(1, *id);
      if (!storage->checkpoint(std::to_string(count), start).ok()) ++failures;
    }
  });
  std::thread reader([&] {
    while (!done) {
      auto reading = place_.open(true);
      if (!reading.ok()) {
        ++failures;
        ADD_FAILURE() << reading.status().to_string();
        continue;
      }
      if (GetParam() == Backend::kMemory) continue;  // its readers see the writer's log move
      const size_t in_root = reading->root.payload.empty() ? 0 : std::stoul(reading->root.payload);
      auto records = replayed(*reading->log);
      if (!records.ok()) {
        ADD_FAILURE() << records.status().to_string();
        continue;
      }
      for (size_t i = 0; i < records->size(); ++i) {
        const size_t number = in_root + i;
        if ((*records)[i] != record_bytes(number, 200 + number * 7 % 3000)) ++failures;
      }
      for (const SegmentInfo& info : reading->blobs->list()) {
        auto bytes = read_segment(*reading->blobs, info.id);
        if (!bytes.ok() || *bytes != record_bytes(in_root, 100'000)) ++failures;
      }
    }
  });
  committer.join();
  checkpointer.join();
  reader.join();
  EXPECT_EQ(failures, 0);
  ASSERT_OK(storage->close());
  storage = place_.open();
  ASSERT_OK(storage);
  auto records = replayed(*storage->log);
  ASSERT_OK(records);
  const size_t in_root = storage->root.payload.empty() ? 0 : std::stoul(storage->root.payload);
  EXPECT_EQ(in_root + records->size(), size_t{kCommits});
}

}  // namespace
}  // namespace protobase::storage
