#include "query/executor/id_set.h"

#include <algorithm>
#include <bit>
#include <cmath>

#include "db/index_keys.h"

namespace protobase::query {
namespace {

/// Reading an entry in order is about this much cheaper than probing the index for one.
constexpr uint64_t kProbeCost = 16;
/// Reading an object to see whether it is in a range, against reading an entry in order.
constexpr uint64_t kObjectCost = 32;

void sort_unique(std::vector<uint64_t>& ids) {
  if (!std::is_sorted(ids.begin(), ids.end())) std::sort(ids.begin(), ids.end());
  ids.erase(std::unique(ids.begin(), ids.end()), ids.end());
}

void intersect(std::vector<uint64_t>& ids, const std::vector<uint64_t>& other) {
  size_t kept = 0;
  auto at = other.begin();
  for (const uint64_t id : ids) {
    const auto near = at + std::min<std::ptrdiff_t>(64, other.end() - at);  // the next match is mostly close
    at = near == other.end() || *near >= id ? std::lower_bound(at, near, id) : std::lower_bound(near, other.end(), id);
    if (at == other.end()) break;
    if (*at == id) ids[kept++] = id;
  }
  ids.resize(kept);
}

/// A set of ids by open addressing, at most a quarter full, so that most misses end at the first look. 0 is no id.
class IdHash {
 public:
  explicit IdHash(const std::vector<uint64_t>& ids)
      : shift_(64 - static_cast<int>(std::bit_width(ids.size() * 4))), slots_(size_t{1} << (64 - shift_), 0) {
    for (const uint64_t id : ids) *place(id) = id;
  }
  bool contains(uint64_t id) { return *place(id) == id; }

