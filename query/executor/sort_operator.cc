// ORDER BY: rows are kept with a normalized key each, which compare as bytes, eight of them at once.
#include <algorithm>
#include <cstring>

#include "db/key_codec.h"
#include "query/executor/operator.h"
#include "query/executor/row_store.h"

namespace protobase::query {
namespace {

struct Entry {
  uint64_t head;         // the first bytes of the key
  std::string_view key;
  uint64_t sequence;     // equal keys stay in the order they came
  uint32_t row;          // in the store
};

bool before(const Entry& a, const Entry& b) {
  if (a.head != b.head) return a.head < b.head;
  const int order = a.key.compare(b.key);
  return order != 0 ? order < 0 : a.sequence < b.sequence;
}

uint64_t head_of(std::string_view key) {
  uint64_t head = 0;
  std::memcpy(&head, key.data(), std::min<size_t>(key.size(), sizeof head));
  return proto::byte_swap(head);
}

/// Rows and their keys.
struct Kept {
  explicit Kept(size_t columns) : rows(columns) {}
  RowStore rows;
  std::vector<Entry> entries;
  std::unique_ptr<Arena> keys = std::make_unique<Arena>();
};

class Sort : public PlanOperator {
 public:
  Sort(const PhysicalSort& node, const Run& run, OperatorPtr child)
      : PlanOperator(node, run), sort_(node), child_(std::move(child)), kept_(node.output.size()) {}

  Status open() {
    PROTO_ASSIGN_OR_RETURN(const uint64_t limit, count_argument(sort_.limit, evaluator_, ~uint64_t{0}));
    PROTO_ASSIGN_OR_RETURN(const uint64_t offset, count_argument(sort_.offset, evaluator_, 0));
    if (__builtin_add_overflow(limit, offset, &limit_)) limit_ = ~uint64_t{0};
    return Status();
  }

 private:
  /// Bounded sorts hold up to this many rows more than they need, so that they cut seldom.
  static constexpr uint64_t kSlack = 4096;

  Result<const Chunk*> produce() override {
    if (!sorted_) PROTO_RETURN_IF_ERROR(collect());
    if (next_ == kept_.entries.size()) return nullptr;
    arena_.reset();
    const auto count = static_cast<uint32_t>(std::min<size_t>(kept_.entries.size() - next_, kChunkRows));
    auto* rows = arena_.array<uint32_t>(count);
    for (uint32_t i = 0; i < count; ++i) rows[i] = kept_.entries[next_ + i].row;
    chunk_.set_all(count);
    chunk_.columns.clear();
    for (size_t c = 0; c < kept_.rows.columns(); ++c) chunk_.columns.push_back(kept_.rows.gather(c, rows, count, arena_));
    next_ += count;
    return &chunk_;
  }

  Status collect() {
    sorted_ = true;
    while (limit_ != 0) {
      arena_.reset();
      PROTO_ASSIGN_OR_RETURN(const Chunk* input, child_->next());
      if (input == nullptr) break;
      PROTO_RETURN_IF_ERROR(take(*input));
      if (limit_ < ~uint64_t{0} - kSlack && kept_.entries.size() > 2 * std::min(limit_, ~uint64_t{0} / 4) + kSlack) cut();
    }
    child_.reset();
    std::sort(kept_.entries.begin(), kept_.entries.end(), before);
    if (kept_.entries.size() > limit_) kept_.entries.resize(limit_);
    return Status();
  }

  Status take(const Chunk& input) {
    columns_.resize(sort_.keys.size());
    for (size_t i = 0; i < columns_.size(); ++i) {
      PROTO_RETURN_IF_ERROR(evaluator_.evaluate(*sort_.keys[i].expression, input, input.rows, columns_[i]));
    }
    auto* selection = arena_.array<uint32_t>(input.rows.count);
    uint32_t count = 0;
    const uint32_t first_row = kept_.rows.rows();
    for_each_row(input.rows, [&](uint32_t row) {
      encode(row);
      const Entry entry{head_of(key_), key_, sequence_++, first_row + count};
      if (worst_ && !before(entry, *worst_)) return;
      selection[count++] = row;
      kept_.entries.push_back({entry.head, kept_.keys->copy(key_), entry.sequence, entry.row});
    });
    kept_.rows.append(input.columns, Rows{selection, count});
    return Status();
  }

  void encode(uint32_t row) {
    key_.clear();
    for (size_t i = 0; i < columns_.size(); ++i) {
      append_key(key_, columns_[i].at(row), KeyOrder{sort_.keys[i].descending, sort_.keys[i].nulls_first});
    }
  }

  /// Keeps the first `limit_` rows only, and lets no later row in that is behind all of them.
  void cut() {
    const auto end = kept_.entries.begin() + static_cast<std::ptrdiff_t>(limit_);
    std::nth_element(kept_.entries.begin(), end - 1, kept_.entries.end(), before);
    Kept cut(kept_.rows.columns());
    std::vector<ValueView> values(kept_.rows.columns());
    for (auto entry = kept_.entries.begin(); entry != end; ++entry) {
      for (size_t c = 0; c < values.size(); ++c) values[c] = kept_.rows.at(c, entry->row);
      cut.entries.push_back({entry->head, cut.keys->copy(entry->key), entry->sequence, cut.rows.rows()});
      cut.rows.append_row(values);
    }
    kept_ = std::move(cut);
    worst_ = kept_.entries.back();
  }

  const PhysicalSort& sort_;
  OperatorPtr child_;
  Kept kept_;
  uint64_t limit_ = 0;
  uint64_t sequence_ = 0;
  std::optional<Entry> worst_;
  std::vector<ColumnVector> columns_;
  std::string key_;
  bool sorted_ = false;
  size_t next_ = 0;
  Chunk chunk_;
};

}  // namespace

Result<OperatorPtr> build_sort(const PhysicalSort& node, const Run& run) {
  PROTO_ASSIGN_OR_RETURN(OperatorPtr child, build_operator(*node.children[0], run));
  auto sort = std::make_unique<Sort>(node, run, std::move(child));
  PROTO_RETURN_IF_ERROR(sort->open());
  return OperatorPtr(std::move(sort));
}

}  // namespace protobase::query
