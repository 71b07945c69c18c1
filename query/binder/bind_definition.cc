// CREATE: from types and constraints as written to definitions of the catalog.
#include <algorithm>

#include "query/binder/internal/binder_state.h"
#include "query/binder/internal/names.h"

namespace protobase::query {
namespace {

std::string upper(std::string_view text) {
  std::string out(text);
  for (char& c : out) c = c >= 'a' && c <= 'z' ? static_cast<char>(c - 32) : c;
  return out;
}

std::string type_text(const ast::TypeName& type) {
  if (type.kind == ast::TypeKind::kArray) return type.element == nullptr ? "ARRAY" : type_text(*type.element) + "[]";
  if (type.kind == ast::TypeKind::kReference) return type.collection.empty() ? "REF" : "REF(" + type.collection.name + ")";
  std::string text = upper(type.name);
  for (size_t i = 0; i < type.parameters.size(); ++i) text += (i == 0 ? "(" : ", ") + std::to_string(type.parameters[i]);
  return type.parameters.empty() ? text : text + ")";
}

Result<Kind> kind_of(const ast::TypeName& type) {
  switch (type.kind) {
    case ast::TypeKind::kAny:
      if (type.name.empty() || same_name(type.name, "any")) return Kind::kNone;
      return error_at(StatusCode::kBinding, "unknown type '" + type.name + "'", type.span)
          .with_hint(suggest(type.name, {"INTEGER", "BIGINT", "DOUBLE", "TEXT", "BOOLEAN", "DATE", "TIMESTAMP", "INTERVAL", "BLOB",
                                         "VECTOR(n)", "OBJECT", "ARRAY", "REF", "ANY"}));
    case ast::TypeKind::kBoolean: return Kind::kBool;
    case ast::TypeKind::kSmallInt:
    case ast::TypeKind::kInteger:
    case ast::TypeKind::kBigInt: return Kind::kInt;
    case ast::TypeKind::kReal:
    case ast::TypeKind::kDouble:
    case ast::TypeKind::kNumeric: return Kind::kDouble;
    case ast::TypeKind::kText:
    case ast::TypeKind::kVarchar:
    case ast::TypeKind::kChar:
    case ast::TypeKind::kUuid: return Kind::kString;
    case ast::TypeKind::kBlob: return Kind::kBytes;
    case ast::TypeKind::kDate: return Kind::kDate;
    case ast::TypeKind::kTime: return unsupported("TIME", type.span).with_hint("use TIMESTAMP or INTERVAL");
    case ast::TypeKind::kTimestamp:
    case ast::TypeKind::kTimestampTz: return Kind::kTimestamp;
    case ast::TypeKind::kInterval: return Kind::kTimespan;
    case ast::TypeKind::kJson: return Kind::kNone;
    case ast::TypeKind::kVector: return Kind::kVector;
    case ast::TypeKind::kObject: return Kind::kObject;
    case ast::TypeKind::kArray: return Kind::kArray;
    case ast::TypeKind::kReference: return Kind::kRef;
  }
  return Kind::kNone;
}

/// Makes definitions of one CREATE COLLECTION.
class CollectionBinder {
 public:
  CollectionBinder(const ast::CreateCollection& statement, const BindInput& input) : ast_(statement), input_(input) {
    definition_.name = statement.name.name.name;
    definition_.is_table = statement.is_table;
  }

  Result<CollectionDefinition> bind() {
    if (!ast_.name.qualifier.empty()) return unsupported("a qualified collection name", ast_.name.span);
    if (ast_.temporary) return unsupported("TEMPORARY", ast_.span);
    if (!ast_.options.empty()) return unsupported("WITH after CREATE COLLECTION", ast_.options[0].name.span);
    for (const ast::ColumnDefinition& column : ast_.columns) PROTO_RETURN_IF_ERROR(bind_column(column));
    for (const ast::Constraint& constraint : ast_.constraints) PROTO_RETURN_IF_ERROR(bind_table_constraint(constraint));
    return std::move(definition_);
  }

