#include "storage/block.h"

#include <thread>

#include "runtime/base/coding.h"
#include "storage/block_cache.h"
#include "storage/internal/block_format.h"
#include "tests/storage/storage_fixture.h"

namespace protobase::storage {
namespace {

TEST(BlockAddressTest, PacksSegmentAndOffsetAndLeavesATagBit) {
  const auto address = BlockAddress::at(SegmentId(0xFFFFFFFE), kMaxSegmentBytes - kBlockAlignment);
  EXPECT_EQ(address.segment(), SegmentId(0xFFFFFFFE));
  EXPECT_EQ(address.offset(), kMaxSegmentBytes - kBlockAlignment);
  EXPECT_EQ(address.word & 1, 0u);
  EXPECT_EQ(BlockAddress::from_word(address.word | 1), address);
  EXPECT_TRUE(BlockAddress::at(SegmentId(1), 0));
  EXPECT_FALSE(BlockAddress());
}

class BlockTest : public testing::Test {
 protected:
  void SetUp() override {
    auto storage = open_memory_storage();
    ASSERT_OK(storage);
    storage_ = *std::move(storage);
  }
  /// One segment with a block for each of `contents`, kinds counting up from 1.
  std::vector<WrittenBlock> write(const std::vector<std::string>& contents) {
    std::vector<WrittenBlock> written;
    auto segment = storage_.blobs->create_segment();
    for (size_t i = 0; i < contents.size(); ++i) {
      auto block = write_block(**segment, storage_.id, static_cast<uint8_t>(i + 1), contents[i]);
      EXPECT_OK(block);
      written.push_back(*block);
    }
    EXPECT_OK((*segment)->finish());
    return written;
  }
  Storage storage_;
};

TEST_F(BlockTest, BlocksOfAllSizesComeBack) {
  std::vector<std::string> contents;
  for (size_t length : {0u, 1u, 63u, 64u, 65u, 4000u, 16'360u, 16'361u, 70'000u, 2'000'000u}) {
    contents.push_back(std::string(length, 'c'));
    contents.push_back(record_bytes(2 * length + 1, length));
  }
  const auto written = write(contents);
  for (size_t i = 0; i < contents.size(); ++i) {
    for (const uint32_t first_read : {0u, 100u, 16'384u, 10'000'000u}) {
      auto block = read_block(*storage_.blobs, written[i].address, first_read);
      ASSERT_OK(block);
      EXPECT_EQ(block->kind, i + 1);
      EXPECT_EQ(block->stored_bytes, written[i].stored_bytes);
      EXPECT_TRUE(block->bytes == contents[i]) << i;
    }
  }
  EXPECT_LT(written[18].stored_bytes, 20'000u) << "two million equal bytes compress";
}

TEST(BlockDamageTest, EveryBitFlipIsReported) {
  for (const std::string& contents : {record_bytes(1, 300), std::string(300, 'c')}) {
    MemoryFileSystem files;
    FileStorageOptions options;
    options.file_system = &files;
    WrittenBlock written;
    {
      auto storage = open_file_storage("x.pdb", options);
      auto segment = storage->blobs->create_segment();
      ASSERT_OK(write_block(**segment, storage->id, 1, "before"));
      written = *write_block(**segment, storage->id, 2, contents);
      ASSERT_OK((*segment)->finish());
      ASSERT_OK(storage->checkpoint("", storage->log->end()));
    }
    options.read_only = true;
    auto storage = open_file_storage("x.pdb", options);
    EXPECT_EQ(read_block(*storage->blobs, written.address)->bytes, contents);
    const std::string intact = files.contents("x.pdb");
    const std::string segment_bytes = *read_segment(*storage->blobs, written.address.segment());
    const size_t first = intact.find(segment_bytes) + written.address.offset();
    ASSERT_LT(first, intact.size());
    const size_t padding = first + sizeof(BlockHeader) + proto::load<BlockHeader>(intact.data() + first).stored_length;
    for (size_t bit = 0; bit < 8 * (sizeof(BlockHeader) + 20); ++bit) {
      std::string bytes = intact;
      bytes[first + bit / 8] = static_cast<char>(bytes[first + bit / 8] ^ (1 << bit % 8));
      files.set_contents("x.pdb", bytes);
      const auto block = read_block(*storage->blobs, written.address);
      if (first + bit / 8 >= padding) {
        ASSERT_TRUE(block.ok() && block->bytes == contents) << "padding holds nothing";
        continue;
      }
      ASSERT_EQ(block.status().code(), StatusCode::kCorruption) << bit;
      ASSERT_NE(block.status().message().find("x.pdb"), std::string::npos);
    }
  }
}

TEST_F(BlockTest, BlockReadFromAnotherPlaceIsReported) {
  const auto written = write({record_bytes(1, 500)});
  const std::string bytes = *read_segment(*storage_.blobs, written[0].address.segment());
  const SegmentId copy = *add_segment(*storage_.blobs, bytes);
  const Status status = read_block(*storage_.blobs, BlockAddress::at(copy, 0)).status();
  EXPECT_EQ(status.code(), StatusCode::kCorruption);
  EXPECT_NE(status.message().find("segment " + std::to_string(copy.value)), std::string::npos) << status.message();
  EXPECT_NE(status.message().find("kind 1"), std::string::npos);
}

TEST_F(BlockTest, AddressesThatLeadNowhereAreErrors) {
  const auto written = write({record_bytes(1, 500)});
  EXPECT_EQ(read_block(*storage_.blobs, BlockAddress::at(SegmentId(77), 0)).status().code(), StatusCode::kNotFound);
  EXPECT_EQ(read_block(*storage_.blobs, BlockAddress::at(written[0].address.segment(), 1 << 20)).status().code(),
            StatusCode::kCorruption);
  EXPECT_EQ(read_block(*storage_.blobs, BlockAddress::at(written[0].address.segment(), 16)).status().code(),
            StatusCode::kCorruption);
}

TEST_F(BlockTest, ReadIntoAsksForTheTargetOnceItIsProved) {
  const auto written = write({std::string(5000, 'q')});
  std::vector<char> target;
  auto stored = read_block_into(*storage_.blobs, written[0].address, [&](uint8_t kind, uint32_t length) {
    EXPECT_EQ(kind, 1);
    EXPECT_TRUE(target.empty());
    target.resize(length);
    return target.data();
  });
  ASSERT_OK(stored);
  EXPECT_EQ(*stored, written[0].stored_bytes);
  EXPECT_EQ(std::string(target.begin(), target.end()), std::string(5000, 'q'));
}

TEST_F(BlockTest, CacheKeepsRecentBlocksWithinItsBudget) {
  std::vector<std::string> contents;
  for (int i = 0; i < 200; ++i) contents.push_back(record_bytes(i, 1000));
  const auto written = write(contents);
  BlockCache cache(16 * 6000);
  for (int round = 0; round < 3; ++round) {
    for (size_t i = 0; i < written.size(); ++i) {
      auto block = cache.find_or_read(*storage_.blobs, written[i].address);
      ASSERT_OK(block);
      ASSERT_TRUE((*block)->bytes == contents[i]);
      ASSERT_LE(cache.statistics().bytes, 16u * 6000);
    }
  }
  EXPECT_GT(cache.statistics().block_count, 30u);
  const auto kept = cache.find_or_read(*storage_.blobs, written[7].address);
  const uint64_t hits = cache.statistics().hits;
  EXPECT_EQ(cache.find(written[7].address), *kept);
  EXPECT_EQ(cache.statistics().hits, hits + 1);
  cache.set_budget(0);
  EXPECT_EQ(cache.statistics().block_count, 0u);
  EXPECT_TRUE((*kept)->bytes == contents[7]) << "a block in use outlives the cache's interest";
  cache.set_budget(1 << 20);
  ASSERT_OK(cache.find_or_read(*storage_.blobs, written[7].address));
  cache.erase_segment(written[7].address.segment());
  EXPECT_EQ(cache.find(written[7].address), nullptr);
  EXPECT_EQ(cache.statistics().bytes, 0u);
}

TEST_F(BlockTest, CacheIsSharedByThreads) {
  std::vector<std::string> contents;
  for (int i = 0; i < 100; ++i) contents.push_back(record_bytes(i, 500));
  const auto written = write(contents);
  BlockCache cache(16 * 2000);
  std::vector<std::thread> threads;
  std::atomic<int> wrong{0};
  for (uint64_t thread = 0; thread < 4; ++thread) {
    threads.emplace_back([&, thread] {
      proto::Random random(thread);
      for (int i = 0; i < 3000; ++i) {
        const uint64_t index = random.below(written.size());
        auto block = cache.find_or_read(*storage_.blobs, written[index].address);
        if (!block.ok() || (*block)->bytes != contents[index]) ++wrong;
        if (random.one_in(500)) cache.clear();
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(wrong, 0);
}

}  // namespace
}  // namespace protobase::storage
