// What the log is after the machine stopped, after bytes changed, and after leftovers of dead writers come back.
#include <algorithm>

#include "runtime/base/checksum.h"
#include "runtime/base/coding.h"
#include "storage/internal/frame_reader.h"
#include "storage/internal/log_format.h"
#include "tests/storage/storage_fixture.h"

namespace protobase::storage {
namespace {

FileStorageOptions small_chunks(FileSystem& files, bool read_only = false) {
  FileStorageOptions options;
  options.file_system = &files;
  options.read_only = read_only;
  options.log_chunk_bytes = 4096;
  options.log_keep_bytes = 8 * 4096;
  return options;
}

constexpr char kWal[] = "x.pdb-wal";

/// A writer, a machine that stops at random moments, and a record of what was promised.
class CrashRun {
 public:
  CrashRun(CrashMode mode, uint64_t seed) : mode_(mode), random_(seed) {}

  void run(int lives) {
    for (int life = 0; life < lives && !testing::Test::HasFatalFailure(); ++life) {
      auto storage = open_file_storage("x.pdb", small_chunks(files_));
      ASSERT_OK(storage);
      check(*storage);
      if (testing::Test::HasFatalFailure()) return;
      const uint64_t steps = random_.below(60);
      for (uint64_t i = 0; i < steps; ++i) step(*storage);
      if (random_.one_in(5)) {
        ASSERT_OK(storage->log->close());
        promised_ = records_.size();
      }
      files_.crash(mode_, random_.next());
    }
  }

 private:
  /// Every promised record is there, in order; of the others a prefix; what is there now stays there.
  void check(const Storage& storage) {
    ASSERT_EQ(storage.root.payload, std::to_string(checkpointed_));
    auto found = replayed(*storage.log);
    ASSERT_OK(found);
    ASSERT_GE(checkpointed_ + found->size(), promised_) << "acknowledged records are lost";
    ASSERT_LE(checkpointed_ + found->size(), records_.size()) << "records came from nowhere";
    records_.resize(checkpointed_ + found->size());
    ASSERT_TRUE(std::equal(found->begin(), found->end(), records_.begin() + static_cast<ptrdiff_t>(checkpointed_)))
        << "records differ";
    promised_ = records_.size();
  }