 private:
  Status bind_column(const ast::ColumnDefinition& column) {
    for (const Attribute& known : definition_.attributes) {
      if (same_name(known.name, column.name.name)) return binding_error("'" + column.name.name + "' is declared twice", column.name.span);
    }
    if (!column.name.name.empty() && column.name.name[0] == '_' && (column.name.name == "_id" || column.name.name == "_ref")) {
      return binding_error("'" + column.name.name + "' is the object's own", column.name.span);
    }
    Attribute attribute;
    attribute.name = column.name.name;
    attribute.declared = true;
    if (column.type != nullptr) {
      const bool self = column.type->kind == ast::TypeKind::kReference && same_name(column.type->collection.name, definition_.name);
      if (self) {
        attribute.type = Kind::kRef;  // a collection that is being made has no number yet: any reference is taken
        attribute.type_text = "REF";
      } else {
        PROTO_RETURN_IF_ERROR(bind_type(*column.type, input_.catalog, attribute));
      }
    }
    definition_.attributes.push_back(std::move(attribute));
    for (const ast::Constraint& constraint : column.constraints) {
      PROTO_RETURN_IF_ERROR(bind_column_constraint(constraint, definition_.attributes.size() - 1));
    }
    return Status();
  }

  Status bind_column_constraint(const ast::Constraint& constraint, size_t position) {
    Attribute& attribute = definition_.attributes[position];
    switch (constraint.kind) {
      case ast::ConstraintKind::kPrimaryKey: return add_key({attribute.name}, true, constraint);
      case ast::ConstraintKind::kUnique: return add_key({attribute.name}, false, constraint);
      case ast::ConstraintKind::kNotNull: return attribute.not_null = true, Status();
      case ast::ConstraintKind::kNull: return Status();
      case ast::ConstraintKind::kDefault: {
        PROTO_ASSIGN_OR_RETURN(attribute.default_value, bind_constant(*constraint.expression, input_));
        return Status();
      }
      case ast::ConstraintKind::kCheck: return unsupported("CHECK", constraint.span);
      case ast::ConstraintKind::kReferences: return Status();  // documentation of the schema: not enforced
    }
    return Status();
  }

  Status bind_table_constraint(const ast::Constraint& constraint) {
    std::vector<std::string> names;
    for (const ast::Identifier& column : constraint.columns) names.push_back(column.name);
    if (constraint.kind == ast::ConstraintKind::kPrimaryKey) return add_key(names, true, constraint);
    if (constraint.kind == ast::ConstraintKind::kUnique) return add_key(names, false, constraint);
    if (constraint.kind == ast::ConstraintKind::kReferences) return Status();
    return unsupported("CHECK", constraint.span);
  }

  Status add_key(const std::vector<std::string>& names, bool primary, const ast::Constraint& constraint) {
    auto index = std::make_shared<IndexDefinition>();
    index->unique = index->is_constraint = true;
    std::string suffix;
    for (const std::string& name : names) {
      const auto found = std::find_if(definition_.attributes.begin(), definition_.attributes.end(),
                                      [&](const Attribute& attribute) { return same_name(attribute.name, name); });
      if (found == definition_.attributes.end()) return binding_error("unknown attribute '" + name + "'", constraint.span);
      if (primary) found->primary_key = found->not_null = true;
      index->parts.push_back({Path::of_name(found->name), {}, false});
      suffix += "_" + found->name;
    }
    if (primary && has_primary_key_) return binding_error("a second PRIMARY KEY", constraint.span);
    has_primary_key_ |= primary;
    index->name = constraint.name.empty() ? definition_.name + (primary ? "_pkey" : suffix + "_key") : constraint.name.name;
    definition_.indexes.push_back(std::move(index));
    return Status();
  }

  const ast::CreateCollection& ast_;
  const BindInput& input_;
  CollectionDefinition definition_;
  bool has_primary_key_ = false;
};

struct OperatorClass {
  std::string_view name;
  VectorMetric metric;
};
constexpr OperatorClass kOperatorClasses[] = {
    {"vector_l2_ops", VectorMetric::kL2},
    {"vector_cosine_ops", VectorMetric::kCosine},
    {"vector_ip_ops", VectorMetric::kInnerProduct},
    {"vector_l1_ops", VectorMetric::kL1},
};

/// Makes the definition of one CREATE INDEX.
class IndexBinder {
 public:
  IndexBinder(const ast::CreateIndex& statement, const BindInput& input) : ast_(statement), input_(input), binder_(input, 0) {}

