// The syntax tree: what the text says, with no meaning attached yet. Plain structs, children owned by unique_ptr, one
// enum class per family of variants. Every node carries the span of text it came from.
//
// Invariants that every tree of parser::parse() keeps, and that consumers may rely on:
//  1. Children documented as required are never null; optional ones say so.
//  2. No path from the root is deeper than kMaxDepth nodes: recursive walks are safe. Long AND and OR chains are flat.
//  3. Keywords are resolved to enums. Names keep the spelling of the text (without quotes); `quoted` says how they
//  stood.
//  4. Nodes are plain data: any thread may read a tree that nobody writes.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "runtime/base/status.h"

namespace protobase::ast {

using proto::TextSpan;

/// Deepest nesting of nodes that the parser produces; deeper text is refused with kSyntax.
inline constexpr uint32_t kMaxDepth = 1000;

/// A name as written. An empty `name` means that the optional name was not given.
struct Identifier {
  std::string name;
  TextSpan span;
  bool quoted = false;

  bool empty() const { return name.empty() && !quoted; }
};

/// `name` or `qualifier.name`.
struct ObjectName {
  Identifier qualifier;  // empty when absent
  Identifier name;
  TextSpan span;
};

struct Expression;
struct Statement;
struct Query;
struct QueryBody;
struct TableRef;
using ExpressionPtr = std::unique_ptr<Expression>;
using StatementPtr = std::unique_ptr<Statement>;
using QueryPtr = std::unique_ptr<Query>;
using QueryBodyPtr = std::unique_ptr<QueryBody>;
using TableRefPtr = std::unique_ptr<TableRef>;

// ---- types
// -----------------------------------------------------------------------------------------------------------

enum class TypeKind : uint8_t {
  kAny,       // a name that is no known type, or no type written at all; see TypeName::name
  kBoolean,
  kSmallInt,  // also INT2, TINYINT
  kInteger,   // INT, INT4
  kBigInt,    // INT8
  kReal,      // FLOAT4, FLOAT(p <= 24)
  kDouble,    // DOUBLE [PRECISION], FLOAT, FLOAT8
  kNumeric,   // NUMERIC/DECIMAL[(precision[, scale])]
  kText,      // TEXT, STRING, CLOB
  kVarchar,   // VARCHAR[(n)], CHARACTER VARYING
  kChar,      // CHAR[(n)], CHARACTER
  kBlob,      // BLOB, BYTES, BYTEA
  kDate,
  kTime,
  kTimestamp, // DATETIME, TIMESTAMP [WITH|WITHOUT TIME ZONE]
  kTimestampTz,
  kInterval,
  kJson,
  kUuid,
  kVector,    // VECTOR(n)
  kObject,    // OBJECT, STRUCT
  kArray,     // ARRAY or T[]; `element` is null for plain ARRAY
  kReference, // REF or REF(collection)
};

struct TypeName {
  TypeKind kind = TypeKind::kAny;
  TextSpan span;
  std::string name;                    // as written, for messages
  std::vector<int64_t> parameters;     // (n) or (p, s)
  std::unique_ptr<TypeName> element;   // kArray only; may be null
  Identifier collection;               // kReference only; may be empty
};
using TypeNamePtr = std::unique_ptr<TypeName>;

// ---- expressions
// -------------------------------------------------------------------------------------------------------

enum class ExpressionKind : uint8_t {
  kLiteral,
  kParameter,
  kPath,
  kStar,
  kArray,
  kObject,
  kRow,
  kUnary,
  kBinary,
  kLogical,
  kIs,
  kBetween,
  kIn,
  kLike,
  kQuantified,
  kCase,
  kCast,
  kCall,
  kSubquery,
  kExists,
  kLambda,
  kCollate,
};

/// Base of all expressions; `kind` says which struct it is: use as<T>().
struct Expression {
  const ExpressionKind kind;
  TextSpan span;

  virtual ~Expression() = default;

