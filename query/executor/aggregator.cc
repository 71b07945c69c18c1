#include "query/executor/aggregator.h"

#include <algorithm>
#include <cmath>

#include "db/document.h"
#include "query/executor/kernels.h"
#include "query/executor/scalar.h"

namespace protobase::query {
namespace {

Status does_not_take(AggregateId id, const ValueView& value) {
  return Status(StatusCode::kType, std::string(aggregate_name(id)) + "() does not take " + std::string(kind_name(value.kind())));
}

uint32_t group_of(const uint32_t* groups, uint32_t row) { return groups == nullptr ? 0 : groups[row]; }

/// Aggregates with a state of type State for each group, taking up one value at a time, NULLs left out.
template <class State>
class GroupStates : public Aggregator {
 public:
  void resize(uint32_t count) override { states_.resize(count); }
  Status update(std::span<const ColumnVector> arguments, Rows rows, const uint32_t* groups) override {
    const ColumnVector& column = arguments[0];
    if (column.form == Form::kNull) return Status();
    for (uint32_t i = 0; i < rows.count; ++i) {
      const uint32_t row = rows[i];
      const ValueView value = column.at(row);
      if (!value.is_none()) PROTO_RETURN_IF_ERROR(add(states_[group_of(groups, row)], value));
    }
    return Status();
  }

 protected:
  virtual Status add(State& state, const ValueView& value) = 0;
  std::vector<State> states_;
};

class Count : public Aggregator {
 public:
  void resize(uint32_t count) override { counts_.resize(count, 0); }
  Status update(std::span<const ColumnVector> arguments, Rows rows, const uint32_t* groups) override {
    const bool rows_alone = arguments.empty() || (arguments[0].constant && !arguments[0].is_null(0)) || arguments[0].never_null();
    if (groups == nullptr && rows_alone) return counts_[0] += rows.count, Status();
    if (groups == nullptr && arguments[0].form != Form::kViews && arguments[0].form != Form::kNull) {
      return counts_[0] += count_kernel(arguments[0].valid, rows), Status();
    }
    for_each_row(rows, [&](uint32_t row) { counts_[group_of(groups, row)] += rows_alone || !arguments[0].is_null(row); });
    return Status();
  }
  Status finish(uint32_t group, Arena&, ValueView& out) override {
    out = ValueView::of_int(static_cast<int64_t>(counts_[group]));
    return Status();
  }

 private:
  std::vector<uint64_t> counts_;
};

struct SumState {
  __int128 whole = 0;      // of integers and spans: exact
  double real = 0;         // of doubles
  uint64_t count = 0;
  bool has_real = false;
  bool is_span = false;
};

/// SUM, TOTAL and AVG.
class Sum : public GroupStates<SumState> {
 public:
  explicit Sum(AggregateId id) : id_(id) {}

  Status update(std::span<const ColumnVector> arguments, Rows rows, const uint32_t* groups) override {
    const ColumnVector& column = arguments[0];
    const bool integers = column.form == Form::kInteger && column.kind == Kind::kInt;
    if (column.constant || !(integers || column.form == Form::kDouble)) return GroupStates::update(arguments, rows, groups);
    if (groups == nullptr) return add_all(column, rows), Status();
    for_each_row(rows, [&](uint32_t row) {
      if (column.valid != nullptr && !test_bit(column.valid, row)) return;
      SumState& state = states_[groups[row]];
      ++state.count;
      if (integers) {
        state.whole += column.as<int64_t>()[row];
      } else {
        state.real += column.as<double>()[row], state.has_real = true;
      }
    });
    return Status();
  }

  Status finish(uint32_t group, Arena&, ValueView& out) override {
    const SumState& state = states_[group];
    const double total = static_cast<double>(state.whole) + state.real;
    if (id_ == AggregateId::kTotal) return out = ValueView::of_double(total), Status();
    if (state.count == 0) return out = ValueView(), Status();
    if (id_ == AggregateId::kAvg && !state.is_span) return out = ValueView::of_double(total / static_cast<double>(state.count)), Status();
    if (state.has_real) return out = ValueView::of_double(total), Status();
    const __int128 result = id_ == AggregateId::kAvg ? state.whole / static_cast<int64_t>(state.count) : state.whole;
    if (result != static_cast<int64_t>(result)) return Status(StatusCode::kRange, "the sum of the integers is out of range");
    const auto whole = static_cast<int64_t>(result);
    out = state.is_span ? ValueView::of_timespan({whole}) : ValueView::of_int(whole);
    return Status();
  }