  Result<IndexDefinition> bind() {
    if (!ast_.collection.qualifier.empty()) return unsupported("a qualified collection name", ast_.collection.span);
    PROTO_ASSIGN_OR_RETURN(collection_, binder_.find_collection(ast_.collection.name));
    index_.collection = collection_->id;
    index_.unique = ast_.unique;
    if (ast_.method == ast::IndexMethod::kHash) index_.method = IndexMethod::kHash;
    if (ast_.method == ast::IndexMethod::kIvfflat) index_.method = IndexMethod::kIvfFlat;
    if (!ast_.include.empty()) return unsupported("INCLUDE", ast_.include[0]->span);
    for (const ast::IndexPart& part : ast_.parts) PROTO_RETURN_IF_ERROR(bind_part(part));
    if (index_.method == IndexMethod::kIvfFlat) PROTO_RETURN_IF_ERROR(bind_vector());
    for (const ast::Option& option : ast_.options) PROTO_RETURN_IF_ERROR(bind_option(option));
    if (ast_.where != nullptr) PROTO_RETURN_IF_ERROR(bind_where());
    index_.name = ast_.name.empty() ? derived_name() : ast_.name.name;
    return std::move(index_);
  }

 private:
  Status bind_part(const ast::IndexPart& part) {
    const ast::Path* path = ast::as_if<ast::Path>(part.expression.get());
    if (path == nullptr || path->base != nullptr) {
      return unsupported("an index over an expression", part.span).with_hint("index a path: a.b");
    }
    IndexPart bound;
    for (const ast::PathStep& step : path->steps) {
      if (bound.each_element) return unsupported("a step after [*]", step.span);
      if (step.kind == ast::PathStepKind::kAttribute) bound.path.push_name(step.attribute.name);
      else if (step.kind == ast::PathStepKind::kElements) bound.each_element = true;
      else return unsupported("an index over one element", step.span);
    }
    PROTO_RETURN_IF_ERROR(check_attribute(*path, bound));
    bound.order.descending = part.descending;
    bound.order.nulls_first = part.nulls == ast::NullsOrder::kDefault ? !part.descending : part.nulls == ast::NullsOrder::kFirst;
    index_.parts.push_back(std::move(bound));
    return bind_operator_class(part);
  }

  Status check_attribute(const ast::Path& path, IndexPart& part) const {
    std::vector<std::string> names;
    for (const Attribute& attribute : collection_->attributes) {
      names.push_back(attribute.name);
      if (!same_name(attribute.name, path.steps[0].attribute.name)) continue;
      std::vector<Path::Step> steps = part.path.steps();
      steps[0].name = attribute.name;
      part.path = Path(std::move(steps));
      return Status();
    }
    if (!collection_->is_table) return Status();
    const ast::Identifier& name = path.steps[0].attribute;
    return binding_error("unknown attribute '" + name.name + "' in " + collection_->name, name.span).with_hint(suggest(name.name, names));
  }

  Status bind_operator_class(const ast::IndexPart& part) {
    if (part.operator_class.empty()) return Status();
    std::vector<std::string> names;
    for (const OperatorClass& known : kOperatorClasses) {
      if (same_name(known.name, part.operator_class.name) && index_.method == IndexMethod::kIvfFlat) {
        return index_.metric = known.metric, Status();
      }
      names.emplace_back(known.name);
    }
    if (index_.method != IndexMethod::kIvfFlat) return binding_error("operator classes are for USING ivfflat", part.operator_class.span);
    return binding_error("unknown operator class '" + part.operator_class.name + "'", part.operator_class.span)
        .with_hint(suggest(part.operator_class.name, names));
  }

  Status bind_vector() {
    if (index_.parts.size() != 1) return binding_error("an ivfflat index has one attribute", ast_.span);
    if (index_.unique) return binding_error("an ivfflat index cannot be unique", ast_.span);
    const Attribute* attribute = collection_->find_attribute(index_.parts[0].path.steps()[0].name);
    const bool declared = attribute != nullptr && attribute->type == Kind::kVector && index_.parts[0].path.steps().size() == 1;
    if (!declared || attribute->dimension == 0) {
      return binding_error("an ivfflat index needs an attribute declared as VECTOR(n)", ast_.parts[0].span)
          .with_hint("CREATE COLLECTION " + collection_->name + " (" + index_.parts[0].path.steps()[0].name + " VECTOR(n))");
    }
    index_.dimension = attribute->dimension;
    return Status();
  }