 protected:
  explicit Expression(ExpressionKind k) : kind(k) {}
};

enum class LiteralKind : uint8_t {
  kNull,
  kBoolean,
  kInteger,     // fits int64: `integer`
  kBigInteger,  // digits that do not fit: `text` (9223372036854775808 stands here; a minus before it makes it fit)
  kDouble,      // `real`; `text` keeps the spelling, for NUMERIC
  kString,      // `text`, unescaped
  kBlob,        // `text` holds the bytes
  kDate,        // DATE '...': `text` holds the quoted part, not yet checked
  kTime,
  kTimestamp,
  kInterval,    // INTERVAL '...' [unit] | INTERVAL n unit: `text` holds "3 day"
};

struct Literal : Expression {
  static constexpr ExpressionKind kKind = ExpressionKind::kLiteral;
  Literal() : Expression(kKind) {}
  LiteralKind literal = LiteralKind::kNull;
  bool boolean = false;
  int64_t integer = 0;
  double real = 0;
  std::string text;
};

enum class ParameterStyle : uint8_t {
  kPositional,  // ?
  kNumbered,    // ?1 $1
  kNamed,       // :name $name @name
  kExtracted,   // a literal that ParseOptions::literals_as_parameters turned into a parameter
};

struct Parameter : Expression {
  static constexpr ExpressionKind kKind = ExpressionKind::kParameter;
  Parameter() : Expression(kKind) {}
  ParameterStyle style = ParameterStyle::kPositional;
  /// 0-based. For kExtracted the position among the extracted literals (Fingerprint::literals); otherwise the slot to
  /// bind: `?` takes the slot after the highest one so far, `?n`/`$n` take n-1, a new name takes the next slot.
  uint32_t index = 0;
  std::string name;                   // kNamed, without its mark
  std::unique_ptr<Literal> original;  // kExtracted: what stood in the text; otherwise null
};

enum class PathStepKind : uint8_t {
  kAttribute,  // .name (or the leading name)
  kIndex,      // [expression]
  kSlice,      // [low:high], either may be null
  kElements,   // [*] : every element
};

struct PathStep {
  PathStepKind kind = PathStepKind::kAttribute;
  TextSpan span;
  Identifier attribute;
  ExpressionPtr index;  // kIndex: required; kSlice: the low bound, may be null
  ExpressionPtr high;   // kSlice: the high bound, may be null
};

/// `a`, `a.b[0].c`, `f(x).y`. With no `base` the first step is the leading name; which of the leading steps name a
/// collection, an alias or an attribute is the binder's question.
struct Path : Expression {
  static constexpr ExpressionKind kKind = ExpressionKind::kPath;
  Path() : Expression(kKind) {}
  ExpressionPtr base;  // may be null
  std::vector<PathStep> steps;
};

/// `*` or `a.b.*`: only as a select item, a RETURNING item or COUNT's argument.
struct Star : Expression {
  static constexpr ExpressionKind kKind = ExpressionKind::kStar;
  Star() : Expression(kKind) {}
  std::vector<Identifier> qualifier;  // empty for a plain *
};

/// `[1, 2]`, `ARRAY[1, 2]`.
struct Array : Expression {
  static constexpr ExpressionKind kKind = ExpressionKind::kArray;
  Array() : Expression(kKind) {}
  std::vector<ExpressionPtr> elements;
};

struct ObjectMember {
  Identifier key;
  ExpressionPtr value;
};

/// `{k: v, 'k': v, "k": v}`; `{k}` is short for `{k: k}`.
struct Object : Expression {
  static constexpr ExpressionKind kKind = ExpressionKind::kObject;
  Object() : Expression(kKind) {}
  std::vector<ObjectMember> members;
};

/// `(a, b)`, `ROW(a)`. Plain parentheses around one expression leave no node.
struct Row : Expression {
  static constexpr ExpressionKind kKind = ExpressionKind::kRow;
  Row() : Expression(kKind) {}
  std::vector<ExpressionPtr> elements;
};

enum class UnaryOperator : uint8_t { kPlus, kMinus, kNot, kBitNot };

struct Unary : Expression {
  static constexpr ExpressionKind kKind = ExpressionKind::kUnary;
  Unary() : Expression(kKind) {}
  UnaryOperator op = UnaryOperator::kPlus;
  ExpressionPtr operand;
};

enum class BinaryOperator : uint8_t {
  kAdd,
  kSubtract,
  kMultiply,
  kDivide,
  kModulo,
  kConcat,             // ||
  kBitAnd,             // &
  kBitOr,              // |
  kShiftLeft,          // <<
  kShiftRight,         // >>
  kEqual,              // = ==
  kNotEqual,           // != <>
  kLess,
  kLessEqual,
  kGreater,
  kGreaterEqual,
  kIsDistinctFrom,     // IS DISTINCT FROM; a IS NOT b
  kIsNotDistinctFrom,  // IS NOT DISTINCT FROM; a IS b
  kContains,           // a CONTAINS b: array a has element b
  kContainsAll,        // a @> b
  kContainedBy,        // a <@ b
  kL2Distance,         // <->
  kCosineDistance,     // <=>
  kInnerProduct,       // <#> (negative inner product, as pgvector has it)
  kL1Distance,         // <+>
  kJsonGet,            // ->
  kJsonGetText,        // ->>
};

struct Binary : Expression {
  static constexpr ExpressionKind kKind = ExpressionKind::kBinary;
  Binary() : Expression(kKind) {}
  BinaryOperator op = BinaryOperator::kAdd;
  TextSpan op_span;
  ExpressionPtr left;
  ExpressionPtr right;
};

enum class LogicalOperator : uint8_t { kAnd, kOr };

/// Two or more operands, in the order of the text: `a AND b AND c` is one node.
struct Logical : Expression {
  static constexpr ExpressionKind kKind = ExpressionKind::kLogical;
  Logical() : Expression(kKind) {}
  LogicalOperator op = LogicalOperator::kAnd;
  std::vector<ExpressionPtr> operands;
};

enum class IsTest : uint8_t { kNull, kMissing, kTrue, kFalse, kUnknown };

/// `x IS [NOT] NULL`, also ISNULL and NOTNULL.
struct Is : Expression {
  static constexpr ExpressionKind kKind = ExpressionKind::kIs;
  Is() : Expression(kKind) {}
  IsTest test = IsTest::kNull;
  bool negated = false;
  ExpressionPtr operand;
};

struct Between : Expression {
  static constexpr ExpressionKind kKind = ExpressionKind::kBetween;
  Between() : Expression(kKind) {}
  bool negated = false;
  ExpressionPtr operand;
  ExpressionPtr low;
  ExpressionPtr high;
};

/// `x IN (1, 2)`, `x IN ()`, `x IN (SELECT ...)`, `x IN array`. At most one of `query` and `array` is set; with
/// neither, `list` (which may be empty) holds the candidates.
struct In : Expression {
  static constexpr ExpressionKind kKind = ExpressionKind::kIn;
  In() : Expression(kKind) {}
  bool negated = false;
  ExpressionPtr operand;
  std::vector<ExpressionPtr> list;
  QueryPtr query;
  ExpressionPtr array;
};

enum class LikeKind : uint8_t { kLike, kIlike, kGlob, kRegexp, kSimilar };

struct Like : Expression {
  static constexpr ExpressionKind kKind = ExpressionKind::kLike;
  Like() : Expression(kKind) {}
  LikeKind like = LikeKind::kLike;
  bool negated = false;
  ExpressionPtr operand;
  ExpressionPtr pattern;
  ExpressionPtr escape;  // may be null
};

/// `x = ANY (SELECT ...)`, `x < ALL (array)`. SOME is ANY. Exactly one of `query` and `array` is set.
struct Quantified : Expression {
  static constexpr ExpressionKind kKind = ExpressionKind::kQuantified;
  Quantified() : Expression(kKind) {}
  BinaryOperator op = BinaryOperator::kEqual;
  bool all = false;
  ExpressionPtr left;
  QueryPtr query;
  ExpressionPtr array;
};

struct WhenClause {
  ExpressionPtr when;
  ExpressionPtr then;
};

struct Case : Expression {
  static constexpr ExpressionKind kKind = ExpressionKind::kCase;
  Case() : Expression(kKind) {}
  ExpressionPtr operand;  // null for the searched form
  std::vector<WhenClause> whens;
  ExpressionPtr otherwise;  // null without ELSE
};

/// `CAST(x AS t)`, `x::t`, `TRY_CAST(x AS t)`.
struct Cast : Expression {
  static constexpr ExpressionKind kKind = ExpressionKind::kCast;
  Cast() : Expression(kKind) {}
  bool try_cast = false;
  ExpressionPtr operand;
  TypeNamePtr type;
};

enum class NullsOrder : uint8_t { kDefault, kFirst, kLast };

struct OrderItem {
  ExpressionPtr expression;  // an integer literal is an ordinal where the statement has a select list
  bool descending = false;
  NullsOrder nulls = NullsOrder::kDefault;
  TextSpan span;
};

enum class FrameUnit : uint8_t { kRows, kRange, kGroups };
enum class FrameBoundKind : uint8_t { kUnboundedPreceding, kPreceding, kCurrentRow, kFollowing, kUnboundedFollowing };
enum class FrameExclude : uint8_t { kNoOthers, kCurrentRow, kGroup, kTies };

struct FrameBound {
  FrameBoundKind kind = FrameBoundKind::kCurrentRow;
  ExpressionPtr distance;  // kPreceding and kFollowing only
};

struct WindowFrame {
  FrameUnit unit = FrameUnit::kRange;
  FrameBound start;
  FrameBound end;
  FrameExclude exclude = FrameExclude::kNoOthers;
};

/// `OVER name` has only `base`; `OVER (base PARTITION BY ...)` may have all.
struct Window {
  TextSpan span;
  Identifier base;  // may be empty
  bool name_only = false;
  std::vector<ExpressionPtr> partition_by;
  std::vector<OrderItem> order_by;
  std::unique_ptr<WindowFrame> frame;  // null when not written
};

struct Argument {
  Identifier name;  // f(name => value); empty otherwise
  ExpressionPtr value;
};

/// A function call. The keyword forms are calls too: EXTRACT(f FROM e) is extract('f', e), POSITION(a IN b) is
/// position(a, b), SUBSTRING(s FROM i FOR n) is substring(s, i, n), TRIM([BOTH|LEADING|TRAILING] [c] FROM s) is
/// trim/ltrim/rtrim(s[, c]), CURRENT_DATE and its kin are calls with no arguments.
struct Call : Expression {
  static constexpr ExpressionKind kKind = ExpressionKind::kCall;
  Call() : Expression(kKind) {}
  Identifier function;
  bool distinct = false;
  std::vector<Argument> arguments;  // COUNT(*) has one Star
  std::vector<OrderItem> order_by;
  ExpressionPtr filter;             // may be null
  std::unique_ptr<Window> over;     // may be null
};

/// `(SELECT ...)` as a value.
struct Subquery : Expression {
  static constexpr ExpressionKind kKind = ExpressionKind::kSubquery;
  Subquery() : Expression(kKind) {}
  QueryPtr query;
};

/// `EXISTS (SELECT ...)`; NOT EXISTS is a Unary over it.
struct Exists : Expression {
  static constexpr ExpressionKind kKind = ExpressionKind::kExists;
  Exists() : Expression(kKind) {}
  QueryPtr query;
};

/// `x -> expr`, `(x, y) -> expr`: only as an argument of a call.
struct Lambda : Expression {
  static constexpr ExpressionKind kKind = ExpressionKind::kLambda;
  Lambda() : Expression(kKind) {}
  std::vector<Identifier> parameters;
  ExpressionPtr body;
};

struct Collate : Expression {
  static constexpr ExpressionKind kKind = ExpressionKind::kCollate;
  Collate() : Expression(kKind) {}
  ExpressionPtr operand;
  Identifier collation;
};

// ---- queries
// -----------------------------------------------------------------------------------------------------------

enum class AsOfKind : uint8_t { kSnapshot, kTimestamp, kCommit };

struct AsOf {
  AsOfKind kind = AsOfKind::kSnapshot;
  TextSpan span;
  Identifier snapshot;  // kSnapshot
  ExpressionPtr value;  // kTimestamp, kCommit
};

enum class TableRefKind : uint8_t { kCollection, kQuery, kFunction, kJoin };

struct TableAlias {
  Identifier name;                  // may be empty
  std::vector<Identifier> columns;  // x(a, b); may be empty
};

/// Base of what stands in FROM.
struct TableRef {
  const TableRefKind kind;
  TextSpan span;
  TableAlias alias;

