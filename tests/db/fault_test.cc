// Every I/O call of a small workload fails once, or from then on, with and without a loss of power after it. Then: the error is
// clear, the database takes no more writes, and reopened it holds every acknowledged commit and no half of any other.
#include <gtest/gtest.h>

#include <set>

#include "db/protobase.h"
#include "runtime/base/random.h"
#include "storage/fault_file_system.h"
#include "storage/memory_file_system.h"

namespace protobase {
namespace {

using storage::CrashMode;
using storage::Fault;
using storage::FaultFileSystem;
using storage::MemoryFileSystem;

/// Commits pairs of objects {pair: n, half: 0 or 1}; what was acknowledged is remembered.
class Workload {
 public:
  explicit Workload(FaultFileSystem& files) : files_(files) {}

  OpenOptions options() const { return {.checkpoint_log_bytes = 0, .file_system = &files_}; }

  /// Ends early after the first error. Returns it.
  Status run() {
    ++lives_;
    auto opened = Database::open("x.pdb", options());
    PROTO_RETURN_IF_ERROR(Status(opened.status()));
    Database db = *std::move(opened);
    Status status = write(db);
    if (!status.ok()) expect_refusing_writes(db);
    return status;
  }

  const std::set<int64_t>& acknowledged() const { return acknowledged_; }
  int64_t attempted() const { return next_pair_; }

 private:
  Status write(Database& db) {
    for (int step = 0; step < 24; ++step) {
      PROTO_RETURN_IF_ERROR(commit_pair(db));
      if (step % 8 == 5) PROTO_RETURN_IF_ERROR(db.checkpoint());
    }
    return Status();
  }

  Status commit_pair(Database& db) {
    const int64_t pair = next_pair_++;
    Transaction tx = db.begin();
    Collection pairs = tx.collection("pairs");
    for (int half : {0, 1}) {
      auto id = pairs.insert(Object{{"pair", pair}, {"half", half}, {"padding", std::string(2000, static_cast<char>('a' + pair % 26))}});
      PROTO_RETURN_IF_ERROR(Status(id.status()));
    }
    PROTO_RETURN_IF_ERROR(tx.commit());
    acknowledged_.insert(pair);
    return Status();
  }

  void expect_refusing_writes(Database& db) {
    EXPECT_EQ(commit_pair(db).code(), StatusCode::kReadOnly) << "a database that failed to write takes no more writes";
    if (lives_ > 1) return;
    Transaction reader = db.begin();
    if (auto count = reader.collection("pairs").count(); count.ok()) {
      EXPECT_EQ(*count, 2 * acknowledged_.size()) << "readers see what was acknowledged";
    }
  }

  FaultFileSystem& files_;
  std::set<int64_t> acknowledged_;
  int64_t next_pair_ = 0;
  int lives_ = 0;  // times it was run; later ones find what earlier ones left
};

/// Reopens without faults and compares.
void expect_intact(FaultFileSystem& files, const Workload& workload) {
  files.set_fault({});
  auto opened = Database::open("x.pdb", workload.options());
  ASSERT_TRUE(opened.ok()) << opened.status().to_string();
  ASSERT_TRUE(opened->check().ok()) << opened->check().to_string();
  std::map<int64_t, int> halves;
  Transaction tx = opened->begin();
  Collection pairs = tx.collection("pairs");
  for (int64_t id = 1; id <= 4 * workload.attempted(); ++id) {
    auto object = pairs.get(ObjectId(static_cast<uint64_t>(id)));
    if (object.ok()) ++halves[(*object)["pair"].as_int64()];
  }
  halves.erase(-1);  // what earlier calls of this function left
  for (const auto& [pair, count] : halves) EXPECT_EQ(count, 2) << "half of transaction " << pair;
  for (int64_t pair : workload.acknowledged()) EXPECT_TRUE(halves.contains(pair)) << "acknowledged transaction " << pair << " is lost";
  tx.rollback();
  EXPECT_TRUE(opened->transact([](Transaction& again) { return again.collection("pairs").insert(Object{{"pair", -1}}); }).ok());
}

struct FaultCase {
  const char* name;
  bool for_ever;
  StatusCode code;
  bool partial_write;
  bool power_loss;
};

class EveryCall : public ::testing::TestWithParam<FaultCase> {};

TEST_P(EveryCall, FailsOnce) {
  const FaultCase& fault_case = GetParam();
  uint64_t failures = 0;
  for (uint64_t nth = 1;; ++nth) {
    SCOPED_TRACE(testing::Message() << "call " << nth);
    MemoryFileSystem disk;
    FaultFileSystem files(disk);
    Fault fault;
    fault.nth = nth;
    fault.for_ever = fault_case.for_ever;
    fault.code = fault_case.code;
    fault.partial_write = fault_case.partial_write;
    fault.on_failed_sync = [&](const std::string& path) { disk.forget_unsynced(path); };
    files.set_fault(fault);
    Workload workload(files);
    const Status status = workload.run();
    const bool triggered = files.triggered();
    if (!triggered) {
      EXPECT_TRUE(status.ok()) << status.to_string();
      break;
    }
    if (!status.ok()) {
      ++failures;
      EXPECT_FALSE(status.message().empty());
    }
    if (fault_case.power_loss) disk.crash(CrashMode::kReorder, nth);
    expect_intact(files, workload);
    if (testing::Test::HasFailure()) return;
  }
  EXPECT_GT(failures, 20u) << "the workload makes calls that matter";
}

INSTANTIATE_TEST_SUITE_P(
    Faults, EveryCall,
    ::testing::Values(FaultCase{"error_once", false, StatusCode::kIoError, false, false},
                      FaultCase{"error_for_ever", true, StatusCode::kIoError, true, false},
                      FaultCase{"no_space_once", false, StatusCode::kNoSpace, false, false},
                      FaultCase{"no_space_for_ever", true, StatusCode::kNoSpace, true, false},
                      FaultCase{"error_and_power_loss", true, StatusCode::kIoError, true, true}),
    [](const auto& info) { return info.param.name; });

TEST(PowerLoss, AtRandomCallsKeepsEveryAcknowledgedCommit) {
  for (uint64_t seed = 1; seed <= 200; ++seed) {
    SCOPED_TRACE(testing::Message() << "seed " << seed);
    proto::Random random(seed);
    MemoryFileSystem disk;
    FaultFileSystem files(disk);
    Workload workload(files);
    // Several lives: each ends by a loss of power at a random call.
    for (int life = 0; life < 3; ++life) {
      Fault fault;
      fault.nth = 1 + random.below(120);
      fault.for_ever = true;
      files.set_fault(fault);
      (void)workload.run().ok();
      disk.crash(static_cast<CrashMode>(random.below(3)), random.next());
      expect_intact(files, workload);
      if (testing::Test::HasFailure()) return;
    }
  }
}

}  // namespace
}  // namespace protobase
