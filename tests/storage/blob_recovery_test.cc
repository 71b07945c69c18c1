// What segments and the root record are after the machine stopped and after bytes changed.
#include <algorithm>
#include <map>

#include "storage/internal/root_format.h"
#include "tests/storage/storage_fixture.h"

namespace protobase::storage {
namespace {

FileStorageOptions on(FileSystem& files, bool read_only = false) {
  FileStorageOptions options;
  options.file_system = &files;
  options.read_only = read_only;
  options.log_chunk_bytes = 4096;
  options.free_keep_bytes = 128 * 1024;
  return options;
}

using Model = std::map<uint32_t, std::string>;

/// Segments and roots under crashes: what the newest acknowledged root named is there, byte for byte, and nothing else.
class BlobCrashRun {
 public:
  BlobCrashRun(CrashMode mode, uint64_t seed) : mode_(mode), random_(seed) {}

  void run(int lives) {
    for (int life = 0; life < lives && !testing::Test::HasFatalFailure(); ++life) {
      auto storage = open_file_storage("x.pdb", on(files_));
      ASSERT_OK(storage);
      check(*storage);
      if (testing::Test::HasFatalFailure()) return;
      Model model = named_;
      const uint64_t steps = random_.below(12);
      for (uint64_t i = 0; i < steps; ++i) step(*storage->blobs, model);
      // The unfinished segment's bytes must not land on anything that the durable root names.
      auto unfinished = storage->blobs->create_segment();
      ASSERT_OK((*unfinished)->append(std::string(random_.below(3'000'000), 'u')));
      files_.crash(mode_, random_.next());
    }
  }