  virtual ~TableRef() = default;

 protected:
  explicit TableRef(TableRefKind k) : kind(k) {}
};

struct CollectionRef : TableRef {
  static constexpr TableRefKind kKind = TableRefKind::kCollection;
  CollectionRef() : TableRef(kKind) {}
  /// More than one part may also be a path of an outer row (`FROM orders o, o.lines l`).
  std::vector<Identifier> parts;
  std::unique_ptr<AsOf> as_of;  // may be null
};

/// `(SELECT ...) AS x`, `LATERAL (...)`, `(VALUES ...) AS x(a)`.
struct QueryRef : TableRef {
  static constexpr TableRefKind kKind = TableRefKind::kQuery;
  QueryRef() : TableRef(kKind) {}
  bool lateral = false;
  QueryPtr query;
};

/// `UNNEST(e) [WITH ORDINALITY]` and table functions; UNNEST is told by the function's name.
struct FunctionRef : TableRef {
  static constexpr TableRefKind kKind = TableRefKind::kFunction;
  FunctionRef() : TableRef(kKind) {}
  bool lateral = false;
  bool with_ordinality = false;
  std::unique_ptr<Call> call;
};

enum class JoinKind : uint8_t { kCross, kInner, kLeft, kRight, kFull, kSemi, kAnti };

struct JoinRef : TableRef {
  static constexpr TableRefKind kKind = TableRefKind::kJoin;
  JoinRef() : TableRef(kKind) {}
  JoinKind join = JoinKind::kInner;
  bool natural = false;
  TableRefPtr left;
  TableRefPtr right;
  ExpressionPtr on;                      // may be null
  std::vector<Identifier> using_columns; // may be empty
};

enum class QueryBodyKind : uint8_t { kSelect, kValues, kSetOperation, kNested };

/// Base of what a query is made of, before ORDER BY and LIMIT.
struct QueryBody {
  const QueryBodyKind kind;
  TextSpan span;

