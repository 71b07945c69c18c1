#include "query/executor/text_filter.h"

#include <algorithm>
#include <cstring>

#include "query/executor/block_bounds.h"

namespace protobase::query {
namespace {

uint64_t load_word(const char* bytes) {
  uint64_t word;
  std::memcpy(&word, bytes, sizeof word);
  return word;
}

/// Rows whose texts have this length and, if they have eight bytes or more, these last eight. Texts of one column often
/// begin alike and differ at the end. No branch depends on the data: lengths and ends cannot be foretold.
uint32_t select_alike(const ColumnView& column, std::string_view text, Rows rows, uint32_t* out) {
  const auto* ends = column.as<uint32_t>();
  const auto size = static_cast<uint32_t>(text.size());
  uint32_t count = 0;
  if (size < 8 || ends[column.rows] < 8) {
    for_each_row(rows, [&](uint32_t row) { out[count] = row, count += ends[row + 1] - ends[row] == size; });
    return count;
  }
  const uint64_t tail = load_word(text.data() + size - 8);
  for_each_row(rows, [&](uint32_t row) {
    const uint32_t end = ends[row + 1];
    // Before the eighth byte no text of this length ends; what is read there in its place does not count.
    const bool same_tail = load_word(column.bytes + std::max(end, 8u) - 8) == tail;
    out[count] = row, count += (end - ends[row] == size) & same_tail;
  });
  return count;
}

}  // namespace

uint32_t select_equal_text(const ColumnView& column, std::string_view text, Rows rows, uint32_t* out) {
  const uint32_t alike = select_alike(column, text, rows, out);
  const auto* ends = column.as<uint32_t>();
  uint32_t count = 0;
  for (uint32_t i = 0; i < alike; ++i) {
    const uint32_t row = out[i];
    const bool equal = column.is_valid(row) && std::memcmp(column.bytes + ends[row], text.data(), text.size()) == 0;
    if (equal) out[count++] = row;
  }
  return count;
}

Result<bool> TextFilter::add(const Expression& expression, Evaluator& evaluator) {
  if (expression.kind != ExpressionKind::kOperator || expression.op != Operator::kEqual ||
      expression.children.size() != 2)
    return false;
  const bool column_first = expression.children[0]->kind == ExpressionKind::kColumn;
  const Expression& column = *expression.children[column_first ? 0 : 1];
  const Expression& value = *expression.children[column_first ? 1 : 0];
  if (column.kind != ExpressionKind::kColumn || !is_known(value)) return false;
  ValueView known;
  PROTO_RETURN_IF_ERROR(evaluator.evaluate_single(value, known));
  if (known.kind() != Kind::kString) return false;
  equalities_.push_back({column.index, Value(known)});
  return true;
}

Status TextFilter::prepare(const Expression& filter, Evaluator& evaluator) {
  if (filter.kind != ExpressionKind::kAnd) return add(filter, evaluator).status();
  for (const ExpressionPtr& child : filter.children) {
    PROTO_ASSIGN_OR_RETURN(const bool added, add(*child, evaluator));
    if (!added) break;
  }
  return Status();
}

void TextFilter::narrow(ColumnReader& reader, const ColumnBlock& block, Arena& arena, Rows& rows) const {
  for (const Equality& equality : equalities_) {
    ColumnView column;
    if (rows.count == 0 || !reader.bounds(equality.slot, block, column) || column.kind != Kind::kString) return;
    auto* selection = arena.array<uint32_t>(rows.count + 1);
    rows.count = select_equal_text(column, equality.text.as_string(), rows, selection);
    rows.selection = selection;
  }
}

}  // namespace protobase::query