 private:
  void step(BlobStore& blobs, Model& model) {
    if (random_.one_in(3)) {
      ASSERT_OK(blobs.write_root(std::to_string(++payload_), Lsn(0)));
      named_ = model;
    } else if (!model.empty() && random_.one_in(2)) {
      const auto victim = std::next(model.begin(), static_cast<ptrdiff_t>(random_.below(model.size())));
      ASSERT_OK(blobs.remove(SegmentId(victim->first)));
      model.erase(victim);
    } else {
      const std::string bytes = record_bytes(random_.next(), random_.below(200'000));
      auto id = add_segment(blobs, bytes);
      ASSERT_OK(id);
      ASSERT_TRUE(model.emplace(id->value, bytes).second) << "an id was given twice";
    }
  }

  void check(const Storage& storage) {
    ASSERT_EQ(storage.root.payload, payload_ == 0 ? "" : std::to_string(payload_));
    ASSERT_EQ(storage.blobs->list().size(), named_.size());
    uint64_t live_units = 2;  // header and root body
    for (const auto& [id, bytes] : named_) {
      auto found = read_segment(*storage.blobs, SegmentId(id));
      ASSERT_OK(found);
      ASSERT_TRUE(*found == bytes) << "segment " << id;
      live_units += units_for(bytes.size());
    }
    const BlobStatistics figures = storage.blobs->statistics();
    ASSERT_EQ(figures.space_bytes - figures.free_bytes, live_units * kExtentUnitBytes) << "space leaked";
  }

  const CrashMode mode_;
  proto::Random random_;
  MemoryFileSystem files_;
  Model named_;
  uint64_t payload_ = 0;
};

TEST(BlobRecoveryTest, RandomCrashesLoseAndLeakNothing) {
  for (const CrashMode mode : {CrashMode::kDropUnsynced, CrashMode::kPrefix, CrashMode::kReorder}) {
    for (uint64_t seed = 1; seed <= 15; ++seed) {
      SCOPED_TRACE("seed " + std::to_string(seed) + ", mode " + std::to_string(static_cast<int>(mode)));
      BlobCrashRun(mode, seed).run(15);
      if (HasFatalFailure()) return;
    }
  }
}

TEST(BlobRecoveryTest, CrashWhileMakingTheDatabaseLeavesNoneOrAWholeOne) {
  for (uint64_t seed = 1; seed <= 40; ++seed) {
    MemoryFileSystem files;
    ASSERT_OK(open_file_storage("x.pdb", on(files)));
    files.crash(CrashMode::kReorder, seed);
    auto storage = open_file_storage("x.pdb", on(files));
    ASSERT_OK(storage);
    EXPECT_EQ(storage->root.payload, "");
  }
}

/// A database with a few segments and two roots, closed; returns the segments that the newest root names.
Model make_database(MemoryFileSystem& files) {
  Model model;
  auto storage = open_file_storage("x.pdb", on(files));
  for (int i = 0; i < 4; ++i) {
    const std::string bytes = record_bytes(i, 30'000);
    model.emplace(add_segment(*storage->blobs, bytes)->value, bytes);
    EXPECT_OK(append_one(*storage->log, record_bytes(i, 100)));
    EXPECT_OK(storage->checkpoint("root " + std::to_string(i), storage->log->end()));
    EXPECT_OK(append_one(*storage->log, "tail"));
  }
  EXPECT_OK(storage->close());
  return model;
}

TEST(BlobRecoveryTest, DamagedNewestRootSlotIsReportedNotReplacedByTheOldOne) {
  MemoryFileSystem files;
  make_database(files);
  const std::string intact = files.contents("x.pdb");
  int reported = 0, unharmed = 0;
  for (const uint64_t offset : kRootSlotOffset) {
    std::string bytes = intact;
    bytes[offset + 20] ^= 1;
    files.set_contents("x.pdb", bytes);
    auto storage = open_file_storage("x.pdb", on(files, true));
    if (storage.ok()) {
      ++unharmed;
      EXPECT_EQ(storage->root.payload, "root 3");
    } else {
      ++reported;
      EXPECT_EQ(storage.status().code(), StatusCode::kCorruption) << storage.status().to_string();
    }
  }
  EXPECT_EQ(reported, 1);
  EXPECT_EQ(unharmed, 1) << "the older slot is not needed";
  std::string bytes = intact;
  for (const uint64_t offset : kRootSlotOffset) bytes[offset] ^= 1;
  files.set_contents("x.pdb", bytes);
  const Status both = open_file_storage("x.pdb", on(files)).status();
  EXPECT_EQ(both.code(), StatusCode::kCorruption);
  EXPECT_NE(both.message().find("root slots"), std::string::npos) << both.message();
}

TEST(BlobRecoveryTest, BitFlipsInHeaderSlotsAndBodyGiveAnErrorOrTheRightAnswer) {
  MemoryFileSystem files;
  const Model model = make_database(files);
  const std::string intact = files.contents("x.pdb");
  const auto slot = decode_root_slot(open_file_storage("x.pdb", on(files, true))->id, intact.substr(kRootSlotOffset[1], 64));
  ASSERT_TRUE(slot.has_value());
  proto::Random random(5);
  int reported = 0;
  for (int round = 0; round < 1500; ++round) {
    std::string bytes = intact;
    const uint64_t regions[] = {random.below(48), kRootSlotOffset[random.below(2)] + random.below(64),
                                slot->body_first_unit * kExtentUnitBytes + random.below(slot->body_length)};
    const uint64_t at = regions[round % 3];
    bytes[at] = static_cast<char>(bytes[at] ^ (1 << random.below(8)));
    files.set_contents("x.pdb", bytes);
    auto storage = open_file_storage("x.pdb", on(files, true));
    if (!storage.ok()) {
      ++reported;
      continue;
    }
    ASSERT_EQ(storage->root.payload, "root 3") << "bit flip at " << at;
    ASSERT_EQ(storage->blobs->list().size(), model.size());
    for (const auto& [id, expected] : model) ASSERT_TRUE(*read_segment(*storage->blobs, SegmentId(id)) == expected);
  }
  EXPECT_GT(reported, 900);
}

TEST(BlobRecoveryTest, CutFileIsReported) {
  MemoryFileSystem files;
  const Model model = make_database(files);
  const std::string intact = files.contents("x.pdb");
  for (const uint64_t size : {uint64_t{10}, uint64_t{5000}, kExtentUnitBytes, uint64_t{2 * kExtentUnitBytes}}) {
    files.set_contents("x.pdb", intact.substr(0, size));
    EXPECT_EQ(open_file_storage("x.pdb", on(files)).status().code(), StatusCode::kCorruption) << size;
  }
}

TEST(BlobRecoveryTest, HostileRootBodiesAreRefused) {
  const auto layout = std::make_shared<SegmentLayout>();
  layout->length = 100'000;
  layout->add({5, 1});
  layout->add({9, 4});
  const std::string body = encode_root_body("payload", {{3, layout}});
  std::string payload;
  SegmentTable segments;
  ASSERT_TRUE(decode_root_body(body, payload, segments));
  EXPECT_EQ(payload, "payload");
  EXPECT_EQ(segments.at(3)->extents, layout->extents);
  proto::Random random(12);
  for (int round = 0; round < 20'000; ++round) {
    std::string bytes = body;
    for (uint64_t i = 0; i <= random.below(3); ++i) bytes[random.below(bytes.size())] = static_cast<char>(random.next());
    if (random.one_in(4)) bytes.resize(random.below(bytes.size()));
    SegmentTable found;
    if (!decode_root_body(bytes, payload, found)) continue;
    for (const auto& [id, segment] : found) EXPECT_GE(segment->capacity(), segment->length);
  }
}

TEST(FreeSpaceTest, AgreesWithASetOfUnits) {
  for (uint64_t seed = 1; seed <= 20; ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    proto::Random random(seed);
    FreeSpace space(1);
    std::vector<Extent> taken;
    std::vector<bool> used(1, true);
    for (int step = 0; step < 2000; ++step) {
      if (random.one_in(2) || taken.empty()) {
        const uint64_t count = 1 + random.below(20);
        const bool contiguous = random.one_in(2);
        const Extent extent = contiguous ? space.take_contiguous(count) : space.take(count);
        ASSERT_TRUE(contiguous ? extent.count == count : extent.count >= 1 && extent.count <= count);
        if (used.size() < extent.end()) used.resize(extent.end(), false);
        for (uint64_t unit = extent.first; unit < extent.end(); ++unit) {
          ASSERT_FALSE(used[unit]) << "given twice";
          used[unit] = true;
        }
        taken.push_back(extent);
      } else {
        std::swap(taken[random.below(taken.size())], taken.back());
        for (uint64_t unit = taken.back().first; unit < taken.back().end(); ++unit) used[unit] = false;
        space.give(taken.back());
        taken.pop_back();
      }
      if (random.one_in(50)) used.resize(space.cut_tail());
      ASSERT_EQ(space.unit_count(), used.size());
      ASSERT_EQ(space.free_count(), static_cast<uint64_t>(std::count(used.begin(), used.end(), false)));
      space.check();
    }
    std::vector<Extent> gaps;
    taken.push_back({0, 1});
    ASSERT_TRUE(find_gaps(taken, 0, space.unit_count(), gaps));
    uint64_t gap_units = 0;
    for (const Extent& gap : gaps) gap_units += gap.count;
    EXPECT_EQ(gap_units, space.free_count());
    taken.push_back(taken.front());
    EXPECT_FALSE(find_gaps(taken, 0, space.unit_count(), gaps)) << "an overlap";
  }
}

}  // namespace
}  // namespace protobase::storage
