#include "query/inspection.h"

namespace protobase::query {
namespace {

Result<std::shared_ptr<TransactionState>> reading(Session& session) {
  if (session.transaction() != nullptr) return session.transaction();
  return session.begin({.read_only = true});
}

using RowList = std::vector<std::vector<Value>>;

Result<std::unique_ptr<ResultSource>> show_collections(TransactionState& transaction) {
  RowList rows;
  for (const auto& [id, definition] : transaction.catalog()->collections()) {
    PROTO_ASSIGN_OR_RETURN(const CollectionView view, transaction.read(id));
    rows.push_back({Value(definition->name), Value(definition->is_table ? "table" : "collection"), Value(view.count()),
                    Value(definition->indexes.size())});
  }
  return make_rows({{"name", Kind::kString}, {"kind", Kind::kString}, {"objects", Kind::kInt}, {"indexes", Kind::kInt}}, std::move(rows));
}

Result<uint64_t> entries_of(TransactionState& transaction, const IndexDefinition& index) {
  if (index.method == IndexMethod::kIvfFlat) {
    PROTO_ASSIGN_OR_RETURN(const VectorView view, transaction.read_vector_index(index.id));
    return view.count();
  }
  PROTO_ASSIGN_OR_RETURN(const IndexView view, transaction.read_index(index.id));
  return view.count();
}

Result<std::unique_ptr<ResultSource>> show_indexes(TransactionState& transaction, const ast::Identifier& collection) {
  const auto wanted = collection.empty() ? nullptr : transaction.catalog()->find(collection.name);
  if (!collection.empty() && wanted == nullptr) {
    return Status(StatusCode::kNotFound, "unknown collection '" + collection.name + "'").with_span(collection.span);
  }
  RowList rows;
  for (const auto& [id, definition] : transaction.catalog()->collections()) {
    if (wanted != nullptr && definition != wanted) continue;
    for (const auto& index : definition->indexes) {
      PROTO_ASSIGN_OR_RETURN(const uint64_t entries, entries_of(transaction, *index));
      rows.push_back({Value(definition->name), Value(index->name), Value(index->to_sql(definition->name)), Value(entries)});
    }
  }
  return make_rows({{"collection", Kind::kString}, {"name", Kind::kString}, {"definition", Kind::kString}, {"entries", Kind::kInt}}, std::move(rows));
}

std::string seen_text(uint32_t kinds) {
  std::string text;
  for (uint32_t kind = 1; kind <= static_cast<uint32_t>(Kind::kObject); ++kind) {
    if ((kinds >> kind & 1) != 0) text += (text.empty() ? "" : " | ") + std::string(kind_name(static_cast<Kind>(kind)));
  }
  return text;
}

}  // namespace

Result<std::unique_ptr<ResultSource>> show(Session& session, const ast::Show& show) {
  if (show.what == ast::ShowKind::kSetting || show.what == ast::ShowKind::kAllSettings) {
    RowList rows;
    for (const auto& [name, value] : session.settings()) {
      if (show.what == ast::ShowKind::kAllSettings || name == show.name.name) rows.push_back({Value(name), value});
    }
    if (rows.empty() && show.what == ast::ShowKind::kSetting) rows.push_back({Value(show.name.name), Value()});
    return make_rows({{"name", Kind::kString}, {"value", Kind::kNone}}, std::move(rows));
  }
  PROTO_ASSIGN_OR_RETURN(const auto transaction, reading(session));
  if (show.what == ast::ShowKind::kCollections) return show_collections(*transaction);
  if (show.what == ast::ShowKind::kIndexes) return show_indexes(*transaction, show.name);
  return Status(StatusCode::kUnsupported, "there are no views and snapshots").with_span(show.span);
}

Result<std::unique_ptr<ResultSource>> describe(Session& session, const ast::Describe& describe) {
  PROTO_ASSIGN_OR_RETURN(const auto transaction, reading(session));
  const auto definition = transaction->catalog()->find(describe.collection.name.name);
  if (definition == nullptr) {
    return Status(StatusCode::kNotFound, "unknown collection '" + describe.collection.name.name + "'").with_span(describe.collection.span)
        .with_hint("SHOW COLLECTIONS lists what there is");
  }
  RowList rows;
  for (const Attribute& attribute : definition->attributes) {
    const std::string type = attribute.declared ? attribute.type_text : seen_text(attribute.seen_kinds);
    rows.push_back({Value(attribute.name), Value(type), Value(attribute.declared), Value(attribute.not_null), Value(attribute.primary_key),
                    attribute.default_value.value_or(Value())});
  }
  return make_rows({{"attribute", Kind::kString}, {"type", Kind::kString}, {"declared", Kind::kBool}, {"not_null", Kind::kBool},
                    {"primary_key", Kind::kBool}, {"default", Kind::kNone}}, std::move(rows));
}

}  // namespace protobase::query
