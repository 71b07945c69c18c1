#include "runtime/heap/internal/byte_hash.h"

#include <sys/random.h>

#include <chrono>

#include "runtime/base/random.h"

namespace proto::heap {
namespace {

HashKey draw_key() {
  HashKey key{};
  if (getrandom(key.words, sizeof(key.words), 0) != sizeof(key.words)) {
    // No entropy to be had: the clock and where the system put this function's frame are better than nothing.
    Random random(static_cast<uint64_t>(std::chrono::system_clock::now().time_since_epoch().count()) ^
                  reinterpret_cast<uintptr_t>(&key));
    for (uint64_t& word : key.words) word = random.next();
  }
  for (uint64_t& word : key.words) word |= 1;
  return key;
}

}  // namespace

const HashKey& secret_hash_key() {
  static const HashKey key = draw_key();
  return key;
}

}  // namespace proto::heap