  virtual ~QueryBody() = default;

 protected:
  explicit QueryBody(QueryBodyKind k) : kind(k) {}
};

struct SelectItem {
  ExpressionPtr expression;  // a Star for * and t.*
  Identifier alias;          // may be empty
  TextSpan span;             // the expression's text: names the column when there is no alias
};

enum class GroupingKind : uint8_t { kExpression, kRollup, kCube, kGroupingSets };

struct GroupingSet {
  std::vector<ExpressionPtr> expressions;
};

struct GroupItem {
  GroupingKind kind = GroupingKind::kExpression;
  TextSpan span;
  ExpressionPtr expression;       // kExpression
  std::vector<GroupingSet> sets;  // otherwise; a plain element of ROLLUP or CUBE is a set of one
};

struct NamedWindow {
  Identifier name;
  std::unique_ptr<Window> window;
};

struct Select : QueryBody {
  static constexpr QueryBodyKind kKind = QueryBodyKind::kSelect;
  Select() : QueryBody(kKind) {}
  bool distinct = false;
  std::vector<ExpressionPtr> distinct_on;
  bool value = false;  // SELECT VALUE e: rows are the bare values; exactly one item
  std::vector<SelectItem> items;
  std::vector<TableRefPtr> from;  // empty without FROM; several for comma joins
  ExpressionPtr where;            // may be null
  std::vector<GroupItem> group_by;
  ExpressionPtr having;           // may be null
  std::vector<NamedWindow> windows;
};

/// Rows of equal length, at least one. A row that is a bare object literal `VALUES {...}` has one Object.
struct Values : QueryBody {
  static constexpr QueryBodyKind kKind = QueryBodyKind::kValues;
  Values() : QueryBody(kKind) {}
  std::vector<std::vector<ExpressionPtr>> rows;
};

enum class SetOperator : uint8_t { kUnion, kIntersect, kExcept };

struct SetOperation : QueryBody {
  static constexpr QueryBodyKind kKind = QueryBodyKind::kSetOperation;
  SetOperation() : QueryBody(kKind) {}
  SetOperator op = SetOperator::kUnion;
  bool all = false;
  QueryBodyPtr left;
  QueryBodyPtr right;
};

/// A parenthesised query with clauses of its own. Parentheses around a bare body leave no node.
struct NestedQuery : QueryBody {
  static constexpr QueryBodyKind kKind = QueryBodyKind::kNested;
  NestedQuery() : QueryBody(kKind) {}
  QueryPtr query;
};

struct CommonTable {
  Identifier name;
  std::vector<Identifier> columns;
  QueryPtr query;
  TextSpan span;
};

struct With {
  bool recursive = false;
  std::vector<CommonTable> tables;
};

struct Query {
  TextSpan span;
  std::unique_ptr<With> with;  // may be null
  QueryBodyPtr body;
  std::vector<OrderItem> order_by;
  ExpressionPtr limit;   // null without LIMIT or with LIMIT ALL; FETCH FIRST n ROWS is LIMIT n
  ExpressionPtr offset;  // null without OFFSET
};

// ---- statements
// ----------------------------------------------------------------------------------------------------------

enum class StatementKind : uint8_t {
  kQuery,
  kInsert,
  kUpdate,
  kDelete,
  kCreateCollection,
  kCreateIndex,
  kCreateView,
  kCreateSnapshot,
  kDrop,
  kAlter,
  kBegin,
  kCommit,
  kRollback,
  kSavepoint,
  kRelease,
  kExplain,
  kShow,
  kDescribe,
  kSet,
  kMaintenance,
};

/// Base of all statements.
struct Statement {
  const StatementKind kind;
  TextSpan span;
  /// One entry per parameter slot: its name, or empty for positional and numbered ones.
  std::vector<std::string> parameters;
  /// How many Parameter nodes of style kExtracted the tree has.
  uint32_t extracted_count = 0;