 private:
  void add_all(const ColumnVector& column, Rows rows) {
    SumState& state = states_[0];
    const uint32_t count = count_kernel(column.valid, rows);
    state.count += count;
    if (column.form == Form::kInteger) {
      state.whole += sum_kernel(column.as<int64_t>(), column.valid, rows);
    } else {
      state.real += sum_kernel(column.as<double>(), column.valid, rows);
      state.has_real |= count != 0;
    }
  }

  Status add(SumState& state, const ValueView& value) override {
    const bool is_span = value.kind() == Kind::kTimespan;
    if (!is_number(value.kind()) && !is_span) return does_not_take(id_, value);
    if (state.count != 0 && state.is_span != is_span) {
      return Status(StatusCode::kType, std::string(aggregate_name(id_)) + "() over numbers and time spans together");
    }
    state.is_span = is_span;
    ++state.count;
    if (value.kind() == Kind::kDouble) {
      state.real += value.real(), state.has_real = true;
    } else {
      state.whole += value.integer();
    }
    return Status();
  }

  AggregateId id_;
};

/// MIN and MAX, over values of any kinds by their total order.
class Extreme : public GroupStates<ValueView> {
 public:
  explicit Extreme(bool greatest) : greatest_(greatest) {}

  Status update(std::span<const ColumnVector> arguments, Rows rows, const uint32_t* groups) override {
    const ColumnVector& column = arguments[0];
    if (groups != nullptr || column.constant) return GroupStates::update(arguments, rows, groups);
    if (column.form == Form::kInteger) {
      int64_t least = 0, greatest = 0;
      if (!bounds_kernel(column.as<int64_t>(), column.valid, rows, least, greatest)) return Status();
      const int64_t bound = greatest_ ? greatest : least;
      return add(states_[0], ColumnVector::integers(column.kind, &bound, nullptr).at(0));
    }
    if (column.form == Form::kDouble) {
      double least = 0, greatest = 0;
      if (!bounds_kernel(column.as<double>(), column.valid, rows, least, greatest)) return Status();
      return add(states_[0], ValueView::of_double(greatest_ ? greatest : least));
    }
    return GroupStates::update(arguments, rows, groups);
  }

  Status finish(uint32_t group, Arena& arena, ValueView& out) override { return out = arena.keep(states_[group]), Status(); }

 private:
  Status add(ValueView& state, const ValueView& value) override {
    if (state.is_none() || (greatest_ ? value.compare(state) > 0 : value.compare(state) < 0)) state = kept_.keep(value);
    return Status();
  }
  bool greatest_;
  Arena kept_;
};

struct SpreadState {  // Welford's running mean and sum of squared differences
  uint64_t count = 0;
  double mean = 0, squares = 0;
};

class Spread : public GroupStates<SpreadState> {
 public:
  explicit Spread(AggregateId id) : id_(id) {}
  Status finish(uint32_t group, Arena&, ValueView& out) override {
    const SpreadState& state = states_[group];
    if (state.count < 2) return out = ValueView(), Status();
    const double variance = state.squares / static_cast<double>(state.count - 1);
    out = ValueView::of_double(id_ == AggregateId::kStddev ? std::sqrt(variance) : variance);
    return Status();
  }

 private:
  Status add(SpreadState& state, const ValueView& value) override {
    if (!is_number(value.kind())) return does_not_take(id_, value);
    const double x = value.as_double(), before = x - state.mean;
    state.mean += before / static_cast<double>(++state.count);
    state.squares += before * (x - state.mean);
    return Status();
  }
  AggregateId id_;
};

class Median : public GroupStates<std::vector<double>> {
 public:
  Status finish(uint32_t group, Arena&, ValueView& out) override {
    std::vector<double>& values = states_[group];
    if (values.empty()) return out = ValueView(), Status();
    const auto middle = values.begin() + static_cast<std::ptrdiff_t>(values.size() / 2);
    std::nth_element(values.begin(), middle, values.end());
    double median = *middle;
    if (values.size() % 2 == 0) median = (median + *std::max_element(values.begin(), middle)) / 2;
    return out = ValueView::of_double(median), Status();
  }

 private:
  Status add(std::vector<double>& state, const ValueView& value) override {
    if (!is_number(value.kind())) return does_not_take(AggregateId::kMedian, value);
    return state.push_back(value.as_double()), Status();
  }
};

class BoolAggregate : public GroupStates<ValueView> {
 public:
  explicit BoolAggregate(AggregateId id) : id_(id) {}
  Status finish(uint32_t group, Arena&, ValueView& out) override { return out = states_[group], Status(); }

