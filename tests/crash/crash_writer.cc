// crash_writer FILE LIFE SEED LIMIT: writes to a database from several threads until it is killed, or until each thread
// has made LIMIT transactions; then it closes the database. Each transaction is acknowledged on standard output. Status
// 1: an error.
#include <unistd.h>

#include <atomic>
#include <cstdio>
#include <cstdlib>
#include <thread>

#include "db/protobase.h"
#include "tests/crash/crash_load.h"

namespace protobase::crash {
namespace {

void acknowledge(const Acknowledgement& done) {
  if (::write(STDOUT_FILENO, &done, sizeof done) != static_cast<ssize_t>(sizeof done)) std::_Exit(1);
}

Object item_of(uint32_t slot, int64_t transaction, uint64_t part) {
  return Object{{"slot", slot},
                {"part", part},
                {"tx", transaction},
                {"key", item_key(transaction, part)},
                {"text", item_text(transaction, part)}};
}

/// One thread's work.
class Writer {
 public:
  Writer(Database db, uint64_t life, uint32_t thread, uint64_t seed)
      : db_(db), life_(life), thread_(thread), random_(seed) {}

  Status run(uint64_t limit) {
    for (uint64_t sequence = 1; sequence <= limit; ++sequence) {
      const auto slot = static_cast<uint32_t>(thread_ * kSlotsPerThread + random_.below(kSlotsPerThread));
      PROTO_RETURN_IF_ERROR(commit_one(slot, transaction_number(life_, sequence)));
      acknowledge({thread_, slot, sequence, random_.one_in(8) ? db_.statistics().checkpoints : 0});
    }
    return Status();
  }

 private:
  Status commit_one(uint32_t slot, int64_t number) {
    const bool asynchronous = is_asynchronous(number, thread_);
    const TransactionOptions options{.durability = asynchronous ? Durability::kAsync : Durability::kSync};
    Status status;
    do status = db_.transact([&](Transaction& tx) { return write(tx, slot, number); }, options);
    while (status.retryable());  // the shared counter is fought for
    return status.ok() && asynchronous ? db_.sync() : status;
  }

  Status write(Transaction& tx, uint32_t slot, int64_t number) {
    PROTO_RETURN_IF_ERROR(write_slot(tx, slot, number));
    if (!counts(number, thread_)) return Status();
    Collection counter = tx.collection("counter");
    PROTO_ASSIGN_OR_RETURN(const ObjectView value, counter.get(ObjectId(1)));
    return counter.update(ObjectId(1), {{"n", value["n"].as_int64() + 1}});
  }

  Status write_slot(Transaction& tx, uint32_t slot, int64_t number) {
    Collection slots = tx.collection("slots"), items = tx.collection("items");
    PROTO_ASSIGN_OR_RETURN(const ObjectView before, slots.get(ObjectId(slot + 1)));
    const ValueView owned = before["items"];
    const Action action = action_of(number, thread_);
    if (action == Action::kRewrite) {
      for (size_t part = 0; part < owned.size(); ++part)
        PROTO_RETURN_IF_ERROR(rewrite(items, item_id(owned, part), number, part));
      return slots.update(ObjectId(slot + 1), {{"tx", number}});
    }
    for (size_t part = 0; part < owned.size(); ++part) PROTO_RETURN_IF_ERROR(items.erase(item_id(owned, part)));
    Array ids;
    for (uint64_t part = 0; action == Action::kReplace && part < part_count(number, thread_); ++part) {
      PROTO_ASSIGN_OR_RETURN(const ObjectId id, items.insert(item_of(slot, number, part)));
      ids.push(Value(static_cast<int64_t>(id.value)));
    }
    return slots.update(ObjectId(slot + 1), {{"tx", number}, {"items", std::move(ids)}});
  }

  static ObjectId item_id(const ValueView& owned, size_t part) {
    return ObjectId(static_cast<uint64_t>(owned[static_cast<int64_t>(part)].as_int64()));
  }

  static Status rewrite(Collection& items, ObjectId id, int64_t number, uint64_t part) {
    return items.update(id, {{"tx", number}, {"key", item_key(number, part)}, {"text", item_text(number, part)}});
  }

  Database db_;
  uint64_t life_;
  uint32_t thread_;
  proto::Random random_;
};

int fail(const Status& status) {
  std::fprintf(stderr, "crash_writer: %s\n", status.to_string().c_str());
  return 1;
}

int run(const char* path, uint64_t life, uint64_t seed, uint64_t limit) {
  auto opened = Database::open(path, {.create_if_missing = false, .checkpoint_log_bytes = kCheckpointLogBytes});
  if (!opened.ok()) return fail(opened.status());
  Database db = *std::move(opened);
  acknowledge({});
  std::atomic<bool> failed{false};
  std::vector<std::thread> threads;
  for (uint32_t t = 0; t < kThreads; ++t) {
    threads.emplace_back([&, t] {
      const Status status = Writer(db, life, t, seed + t).run(limit);
      if (!status.ok()) failed = true, fail(status);
    });
  }
  for (std::thread& thread : threads) thread.join();
  if (failed) return 1;
  const Status closed = db.close();
  return closed.ok() ? 0 : fail(closed);
}

}  // namespace
}  // namespace protobase::crash

int main(int count, char** arguments) {
  if (count != 5) return 2;
  return protobase::crash::run(arguments[1], std::strtoull(arguments[2], nullptr, 10),
                               std::strtoull(arguments[3], nullptr, 10), std::strtoull(arguments[4], nullptr, 10));
}
