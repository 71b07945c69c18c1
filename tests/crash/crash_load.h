// What the crash test's writer writes and its judge knows: every transaction has a number, and all that it writes
// follows from it.
//
// A slot is an object of `slots` that lists the objects of `items` it owns. One thread writes to a slot; a transaction
// replaces, rewrites or empties all items of one slot and, for some numbers, adds one to a counter that all threads
// share. So half of a transaction shows as items whose number is not their slot's, items nobody owns, or a counter that
// does not add up.
#pragma once

#include <cstdint>
#include <string>

#include "runtime/base/random.h"

namespace protobase::crash {

constexpr uint32_t kThreads = 3;
constexpr uint32_t kSlotsPerThread = 8;
constexpr uint32_t kSlots = kThreads * kSlotsPerThread;
constexpr uint64_t kCheckpointLogBytes = 48 << 10;  // so that most lives see several checkpoints

/// Written to the pipe, in one piece, once commit has returned (sequence 0: once the database is open).
struct Acknowledgement {
  uint32_t thread = 0;
  uint32_t slot = 0;
  uint64_t sequence = 0;     // of this thread in this life, from 1
  uint64_t checkpoints = 0;  // since the writer opened the database
};

/// The number of a thread's n-th transaction in a life of the writer. Above every number of earlier lives.
inline int64_t transaction_number(uint64_t life, uint64_t sequence) {
  return static_cast<int64_t>(life << 24 | sequence);
}

/// Pseudo-random bits of a transaction and a part of it.
inline uint64_t bits(int64_t transaction, uint64_t part) {
  return proto::Random(static_cast<uint64_t>(transaction) * 1000 + part).next();
}
inline int64_t item_key(int64_t transaction, uint64_t part) {
  return static_cast<int64_t>(bits(transaction, part) % 1000);
}
inline std::string item_text(int64_t transaction, uint64_t part) {
  return std::string(bits(transaction, part) % 700, static_cast<char>('a' + bits(transaction, part) % 26));
}

enum class Action { kReplace, kRewrite, kEmpty };
/// Told apart by thread, as sequences are not.
inline Action action_of(int64_t transaction, uint32_t thread) {
  const uint64_t roll = bits(transaction, 100 + thread) % 8;
  return roll < 4 ? Action::kReplace : roll < 7 ? Action::kRewrite : Action::kEmpty;
}
inline bool counts(int64_t transaction, uint32_t thread) { return bits(transaction, 200 + thread) % 4 == 0; }
inline bool is_asynchronous(int64_t transaction, uint32_t thread) { return bits(transaction, 300 + thread) % 16 == 0; }
inline uint64_t part_count(int64_t transaction, uint32_t thread) { return 1 + bits(transaction, 400 + thread) % 6; }

}  // namespace protobase::crash
