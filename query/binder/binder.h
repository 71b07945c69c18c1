// From the syntax tree to bound statements: names are looked up in the catalog, types are inferred as far as they can be,
// and everything that can be known to be wrong is refused with the place in the text and a hint.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string_view>

#include "db/catalog.h"
#include "query/ast/ast.h"
#include "query/binder/bound.h"

namespace protobase::query {

/// Computes an expression without columns and parameters; given by whoever stands above (the executor's).
using ConstantEvaluator = std::function<Result<Value>(const Expression&)>;

/// What binding looks at. Everything must outlive the call.
struct BindInput {
  const Catalog& catalog;
  ConstantEvaluator evaluate;
  std::string_view text;  // what the statement was parsed from: names result columns
};

/// A query, INSERT, UPDATE or DELETE. Extracted literals become parameters after the statement's own.
/// Errors with a span: kBinding (unknown or ambiguous names, misplaced aggregates), kType, kUnsupported. O(text).
Result<BoundStatement> bind(const ast::Statement& statement, const BindInput& input);

/// INSERT of a query's rows into a collection, attribute by attribute: the second half of CREATE ... AS.
Result<BoundStatement> bind_insert_query(const ast::Query& query, std::shared_ptr<const CollectionDefinition> collection,
                                         const BindInput& input);

/// CREATE COLLECTION | TABLE as a definition without ids; PRIMARY KEY and UNIQUE become constraint indexes.
Result<CollectionDefinition> bind_create_collection(const ast::CreateCollection& statement, const BindInput& input);
/// CREATE INDEX as a definition without an id. A missing name is derived: collection_attribute_idx.
Result<IndexDefinition> bind_create_index(const ast::CreateIndex& statement, const BindInput& input);
/// The type of a declared attribute. Error: kUnsupported for types that there are not.
Status bind_type(const ast::TypeName& type, const Catalog& catalog, Attribute& attribute);
/// A value that stands in SET, WITH and the like.
Result<Value> bind_constant(const ast::Expression& expression, const BindInput& input);

/// The value of an expression that has one before any row is read; nothing for others.
using ValueOf = std::function<std::optional<Value>(const Expression&)>;
/// The attribute path that an expression reads, and nothing else; nothing for others.
using PathOf = std::function<std::optional<Path>(const Expression&)>;
/// The condition as one that the database decides by itself; nothing when it has a part that cannot be one.
std::optional<Predicate> to_predicate(const Expression& condition, const PathOf& path_of, const ValueOf& value_of);

}  // namespace protobase::query