  virtual ~Statement() = default;

 protected:
  explicit Statement(StatementKind k) : kind(k) {}
};

struct QueryStatement : Statement {
  static constexpr StatementKind kKind = StatementKind::kQuery;
  QueryStatement() : Statement(kKind) {}
  QueryPtr query;
};

/// `path = expression`; `(a, b) = (1, 2)` comes apart into two. UNSET has a null value.
struct Assignment {
  std::unique_ptr<Path> target;
  ExpressionPtr value;
  TextSpan span;
};

/// `SET (a, b) = (SELECT ...)`.
struct RowAssignment {
  std::vector<std::unique_ptr<Path>> targets;
  QueryPtr query;
  TextSpan span;
};

enum class ConflictAction : uint8_t { kAbort, kNothing, kReplace, kUpdate };

struct OnConflict {
  TextSpan span;
  ConflictAction action = ConflictAction::kAbort;
  std::vector<ExpressionPtr> target;  // empty: any unique index
  std::vector<Assignment> assignments;
  ExpressionPtr where;                // may be null
};

/// INSERT OR REPLACE and REPLACE have on_conflict with kReplace, INSERT OR IGNORE with kNothing.
struct Insert : Statement {
  static constexpr StatementKind kKind = StatementKind::kInsert;
  Insert() : Statement(kKind) {}
  std::unique_ptr<With> with;           // may be null
  ObjectName collection;
  Identifier alias;                     // may be empty
  std::vector<std::unique_ptr<Path>> columns;  // empty when not written
  /// Null for DEFAULT VALUES. Object literals, with or without VALUES, are a Values body with one Object per row.
  QueryPtr source;
  std::unique_ptr<OnConflict> on_conflict;  // may be null
  std::vector<SelectItem> returning;
};

/// UPDATE ... SET and UPDATE ... UNSET (which may follow one another).
struct Update : Statement {
  static constexpr StatementKind kKind = StatementKind::kUpdate;
  Update() : Statement(kKind) {}
  std::unique_ptr<With> with;  // may be null
  ObjectName collection;
  Identifier alias;            // may be empty
  std::vector<Assignment> assignments;
  std::vector<RowAssignment> row_assignments;
  std::vector<std::unique_ptr<Path>> unset;
  std::vector<TableRefPtr> from;
  ExpressionPtr where;         // may be null
  std::vector<SelectItem> returning;
};

struct Delete : Statement {
  static constexpr StatementKind kKind = StatementKind::kDelete;
  Delete() : Statement(kKind) {}
  std::unique_ptr<With> with;  // may be null
  ObjectName collection;
  Identifier alias;            // may be empty
  std::vector<TableRefPtr> using_tables;
  ExpressionPtr where;         // may be null
  std::vector<SelectItem> returning;
};

enum class ConstraintKind : uint8_t { kPrimaryKey, kUnique, kNotNull, kNull, kDefault, kCheck, kReferences };
enum class ReferentialAction : uint8_t { kNoAction, kRestrict, kCascade, kSetNull, kSetDefault };

/// A constraint of a column (`columns` empty) or of the whole collection.
struct Constraint {
  ConstraintKind kind = ConstraintKind::kNotNull;
  TextSpan span;
  Identifier name;                             // CONSTRAINT name; may be empty
  std::vector<Identifier> columns;
  ExpressionPtr expression;                    // kDefault, kCheck
  ObjectName referenced;                       // kReferences
  std::vector<Identifier> referenced_columns;  // kReferences; may be empty
  ReferentialAction on_delete = ReferentialAction::kNoAction;
  ReferentialAction on_update = ReferentialAction::kNoAction;
};

struct ColumnDefinition {
  Identifier name;
  TypeNamePtr type;  // null when no type is written
  std::vector<Constraint> constraints;
  TextSpan span;
};

/// `name = value` of WITH (...).
struct Option {
  Identifier name;
  ExpressionPtr value;
};

struct CreateCollection : Statement {
  static constexpr StatementKind kKind = StatementKind::kCreateCollection;
  CreateCollection() : Statement(kKind) {}
  bool is_table = false;  // spelled TABLE
  bool temporary = false;
  bool if_not_exists = false;
  ObjectName name;
  std::vector<ColumnDefinition> columns;
  std::vector<Constraint> constraints;
  std::vector<Option> options;
  QueryPtr as_query;  // CREATE TABLE ... AS; may be null
};

enum class IndexMethod : uint8_t { kDefault, kBtree, kHash, kIvfflat };

struct IndexPart {
  /// A path or an expression. `tags[*]` and UNNEST(tags) both give a Path that ends in kElements: one entry per
  /// element.
  ExpressionPtr expression;
  Identifier operator_class;  // vector_l2_ops and kin; may be empty
  bool descending = false;
  NullsOrder nulls = NullsOrder::kDefault;
  TextSpan span;
};

struct CreateIndex : Statement {
  static constexpr StatementKind kKind = StatementKind::kCreateIndex;
  CreateIndex() : Statement(kKind) {}
  bool unique = false;
  bool if_not_exists = false;
  Identifier name;  // empty: to be derived
  ObjectName collection;
  IndexMethod method = IndexMethod::kDefault;
  std::vector<IndexPart> parts;
  std::vector<ExpressionPtr> include;
  std::vector<Option> options;
  ExpressionPtr where;  // may be null
};

struct CreateView : Statement {
  static constexpr StatementKind kKind = StatementKind::kCreateView;
  CreateView() : Statement(kKind) {}
  bool or_replace = false;
  bool temporary = false;
  bool if_not_exists = false;
  ObjectName name;
  std::vector<Identifier> columns;
  QueryPtr query;
};

struct CreateSnapshot : Statement {
  static constexpr StatementKind kKind = StatementKind::kCreateSnapshot;
  CreateSnapshot() : Statement(kKind) {}
  bool if_not_exists = false;
  Identifier name;
};

enum class DropKind : uint8_t { kCollection, kIndex, kView, kSnapshot };

struct Drop : Statement {
  static constexpr StatementKind kKind = StatementKind::kDrop;
  Drop() : Statement(kKind) {}
  DropKind what = DropKind::kCollection;
  bool if_exists = false;
  bool cascade = false;
  std::vector<ObjectName> names;
};

enum class AlterAction : uint8_t {
  kAddColumn,
  kDropColumn,
  kRenameColumn,
  kRenameCollection,
  kSetDefault,
  kDropDefault,
  kSetNotNull,
  kDropNotNull,
  kSetType,
  kAddConstraint,
  kDropConstraint,
};

struct Alter : Statement {
  static constexpr StatementKind kKind = StatementKind::kAlter;
  Alter() : Statement(kKind) {}
  ObjectName collection;
  bool if_exists = false;
  AlterAction action = AlterAction::kAddColumn;
  bool action_if_exists = false;     // DROP COLUMN IF EXISTS, ADD COLUMN IF NOT EXISTS
  Identifier column;                 // the column (or constraint) concerned
  Identifier new_name;               // renames
  ColumnDefinition definition;       // kAddColumn
  ExpressionPtr default_value;       // kSetDefault
  TypeNamePtr type;                  // kSetType
  std::unique_ptr<Constraint> constraint;  // kAddConstraint
};

enum class IsolationLevel : uint8_t { kDefault, kSnapshot, kSerializable };

/// Levels weaker than SNAPSHOT (READ COMMITTED, REPEATABLE READ, ...) are read as SNAPSHOT, which gives more.
struct Begin : Statement {
  static constexpr StatementKind kKind = StatementKind::kBegin;
  Begin() : Statement(kKind) {}
  bool read_only = false;
  IsolationLevel isolation = IsolationLevel::kDefault;
};

struct Commit : Statement {
  static constexpr StatementKind kKind = StatementKind::kCommit;
  Commit() : Statement(kKind) {}
};

struct Rollback : Statement {
  static constexpr StatementKind kKind = StatementKind::kRollback;
  Rollback() : Statement(kKind) {}
  Identifier savepoint;  // empty: the whole transaction
};

struct Savepoint : Statement {
  static constexpr StatementKind kKind = StatementKind::kSavepoint;
  Savepoint() : Statement(kKind) {}
  Identifier name;
};

struct Release : Statement {
  static constexpr StatementKind kKind = StatementKind::kRelease;
  Release() : Statement(kKind) {}
  Identifier name;
};

enum class ExplainStage : uint8_t { kDefault, kAst, kBound, kLogical, kPhysical, kAnalyze };
enum class ExplainFormat : uint8_t { kText, kJson };

struct Explain : Statement {
  static constexpr StatementKind kKind = StatementKind::kExplain;
  Explain() : Statement(kKind) {}
  ExplainStage stage = ExplainStage::kDefault;
  ExplainFormat format = ExplainFormat::kText;
  StatementPtr statement;  // its parameters are listed in the Explain node too
};

enum class ShowKind : uint8_t { kCollections, kIndexes, kViews, kSnapshots, kSetting, kAllSettings };

struct Show : Statement {
  static constexpr StatementKind kKind = StatementKind::kShow;
  Show() : Statement(kKind) {}
  ShowKind what = ShowKind::kCollections;
  Identifier name;  // kSetting; kIndexes: the collection asked for, may be empty
};

struct Describe : Statement {
  static constexpr StatementKind kKind = StatementKind::kDescribe;
  Describe() : Statement(kKind) {}
  ObjectName collection;
};

/// `SET name = value`, `SET name TO value`, `RESET name` (null value). A bare word is a string literal.
struct Set : Statement {
  static constexpr StatementKind kKind = StatementKind::kSet;
  Set() : Statement(kKind) {}
  Identifier name;
  ExpressionPtr value;  // null: back to the default
};

enum class MaintenanceKind : uint8_t { kCheckpoint, kCheckDatabase, kAnalyze, kVacuum, kReindex };

struct Maintenance : Statement {
  static constexpr StatementKind kKind = StatementKind::kMaintenance;
  Maintenance() : Statement(kKind) {}
  MaintenanceKind what = MaintenanceKind::kCheckpoint;
  ObjectName target;  // kAnalyze, kVacuum, kReindex: may be empty (everything)
};

/// The node as its concrete type; PROTO_DCHECKs that the kind matches. Works for every family above. O(1).
template <class T, class Base>
T& as(Base& node) {
  PROTO_DCHECK(node.kind == T::kKind);
  return static_cast<T&>(node);
}
template <class T, class Base>
const T& as(const Base& node) {
  PROTO_DCHECK(node.kind == T::kKind);
  return static_cast<const T&>(node);
}

/// The node as T, or null when it is another kind (or null). O(1).
template <class T, class Base>
T* as_if(Base* node) {
  return node != nullptr && node->kind == T::kKind ? static_cast<T*>(node) : nullptr;
}
template <class T, class Base>
const T* as_if(const Base* node) {
  return node != nullptr && node->kind == T::kKind ? static_cast<const T*>(node) : nullptr;
}

}  // namespace protobase::ast
