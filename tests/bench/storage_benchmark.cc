// Storage against the disk: raw writes beside commits, appends, replay and blocks. The raw figures stand in the same
// run, as only the ratio means anything on a shared machine. Files go to $TMPDIR (or /tmp): point it at the disk to be
// measured.
#include <benchmark/benchmark.h>
#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

#include <filesystem>
#include <memory>
#include <mutex>
#include <string>

#include "runtime/base/random.h"
#include "storage/block.h"
#include "storage/block_cache.h"
#include "storage/storage.h"

namespace protobase::storage {
namespace {

constexpr uint64_t kLogBytes = 64 << 20;

class Directory {
 public:
  Directory() {
    std::string pattern = (std::filesystem::temp_directory_path() / "storage_benchmark_XXXXXX").string();
    path_ = mkdtemp(pattern.data());
  }
  ~Directory() { std::filesystem::remove_all(path_); }
  std::string file(const char* name) const { return path_ + "/" + name; }

 private:
  std::string path_;
};

/// Half noise, half text: compresses to somewhat over half.
std::string sample(size_t length, uint64_t seed) {
  std::string bytes;
  proto::Random random(seed);
  while (bytes.size() < length) {
    bytes.push_back(static_cast<char>(bytes.size() % 16 < 8 ? random.next() : 'a' + bytes.size() % 8));
  }
  return bytes;
}

std::string noise(size_t length, uint64_t seed) {
  std::string bytes(length, '\0');
  proto::Random random(seed);
  for (char& byte : bytes) byte = static_cast<char>(random.next());
  return bytes;
}

void raw_sync(benchmark::State& state, bool overwrite) {
  Directory directory;
  const int file = ::open(directory.file("raw").c_str(), O_RDWR | O_CREAT, 0644);
  const std::string zeros(1 << 20, '\0');
  if (overwrite) {
    for (uint64_t at = 0; at < kLogBytes; at += zeros.size()) {
      if (::pwrite(file, zeros.data(), zeros.size(), static_cast<off_t>(at)) < 0) state.SkipWithError("write");
    }
    ::fsync(file);
  }
  const std::string record = noise(152, 1);  // as long as the frame of a record of 100 bytes
  uint64_t at = 0;
  for (auto _ : state) {
    if (::pwrite(file, record.data(), record.size(), static_cast<off_t>(at)) < 0) state.SkipWithError("write");
    if (::fdatasync(file) != 0) state.SkipWithError("fdatasync");
    at += record.size();
    if (overwrite && at + record.size() > kLogBytes) at = 0;
  }
  ::close(file);
  state.SetItemsProcessed(state.iterations());
}
void raw_overwrite_fdatasync(benchmark::State& state) { raw_sync(state, true); }
void raw_append_fdatasync(benchmark::State& state) { raw_sync(state, false); }
BENCHMARK(raw_overwrite_fdatasync)->UseRealTime();
BENCHMARK(raw_append_fdatasync)->UseRealTime();

/// A log that was in use for a while: all its chunks are recycled ones.
Storage warm_storage(const std::string& path) {
  FileStorageOptions options;
  options.log_keep_bytes = kLogBytes;
  Storage storage = *open_file_storage(path, options);
  const std::string filler = noise(1 << 20, 3);
  const LogRecord record{1, filler};
  for (uint64_t i = 0; i < kLogBytes / filler.size(); ++i) (void)*storage.log->append(storage.log->end(), {&record, 1});
  if (!storage.checkpoint("", storage.log->end()).ok()) abort();
  return storage;
}

/// Lets the log go round. A database writes a root record before; here only the log is measured.
void recycle(Storage& storage) {
  if (storage.log->durable().value - storage.log->start().value < kLogBytes / 2) return;
  if (!storage.log->trim(storage.log->durable()).ok()) abort();
}

void commit_one_record(benchmark::State& state) {
  Directory directory;
  Storage storage = warm_storage(directory.file("x.pdb"));
  const std::string bytes = noise(100, 1);
  const LogRecord record{1, bytes};
  for (auto _ : state) {
    const auto end = storage.log->append(storage.log->end(), {&record, 1});
    if (!end.ok() || !storage.log->sync(*end).ok()) state.SkipWithError("commit");
    recycle(storage);
  }
  state.SetItemsProcessed(state.iterations());
}
BENCHMARK(commit_one_record)->UseRealTime();

/// Committers on many threads: append under one mutex, sync outside of it.
void commit_by_threads(benchmark::State& state) {
  static std::unique_ptr<Directory> directory;
  static Storage storage;
  static std::mutex mutex;
  if (state.thread_index() == 0) {
    directory = std::make_unique<Directory>();
    storage = warm_storage(directory->file("x.pdb"));
  }
  const std::string bytes = noise(100, 1);
  const LogRecord record{1, bytes};
  for (auto _ : state) {
    Lsn end;
    {
      std::lock_guard guard(mutex);
      end = *storage.log->append(storage.log->end(), {&record, 1});
      recycle(storage);
    }
    if (!storage.log->sync(end).ok()) state.SkipWithError("sync");
  }
  state.SetItemsProcessed(state.iterations());
  if (state.thread_index() == 0) storage = Storage(), directory.reset();
}
BENCHMARK(commit_by_threads)->Threads(1)->Threads(4)->Threads(16)->UseRealTime();

void append_without_sync(benchmark::State& state) {
  Directory directory;
  Storage storage = warm_storage(directory.file("x.pdb"));
  const std::string bytes = sample(static_cast<size_t>(state.range(0)), 1);
  const LogRecord record{1, bytes};
  uint64_t since_sync = 0;
  for (auto _ : state) {
    if (!storage.log->append(storage.log->end(), {&record, 1}).ok()) state.SkipWithError("append");
    since_sync += bytes.size();
    if (since_sync < kLogBytes / 4) continue;
    state.PauseTiming();  // room for the log to go round
    if (!storage.log->sync(storage.log->end()).ok()) state.SkipWithError("sync");
    recycle(storage);
    since_sync = 0;
    state.ResumeTiming();
  }
  state.SetItemsProcessed(state.iterations());
  state.SetBytesProcessed(state.iterations() * state.range(0));
}
BENCHMARK(append_without_sync)->Arg(100)->Arg(1000)->Arg(10'000)->Arg(1 << 20)->UseRealTime();

void replay(benchmark::State& state) {
  Directory directory;
  Storage storage = *open_file_storage(directory.file("x.pdb"));
  const std::string bytes = sample(static_cast<size_t>(state.range(0)), 1);
  const LogRecord record{1, bytes};
  const int64_t count = (32 << 20) / state.range(0);
  for (int64_t i = 0; i < count; ++i) (void)*storage.log->append(storage.log->end(), {&record, 1});
  for (auto _ : state) {
    int64_t found = 0;
    const Status status = storage.log->replay(storage.log->start(), [&](const ReplayedRecord& replayed) {
      found += replayed.payload.size() == bytes.size();
      return Status();
    });
    if (!status.ok() || found != count) state.SkipWithError("replay");
  }
  state.SetItemsProcessed(state.iterations() * count);
  state.SetBytesProcessed(state.iterations() * count * state.range(0));
}
BENCHMARK(replay)->Arg(100)->Arg(1000)->Arg(10'000);

/// Opening with a tail of 32 MiB: finding the end, not replaying.
void open_with_log(benchmark::State& state) {
  Directory directory;
  const std::string bytes = sample(200, 1);
  const LogRecord record{1, bytes};
  {
    Storage storage = *open_file_storage(directory.file("x.pdb"));
    while (storage.log->end().value < static_cast<uint64_t>(state.range(0))) {
      (void)*storage.log->append(storage.log->end(), {&record, 1});
    }
  }
  for (auto _ : state) {
    if (!open_file_storage(directory.file("x.pdb"), {.read_only = true}).ok()) state.SkipWithError("open");
  }
}
BENCHMARK(open_with_log)->Arg(0)->Arg(32 << 20)->Unit(benchmark::kMicrosecond);

void write_blocks(benchmark::State& state) {
  Directory directory;
  Storage storage = *open_file_storage(directory.file("x.pdb"));
  const std::string bytes = sample(16'000, 1);
  auto segment = *storage.blobs->create_segment();
  for (auto _ : state) {
    if (!write_block(*segment, storage.id, 1, bytes).ok()) state.SkipWithError("write");
    if (segment->size() > (64 << 20)) segment = *storage.blobs->create_segment();
  }
  state.SetBytesProcessed(state.iterations() * static_cast<int64_t>(bytes.size()));
}
BENCHMARK(write_blocks);

void read_blocks(benchmark::State& state) {
  Directory directory;
  Storage storage = *open_file_storage(directory.file("x.pdb"));
  std::vector<BlockAddress> addresses;
  auto segment = *storage.blobs->create_segment();
  for (int i = 0; i < 2000; ++i) addresses.push_back(write_block(*segment, storage.id, 1, sample(16'000, i))->address);
  if (!segment->finish().ok()) state.SkipWithError("finish");
  proto::Random random(1);
  for (auto _ : state) {
    const auto block = read_block(*storage.blobs, addresses[random.below(addresses.size())]);
    if (!block.ok() || block->bytes.size() != 16'000) state.SkipWithError("read");
  }
  state.SetItemsProcessed(state.iterations());
  state.SetBytesProcessed(state.iterations() * 16'000);
}
BENCHMARK(read_blocks);

void cached_blocks(benchmark::State& state) {
  Storage storage = *open_memory_storage();
  std::vector<BlockAddress> addresses;
  auto segment = *storage.blobs->create_segment();
  for (int i = 0; i < 1000; ++i) addresses.push_back(write_block(*segment, storage.id, 1, sample(4000, i))->address);
  if (!segment->finish().ok()) state.SkipWithError("finish");
  BlockCache cache(64 << 20);
  proto::Random random(1);
  for (auto _ : state) {
    const auto block = cache.find_or_read(*storage.blobs, addresses[random.below(addresses.size())]);
    if (!block.ok()) state.SkipWithError("read");
  }
  state.SetItemsProcessed(state.iterations());
}
BENCHMARK(cached_blocks);

}  // namespace
}  // namespace protobase::storage

BENCHMARK_MAIN();