 private:
  Status add(ValueView& state, const ValueView& value) override {
    if (value.kind() != Kind::kBool) return does_not_take(id_, value);
    const bool is_or = id_ == AggregateId::kBoolOr;
    if (state.is_none() || state.as_bool() != is_or) state = value;
    return Status();
  }
  AggregateId id_;
};

/// FIRST and LAST: in the order in which rows arrive, NULLs too.
class Edge : public Aggregator {
 public:
  explicit Edge(bool last) : last_(last) {}
  void resize(uint32_t count) override { values_.resize(count), seen_.resize(count, false); }
  Status update(std::span<const ColumnVector> arguments, Rows rows, const uint32_t* groups) override {
    for_each_row(rows, [&](uint32_t row) {
      const uint32_t group = group_of(groups, row);
      if (seen_[group] && !last_) return;
      values_[group] = Value(arguments[0].at(row));
      seen_[group] = true;
    });
    return Status();
  }
  Status finish(uint32_t group, Arena& arena, ValueView& out) override { return out = arena.keep(values_[group]), Status(); }

 private:
  bool last_;
  std::vector<Value> values_;
  std::vector<bool> seen_;
};

class StringAgg : public Aggregator {
 public:
  void resize(uint32_t count) override { texts_.resize(count), seen_.resize(count, false); }
  Status update(std::span<const ColumnVector> arguments, Rows rows, const uint32_t* groups) override {
    for (uint32_t i = 0; i < rows.count; ++i) {
      const uint32_t row = rows[i], group = group_of(groups, row);
      const ValueView value = arguments[0].at(row);
      if (value.is_none()) continue;
      const ValueView separator = arguments.size() > 1 ? arguments[1].at(row) : ValueView::of_string(",");
      if (!separator.is_none() && separator.kind() != Kind::kString) return does_not_take(AggregateId::kStringAgg, separator);
      if (seen_[group]) texts_[group].append(separator.as_string());
      seen_[group] = true;
      texts_[group].append(value.kind() == Kind::kString ? std::string(value.buffer()) : value.to_text());
    }
    return Status();
  }
  Status finish(uint32_t group, Arena& arena, ValueView& out) override {
    out = seen_[group] ? ValueView::of_string(arena.copy(texts_[group])) : ValueView();
    return Status();
  }

 private:
  std::vector<std::string> texts_;
  std::vector<bool> seen_;
};

class ArrayAgg : public Aggregator {
 public:
  void resize(uint32_t count) override { elements_.resize(count); }
  Status update(std::span<const ColumnVector> arguments, Rows rows, const uint32_t* groups) override {
    for_each_row(rows, [&](uint32_t row) { elements_[group_of(groups, row)].push_back(kept_.keep(arguments[0].at(row))); });
    return Status();
  }
  Status finish(uint32_t group, Arena& arena, ValueView& out) override {
    if (elements_[group].empty()) return out = ValueView(), Status();
    DocumentWriter writer;
    writer.begin_array();
    for (const ValueView& element : elements_[group]) writer.value(element);
    writer.end();
    return out = keep_encoded(writer.bytes(), arena), Status();
  }

 private:
  std::vector<std::vector<ValueView>> elements_;
  Arena kept_;
};

}  // namespace

std::unique_ptr<Aggregator> make_aggregator(AggregateId id) {
  switch (id) {
    case AggregateId::kCount: return std::make_unique<Count>();
    case AggregateId::kSum:
    case AggregateId::kTotal:
    case AggregateId::kAvg: return std::make_unique<Sum>(id);
    case AggregateId::kMin: return std::make_unique<Extreme>(false);
    case AggregateId::kMax: return std::make_unique<Extreme>(true);
    case AggregateId::kStddev:
    case AggregateId::kVariance: return std::make_unique<Spread>(id);
    case AggregateId::kStringAgg: return std::make_unique<StringAgg>();
    case AggregateId::kArrayAgg: return std::make_unique<ArrayAgg>();
    case AggregateId::kFirst: return std::make_unique<Edge>(false);
    case AggregateId::kLast: return std::make_unique<Edge>(true);
    case AggregateId::kBoolAnd:
    case AggregateId::kBoolOr: return std::make_unique<BoolAggregate>(id);
    case AggregateId::kMedian: return std::make_unique<Median>();
  }
  PROTO_CHECK_MSG(false, "an aggregate of an unknown kind");
}

}  // namespace protobase::query