  void step(Storage& storage) {
    if (random_.one_in(25)) {
      const std::string payload = std::to_string(records_.size());
      ASSERT_OK(storage.checkpoint(payload, storage.log->end()));
      checkpointed_ = promised_ = records_.size();
    } else if (random_.one_in(3)) {
      ASSERT_OK(storage.log->sync(storage.log->end()));
      promised_ = records_.size();
    } else {
      // Few lengths, so that frames of different lives meet at the same positions.
      constexpr uint64_t kLengths[] = {0, 8, 8, 8, 200, 1000, 5000, 20'000};
      records_.push_back(record_bytes(next_number_++ * 2 + 1, kLengths[random_.below(8)]));
      ASSERT_OK(append_one(*storage.log, records_.back()));
    }
  }

  const CrashMode mode_;
  proto::Random random_;
  MemoryFileSystem files_;
  std::vector<std::string> records_;  // all that may be found, in order
  size_t promised_ = 0;               // as many of them must be found
  size_t checkpointed_ = 0;           // as many are in the root record, not the log
  uint64_t next_number_ = 0;

 public:
  CrashRun& starting_empty() {
    // The first check expects the payload of a database that was never checkpointed.
    auto storage = open_file_storage("x.pdb", small_chunks(files_));
    EXPECT_OK(storage);
    EXPECT_OK(storage->checkpoint("0", storage->log->end()));
    EXPECT_OK(storage->close());
    return *this;
  }
};

TEST(LogRecoveryTest, RandomCrashesLoseNothingThatWasPromised) {
  for (const CrashMode mode : {CrashMode::kDropUnsynced, CrashMode::kPrefix, CrashMode::kReorder}) {
    for (uint64_t seed = 1; seed <= 60; ++seed) {
      SCOPED_TRACE("seed " + std::to_string(seed) + ", mode " + std::to_string(static_cast<int>(mode)));
      CrashRun(mode, seed).starting_empty().run(25);
      if (HasFatalFailure()) return;
    }
  }
}

TEST(LogRecoveryTest, TornTailIsCutSilently) {
  MemoryFileSystem files;
  {
    auto storage = open_file_storage("x.pdb", small_chunks(files));
    ASSERT_OK(append_one(*storage->log, "promised"));
    ASSERT_OK(storage->log->sync(storage->log->end()));
    ASSERT_OK(append_one(*storage->log, record_bytes(1, 3000)));
    files.crash(CrashMode::kDropUnsynced, 1);
  }
  auto storage = open_file_storage("x.pdb", small_chunks(files));
  ASSERT_OK(storage);
  EXPECT_EQ(*replayed(*storage->log), (std::vector<std::string>{"promised"}));
}

/// A log of synced single appends; returns where each frame begins in the file.
std::vector<uint64_t> write_synced(MemoryFileSystem& files, int count, size_t length, bool close) {
  std::vector<uint64_t> offsets;
  auto storage = open_file_storage("x.pdb", small_chunks(files));
  EXPECT_OK(storage);
  for (int i = 0; i < count; ++i) {
    const uint64_t position = storage->log->end().value;
    const uint64_t payload = 4096 - sizeof(ChunkHeader);
    offsets.push_back(kPageBytes + position / payload * 4096 + sizeof(ChunkHeader) + position % payload);
    EXPECT_OK(append_one(*storage->log, record_bytes(2 * i + 1, length)));
    EXPECT_OK(storage->log->sync(storage->log->end()));
  }
  if (close) {
    EXPECT_OK(storage->close());
  }
  files.crash(CrashMode::kDropUnsynced, 0);
  return offsets;
}

TEST(LogRecoveryTest, DamageBeforeTheLastSyncedGroupIsReportedWithItsPlace) {
  for (const int victim : {0, 1, 10, 18}) {
    MemoryFileSystem files;
    const auto offsets = write_synced(files, 20, 500, false);
    std::string bytes = files.contents(kWal);
    bytes[offsets[victim] + 60] ^= 4;
    files.set_contents(kWal, bytes);
    for (const bool read_only : {false, true}) {
      const Status status = open_file_storage("x.pdb", small_chunks(files, read_only)).status();
      ASSERT_EQ(status.code(), StatusCode::kCorruption) << victim << ": " << status.to_string();
      EXPECT_NE(status.message().find(kWal), std::string::npos) << status.message();
      EXPECT_NE(status.message().find("offset " + std::to_string(offsets[victim])), std::string::npos) << status.message();
    }
  }
}

TEST(LogRecoveryTest, AfterCloseEvenTheLastGroupIsGuarded) {
  MemoryFileSystem files;
  const auto offsets = write_synced(files, 3, 500, true);
  std::string bytes = files.contents(kWal);
  bytes[offsets[2] + 60] ^= 4;
  files.set_contents(kWal, bytes);
  EXPECT_EQ(open_file_storage("x.pdb", small_chunks(files)).status().code(), StatusCode::kCorruption);
}

TEST(LogRecoveryTest, LostChunkHeaderOfPromisedRecordsIsReported) {
  MemoryFileSystem files;
  write_synced(files, 40, 500, false);
  const std::string intact = files.contents(kWal);
  for (uint64_t slot = 0; slot < 5; ++slot) {
    std::string bytes = intact;
    std::fill_n(bytes.begin() + static_cast<ptrdiff_t>(kPageBytes + slot * 4096), 512, '\0');
    files.set_contents(kWal, bytes);
    EXPECT_EQ(open_file_storage("x.pdb", small_chunks(files)).status().code(), StatusCode::kCorruption) << slot;
  }
}

TEST(LogRecoveryTest, ZeroedOrCutFileIsReported) {
  MemoryFileSystem files;
  write_synced(files, 40, 500, true);
  ASSERT_OK(open_file_storage("x.pdb", small_chunks(files))->checkpoint("", Lsn(0)));
  {
    auto storage = open_file_storage("x.pdb", small_chunks(files));
    ASSERT_OK(storage->checkpoint("", storage->log->end()));  // the root record now names a position inside a chunk
    ASSERT_OK(storage->close());
  }
  files.set_contents(kWal, files.contents(kWal).substr(0, kPageBytes));
  EXPECT_EQ(open_file_storage("x.pdb", small_chunks(files)).status().code(), StatusCode::kCorruption);
}

TEST(LogRecoveryTest, RandomBitFlipsGiveAnErrorOrTheRightAnswer) {
  MemoryFileSystem files;
  write_synced(files, 60, 300, true);
  std::vector<std::string> expected;
  for (int i = 0; i < 60; ++i) expected.push_back(record_bytes(2 * i + 1, 300));
  const std::string intact = files.contents(kWal);
  proto::Random random(99);
  int reported = 0;
  for (int round = 0; round < 2000; ++round) {
    std::string bytes = intact;
    const uint64_t at = random.below(bytes.size());
    bytes[at] = static_cast<char>(bytes[at] ^ (1 << random.below(8)));
    files.set_contents(kWal, bytes);
    auto storage = open_file_storage("x.pdb", small_chunks(files, true));
    if (!storage.ok()) {
      ++reported;
      ASSERT_TRUE(storage.status().code() == StatusCode::kCorruption || storage.status().code() == StatusCode::kUnsupported)
          << storage.status().to_string();
      continue;
    }
    auto records = replayed(*storage->log);
    ASSERT_OK(records);
    ASSERT_TRUE(*records == expected) << "round " << round << ": bit flip at " << at << " lost records silently";
  }
  EXPECT_GT(reported, 1000) << "most bytes of the file matter";
}

/// Two unsynced frames, the second of which reaches the disk alone; then a new writer whose frames end just where it begins.
TEST(LogRecoveryTest, LeftoverOfADeadWriterIsNotTakenForPartOfTheLog) {
  MemoryFileSystem files;
  std::string with_leftover;
  uint64_t first_end = 0;
  {
    auto storage = open_file_storage("x.pdb", small_chunks(files));
    // 48 bytes of a new writer's first frame, then a record of 16 (48 + 4 + 12): together as long as this one.
    ASSERT_OK(append_one(*storage->log, record_bytes(1, 16 + 48 + 12)));
    first_end = storage->log->end().value;
    ASSERT_OK(append_one(*storage->log, "ghost"));
    with_leftover = files.contents(kWal);
    files.crash(CrashMode::kDropUnsynced, 1);
  }
  std::string cut = files.contents(kWal);
  const uint64_t ghost_offset = kPageBytes + sizeof(ChunkHeader) + first_end;
  cut.resize(with_leftover.size());
  cut.replace(ghost_offset, 100, with_leftover.substr(ghost_offset, 100));
  files.set_contents(kWal, cut);
  std::string after;
  for (size_t length = 0; length < 40 && after.empty(); ++length) {
    files.set_contents(kWal, cut);
    auto storage = open_file_storage("x.pdb", small_chunks(files));
    ASSERT_OK(storage);
    ASSERT_TRUE(replayed(*storage->log)->empty());
    ASSERT_OK(append_one(*storage->log, std::string(length, 'n')));
    if (storage->log->end().value == first_end) after = std::string(length, 'n');
    ASSERT_OK(storage->log->sync(storage->log->end()));
    files.crash(CrashMode::kDropUnsynced, 1);
    if (after.empty()) continue;
    storage = open_file_storage("x.pdb", small_chunks(files));
    ASSERT_OK(storage);
    EXPECT_EQ(*replayed(*storage->log), (std::vector<std::string>{after}));
  }
  EXPECT_FALSE(after.empty()) << "no length made the frames meet";
}

TEST(LogRecoveryTest, ReadOnlyOpenWritesNothing) {
  MemoryFileSystem files;
  {
    auto storage = open_file_storage("x.pdb", small_chunks(files));
    ASSERT_OK(append_one(*storage->log, "kept"));
    ASSERT_OK(storage->log->sync(storage->log->end()));
    ASSERT_OK(append_one(*storage->log, record_bytes(1, 30'000)));
    files.crash(CrashMode::kReorder, 7);
  }
  const std::string data = files.contents("x.pdb"), log = files.contents(kWal);
  {
    auto storage = open_file_storage("x.pdb", small_chunks(files, true));
    ASSERT_OK(storage);
    EXPECT_EQ(*replayed(*storage->log), (std::vector<std::string>{"kept"}));
    ASSERT_OK(storage->close());
  }
  EXPECT_TRUE(files.contents("x.pdb") == data);
  EXPECT_TRUE(files.contents(kWal) == log);
}

TEST(LogRecoveryTest, LogOfAnotherDatabaseIsRefused) {
  MemoryFileSystem files;
  ASSERT_OK(open_file_storage("x.pdb", small_chunks(files)));
  ASSERT_OK(open_file_storage("y.pdb", small_chunks(files)));
  files.set_contents(kWal, files.contents("y.pdb-wal"));
  const Status status = open_file_storage("x.pdb", small_chunks(files)).status();
  EXPECT_EQ(status.code(), StatusCode::kCorruption);
  EXPECT_NE(status.message().find("another database"), std::string::npos) << status.message();
}

TEST(LogRecoveryTest, MissingAndLonelyLogsAreRefused) {
  MemoryFileSystem files;
  ASSERT_OK(open_file_storage("x.pdb", small_chunks(files)));
  const std::string data = files.contents("x.pdb"), log = files.contents(kWal);
  ASSERT_OK(files.remove(kWal));
  const Status missing = open_file_storage("x.pdb", small_chunks(files)).status();
  EXPECT_EQ(missing.code(), StatusCode::kNotFound);
  EXPECT_NE(missing.message().find(kWal), std::string::npos);
  EXPECT_FALSE(*files.exists(kWal)) << "a failed open makes no files";
  files.set_contents(kWal, log);
  ASSERT_OK(files.remove("x.pdb"));
  EXPECT_EQ(open_file_storage("x.pdb", small_chunks(files)).status().code(), StatusCode::kAlreadyExists);
  EXPECT_TRUE(files.contents(kWal) == log);
}

TEST(LogRecoveryTest, NewerFormatsAndFeaturesAreRefused) {
  for (const char* name : {"x.pdb", kWal}) {
    for (const uint64_t field : {8u, 16u}) {  // version, features
      MemoryFileSystem files;
      ASSERT_OK(open_file_storage("x.pdb", small_chunks(files)));
      std::string bytes = files.contents(name);
      bytes[field] = static_cast<char>(bytes[field] + 2);
      const uint64_t checksum = proto::checksum64(std::string_view(bytes).substr(0, 40));
      proto::store(bytes.data() + 40, checksum);
      files.set_contents(name, bytes);
      const Status status = open_file_storage("x.pdb", small_chunks(files)).status();
      EXPECT_EQ(status.code(), StatusCode::kUnsupported) << name << " " << status.to_string();
      EXPECT_NE(status.message().find(name), std::string::npos);
    }
  }
}

}  // namespace
}  // namespace protobase::storage
