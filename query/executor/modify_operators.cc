// INSERT, UPDATE and DELETE. All changes are made when the first chunk is asked for; what follows are the rows of RETURNING.
#include <algorithm>

#include "db/conform.h"
#include "db/index_keys.h"
#include "query/executor/operator.h"
#include "query/executor/row_store.h"

namespace protobase::query {
namespace {

/// What the three have in common.
class Modify : public PlanOperator {
 public:
  Modify(const PhysicalNode& node, const Run& run, OperatorPtr child, CollectionId collection, const std::vector<ExpressionPtr>& returning)
      : PlanOperator(node, run), child_(std::move(child)), collection_(collection), returning_(returning), results_(returning.size()) {}
  uint64_t changes() const override { return changes_; }

 protected:
  /// Makes all changes.
  virtual Status run_changes() = 0;

  TransactionState& transaction() { return run_.objects->transaction(); }

  /// Evaluates RETURNING on an object (with its kind byte) and keeps the row.
  Status give_back(std::string_view document, ObjectId id) {
    if (returning_.empty()) return Status();
    row_arena_.reset();
    Chunk chunk;
    chunk.set_all(1);
    chunk.columns = {ColumnVector::repeat(decode_trusted(document), row_arena_),
                     ColumnVector::repeat(ValueView::of_int(static_cast<int64_t>(id.value)), row_arena_)};
    Evaluator evaluator(context_, row_arena_, run_.outer);
    std::vector<ColumnVector> columns(returning_.size());
    for (size_t i = 0; i < columns.size(); ++i) {
      PROTO_RETURN_IF_ERROR(evaluator.evaluate(*returning_[i], chunk, chunk.rows, columns[i]));
    }
    results_.append(columns, chunk.rows);
    return Status();
  }

  Status give_back_stored(ObjectId id) {
    if (returning_.empty()) return Status();
    PROTO_ASSIGN_OR_RETURN(std::string document, transaction().get(collection_, id));
    return give_back(document, id);
  }

  /// Interrupts are looked for now and then.
  Status check_now_and_then() { return (++steps_ & 255) == 0 ? context_.check_interrupt() : Status(); }

  OperatorPtr child_;
  CollectionId collection_;
  const std::vector<ExpressionPtr>& returning_;
  uint64_t changes_ = 0;

 private:
  Result<const Chunk*> produce() override {
    if (!done_) {
      done_ = true;
      PROTO_RETURN_IF_ERROR(run_changes());
    }
    if (next_ == results_.rows()) return nullptr;
    arena_.reset();
    const uint32_t count = std::min(results_.rows() - next_, kChunkRows);
    results_.chunk(next_, count, arena_, chunk_);
    next_ += count;
    return &chunk_;
  }

  RowStore results_;
  Arena row_arena_;
  uint64_t steps_ = 0;
  bool done_ = false;
  uint32_t next_ = 0;
  Chunk chunk_;
};

class Insert : public Modify {
 public:
  Insert(const PhysicalInsert& node, const Run& run, OperatorPtr child)
      : Modify(node, run, std::move(child), node.collection, node.returning), insert_(node) {
    for (const Path& path : node.names) plain_ &= path.steps().size() == 1 && !path.steps()[0].is_index;
  }

 private:
  Status run_changes() override {
    for (;;) {
      PROTO_ASSIGN_OR_RETURN(const Chunk* input, child_->next());
      if (input == nullptr) return Status();
      for (uint32_t i = 0; i < input->rows.count; ++i) {
        PROTO_RETURN_IF_ERROR(check_now_and_then());
        PROTO_RETURN_IF_ERROR(make_document(*input, input->rows[i]));
        PROTO_RETURN_IF_ERROR(insert());
      }
    }
  }

