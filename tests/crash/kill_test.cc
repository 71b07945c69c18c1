// A database under a writing load from several threads, with checkpoints, is killed at random moments, 200 times over.
// After each kill it opens, is sound, holds every acknowledged transaction, and at most the one in flight of each
// thread, whole.
#include <fcntl.h>
#include <poll.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <gtest/gtest.h>

#include <chrono>
#include <csignal>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <map>
#include <set>
#include <vector>

#include "db/protobase.h"
#include "tests/crash/crash_load.h"

extern char** environ;

namespace protobase::crash {
namespace {

using Clock = std::chrono::steady_clock;

constexpr Clock::duration kLongestWork = std::chrono::milliseconds(100);

/// One life of the writer: started, listened to, killed.
class WriterProcess {
 public:
  WriterProcess(const std::string& path, uint64_t life, uint64_t seed, uint64_t limit) {
    int ends[2];
    if (::pipe2(ends, O_CLOEXEC) != 0) return;
    posix_spawn_file_actions_t actions;
    ::posix_spawn_file_actions_init(&actions);
    ::posix_spawn_file_actions_adddup2(&actions, ends[1], STDOUT_FILENO);
    std::string arguments[] = {CRASH_WRITER, path, std::to_string(life), std::to_string(seed), std::to_string(limit)};
    char* argv[] = {arguments[0].data(), arguments[1].data(), arguments[2].data(),
                    arguments[3].data(), arguments[4].data(), nullptr};
    if (::posix_spawn(&process_, CRASH_WRITER, &actions, nullptr, argv, environ) != 0) process_ = -1;
    ::posix_spawn_file_actions_destroy(&actions);
    ::close(ends[1]);
    output_ = ends[0];
  }
  ~WriterProcess() {
    if (output_ >= 0) ::close(output_);
  }
  WriterProcess(const WriterProcess&) = delete;
  WriterProcess& operator=(const WriterProcess&) = delete;

  bool started() const { return process_ > 0; }
  /// Waits until the database is open; how long that took.
  Clock::duration wait_until_open() {
    while (bytes_.size() < sizeof(Acknowledgement) && read_some()) {
    }
    return Clock::now() - born_;
  }
  /// Listens for `lifetime`, kills, and listens to the end. The exit status as waitpid gives it.
  int kill_after(std::chrono::duration<double> lifetime) {
    const auto deadline = Clock::now() + std::chrono::duration_cast<Clock::duration>(lifetime);
    while (Clock::now() < deadline && listen_until(deadline)) {
    }
    ::kill(process_, SIGKILL);
    while (read_some()) {
    }
    int status = 0;
    ::waitpid(process_, &status, 0);
    return status;
  }
  /// Whole acknowledgements received.
  std::vector<Acknowledgement> acknowledgements() const {
    std::vector<Acknowledgement> out(bytes_.size() / sizeof(Acknowledgement));
    std::memcpy(out.data(), bytes_.data(), out.size() * sizeof(Acknowledgement));
    return out;
  }

 private:
  bool listen_until(Clock::time_point deadline) {
    const auto left = std::chrono::duration_cast<std::chrono::nanoseconds>(deadline - Clock::now()).count();
    if (left <= 0) return false;
    pollfd waiting{output_, POLLIN, 0};
    const timespec timeout{left / 1'000'000'000, left % 1'000'000'000};
    return ::ppoll(&waiting, 1, &timeout, nullptr) <= 0 || read_some();
  }
  bool read_some() {
    char buffer[4096];
    const ssize_t count = ::read(output_, buffer, sizeof buffer);
    if (count > 0) bytes_.append(buffer, static_cast<size_t>(count));
    return count > 0;
  }

  const Clock::time_point born_ = Clock::now();
  pid_t process_ = -1;
  int output_ = -1;
  std::string bytes_;
};

/// The database between two lives, and what must be in it.
class Judge {
 public:
  explicit Judge(std::string path) : path_(std::move(path)) {}

