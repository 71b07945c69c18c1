#include "db/index_keys.h"

#include <algorithm>

namespace protobase {
namespace {

/// Extends every key by the component's value or, for a multi-valued component, by each of its elements in turn.
void extend(const IndexPart& part, const ValueView& value, std::vector<std::string>& keys, size_t from) {
  if (!part.each_element || (value.kind() != Kind::kArray && !value.is_none())) {
    for (size_t i = from; i < keys.size(); ++i) append_key(keys[i], value, part.order);
    return;
  }
  const std::vector<std::string> stems(std::make_move_iterator(keys.begin() + static_cast<ptrdiff_t>(from)),
                                       std::make_move_iterator(keys.end()));
  keys.resize(from);
  for (const std::string& stem : stems) {
    for (size_t i = 0; i < value.size(); ++i) {
      keys.push_back(stem);
      append_key(keys.back(), value[static_cast<int64_t>(i)], part.order);
    }
  }
}

/// Multi-valued keys lose their duplicates; every key gets the id.
void finish(const IndexDefinition& index, ObjectId id, std::vector<std::string>& entries, size_t from) {
  const auto first = entries.begin() + static_cast<ptrdiff_t>(from);
  if (std::any_of(index.parts.begin(), index.parts.end(), [](const IndexPart& part) { return part.each_element; })) {
    std::sort(first, entries.end());
    entries.erase(std::unique(first, entries.end()), entries.end());
  }
  for (size_t i = from; i < entries.size(); ++i) append_entry_id(entries[i], id);
}

bool shares_start(const Path& a, const Path& b) {
  const size_t steps = std::min(a.steps().size(), b.steps().size());
  for (size_t i = 0; i < steps; ++i) {
    if (a.steps()[i].is_index || b.steps()[i].is_index) return true;  // element numbers may count from either end
    if (!(a.steps()[i] == b.steps()[i])) return false;
  }
  return true;
}

bool predicate_depends_on(const Predicate& predicate, const Path& path) {
  if (!predicate.path.empty() && shares_start(predicate.path, path)) return true;
  return std::any_of(predicate.operands.begin(), predicate.operands.end(),
                     [&](const Predicate& operand) { return predicate_depends_on(operand, path); });
}

}  // namespace

void collect_entries(const IndexDefinition& index, const ValueView& object, ObjectId id, std::vector<std::string>& entries) {
  if (index.where && !index.where->accepts(object)) return;
  const size_t from = entries.size();
  entries.emplace_back();
  for (const IndexPart& part : index.parts) extend(part, part.path.follow(object), entries, from);
  finish(index, id, entries, from);
}

EntryReader::EntryReader(const IndexDefinition& index, const ColumnBlock& block) : index_(index), block_(block) {
  by_column_ = !index.where.has_value();
  for (const IndexPart& part : index.parts) {
    auto path = column_path(part.path);
    by_column_ = by_column_ && path.ok();
    if (!by_column_) return;
    paths_.push_back(*std::move(path));
    slots_.push_back(block.layout()->find(paths_.back()));
  }
}

void EntryReader::collect(uint32_t row, std::vector<std::string>& entries) {
  if (!by_column_) {
    scratch_.clear();
    block_.materialize(row, scratch_);
    return collect_entries(index_, decode_trusted(scratch_), block_.id(row), entries);
  }
  const size_t from = entries.size();
  entries.emplace_back();
  for (size_t i = 0; i < paths_.size(); ++i) {
    extend(index_.parts[i], block_.value(row, slots_[i], paths_[i], scratch_), entries, from);
  }
  finish(index_, block_.id(row), entries, from);
}

Status duplicate_key(const IndexDefinition& index, std::string_view key) {
  std::string paths, values;
  for (const IndexPart& part : index.parts) {
    std::string scratch;
    auto value = decode_key(key, part.order, scratch);
    paths += (paths.empty() ? "" : ", ") + part.path.to_string();
    values += (values.empty() ? "" : ", ") + (value.ok() ? value->to_json() : "?");
  }
  return Status(StatusCode::kConstraint,
                "unique index '" + index.name + "': there is already an object with (" + paths + ") = (" + values + ")");
}

bool has_null_component(const IndexDefinition& index, std::string_view key) {
  for (const IndexPart& part : index.parts) {
    auto component = skip_key(key, part.order);
    if (!component.ok()) return false;
    std::string null;
    append_key(null, ValueView(), part.order);
    if (*component == null) return true;
  }
  return false;
}

bool depends_on(const IndexDefinition& index, const Path& path) {
  const bool keyed = std::any_of(index.parts.begin(), index.parts.end(),
                                 [&](const IndexPart& part) { return shares_start(part.path, path); });
  return keyed || (index.where && predicate_depends_on(*index.where, path));
}

}  // namespace protobase
