// The tree beside LMDB and std::map: random gets, bulk build, batch insert, scans, range counts. 8-byte keys and
// values, keys in random order over all of 64 bits. Every result is checked against a function of the key.
#include <benchmark/benchmark.h>

#include <algorithm>
#include <map>
#include <memory>
#include <string>
#include <vector>

#ifdef PROTOBASE_HAVE_LMDB
#include <lmdb.h>

#include <filesystem>
#endif

#include "runtime/avl/byte_key_set.h"
#include "runtime/avl/cursor.h"
#include "runtime/avl/edit.h"
#include "runtime/avl/pod_map.h"
#include "runtime/base/random.h"

namespace proto::avl {
namespace {

using Map = PodMap<uint64_t, uint64_t>;

uint64_t key_at(uint64_t index) {
  Random random(index * 2 + 1);
  return random.next();
}
uint64_t value_of(uint64_t key) { return key * 0x9E3779B97F4A7C15ull; }

const std::vector<uint64_t>& shuffled_keys(uint64_t count) {
  static std::map<uint64_t, std::vector<uint64_t>> made;
  std::vector<uint64_t>& keys = made[count];
  for (uint64_t i = keys.size(); i < count; ++i) keys.push_back(key_at(i));
  return keys;
}

const std::vector<Map::Item>& sorted_items(uint64_t count) {
  static std::map<uint64_t, std::vector<Map::Item>> made;
  std::vector<Map::Item>& items = made[count];
  if (items.empty()) {
    for (uint64_t key : shuffled_keys(count)) items.push_back({key, value_of(key)});
    std::sort(items.begin(), items.end(), [](const auto& a, const auto& b) { return a.key < b.key; });
  }
  return items;
}

/// A tree that came to be by random inserts, so that its nodes lie scattered as in use.
class GrownTree {
 public:
  GrownTree(uint64_t count, uint32_t max_entries) : family_(Map{.max_entries = max_entries}), edit_(family_) {
    tree_ = family_.empty_tree();
    std::vector<Map::Change> batch;
    for (uint64_t key : shuffled_keys(count)) {
      batch.push_back({key, value_of(key)});
      if (batch.size() == 10000) insert(batch);
    }
    insert(batch);
  }
  ~GrownTree() { edit_.discard(tree_); }
  const Tree<Map>& tree() const { return tree_; }

  static const GrownTree& get(uint64_t count, uint32_t max_entries) {
    static std::unique_ptr<GrownTree> made;
    static std::pair<uint64_t, uint32_t> made_for;
    if (made == nullptr || made_for != std::pair(count, max_entries)) {
      made.reset();
      made = std::make_unique<GrownTree>(count, max_entries);
      made_for = {count, max_entries};
    }
    return *made;
  }

 private:
  void insert(std::vector<Map::Change>& batch) {
    edit_.apply_unsorted(tree_, batch);
    batch.clear();
  }
  Family<Map> family_;
  Edit<Map> edit_;
  Tree<Map> tree_;
};

/// Draws present keys in random order; the draw itself is a sequential read.
class KeyStream {
 public:
  explicit KeyStream(uint64_t count) : picks_(kPicks) {
    Random random(7);
    const std::vector<uint64_t>& keys = shuffled_keys(count);
    for (uint64_t& pick : picks_) pick = keys[random.below(count)];
  }
  uint64_t next() { return picks_[at_++ & (kPicks - 1)]; }

 private:
  static constexpr size_t kPicks = size_t{1} << 20;
  std::vector<uint64_t> picks_;
  size_t at_ = 0;
};

void BM_GetTree(benchmark::State& state) {
  const auto count = static_cast<uint64_t>(state.range(0));
  const Tree<Map>& tree = GrownTree::get(count, static_cast<uint32_t>(state.range(1))).tree();
  KeyStream keys(count);
  for (auto _ : state) {
    const uint64_t key = keys.next();
    const auto entry = tree.find(key);
    if (!entry.has_value() || entry->value != value_of(key)) state.SkipWithError("wrong value");
  }
  state.SetItemsProcessed(state.iterations());
}

void BM_GetStdMap(benchmark::State& state) {
  const auto count = static_cast<uint64_t>(state.range(0));
  std::map<uint64_t, uint64_t> map;
  for (uint64_t key : shuffled_keys(count)) map.emplace(key, value_of(key));
  KeyStream keys(count);
  for (auto _ : state) {
    const uint64_t key = keys.next();
    const auto found = map.find(key);
    if (found == map.end() || found->second != value_of(key)) state.SkipWithError("wrong value");
  }
  state.SetItemsProcessed(state.iterations());
}

#ifdef PROTOBASE_HAVE_LMDB
class LmdbStore {
 public:
  explicit LmdbStore(uint64_t count)
      : folder_(std::filesystem::temp_directory_path() / ("avl_benchmark_lmdb_" + std::to_string(getpid()))) {
    std::filesystem::create_directories(folder_);
    mdb_env_create(&environment_);
    mdb_env_set_mapsize(environment_, size_t{8} << 30);
    mdb_env_open(environment_, folder_.c_str(), MDB_NOSYNC | MDB_WRITEMAP, 0644);
    MDB_txn* transaction = nullptr;
    mdb_txn_begin(environment_, nullptr, 0, &transaction);
    mdb_dbi_open(transaction, nullptr, MDB_INTEGERKEY | MDB_CREATE, &table_);
    for (uint64_t key : shuffled_keys(count)) put(transaction, key);
    mdb_txn_commit(transaction);
    mdb_txn_begin(environment_, nullptr, MDB_RDONLY, &reader_);
  }
  ~LmdbStore() {
    mdb_txn_abort(reader_);
    mdb_env_close(environment_);
    std::filesystem::remove_all(folder_);
  }
  bool get(uint64_t key, uint64_t& value) const {
    MDB_val name{sizeof key, &key}, found;
    if (mdb_get(reader_, table_, &name, &found) != 0) return false;
    value = load<uint64_t>(found.mv_data);
    return true;
  }
  static const LmdbStore& get_store(uint64_t count) {
    static std::map<uint64_t, std::unique_ptr<LmdbStore>> made;
    std::unique_ptr<LmdbStore>& store = made[count];
    if (store == nullptr) made.clear(), made[count] = std::make_unique<LmdbStore>(count);
    return *made[count];
  }