 private:
  uint64_t* place(uint64_t id) {
    size_t at = (id * 0x9E3779B97F4A7C15ull) >> shift_;
    while (slots_[at] != 0 && slots_[at] != id) at = (at + 1) & (slots_.size() - 1);
    return &slots_[at];
  }
  int shift_;
  std::vector<uint64_t> slots_;
};

/// Leaves in `ids` what is in `other` too, in the order of either; `ids` is the smaller and not empty. Ids of a range
/// of keys come in the order of keys: sorting them would cost more than all the rest.
void keep_common(std::vector<uint64_t>& ids, std::vector<uint64_t>& other) {
  if (std::is_sorted(ids.begin(), ids.end()) && std::is_sorted(other.begin(), other.end()))
    return intersect(ids, other);
  IdHash hash(ids);
  std::erase_if(other, [&](uint64_t id) { return !hash.contains(id); });
  ids.swap(other);
}

bool in_range(std::string_view key, const KeyRange& range) {
  return key >= range.low && (range.high.empty() || key < range.high);
}

/// `value` as an ObjectId; 0, which no object has, when it is none.
uint64_t as_object_id(const ValueView& value) {
  if (value.kind() == Kind::kInt) return value.integer() > 0 ? static_cast<uint64_t>(value.integer()) : 0;
  if (value.kind() == Kind::kRef) return value.ref().object.value;
  const bool whole = value.kind() == Kind::kDouble && value.real() > 0 && value.real() < 0x1p63 &&
                     std::trunc(value.real()) == value.real();
  return whole ? static_cast<uint64_t>(value.real()) : 0;
}

}  // namespace

Status IdSetReader::value_of(const Expression& expression, ValueView& out) {
  if (chunk_ == nullptr) return evaluator_.evaluate_single(expression, out);
  ColumnVector column;
  PROTO_RETURN_IF_ERROR(evaluator_.evaluate(expression, *chunk_, Rows{&row_, 1}, column));
  out = column.at(row_);
  return Status();
}

Result<KeyRange> IdSetReader::range(const IndexDefinition& index, const KeyBound& bound) {
  return make_key_range(index, bound, [this](const Expression& expression) -> Result<Value> {
    // The usual case shares the parameter instead of copying what it shows.
    const auto& parameters = run_.context->parameters;
    if (expression.kind == ExpressionKind::kParameter && expression.index < parameters.size())
      return parameters[expression.index];
    ValueView value;
    PROTO_RETURN_IF_ERROR(value_of(expression, value));
    return Value(value);
  });
}

Status IdSetReader::read(const IdSource& source, std::vector<uint64_t>& ids) {
  switch (source.kind) {
    case IdSource::Kind::kAndMerge:
      return read_and(source, ids);
    case IdSource::Kind::kOrMerge:
      return read_or(source, ids);
    case IdSource::Kind::kIds:
      return read_ids(source, ids);
    default:
      return read_index(source, ids);
  }
}

Status IdSetReader::read_index(const IdSource& source, std::vector<uint64_t>& ids) {
  PROTO_ASSIGN_OR_RETURN(IndexView view, run_.objects->transaction().read_index(source.index));
  PROTO_ASSIGN_OR_RETURN(KeyRange keys, range(view.definition(), source.bound));
  PROTO_RETURN_IF_ERROR(view.append_ids(keys, ids));
  sort_unique(ids);
  return Status();
}

Status IdSetReader::read_ids(const IdSource& source, std::vector<uint64_t>& ids) {
  for (const ExpressionPtr& expression : source.ids) {
    ValueView value;
    PROTO_RETURN_IF_ERROR(value_of(*expression, value));
    if (const uint64_t id = as_object_id(value)) ids.push_back(id);
  }
  sort_unique(ids);
  return Status();
}

Status IdSetReader::read_or(const IdSource& source, std::vector<uint64_t>& ids) {
  for (const auto& operand : source.operands) {
    std::vector<uint64_t> part;
    PROTO_RETURN_IF_ERROR(read(*operand, part));
    ids.insert(ids.end(), part.begin(), part.end());
  }
  sort_unique(ids);
  return Status();
}

Status IdSetReader::prepare(const IdSource& source, Operand& operand) {
  operand.source = &source;
  if (source.kind == IdSource::Kind::kIds) return operand.count = source.ids.size(), Status();
  if (source.kind == IdSource::Kind::kAndMerge || source.kind == IdSource::Kind::kOrMerge) {
    for (const auto& child : source.operands) {
      Operand part;
      PROTO_RETURN_IF_ERROR(prepare(*child, part));
      const bool narrows = source.kind == IdSource::Kind::kAndMerge && child != source.operands.front();
      operand.count = narrows ? std::min(operand.count, part.count) : operand.count + part.count;
    }
    return Status();
  }
  PROTO_ASSIGN_OR_RETURN(IndexView view, run_.objects->transaction().read_index(source.index));
  PROTO_ASSIGN_OR_RETURN(operand.range, range(view.definition(), source.bound));
  PROTO_ASSIGN_OR_RETURN(operand.count, view.count(operand.range));
  operand.exact_key =
      source.bound.equal.size() == view.definition().parts.size() && !source.bound.low && !source.bound.high;
  operand.view = view;
  return Status();
}

Status IdSetReader::materialise(const Operand& operand, std::vector<uint64_t>& ids) {
  if (!operand.view) return read(*operand.source, ids);
  return operand.view->append_ids(operand.range, ids);
}

Status IdSetReader::probe(const Operand& operand, std::vector<uint64_t>& ids) {
  size_t kept = 0;
  for (const uint64_t id : ids) {
    PROTO_ASSIGN_OR_RETURN(bool there, operand.view->contains(operand.range.low, ObjectId(id)));
    if (there) ids[kept++] = id;
  }
  ids.resize(kept);
  return Status();
}

/// Keeps the ids of objects with an entry in the range, as read from the objects.
Status IdSetReader::check_objects(const Operand& operand, std::vector<uint64_t>& ids) {
  PROTO_ASSIGN_OR_RETURN(const CollectionView* collection, run_.objects->collection(collection_));
  ObjectFinder finder(*collection);
  std::optional<EntryReader> reader;
  const ColumnBlock* block = nullptr;
  std::vector<std::string> entries;
  size_t kept = 0;
  for (const uint64_t id : ids) {
    Place place;
    PROTO_RETURN_IF_ERROR(finder.find(id, place));
    if (place.block == nullptr) continue;
    if (place.block != block) reader.emplace(operand.view->definition(), *(block = place.block));
    entries.clear();
    reader->collect(place.row, entries);
    const bool found = std::any_of(entries.begin(), entries.end(),
                                   [&](const std::string& entry) { return in_range(entry_key(entry), operand.range); });
    if (found) ids[kept++] = id;
  }
  ids.resize(kept);
  return Status();
}

Status IdSetReader::narrow(const Operand& operand, std::vector<uint64_t>& ids) {
  if (operand.view && operand.exact_key && operand.count > ids.size() * kProbeCost) return probe(operand, ids);
  if (operand.view && operand.count > ids.size() * kObjectCost) {
    sort_unique(ids);  // objects of one block together
    return check_objects(operand, ids);
  }
  std::vector<uint64_t> other;
  other.reserve(operand.count);
  PROTO_RETURN_IF_ERROR(materialise(operand, other));
  keep_common(ids, other);
  return Status();
}

Status IdSetReader::read_and(const IdSource& source, std::vector<uint64_t>& ids) {
  std::vector<Operand> operands(source.operands.size());
  for (size_t i = 0; i < operands.size(); ++i) PROTO_RETURN_IF_ERROR(prepare(*source.operands[i], operands[i]));
  std::stable_sort(operands.begin(), operands.end(),
                   [](const Operand& a, const Operand& b) { return a.count < b.count; });
  if (operands.empty()) return Status();
  PROTO_RETURN_IF_ERROR(materialise(operands[0], ids));
  if (run_.context->statistics != nullptr) {
    note_ = "smallest operand " + std::to_string(operands[0].count) + " ids, largest " +
            std::to_string(operands.back().count);
  }
  for (size_t i = 1; i < operands.size() && !ids.empty(); ++i) PROTO_RETURN_IF_ERROR(narrow(operands[i], ids));
  sort_unique(ids);
  return Status();
}

}  // namespace protobase::query
