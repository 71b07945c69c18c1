// The rows, queries and expected answers of the indexed benchmark: the workload of the Python reference, from a fixed
// seed.
#pragma once

#include <fmt/format.h>

#include <algorithm>
#include <cstdint>
#include <string>
#include <vector>

#include "runtime/base/random.h"

namespace protobase::bench {

struct IndexedOptions {
  uint64_t items = 10000;
  uint64_t queries = 200;
  int64_t window = 500;
  uint64_t warmup = 20;
  uint64_t categories = 200;
  uint64_t statuses = 50;
  uint64_t rounds = 7;
  double round_seconds = 0.5;  // a round of a slow path ends here, after fewer queries
  uint64_t seed = 42;
  std::string out;
  std::string only;  // measure only what has this in "set path engine form"
};

struct Item {
  std::string id, name;
  int64_t value = 0;
  uint32_t category = 0, status = 0;
  std::string created_at;
  std::vector<std::string> tags;
};

inline std::string category_text(uint64_t number) { return fmt::format("category-{}", number); }
inline std::string status_text(uint64_t number) { return fmt::format("status-{}", number); }

constexpr int64_t kMaxValue = 100000;

/// A version 4 UUID, as text.
inline std::string uuid_text(proto::Random& random) {
  const uint64_t high = (random.next() & ~0xF000ull) | 0x4000;
  const uint64_t low = (random.next() & ~(3ull << 62)) | (2ull << 62);
  return fmt::format("{:08x}-{:04x}-{:04x}-{:04x}-{:012x}", high >> 32, (high >> 16) & 0xFFFF, high & 0xFFFF, low >> 48,
                     low & 0xFFFF'FFFF'FFFF);
}

inline std::vector<Item> make_items(const IndexedOptions& options) {
  proto::Random random(options.seed);
  std::vector<Item> items(options.items);
  for (uint64_t i = 0; i < items.size(); ++i) {
    Item& item = items[i];
    item.id = uuid_text(random);
    item.name = fmt::format("Item-{}", i);
    item.value = random.between(1, kMaxValue);
    item.category = static_cast<uint32_t>(random.below(options.categories));
    item.status = static_cast<uint32_t>(random.below(options.statuses));
    item.created_at = fmt::format("2024-{:02}-{:02}T{:02}:{:02}:{:02}", 1 + random.below(12), 1 + random.below(28),
                                  random.below(24), random.below(60), random.below(60));
    for (uint64_t tags = 1 + random.below(5); tags > 0; --tags)
      item.tags.push_back(fmt::format("tag-{}", random.below(100)));
  }
  return items;
}

/// What a query gave, or should give: the rows' numbers in order, and a sum over their contents.
struct Answer {
  std::vector<uint32_t> rows;
  uint64_t contents = 0;

  friend bool operator==(const Answer&, const Answer&) = default;
  void add(std::string_view name, size_t text_bytes, int64_t value) {
    uint32_t number = 0;
    for (const char digit : name.substr(5)) number = number * 10 + static_cast<uint32_t>(digit - '0');
    rows.push_back(number);
    contents += text_bytes + static_cast<uint64_t>(value);
  }
  void clear() { rows.clear(), contents = 0; }
};

inline size_t text_bytes(const Item& item) {
  return item.id.size() + item.name.size() + category_text(item.category).size() + status_text(item.status).size() +
         item.created_at.size();
}

struct Query {
  bool by_id = false;
  uint32_t category_number = 0, status_number = 0;
  std::string category, status, id;
  int64_t low = 0, high = 0;  // both exclusive
  std::string text;           // with its values as literals
  Answer expected;
};

constexpr const char* kSelect = "SELECT id, name, value, category, status, created_at, tags FROM items WHERE ";
constexpr const char* kAndCondition = "category = ? AND status = ? AND value > ? AND value < ?";
constexpr const char* kIdCondition = "id = ?";

/// The queries of one kind with their answers, found by looking at every row.
struct QuerySet {
  std::string name;  // "random", "existing", "id"
  std::vector<Query> queries;
};

inline void add_expected(Query& query, const std::vector<Item>& items) {
  for (const Item& item : items) {
    const bool matches = query.by_id ? item.id == query.id
                                     : item.category == query.category_number && item.status == query.status_number &&
                                           item.value > query.low && item.value < query.high;
    if (matches) query.expected.add(item.name, text_bytes(item), item.value);
  }
}

inline Query and_query(uint32_t category, uint32_t status, int64_t low, int64_t window) {
  Query query;
  query.category_number = category, query.status_number = status;
  query.category = category_text(category), query.status = status_text(status);
  query.low = low, query.high = low + window;
  query.text = fmt::format("{}category = '{}' AND status = '{}' AND value > {} AND value < {}", kSelect, query.category,
                           query.status, query.low, query.high);
  return query;
}

inline std::vector<QuerySet> make_query_sets(const IndexedOptions& options, const std::vector<Item>& items) {
  proto::Random random(options.seed + 1);
  std::vector<QuerySet> sets{{"random", {}}, {"existing", {}}, {"id", {}}};
  for (uint64_t i = 0; i < options.queries; ++i) {
    const auto category = static_cast<uint32_t>(random.below(options.categories));
    const auto status = static_cast<uint32_t>(random.below(options.statuses));
    sets[0].queries.push_back(and_query(category, status, random.between(1, kMaxValue - 501), options.window));
    const Item& near = items[random.below(items.size())];
    const int64_t before = random.between(1, std::max<int64_t>(1, options.window - 1));
    sets[1].queries.push_back(
        and_query(near.category, near.status, std::max<int64_t>(0, near.value - before), options.window));
    Query& by_id = sets[2].queries.emplace_back();
    by_id.by_id = true;
    by_id.id = items[random.below(items.size())].id;
    by_id.text = fmt::format("{}id = '{}'", kSelect, by_id.id);
  }
  for (QuerySet& set : sets) {
    for (Query& query : set.queries) add_expected(query, items);
  }
  return sets;
}

}  // namespace protobase::bench
