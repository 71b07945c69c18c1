#include "query/binder/binder.h"

#include "query/binder/internal/binder_state.h"

namespace protobase::query {
namespace {

std::vector<OutputColumn> outputs_of(const BoundQuery& query, const ColumnRegistry& columns) {
  std::vector<OutputColumn> outputs;
  for (const BoundOutput& output : query.outputs) outputs.push_back({output.name, columns[output.id].type});
  return outputs;
}

std::vector<OutputColumn> outputs_of(const BoundReturning& returning) {
  std::vector<OutputColumn> outputs;
  for (size_t i = 0; i < returning.items.size(); ++i) {
    outputs.push_back({returning.names[i], returning.items[i].expression->type});
  }
  return outputs;
}

}  // namespace

Result<BoundStatement> Binder::bind_statement(const ast::Statement& statement) {
  BoundStatement bound;
  bound.columns = columns_;
  switch (statement.kind) {
    case ast::StatementKind::kQuery: {
      PROTO_ASSIGN_OR_RETURN(bound.query, bind_query(*ast::as<ast::QueryStatement>(statement).query, nullptr));
      bound.outputs = outputs_of(*bound.query, *columns_);
      return bound;
    }
    case ast::StatementKind::kInsert: {
      bound.kind = BoundStatementKind::kInsert;
      PROTO_ASSIGN_OR_RETURN(bound.change, bind_insert(ast::as<ast::Insert>(statement)));
      break;
    }
    case ast::StatementKind::kUpdate: {
      bound.kind = BoundStatementKind::kUpdate;
      PROTO_ASSIGN_OR_RETURN(bound.change, bind_update(ast::as<ast::Update>(statement)));
      break;
    }
    case ast::StatementKind::kDelete: {
      bound.kind = BoundStatementKind::kDelete;
      PROTO_ASSIGN_OR_RETURN(bound.change, bind_delete(ast::as<ast::Delete>(statement)));
      break;
    }
    default: return unsupported("planning this statement", statement.span);
  }
  bound.outputs = outputs_of(bound.change->returning);
  return bound;
}

Result<BoundStatement> bind(const ast::Statement& statement, const BindInput& input) {
  Binder binder(input, static_cast<uint32_t>(statement.parameters.size()));
  return binder.bind_statement(statement);
}

Result<BoundStatement> bind_insert_query(const ast::Query& query, std::shared_ptr<const CollectionDefinition> collection,
                                         const BindInput& input) {
  Binder binder(input, 0);
  BoundStatement bound;
  bound.kind = BoundStatementKind::kInsert;
  bound.columns = binder.columns();
  bound.change = std::make_unique<BoundChange>();
  bound.change->collection = std::move(collection);
  PROTO_ASSIGN_OR_RETURN(bound.change->source, binder.bind_query(query, nullptr));
  for (const BoundOutput& output : bound.change->source->outputs) bound.change->names.push_back(Path::of_name(output.name));
  return bound;
}

Result<Value> bind_constant(const ast::Expression& expression, const BindInput& input) {
  Binder binder(input, 0);
  Scope scope;
  scope.place = "in a constant";
  PROTO_ASSIGN_OR_RETURN(const ExpressionPtr bound, binder.bind_expression(expression, scope));
  if (bound->kind == ExpressionKind::kConstant) return bound->value;
  if (bound->kind == ExpressionKind::kParameter) return binding_error("a parameter cannot stand here", expression.span);
  return input.evaluate(*bound);
}

}  // namespace protobase::query
