#include "runtime/avl/block_memory.h"

#include <gtest/gtest.h>

#include <cstring>
#include <iostream>
#include <thread>
#include <vector>

#include "runtime/base/random.h"

namespace proto::avl {
namespace {

struct Block {
  unsigned char* bytes;
  size_t size;
  unsigned char mark;
};

bool is_whole(const Block& block) {
  for (size_t i = 0; i < block.size; ++i) {
    if (block.bytes[i] != block.mark) return false;
  }
  return true;
}

// Blocks of few and many sizes come and go; none overlaps another, and all are aligned.
void churn(uint64_t seed, size_t most_blocks) {
  Random random(seed);
  std::vector<Block> blocks;
  for (int i = 0; i < 12000; ++i) {
    if (blocks.size() < most_blocks && !random.one_in(3)) {
      const size_t size = random.one_in(2) ? 8224 : 1 + random.below(70000 >> random.below(8));
      auto* bytes = static_cast<unsigned char*>(allocate_block(size));
      ASSERT_EQ(reinterpret_cast<uintptr_t>(bytes) % 64, 0u);
      blocks.push_back({bytes, size, static_cast<unsigned char>(random.next())});
      std::memset(bytes, blocks.back().mark, size);
    } else if (!blocks.empty()) {
      std::swap(blocks[random.below(blocks.size())], blocks.back());
      ASSERT_TRUE(is_whole(blocks.back()));
      free_block(blocks.back().bytes, blocks.back().size);
      blocks.pop_back();
    }
  }
  for (const Block& block : blocks) {
    ASSERT_TRUE(is_whole(block));
    free_block(block.bytes, block.size);
  }
}

TEST(BlockMemoryTest, BlocksOfManySizesDoNotOverlap) {
  const uint64_t seed = testing::UnitTest::GetInstance()->random_seed() + 1;
  std::cout << "seed " << seed << "\n";
  churn(seed, 3000);
  churn(seed + 1, 3000);
}

TEST(BlockMemoryTest, ManyThreads) {
  std::vector<std::thread> threads;
  for (uint64_t i = 0; i < 3; ++i) threads.emplace_back([i] { churn(i, 800); });
  for (std::thread& thread : threads) thread.join();
}

TEST(BlockMemoryTest, FreedOnAnotherThread) {
  std::vector<void*> blocks;
  for (int i = 0; i < 2000; ++i) blocks.push_back(allocate_block(4000));
  std::thread other([&] {
    for (void* block : blocks) free_block(block, 4000);
  });
  other.join();
  void* again = allocate_block(4000);
  std::memset(again, 1, 4000);
  free_block(again, 4000);
}

}  // namespace
}  // namespace proto::avl
