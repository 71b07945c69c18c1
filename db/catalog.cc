#include "db/catalog.h"

#include <algorithm>

#include "db/protobase.h"
#include "runtime/base/coding.h"

namespace protobase {
namespace {

using proto::ByteReader;
using proto::put_fixed;
using proto::put_string;
using proto::put_varint;

Status damaged(const char* what) { return Status(StatusCode::kCorruption, std::string("catalog: damaged ") + what); }

std::string lower_case(std::string_view name) {
  std::string lower(name);
  for (char& c : lower) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
  return lower;
}

bool is_plain_name(std::string_view name) {
  if (name.empty() || (name[0] >= '0' && name[0] <= '9')) return false;
  return std::all_of(name.begin(), name.end(), [](char c) {
    return c == '_' || (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
  });
}

bool is_keyword(std::string_view name) {
  std::string upper(name);
  for (char& c : upper) c = c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
  return std::ranges::binary_search(query_keywords(), std::string_view(upper));
}

/// A name as SQL text, in quotes where it needs them.
std::string quoted(std::string_view name) {
  if (is_plain_name(name) && !is_keyword(name)) return std::string(name);
  std::string out = "\"";
  for (char c : name) {
    if (c == '"') out += '"';
    out += c;
  }
  return out + "\"";
}

std::string quoted(const Path& path) {
  std::string out;
  for (const Path::Step& step : path.steps()) {
    if (step.is_index) {
      out += "[" + std::to_string(step.index) + "]";
    } else {
      out += (out.empty() ? "" : ".") + (is_plain_name(step.name) && !out.empty() ? step.name : quoted(step.name));
    }
  }
  return out;
}

std::string sql_literal(const Value& value) {
  if (value.kind() != Kind::kString) return value.is_none() ? "NULL" : value.to_text();
  std::string out = "'";
  for (char c : value.as_string()) {
    if (c == '\'') out += '\'';
    out += c;
  }
  return out + "'";
}

const char* metric_operator_class(VectorMetric metric) {
  switch (metric) {
    case VectorMetric::kInnerProduct: return "vector_ip_ops";
    case VectorMetric::kCosine: return "vector_cosine_ops";
    case VectorMetric::kL1: return "vector_l1_ops";
    default: return "vector_l2_ops";
  }
}

void encode_attribute(const Attribute& attribute, std::string& out) {
  put_string(out, attribute.name);
  out.push_back(static_cast<char>(attribute.declared | attribute.not_null << 1 | attribute.primary_key << 2 |
                                  attribute.default_value.has_value() << 3));
  out.push_back(static_cast<char>(attribute.type));
  put_varint(out, attribute.dimension);
  put_varint(out, attribute.references.value);
  put_varint(out, attribute.seen_kinds);
  put_string(out, attribute.type_text);
  if (attribute.default_value) put_string(out, encode(attribute.default_value->view()));
}

Result<Attribute> decode_attribute(ByteReader& reader) {
  Attribute attribute;
  attribute.name = reader.string();
  const auto flags = reader.fixed<uint8_t>();
  const auto type = reader.fixed<uint8_t>();
  attribute.dimension = static_cast<uint32_t>(reader.varint());
  attribute.references = CollectionId(static_cast<uint32_t>(reader.varint()));
  attribute.seen_kinds = static_cast<uint32_t>(reader.varint());
  attribute.type_text = reader.string();
  if (!reader.ok() || flags > 15 || type > static_cast<uint8_t>(Kind::kObject)) return damaged("attribute");
  attribute.declared = (flags & 1) != 0;
  attribute.not_null = (flags & 2) != 0;
  attribute.primary_key = (flags & 4) != 0;
  attribute.type = static_cast<Kind>(type);
  if ((flags & 8) != 0) {
    PROTO_ASSIGN_OR_RETURN(ValueView value, decode(reader.string()));
    attribute.default_value = Value(value);
  }
  return attribute;
}

void encode_part(const IndexPart& part, std::string& out) {
  put_string(out, part.path.to_string());
  out.push_back(static_cast<char>(part.order.descending | part.order.nulls_first << 1 | part.each_element << 2));
}

Result<IndexPart> decode_part(ByteReader& reader) {
  IndexPart part;
  PROTO_ASSIGN_OR_RETURN(part.path, Path::parse(reader.string()));
  const auto flags = reader.fixed<uint8_t>();
  if (!reader.ok() || flags > 7) return damaged("index component");
  part.order.descending = (flags & 1) != 0;
  part.order.nulls_first = (flags & 2) != 0;
  part.each_element = (flags & 4) != 0;
  return part;
}

}  // namespace

// ---- definitions -----------------------------------------------------------------------------------------------------

const Attribute* CollectionDefinition::find_attribute(std::string_view name) const {
  const auto found = std::find_if(attributes.begin(), attributes.end(), [&](const Attribute& a) { return a.name == name; });
  return found == attributes.end() ? nullptr : &*found;
}

const IndexDefinition* CollectionDefinition::find_index(IndexId id) const {
  const auto found = std::find_if(indexes.begin(), indexes.end(), [&](const auto& index) { return index->id == id; });
  return found == indexes.end() ? nullptr : found->get();
}

std::string CollectionDefinition::to_sql() const {
  std::string out = (is_table ? "CREATE TABLE " : "CREATE COLLECTION ") + quoted(name);
  std::string columns;
  std::vector<std::string> keys;
  for (const Attribute& attribute : attributes) {
    if (!attribute.declared) continue;
    columns += (columns.empty() ? "" : ", ") + quoted(attribute.name);
    if (!attribute.type_text.empty()) columns += " " + attribute.type_text;
    if (attribute.not_null && !attribute.primary_key) columns += " NOT NULL";
    if (attribute.default_value) columns += " DEFAULT " + sql_literal(*attribute.default_value);
    if (attribute.primary_key) keys.push_back(quoted(attribute.name));
  }
  auto add_constraint = [&](const char* what, const std::vector<std::string>& names) {
    columns += std::string(columns.empty() ? "" : ", ") + what + " (";
    for (size_t i = 0; i < names.size(); ++i) columns += (i == 0 ? "" : ", ") + names[i];
    columns += ")";
  };
  if (!keys.empty()) add_constraint("PRIMARY KEY", keys);
  for (const auto& index : indexes) {
    if (!index->is_constraint) continue;
    std::vector<std::string> names;
    for (const IndexPart& part : index->parts) names.push_back(quoted(part.path));
    if (names != keys) add_constraint("UNIQUE", names);
  }
  return columns.empty() ? out : out + " (" + columns + ")";
}

std::string IndexDefinition::to_sql(std::string_view collection_name) const {
  std::string out = std::string("CREATE ") + (unique ? "UNIQUE " : "") + "INDEX " + quoted(name) + " ON " + quoted(collection_name);
  if (method == IndexMethod::kHash) out += " USING hash";
  if (method == IndexMethod::kIvfFlat) out += " USING ivfflat";
  out += " (";
  for (size_t i = 0; i < parts.size(); ++i) {
    out += (i == 0 ? "" : ", ") + quoted(parts[i].path) + (parts[i].each_element ? "[*]" : "");
    if (method == IndexMethod::kIvfFlat) out += std::string(" ") + metric_operator_class(metric);
    if (parts[i].order.descending) out += " DESC";
    if (parts[i].order.nulls_first == parts[i].order.descending && method != IndexMethod::kIvfFlat) {
      out += parts[i].order.nulls_first ? " NULLS FIRST" : " NULLS LAST";
    }
  }
  out += ")";
  std::string options;
  if (lists != 0) options += "lists = " + std::to_string(lists);
  if (recall != 0) options += (options.empty() ? "" : ", ") + std::string("recall = ") + Value(recall).to_text();
  if (!options.empty()) out += " WITH (" + options + ")";
  if (!where_text.empty()) out += " WHERE " + where_text;
  return out;
}

void encode_definition(const CollectionDefinition& definition, std::string& out) {
  put_varint(out, definition.id.value);
  put_string(out, definition.name);
  out.push_back(static_cast<char>(definition.is_table));
  put_varint(out, definition.attributes.size());
  for (const Attribute& attribute : definition.attributes) encode_attribute(attribute, out);
}

Result<CollectionDefinition> decode_collection_definition(std::string_view bytes) {
  ByteReader reader(bytes);
  CollectionDefinition definition;
  definition.id = CollectionId(static_cast<uint32_t>(reader.varint()));
  definition.name = reader.string();
  definition.is_table = reader.fixed<uint8_t>() != 0;
  const uint64_t count = reader.varint();
  for (uint64_t i = 0; i < count && reader.ok(); ++i) {
    PROTO_ASSIGN_OR_RETURN(Attribute attribute, decode_attribute(reader));
    definition.attributes.push_back(std::move(attribute));
  }
  if (!reader.ok() || !reader.at_end() || !definition.id) return damaged("collection");
  return definition;
}

void encode_definition(const IndexDefinition& definition, std::string& out) {
  put_varint(out, definition.id.value);
  put_varint(out, definition.collection.value);
  put_string(out, definition.name);
  out.push_back(static_cast<char>(definition.method));
  out.push_back(static_cast<char>(definition.unique | definition.is_constraint << 1 | definition.where.has_value() << 2));
  put_varint(out, definition.parts.size());
  for (const IndexPart& part : definition.parts) encode_part(part, out);
  out.push_back(static_cast<char>(definition.metric));
  put_varint(out, definition.dimension);
  put_varint(out, definition.lists);
  put_fixed(out, definition.recall);
  put_string(out, definition.where_text);
  if (definition.where) definition.where->encode(out);
}

Result<IndexDefinition> decode_index_definition(std::string_view bytes) {
  ByteReader reader(bytes);
  IndexDefinition definition;
  definition.id = IndexId(static_cast<uint32_t>(reader.varint()));
  definition.collection = CollectionId(static_cast<uint32_t>(reader.varint()));
  definition.name = reader.string();
  const auto method = reader.fixed<uint8_t>();
  const auto flags = reader.fixed<uint8_t>();
  const uint64_t parts = reader.varint();
  for (uint64_t i = 0; i < parts && reader.ok(); ++i) {
    PROTO_ASSIGN_OR_RETURN(IndexPart part, decode_part(reader));
    definition.parts.push_back(std::move(part));
  }
  const auto metric = reader.fixed<uint8_t>();
  definition.dimension = static_cast<uint32_t>(reader.varint());
  definition.lists = static_cast<uint32_t>(reader.varint());
  definition.recall = reader.fixed<double>();
  definition.where_text = reader.string();
  if (!reader.ok() || method < 1 || method > 3 || metric < 1 || metric > 4 || flags > 7 || definition.parts.empty()) {
    return damaged("index");
  }
  definition.method = static_cast<IndexMethod>(method);
  definition.metric = static_cast<VectorMetric>(metric);
  definition.unique = (flags & 1) != 0;
  definition.is_constraint = (flags & 2) != 0;
  std::string_view rest = reader.rest();
  if ((flags & 4) != 0) {
    PROTO_ASSIGN_OR_RETURN(definition.where, Predicate::decode(rest));
  }
  if (!rest.empty()) return damaged("index");
  return definition;
}

// ---- catalog -----------------------------------------------------------------------------------------------------------

std::shared_ptr<const CollectionDefinition> Catalog::find(std::string_view name) const {
  const auto found = by_name_.find(lower_case(name));
  return found == by_name_.end() ? nullptr : find(found->second);
}

std::shared_ptr<const CollectionDefinition> Catalog::find(CollectionId id) const {
  const auto found = collections_.find(id);
  return found == collections_.end() ? nullptr : found->second;
}

const IndexDefinition* Catalog::find_index(std::string_view name) const {
  const std::string wanted = lower_case(name);
  for (const auto& [id, collection] : collections_) {
    for (const auto& index : collection->indexes) {
      if (lower_case(index->name) == wanted) return index.get();
    }
  }
  return nullptr;
}

const IndexDefinition* Catalog::find_index(IndexId id) const {
  for (const auto& [collection_id, collection] : collections_) {
    if (const IndexDefinition* index = collection->find_index(id)) return index;
  }
  return nullptr;
}

std::shared_ptr<const Catalog> Catalog::with_collection(CollectionDefinition definition) const {
  auto next = std::make_shared<Catalog>(*this);
  ++next->version_;
  next->next_collection_ = std::max(next->next_collection_, definition.id.value + 1);
  for (const auto& index : definition.indexes) next->next_index_ = std::max(next->next_index_, index->id.value + 1);
  if (const auto old = find(definition.id)) next->by_name_.erase(lower_case(old->name));
  next->by_name_[lower_case(definition.name)] = definition.id;
  const CollectionId id = definition.id;
  next->collections_[id] = std::make_shared<const CollectionDefinition>(std::move(definition));
  return next;
}

std::shared_ptr<const Catalog> Catalog::without_collection(CollectionId id) const {
  auto next = std::make_shared<Catalog>(*this);
  ++next->version_;
  if (const auto old = find(id)) next->by_name_.erase(lower_case(old->name));
  next->collections_.erase(id);
  return next;
}

void Catalog::encode(std::string& out) const {
  put_varint(out, version_);
  put_varint(out, next_collection_);
  put_varint(out, next_index_);
  put_varint(out, collections_.size());
  std::string bytes;
  for (const auto& [id, collection] : collections_) {
    bytes.clear();
    encode_definition(*collection, bytes);
    put_string(out, bytes);
    put_varint(out, collection->indexes.size());
    for (const auto& index : collection->indexes) {
      bytes.clear();
      encode_definition(*index, bytes);
      put_string(out, bytes);
    }
  }
}

Result<std::shared_ptr<const Catalog>> Catalog::decode(std::string_view bytes) {
  ByteReader reader(bytes);
  auto catalog = std::make_shared<Catalog>();
  catalog->version_ = reader.varint();
  catalog->next_collection_ = static_cast<uint32_t>(reader.varint());
  catalog->next_index_ = static_cast<uint32_t>(reader.varint());
  const uint64_t count = reader.varint();
  for (uint64_t i = 0; i < count && reader.ok(); ++i) {
    PROTO_ASSIGN_OR_RETURN(CollectionDefinition definition, decode_collection_definition(reader.string()));
    const uint64_t indexes = reader.varint();
    for (uint64_t j = 0; j < indexes && reader.ok(); ++j) {
      PROTO_ASSIGN_OR_RETURN(IndexDefinition index, decode_index_definition(reader.string()));
      definition.indexes.push_back(std::make_shared<const IndexDefinition>(std::move(index)));
    }
    catalog->by_name_[lower_case(definition.name)] = definition.id;
    const CollectionId id = definition.id;
    catalog->collections_[id] = std::make_shared<const CollectionDefinition>(std::move(definition));
  }
  if (!reader.ok() || !reader.at_end()) return damaged("contents");
  return std::shared_ptr<const Catalog>(std::move(catalog));
}

}  // namespace protobase
