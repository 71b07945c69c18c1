// The n-th call to the file system fails, for every n: a clear error, and everything promised after opening again.
#include "storage/fault_file_system.h"

#include "storage/block.h"
#include "tests/storage/storage_fixture.h"

namespace protobase::storage {
namespace {

/// What a workload was promised before the fault ended it.
struct Promises {
  std::vector<std::string> appended;  // records whose append succeeded, in order
  size_t synced = 0;                  // as many of them were durable
  std::string root;                   // payload of the last root that was acknowledged
  std::string attempted_root;         // payload of the last root that was tried
  SegmentId segment;                  // named by that root
};

FileStorageOptions options_on(FileSystem& files) {
  FileStorageOptions options;
  options.file_system = &files;
  options.log_chunk_bytes = 4096;
  options.log_keep_bytes = 2 * 4096;
  options.free_keep_bytes = 0;
  return options;
}

Status append_and_sync(Storage& storage, Promises& promises, int count) {
  for (int i = 0; i < count; ++i) {
    const std::string bytes = record_bytes(promises.appended.size(), 10 + 700 * (i % 3));
    PROTO_RETURN_IF_ERROR(append_one(*storage.log, bytes).status());
    promises.appended.push_back(bytes);
    if (i % 2 == 1) {
      PROTO_RETURN_IF_ERROR(storage.log->sync(storage.log->end()));
      promises.synced = promises.appended.size();
    }
  }
  return {};
}

Status make_checkpoint(Storage& storage, Promises& promises) {
  PROTO_ASSIGN_OR_RETURN(const SegmentId id, add_segment(*storage.blobs, record_bytes(promises.appended.size(), 150'000)));
  const auto old_segments = storage.blobs->list();
  for (const SegmentInfo& info : old_segments) {
    if (info.id != id) PROTO_RETURN_IF_ERROR(storage.blobs->remove(info.id));
  }
  promises.attempted_root = std::to_string(promises.appended.size());
  PROTO_RETURN_IF_ERROR(storage.checkpoint(promises.attempted_root, storage.log->end()));
  promises.root = promises.attempted_root;
  promises.synced = promises.appended.size();
  return {};
}

/// Appends, syncs, checkpoints, opens again: every kind of call storage makes.
Status work(FileSystem& files, Promises& promises) {
  for (int life = 0; life < 2; ++life) {
    PROTO_ASSIGN_OR_RETURN(Storage storage, open_file_storage("x.pdb", options_on(files)));
    for (int round = 0; round < 3; ++round) {
      PROTO_RETURN_IF_ERROR(append_and_sync(storage, promises, 7));
      PROTO_RETURN_IF_ERROR(make_checkpoint(storage, promises));
    }
    PROTO_RETURN_IF_ERROR(append_and_sync(storage, promises, 3));
    PROTO_RETURN_IF_ERROR(storage.close());
    promises.synced = promises.appended.size();
  }
  return {};
}

void check_intact(FileSystem& files, const Promises& promises) {
  auto storage = open_file_storage("x.pdb", options_on(files));
  ASSERT_OK(storage);
  const std::string& root = storage->root.payload;
  ASSERT_TRUE(root == promises.root || root == promises.attempted_root) << root;
  const size_t in_root = root.empty() ? 0 : std::stoul(root);
  auto records = replayed(*storage->log);
  ASSERT_OK(records);
  ASSERT_GE(in_root + records->size(), promises.synced) << "acknowledged records are lost";
  ASSERT_LE(in_root + records->size(), promises.appended.size()) << "a failed append was applied";
  for (size_t i = 0; i < records->size(); ++i) ASSERT_TRUE((*records)[i] == promises.appended[in_root + i]) << i;
  const auto segments = storage->blobs->list();
  ASSERT_EQ(segments.size(), root.empty() ? 0u : 1u);
  for (const SegmentInfo& info : segments) {
    ASSERT_TRUE(*read_segment(*storage->blobs, info.id) == record_bytes(in_root, 150'000));
  }
  ASSERT_OK(append_one(*storage->log, "and it goes on"));
  ASSERT_OK(storage->log->sync(storage->log->end()));
}

/// What opening again shows to the world must survive the next crash, even if the kernel forgot to write it.
void check_what_is_shown_lasts(MemoryFileSystem& files) {
  std::vector<std::string> shown;
  std::string root;
  {
    auto storage = open_file_storage("x.pdb", options_on(files));
    if (storage.status().code() == StatusCode::kNotFound) return;
    ASSERT_OK(storage);
    shown = *replayed(*storage->log);
    root = storage->root.payload;
    files.crash(CrashMode::kDropUnsynced, 0);
  }
  auto storage = open_file_storage("x.pdb", options_on(files));
  ASSERT_OK(storage);
  ASSERT_EQ(storage->root.payload, root);
  ASSERT_TRUE(*replayed(*storage->log) == shown) << "records were shown and then lost";
}

/// One failing workload; false when the fault lay beyond its last call.
bool run_once(Fault fault, bool crash, uint64_t seed) {
  MemoryFileSystem memory;
  FaultFileSystem files(memory);
  fault.on_failed_sync = [&](const std::string& path) { memory.forget_unsynced(path); };
  files.set_fault(fault);
  Promises promises;
  const Status status = work(files, promises);
  if (!files.triggered()) {
    EXPECT_OK(status);
    return false;
  }
  if (!status.ok()) {
    EXPECT_TRUE(status.code() == fault.code || status.code() == StatusCode::kUnknownOutcome) << status.to_string();
    EXPECT_NE(status.message().find("injected fault"), std::string::npos) << status.to_string();
  }
  files.set_fault({});
  if (crash) memory.crash(CrashMode::kReorder, seed);
  check_what_is_shown_lasts(memory);
  check_intact(files, promises);
  return true;
}

void fail_every_call(const Fault& model, bool crash) {
  Fault fault = model;
  for (uint64_t n = 1;; ++n) {
    SCOPED_TRACE("failing call " + std::to_string(n));
    fault.nth = n;
    if (!run_once(fault, crash, n)) {
      EXPECT_GT(n, 5u) << "the workload makes such calls";
      return;
    }
    if (testing::Test::HasFatalFailure()) return;
  }
}

TEST(FaultTest, EveryChangingCallFailsOnce) { fail_every_call({.kinds = kCallChanging}, false); }
TEST(FaultTest, EveryChangingCallFailsOnceThenTheMachineStops) { fail_every_call({.kinds = kCallChanging}, true); }
TEST(FaultTest, EveryChangingCallFailsForEver) { fail_every_call({.kinds = kCallChanging, .for_ever = true}, true); }
TEST(FaultTest, DiskIsFullHalfwayThroughAWrite) {
  fail_every_call({.kinds = kCallWrite, .for_ever = true, .code = StatusCode::kNoSpace, .partial_write = true}, false);
}
TEST(FaultTest, EverySyncFails) { fail_every_call({.kinds = kCallSync}, true); }
TEST(FaultTest, EveryReadFails) { fail_every_call({.kinds = kCallRead | kCallSize}, false); }

TEST(FaultTest, FailedAppendPoisonsTheLogAndIsNamed) {
  MemoryFileSystem memory;
  FaultFileSystem files(memory);
  auto storage = open_file_storage("x.pdb", options_on(files));
  ASSERT_OK(append_one(*storage->log, "before"));
  const Lsn before = storage->log->end();
  files.set_fault({.kinds = kCallWrite, .nth = 1, .code = StatusCode::kNoSpace});
  EXPECT_EQ(append_one(*storage->log, "fails").status().code(), StatusCode::kNoSpace);
  EXPECT_EQ(storage->log->end(), before);
  const Status later = append_one(*storage->log, "later").status();
  EXPECT_EQ(later.code(), StatusCode::kReadOnly);
  EXPECT_NE(later.message().find("injected fault"), std::string::npos) << later.message();
  EXPECT_EQ(storage->log->trim(Lsn(0)).code(), StatusCode::kReadOnly);
  EXPECT_OK(storage->log->sync(before));  // what was appended before can still be made durable
  EXPECT_EQ(*replayed(*storage->log), (std::vector<std::string>{"before"}));
}

TEST(FaultTest, FailedSyncMakesTheOutcomeUnknown) {
  MemoryFileSystem memory;
  FaultFileSystem files(memory);
  auto storage = open_file_storage("x.pdb", options_on(files));
  ASSERT_OK(append_one(*storage->log, "durable"));
  const Lsn durable = storage->log->end();
  ASSERT_OK(storage->log->sync(durable));
  ASSERT_OK(append_one(*storage->log, "unknown"));
  files.set_fault({.kinds = kCallSync, .nth = 1});
  for (int i = 0; i < 2; ++i) {  // the second sync of the disk would succeed, and prove nothing
    const Status status = storage->log->sync(storage->log->end());
    EXPECT_EQ(status.code(), StatusCode::kUnknownOutcome);
    EXPECT_NE(status.message().find("injected fault"), std::string::npos) << status.message();
  }
  EXPECT_OK(storage->log->sync(durable));
  EXPECT_EQ(storage->log->durable(), durable);
  EXPECT_EQ(append_one(*storage->log, "more").status().code(), StatusCode::kReadOnly);
  EXPECT_EQ(storage->checkpoint("", storage->log->end()).code(), StatusCode::kUnknownOutcome);
}

TEST(FaultTest, FailedRootWritePoisonsTheBlobs) {
  MemoryFileSystem memory;
  FaultFileSystem files(memory);
  auto storage = open_file_storage("x.pdb", options_on(files));
  const SegmentId id = *add_segment(*storage->blobs, "kept");
  files.set_fault({.kinds = kCallSync, .nth = 2});  // the first is the body's, the second the slot's
  EXPECT_EQ(storage->blobs->write_root("a", Lsn(0)).code(), StatusCode::kUnknownOutcome);
  EXPECT_EQ(storage->blobs->write_root("b", Lsn(0)).code(), StatusCode::kReadOnly);
  EXPECT_EQ(storage->blobs->create_segment().status().code(), StatusCode::kReadOnly);
  EXPECT_EQ(storage->blobs->remove(id).code(), StatusCode::kReadOnly);
  EXPECT_EQ(*read_segment(*storage->blobs, id), "kept");
}

TEST(FaultTest, FullDiskWhileWritingASegmentHarmsOnlyThatSegment) {
  MemoryFileSystem memory;
  FaultFileSystem files(memory);
  auto storage = open_file_storage("x.pdb", options_on(files));
  files.set_fault({.kinds = kCallWrite, .nth = 1, .code = StatusCode::kNoSpace});
  EXPECT_EQ(add_segment(*storage->blobs, std::string(100'000, 'x')).status().code(), StatusCode::kNoSpace);
  const SegmentId id = *add_segment(*storage->blobs, "fits");
  ASSERT_OK(storage->checkpoint("r", storage->log->end()));
  EXPECT_EQ(*read_segment(*storage->blobs, id), "fits");
}

}  // namespace
}  // namespace protobase::storage