  void create() {
    auto opened = Database::open(path_);
    ASSERT_TRUE(opened.ok()) << opened.status().to_string();
    const Status filled = opened->transact([](Transaction& tx) -> Status {
      for (uint32_t slot = 0; slot < kSlots; ++slot) {
        PROTO_RETURN_IF_ERROR(
            tx.collection("slots").insert(Object{{"_id", slot + 1}, {"tx", 0}, {"items", Array{}}}).status());
      }
      PROTO_RETURN_IF_ERROR(tx.collection("counter").insert(Object{{"_id", 1}, {"n", 0}}).status());
      return tx
          .execute(
              "CREATE COLLECTION items; CREATE UNIQUE INDEX by_part ON items (slot, part);"
              "CREATE INDEX by_key ON items (key); CREATE INDEX by_tx ON items (tx)")
          .status();
    });
    ASSERT_TRUE(filled.ok()) << filled.to_string();
    ASSERT_TRUE(opened->close().ok());
    for (uint32_t slot = 0; slot < kSlots; ++slot) expected_[slot] = 0;
  }

  void note(uint64_t life, const std::vector<Acknowledgement>& acknowledgements) {
    for (uint64_t& last : last_sequence_) last = 0;
    life_ = life;
    for (const Acknowledgement& done : acknowledgements) {
      if (done.sequence == 0) continue;
      ASSERT_LT(done.thread, kThreads);
      ASSERT_EQ(done.sequence, ++last_sequence_[done.thread]) << "thread " << done.thread;
      expect(done.slot, transaction_number(life, done.sequence));
    }
  }

  /// Opens the database, which recovers it, and compares.
  void examine() {
    auto opened = Database::open(path_, {.create_if_missing = false, .checkpoint_log_bytes = kCheckpointLogBytes});
    ASSERT_TRUE(opened.ok()) << opened.status().to_string();
    const Status sound = opened->check();
    ASSERT_TRUE(sound.ok()) << sound.to_string();
    Transaction tx = opened->begin({.read_only = true});
    uint64_t items = 0;
    std::set<uint32_t> in_flight;
    for (uint32_t slot = 0; slot < kSlots; ++slot) examine_slot(tx, slot, items, in_flight);
    EXPECT_EQ(*tx.collection("items").count(), items) << "items that no slot owns";
    const auto counter = tx.collection("counter").get(ObjectId(1));
    ASSERT_TRUE(counter.ok()) << counter.status().to_string();
    EXPECT_EQ((*counter)["n"].as_int64(), counter_);
    examine_query(tx, items);
  }

 private:
  void expect(uint32_t slot, int64_t transaction) {
    expected_[slot] = transaction;
    counter_ += counts(transaction, slot / kSlotsPerThread);
  }

  void examine_slot(Transaction& tx, uint32_t slot, uint64_t& items, std::set<uint32_t>& in_flight) {
    const auto object = tx.collection("slots").get(ObjectId(slot + 1));
    ASSERT_TRUE(object.ok()) << "slot " << slot << ": " << object.status().to_string();
    const int64_t number = (*object)["tx"].as_int64();
    const uint32_t thread = slot / kSlotsPerThread;
    if (number != expected_[slot]) {
      ASSERT_EQ(number, transaction_number(life_, last_sequence_[thread] + 1))
          << "slot " << slot << " should hold " << expected_[slot] << ", or the one transaction in flight";
      ASSERT_TRUE(in_flight.insert(thread).second) << "thread " << thread << " had two transactions in flight";
      expect(slot, number);
    }
    const ValueView owned = (*object)["items"];
    for (size_t part = 0; part < owned.size(); ++part)
      examine_item(tx, owned[static_cast<int64_t>(part)], slot, number, part);
    items += owned.size();
  }

  static void examine_item(Transaction& tx, const ValueView& id, uint32_t slot, int64_t number, size_t part) {
    const auto item = tx.collection("items").get(ObjectId(static_cast<uint64_t>(id.as_int64())));
    ASSERT_TRUE(item.ok()) << "part " << part << " of slot " << slot << ": " << item.status().to_string();
    EXPECT_EQ((*item)["slot"].as_int64(), slot);
    EXPECT_EQ((*item)["part"].as_int64(), static_cast<int64_t>(part));
    EXPECT_EQ((*item)["tx"].as_int64(), number) << "half of a transaction in slot " << slot;
    EXPECT_EQ((*item)["key"].as_int64(), item_key(number, part));
    EXPECT_EQ((*item)["text"].as_string(), item_text(number, part));
  }