  Status bind_option(const ast::Option& option) {
    if (index_.method != IndexMethod::kIvfFlat) return unsupported("WITH for this kind of index", option.name.span);
    if (option.value == nullptr) return binding_error("'" + option.name.name + "' needs a value", option.name.span);
    PROTO_ASSIGN_OR_RETURN(const Value value, bind_constant(*option.value, input_));
    if (same_name(option.name.name, "lists")) {
      if (value.kind() != Kind::kInt || value.as_int64() < 1 || value.as_int64() > 1'000'000) {
        return binding_error("lists is a number from 1 to 1000000", option.value->span);
      }
      index_.lists = static_cast<uint32_t>(value.as_int64());
      return Status();
    }
    if (same_name(option.name.name, "recall")) {
      if (!is_number(value.kind()) || value.as_double() <= 0 || value.as_double() > 1) {
        return binding_error("recall is a number above 0 and up to 1", option.value->span);
      }
      return index_.recall = value.as_double(), Status();
    }
    return binding_error("unknown option '" + option.name.name + "'", option.name.span).with_hint("lists, recall");
  }

  Status bind_where() {
    if (index_.method == IndexMethod::kIvfFlat) return unsupported("WHERE of an ivfflat index", ast_.where->span);
    BoundCollection table;
    table.definition = collection_;
    table.alias = collection_->name;
    Scope scope;
    scope.items.emplace_back();
    scope.items[0].alias = table.alias;
    scope.items[0].collection = &table;
    PROTO_ASSIGN_OR_RETURN(const ExpressionPtr condition, binder_.bind_condition(*ast_.where, scope, "in WHERE"));
    const PathOf path_of = [&](const Expression& e) -> std::optional<Path> {
      for (const ScanColumn& column : table.columns) {
        const bool reads = e.kind == ExpressionKind::kColumn && column.id == e.index && column.read.what == ReadColumn::What::kPath;
        if (reads) return column.read.path;
      }
      return std::nullopt;
    };
    Status failed;
    const ValueOf value_of = [&](const Expression& e) -> std::optional<Value> {
      if (e.kind == ExpressionKind::kConstant) return e.value;
      if (e.kind != ExpressionKind::kCast || e.children[0]->kind != ExpressionKind::kConstant) return std::nullopt;
      Result<Value> value = input_.evaluate(e);
      if (!value.ok()) return failed = value.status(), std::nullopt;
      return *value;
    };
    index_.where = to_predicate(*condition, path_of, value_of);
    PROTO_RETURN_IF_ERROR(failed);
    if (!index_.where) {
      return unsupported("this condition of a partial index", ast_.where->span).with_hint("comparisons of attributes with constants, AND, OR, NOT, IN, IS NULL");
    }
    index_.where_text = input_.text.substr(ast_.where->span.offset, ast_.where->span.length);
    return Status();
  }

  std::string derived_name() const {
    std::string name = collection_->name;
    for (const IndexPart& part : index_.parts) {
      for (const Path::Step& step : part.path.steps()) name += "_" + step.name;
    }
    name += "_idx";
    std::string candidate = name;
    for (int i = 1; input_.catalog.find_index(candidate) != nullptr; ++i) candidate = name + std::to_string(i);
    return candidate;
  }

  const ast::CreateIndex& ast_;
  const BindInput& input_;
  Binder binder_;
  std::shared_ptr<const CollectionDefinition> collection_;
  IndexDefinition index_;
};

}  // namespace

Status bind_type(const ast::TypeName& type, const Catalog& catalog, Attribute& attribute) {
  PROTO_ASSIGN_OR_RETURN(attribute.type, kind_of(type));
  attribute.type_text = type_text(type);
  if (attribute.type == Kind::kVector && !type.parameters.empty()) {
    const int64_t dimension = type.parameters[0];
    if (dimension < 1 || dimension > 65536) return binding_error("a vector has 1 to 65536 dimensions", type.span);
    attribute.dimension = static_cast<uint32_t>(dimension);
  }
  if (attribute.type == Kind::kRef && !type.collection.empty()) {
    const auto target = catalog.find(type.collection.name);
    if (target == nullptr) {
      return binding_error("unknown collection '" + type.collection.name + "'", type.collection.span).with_hint("REF alone takes a reference to any collection");
    }
    attribute.references = target->id;
  }
  return Status();
}

Result<CollectionDefinition> bind_create_collection(const ast::CreateCollection& statement, const BindInput& input) {
  return CollectionBinder(statement, input).bind();
}

Result<IndexDefinition> bind_create_index(const ast::CreateIndex& statement, const BindInput& input) {
  return IndexBinder(statement, input).bind();
}

}  // namespace protobase::query