  Status make_document(const Chunk& input, uint32_t row) {
    if (insert_.names.empty()) return take_object(input.columns[0].at(row));
    writer_.clear();
    writer_.begin_object();
    for (size_t i = 0; plain_ && i < insert_.names.size(); ++i) {
      const std::string& name = insert_.names[i].steps()[0].name;
      const ValueView value = input.columns[i].at(row);
      if (value.is_none() && name == "_id") continue;  // the id is chosen, as if not named
      writer_.key(name);
      writer_.value(value);
    }
    writer_.end();
    document_.assign(writer_.bytes());
    for (size_t i = 0; !plain_ && i < insert_.names.size(); ++i) {
      PROTO_ASSIGN_OR_RETURN(document_, set_path(document_, insert_.names[i], input.columns[i].at(row)));
    }
    return Status();
  }

  Status take_object(const ValueView& object) {
    if (object.kind() != Kind::kObject) {
      return Status(StatusCode::kType, "an object is inserted, not " + std::string(kind_name(object.kind())));
    }
    document_.clear();
    encode(object, document_);
    return Status();
  }

  Status insert() {
    if (insert_.on_conflict == ConflictAction::kReplace) PROTO_RETURN_IF_ERROR(erase_duplicates());
    const bool may_fail = insert_.on_conflict == ConflictAction::kNothing;
    const uint64_t mark = may_fail ? transaction().mark() : 0;
    Result<ObjectId> id = transaction().insert(collection_, document_);
    if (!id.ok()) {
      if (!may_fail || id.status().code() != StatusCode::kConstraint) return std::move(id).status();
      return transaction().rollback_to(mark);
    }
    ++changes_;
    return give_back_stored(*id);
  }

  /// OR REPLACE: objects with the same unique key, or id, give way.
  Status erase_duplicates() {
    const auto definition = transaction().catalog()->find(collection_);
    const ValueView object = decode_trusted(document_);
    const ValueView id = object["_id"];
    if (id.kind() == Kind::kInt && id.integer() > 0) PROTO_RETURN_IF_ERROR(erase_if_there(ObjectId(static_cast<uint64_t>(id.integer()))));
    std::string rewritten;
    const std::string without_id = remove_path(document_, Path::of_name("_id"));
    PROTO_ASSIGN_OR_RETURN(std::string_view stored, conform(*definition, without_id, rewritten));
    for (const auto& index : definition->indexes) {
      if (!index->unique) continue;
      entries_.clear();
      collect_entries(*index, decode_trusted(stored), ObjectId(1), entries_);
      for (const std::string& entry : entries_) PROTO_RETURN_IF_ERROR(erase_key(*index, entry_key(entry)));
    }
    return Status();
  }

  Status erase_key(const IndexDefinition& index, std::string_view key) {
    if (has_null_component(index, key)) return Status();
    PROTO_ASSIGN_OR_RETURN(IndexView view, transaction().read_index(index.id));
    std::vector<uint64_t> ids;
    PROTO_RETURN_IF_ERROR(view.append_ids({std::string(key), successor(key)}, ids));
    for (const uint64_t id : ids) PROTO_RETURN_IF_ERROR(erase_if_there(ObjectId(id)));
    return Status();
  }

  Status erase_if_there(ObjectId id) {
    Status status = transaction().erase(collection_, id);
    return status.code() == StatusCode::kNotFound ? Status() : status;
  }

  const PhysicalInsert& insert_;
  bool plain_ = true;        // every name is one attribute
  DocumentWriter writer_;
  std::string document_;
  std::vector<std::string> entries_;
};

/// Reads the child to its end before the first change, each object once.
Status collect_rows(PlanOperator& child, Evaluator& evaluator, Arena& arena, std::span<const ExpressionPtr* const> expressions, RowStore& out) {
  IntegerTable seen;
  std::vector<uint32_t> selection;
  std::vector<ColumnVector> columns(1 + expressions.size());
  for (;;) {
    arena.reset();
    PROTO_ASSIGN_OR_RETURN(const Chunk* input, child.next());
    if (input == nullptr) return Status();
    selection.clear();
    for_each_row(input->rows, [&](uint32_t row) {
      const auto known = static_cast<uint32_t>(seen.keys().size());
      const ValueView id = input->columns[0].at(row);
      if (id.kind() == Kind::kInt && seen.insert(id.integer()) == known) selection.push_back(row);
    });
    const Rows rows{selection.data(), static_cast<uint32_t>(selection.size())};
    columns[0] = input->columns[0];
    for (size_t i = 0; i < expressions.size(); ++i) {
      PROTO_RETURN_IF_ERROR(evaluator.evaluate(**expressions[i], *input, rows, columns[1 + i]));
    }
    out.append(columns, rows);
  }
}

class Update : public Modify {
 public:
  Update(const PhysicalUpdate& node, const Run& run, OperatorPtr child)
      : Modify(node, run, std::move(child), node.collection, node.returning), update_(node) {}