  // What the indexes answer is what the objects say.
  static void examine_query(Transaction& tx, uint64_t items) {
    auto rows = tx.query("SELECT count(*) FROM items WHERE key BETWEEN 0 AND 999 AND tx >= 0");
    ASSERT_TRUE(rows.ok()) << rows.status().to_string();
    uint64_t count = 0;
    for (const Row& row : *rows) count = static_cast<uint64_t>(row[0].as_int64());
    EXPECT_EQ(count, items);
  }

  std::string path_;
  uint64_t life_ = 0;
  std::map<uint32_t, int64_t> expected_;   // by slot: number of its last transaction
  uint64_t last_sequence_[kThreads] = {};  // acknowledged in this life
  int64_t counter_ = 0;
};

uint64_t number_from_environment(const char* name, uint64_t otherwise) {
  const char* text = std::getenv(name);
  return text == nullptr ? otherwise : std::strtoull(text, nullptr, 10);
}

/// A file that stays, with its log, when the test fails.
std::string fresh_path() {
  const auto path = std::filesystem::temp_directory_path() / ("protobase_kill_" + std::to_string(::getpid()) + ".pdb");
  std::filesystem::remove(path);
  std::filesystem::remove(path.string() + "-wal");
  return path.string();
}

struct Totals {
  uint64_t transactions = 0, checkpoints = 0, unopened = 0, ended = 0;
  void add(const std::vector<Acknowledgement>& acknowledgements, int status) {
    uint64_t seen = 0;
    for (const Acknowledgement& done : acknowledgements) {
      transactions += done.sequence != 0;
      seen = std::max(seen, done.checkpoints);
    }
    checkpoints += seen;
    unopened += acknowledgements.empty();
    ended += WIFEXITED(status) ? 1 : 0;
  }
};

TEST(Kill, LosesNothingAcknowledgedAndKeepsNothingInPart) {
  const uint64_t seed = number_from_environment("PROTOBASE_SEED", 20260101);
  const uint64_t lives = number_from_environment("PROTOBASE_KILLS", 200);
  std::printf("seed %llu (PROTOBASE_SEED), %llu kills (PROTOBASE_KILLS)\n", static_cast<unsigned long long>(seed),
              static_cast<unsigned long long>(lives));
  proto::Random random(seed);
  const std::string path = fresh_path();
  Judge judge(path);
  ASSERT_NO_FATAL_FAILURE(judge.create());
  Totals totals;
  Clock::duration opening = std::chrono::milliseconds(10);  // how long it took lately
  for (uint64_t life = 1; life <= lives; ++life) {
    SCOPED_TRACE(testing::Message() << "life " << life << " of " << path);
    const uint64_t limit =
        random.one_in(4) ? random.below(60) : 1'000'000;  // some close the database, and die doing so
    WriterProcess writer(path, life, random.next() >> 1, limit);
    ASSERT_TRUE(writer.started());
    const bool while_opening = random.one_in(4);  // killed in recovery
    if (!while_opening) opening = writer.wait_until_open();
    const int status = writer.kill_after(random.unit() * (while_opening ? opening : kLongestWork));
    ASSERT_TRUE(WIFSIGNALED(status) || WEXITSTATUS(status) == 0) << "the writer failed";
    totals.add(writer.acknowledgements(), status);
    judge.note(life, writer.acknowledgements());
    if (!testing::Test::HasFailure()) judge.examine();
    if (testing::Test::HasFailure()) return;
  }
  std::printf(
      "%llu transactions acknowledged, %llu checkpoints seen, %llu killed before it was open, %llu ended by "
      "themselves\n",
      static_cast<unsigned long long>(totals.transactions), static_cast<unsigned long long>(totals.checkpoints),
      static_cast<unsigned long long>(totals.unopened), static_cast<unsigned long long>(totals.ended));
  EXPECT_GT(totals.transactions, lives) << "a load worth the name";
  EXPECT_GT(totals.checkpoints, lives / 4);
  std::filesystem::remove(path);
  std::filesystem::remove(path + "-wal");
}

}  // namespace
}  // namespace protobase::crash