 private:
  void put(MDB_txn* transaction, uint64_t key) {
    uint64_t value = value_of(key);
    MDB_val name{sizeof key, &key}, data{sizeof value, &value};
    mdb_put(transaction, table_, &name, &data, 0);
  }
  std::filesystem::path folder_;
  MDB_env* environment_ = nullptr;
  MDB_txn* reader_ = nullptr;
  MDB_dbi table_ = 0;
};

void BM_GetLmdb(benchmark::State& state) {
  const auto count = static_cast<uint64_t>(state.range(0));
  const LmdbStore& store = LmdbStore::get_store(count);
  KeyStream keys(count);
  for (auto _ : state) {
    const uint64_t key = keys.next();
    uint64_t value = 0;
    if (!store.get(key, value) || value != value_of(key)) state.SkipWithError("wrong value");
  }
  state.SetItemsProcessed(state.iterations());
}

void BM_InsertLmdb(benchmark::State& state) {
  const auto count = static_cast<uint64_t>(state.range(0));
  shuffled_keys(count);
  for (auto _ : state) LmdbStore store(count);
  state.SetItemsProcessed(state.iterations() * state.range(0));
}
#endif

void BM_BulkBuildTree(benchmark::State& state) {
  const std::vector<Map::Item>& items = sorted_items(static_cast<uint64_t>(state.range(0)));
  for (auto _ : state) {
    Family<Map> family;
    Edit<Map> edit(family);
    const Tree<Map> tree = edit.build(items);
    if (tree.size() != items.size()) state.SkipWithError("wrong size");
    state.PauseTiming();
    edit.discard(tree);
    state.ResumeTiming();
  }
  state.SetItemsProcessed(state.iterations() * state.range(0));
}

// One million keys in random order under one edit: sorted and applied at once, in batches, or one by one.
void BM_InsertTree(benchmark::State& state) {
  const std::vector<uint64_t>& keys = shuffled_keys(static_cast<uint64_t>(state.range(0)));
  const auto batch_size = static_cast<size_t>(state.range(1));
  for (auto _ : state) {
    Family<Map> family;
    Edit<Map> edit(family);
    Tree<Map> tree = family.empty_tree();
    std::vector<Map::Change> batch;
    for (size_t i = 0; i < keys.size(); i += batch_size) {
      batch.clear();
      const size_t end = std::min(keys.size(), i + batch_size);
      for (size_t j = i; j < end; ++j) batch.push_back({keys[j], value_of(keys[j])});
      edit.apply_unsorted(tree, batch);
    }
    if (tree.size() != keys.size()) state.SkipWithError("wrong size");
    state.PauseTiming();
    edit.discard(tree);
    state.ResumeTiming();
  }
  state.SetItemsProcessed(state.iterations() * state.range(0));
}

void BM_InsertStdMap(benchmark::State& state) {
  const std::vector<uint64_t>& keys = shuffled_keys(static_cast<uint64_t>(state.range(0)));
  for (auto _ : state) {
    std::map<uint64_t, uint64_t> map;
    for (uint64_t key : keys) map.emplace(key, value_of(key));
    if (map.size() != keys.size()) state.SkipWithError("wrong size");
  }
  state.SetItemsProcessed(state.iterations() * state.range(0));
}

void BM_ScanTree(benchmark::State& state) {
  const Tree<Map>& tree = GrownTree::get(static_cast<uint64_t>(state.range(0)), 512).tree();
  for (auto _ : state) {
    uint64_t wrong = 0;
    Cursor<Map> cursor(tree);
    for (cursor.seek_first(); cursor.valid(); cursor.next())
      wrong += cursor.entry().value != value_of(cursor.entry().key);
    if (wrong != 0) state.SkipWithError("wrong value");
  }
  state.SetItemsProcessed(state.iterations() * state.range(0));
}

void BM_RangeCountTree(benchmark::State& state) {
  const auto count = static_cast<uint64_t>(state.range(0));
  const Tree<Map>& tree = GrownTree::get(count, 512).tree();
  KeyStream keys(count);
  uint64_t total = 0;
  for (auto _ : state) {
    const uint64_t a = keys.next(), b = keys.next();
    total += tree.count_range(std::min(a, b), std::max(a, b));
  }
  if (total == 0) state.SkipWithError("nothing counted");
  state.SetItemsProcessed(state.iterations());
}

// Secondary index entries: a text of some twenty bytes and an ObjectId; sorted batches under one edit, then gets.
class IndexKeys {
 public:
  explicit IndexKeys(uint64_t count) {
    for (uint64_t i = 0; i < count; ++i) {
      const uint64_t id = byte_swap(i + 1);
      keys_.push_back("customer/" + std::to_string(key_at(i) % 1000000) +
                      std::string(reinterpret_cast<const char*>(&id), sizeof id));
    }
  }
  const std::vector<std::string>& all() const { return keys_; }
  static const std::vector<std::string>& get(uint64_t count) {
    static std::map<uint64_t, IndexKeys> made;
    return made.try_emplace(count, count).first->second.all();
  }