 private:
  Status run_changes() override {
    std::vector<const ExpressionPtr*> expressions;
    for (const auto& [path, expression] : update_.assignments) {
      if (expression != nullptr) expressions.push_back(&expression);
    }
    RowStore rows(1 + expressions.size());
    PROTO_RETURN_IF_ERROR(collect_rows(*child_, evaluator_, arena_, expressions, rows));
    for (uint32_t row = 0; row < rows.rows(); ++row) {
      PROTO_RETURN_IF_ERROR(check_now_and_then());
      const ObjectId id(static_cast<uint64_t>(rows.at(0, row).integer()));
      PROTO_RETURN_IF_ERROR(apply(rows, row, id));
      ++changes_;
      PROTO_RETURN_IF_ERROR(give_back_stored(id));
    }
    return Status();
  }

  Status apply(const RowStore& rows, uint32_t row, ObjectId id) {
    changes_of_row_.clear();
    size_t column = 1;
    for (const auto& [path, expression] : update_.assignments) {
      const ValueView value = expression != nullptr ? rows.at(column++, row) : ValueView();
      if (path.empty()) {
        PROTO_RETURN_IF_ERROR(replace(id, value));
      } else {
        changes_of_row_.push_back({path, Value(value), expression == nullptr});
      }
    }
    return changes_of_row_.empty() ? Status() : transaction().update(collection_, id, changes_of_row_);
  }

  Status replace(ObjectId id, const ValueView& object) {
    if (object.kind() != Kind::kObject) {
      return Status(StatusCode::kType, "an object is replaced by an object, not by " + std::string(kind_name(object.kind())));
    }
    return transaction().replace(collection_, id, encode(object));
  }

  const PhysicalUpdate& update_;
  std::vector<AttributeChange> changes_of_row_;
};

class Delete : public Modify {
 public:
  Delete(const PhysicalDelete& node, const Run& run, OperatorPtr child)
      : Modify(node, run, std::move(child), node.collection, node.returning) {}

 private:
  Status run_changes() override {
    RowStore rows(1);
    PROTO_RETURN_IF_ERROR(collect_rows(*child_, evaluator_, arena_, {}, rows));
    for (uint32_t row = 0; row < rows.rows(); ++row) {
      PROTO_RETURN_IF_ERROR(check_now_and_then());
      const ObjectId id(static_cast<uint64_t>(rows.at(0, row).integer()));
      PROTO_RETURN_IF_ERROR(give_back_stored(id));
      PROTO_RETURN_IF_ERROR(transaction().erase(collection_, id));
      ++changes_;
    }
    return Status();
  }
};

}  // namespace

Result<OperatorPtr> build_insert(const PhysicalInsert& node, const Run& run) {
  PROTO_ASSIGN_OR_RETURN(OperatorPtr child, build_operator(*node.children[0], run));
  return OperatorPtr(std::make_unique<Insert>(node, run, std::move(child)));
}

Result<OperatorPtr> build_update(const PhysicalUpdate& node, const Run& run) {
  PROTO_ASSIGN_OR_RETURN(OperatorPtr child, build_operator(*node.children[0], run));
  return OperatorPtr(std::make_unique<Update>(node, run, std::move(child)));
}

Result<OperatorPtr> build_delete(const PhysicalDelete& node, const Run& run) {
  PROTO_ASSIGN_OR_RETURN(OperatorPtr child, build_operator(*node.children[0], run));
  return OperatorPtr(std::make_unique<Delete>(node, run, std::move(child)));
}

}  // namespace protobase::query
