// Bound statements: names resolved to columns, types known as far as they can be, nothing planned yet. Between ast:: and
// Logical*. Expressions refer to columns by ColumnId; a column of an enclosing query is referred to in the same way, so a
// query is correlated exactly when it uses a column that none of its own tables gives.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "db/catalog.h"
#include "query/binder/expression.h"
#include "query/binder/relation.h"

namespace protobase::query {

/// All columns of a statement, by ColumnId.
class ColumnRegistry {
 public:
  ColumnId add(std::string name, Type type) {
    columns_.push_back({std::move(name), type});
    return static_cast<ColumnId>(columns_.size() - 1);
  }
  const OutputColumn& operator[](ColumnId id) const { return columns_[id]; }
  size_t size() const { return columns_.size(); }

 private:
  std::vector<OutputColumn> columns_;
};

struct BoundQuery;
using BoundQueryPtr = std::shared_ptr<BoundQuery>;

enum class BoundTableKind : uint8_t { kCollection, kDerived, kUnnest, kJoin };

/// What stands in FROM.
struct BoundTable {
  const BoundTableKind kind;
  virtual ~BoundTable() = default;

 protected:
  explicit BoundTable(BoundTableKind k) : kind(k) {}
};
using BoundTablePtr = std::unique_ptr<BoundTable>;

struct ScanColumn {
  ColumnId id = kNoColumn;
  ReadColumn read;
};

/// A collection; `columns` are the attributes that the statement uses, and no others.
struct BoundCollection : BoundTable {
  static constexpr BoundTableKind kKind = BoundTableKind::kCollection;
  BoundCollection() : BoundTable(kKind) {}
  std::shared_ptr<const CollectionDefinition> definition;
  std::string alias;
  std::vector<ScanColumn> columns;
};

/// A query in FROM: gives the columns of its `outputs`.
struct BoundDerived : BoundTable {
  static constexpr BoundTableKind kKind = BoundTableKind::kDerived;
  BoundDerived() : BoundTable(kKind) {}
  BoundQueryPtr query;
  std::string alias;
};

/// The elements of an array, for each row of `input` (null: one row of no columns).
struct BoundUnnest : BoundTable {
  static constexpr BoundTableKind kKind = BoundTableKind::kUnnest;
  BoundUnnest() : BoundTable(kKind) {}
  BoundTablePtr input;
  ExpressionPtr array;
  bool left = false;
  ColumnId element = kNoColumn;
  ColumnId ordinality = kNoColumn;  // kNoColumn: not asked for
};

struct BoundJoin : BoundTable {
  static constexpr BoundTableKind kKind = BoundTableKind::kJoin;
  BoundJoin() : BoundTable(kKind) {}
  JoinType type = JoinType::kInner;
  bool lateral = false;  // the right side uses columns of the left
  BoundTablePtr left, right;
  ExpressionPtr condition;  // may be null
};

/// A computed column. When the expression is a plain column, the id is that column's own.
struct BoundItem {
  ColumnId id = kNoColumn;
  ExpressionPtr expression;
};

struct BoundAggregate {
  ColumnId id = kNoColumn;
  AggregateCall call;
};

enum class BoundBodyKind : uint8_t { kSelect, kValues, kSetOperation };

struct BoundBody {
  const BoundBodyKind kind;
  virtual ~BoundBody() = default;

 protected:
  explicit BoundBody(BoundBodyKind k) : kind(k) {}
};

struct BoundSelect : BoundBody {
  static constexpr BoundBodyKind kKind = BoundBodyKind::kSelect;
  BoundSelect() : BoundBody(kKind) {}
  BoundTablePtr from;     // null without FROM
  ExpressionPtr where;    // may be null
  bool grouped = false;   // GROUP BY, HAVING or an aggregate
  std::vector<BoundItem> groups;
  std::vector<BoundAggregate> aggregates;
  ExpressionPtr having;   // over groups and aggregates; may be null
  std::vector<BoundItem> items;  // the select list, then what only ORDER BY needs
  bool distinct = false;
  std::vector<ColumnId> distinct_on;  // DISTINCT ON: columns of `items`
};

struct BoundValues : BoundBody {
  static constexpr BoundBodyKind kKind = BoundBodyKind::kValues;
  BoundValues() : BoundBody(kKind) {}
  std::vector<ColumnId> columns;
  std::vector<std::vector<ExpressionPtr>> rows;
};

enum class SetOperator : uint8_t { kUnion, kIntersect, kExcept };

struct BoundSetOperation : BoundBody {
  static constexpr BoundBodyKind kKind = BoundBodyKind::kSetOperation;
  BoundSetOperation() : BoundBody(kKind) {}
  SetOperator op = SetOperator::kUnion;
  bool all = false;
  BoundQueryPtr left, right;
  std::vector<ColumnId> columns;
};

struct BoundOutput {
  std::string name;
  ColumnId id = kNoColumn;
};

struct BoundQuery {
  std::unique_ptr<BoundBody> body;
  std::vector<SortKey> order;  // over columns of the body
  ExpressionPtr limit, offset; // may be null
  std::vector<BoundOutput> outputs;
};

enum class BoundStatementKind : uint8_t { kQuery, kInsert, kUpdate, kDelete };

/// Expressions of RETURNING: over two columns that stand for the object and its id.
struct BoundReturning {
  ColumnId object = kNoColumn, object_id = kNoColumn;
  std::vector<BoundItem> items;
  std::vector<std::string> names;
};

struct BoundAssignment {
  Path path;
  ExpressionPtr value;  // null: UNSET
};

/// INSERT, UPDATE or DELETE.
struct BoundChange {
  std::shared_ptr<const CollectionDefinition> collection;
  // kInsert: the rows, and the attributes that they fill (empty: each row is one object)
  BoundQueryPtr source;
  std::vector<Path> names;
  ConflictAction on_conflict = ConflictAction::kError;
  // kUpdate, kDelete
  BoundTablePtr table;
  ColumnId object_id = kNoColumn;
  ExpressionPtr where;
  std::vector<BoundAssignment> assignments;
  BoundReturning returning;
};

struct BoundStatement {
  BoundStatementKind kind = BoundStatementKind::kQuery;
  std::shared_ptr<ColumnRegistry> columns = std::make_shared<ColumnRegistry>();
  BoundQueryPtr query;                  // kQuery
  std::unique_ptr<BoundChange> change;  // the others
  std::vector<OutputColumn> outputs;    // of the statement; none for changes without RETURNING
};

/// The node as its concrete type (PROTO_DCHECKed).
template <class T>
  requires(std::is_base_of_v<BoundTable, T> || std::is_base_of_v<BoundBody, T>)
const T& as(const std::conditional_t<std::is_base_of_v<BoundTable, T>, BoundTable, BoundBody>& node) {
  PROTO_DCHECK(node.kind == T::kKind);
  return static_cast<const T&>(node);
}

/// One line per node, indented by depth; columns as name#id. For EXPLAIN BOUND.
std::string to_string(const BoundStatement& statement);

/// Every column used exists in the registry; required parts are there. Error: kInvalidState naming the part (our mistake).
Status verify_bound(const BoundStatement& statement);

}  // namespace protobase::query