 private:
  std::vector<std::string> keys_;
};

void insert_keys(Edit<ByteKeySet>& edit, Tree<ByteKeySet>& tree, const std::vector<std::string>& keys,
                 size_t batch_size) {
  std::vector<ByteKeySet::Change> batch;
  for (size_t i = 0; i < keys.size(); i += batch_size) {
    batch.clear();
    for (size_t j = i; j < std::min(keys.size(), i + batch_size); ++j) batch.push_back({keys[j]});
    edit.apply_unsorted(tree, batch);
  }
}

void BM_InsertIndex(benchmark::State& state) {
  const std::vector<std::string>& keys = IndexKeys::get(static_cast<uint64_t>(state.range(0)));
  for (auto _ : state) {
    Family<ByteKeySet> family;
    Edit<ByteKeySet> edit(family);
    Tree<ByteKeySet> tree = family.empty_tree();
    insert_keys(edit, tree, keys, static_cast<size_t>(state.range(1)));
    if (tree.size() != keys.size()) state.SkipWithError("wrong size");
    state.PauseTiming();
    edit.discard(tree);
    state.ResumeTiming();
  }
  state.SetItemsProcessed(state.iterations() * state.range(0));
}

void BM_GetIndex(benchmark::State& state) {
  const std::vector<std::string>& keys = IndexKeys::get(static_cast<uint64_t>(state.range(0)));
  Family<ByteKeySet> family;
  Edit<ByteKeySet> edit(family);
  Tree<ByteKeySet> tree = family.empty_tree();
  insert_keys(edit, tree, keys, 10000);
  Random random(3);
  for (auto _ : state) {
    if (!tree.contains(ByteKey(keys[random.below(keys.size())]))) state.SkipWithError("missing key");
  }
  state.SetItemsProcessed(state.iterations());
  edit.discard(tree);
}

constexpr int64_t kMillion = 1000000;

BENCHMARK(BM_GetTree)->ArgsProduct({{kMillion}, {128, 256, 512, 1024}});
#ifdef PROTOBASE_HAVE_LMDB
BENCHMARK(BM_GetLmdb)->Arg(kMillion);
#endif
BENCHMARK(BM_GetStdMap)->Arg(kMillion);
BENCHMARK(BM_GetTree)->ArgsProduct({{10 * kMillion}, {256, 512, 1024}});
#ifdef PROTOBASE_HAVE_LMDB
BENCHMARK(BM_GetLmdb)->Arg(10 * kMillion);
#endif
BENCHMARK(BM_BulkBuildTree)->Arg(kMillion)->Unit(benchmark::kMillisecond);
BENCHMARK(BM_InsertTree)->ArgsProduct({{kMillion}, {1, 1000, kMillion}})->Unit(benchmark::kMillisecond);
BENCHMARK(BM_InsertStdMap)->Arg(kMillion)->Unit(benchmark::kMillisecond);
#ifdef PROTOBASE_HAVE_LMDB
BENCHMARK(BM_InsertLmdb)->Arg(kMillion)->Unit(benchmark::kMillisecond);
#endif
BENCHMARK(BM_ScanTree)->Arg(kMillion)->Unit(benchmark::kMillisecond);
BENCHMARK(BM_RangeCountTree)->Arg(kMillion);
BENCHMARK(BM_InsertIndex)->ArgsProduct({{kMillion}, {1, 1000, kMillion}})->Unit(benchmark::kMillisecond);
BENCHMARK(BM_GetIndex)->Arg(kMillion);

}  // namespace
}  // namespace proto::avl

BENCHMARK_MAIN();
