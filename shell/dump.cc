#include "shell/dump.h"

#include <fmt/format.h>
#include <strings.h>

#include <algorithm>
#include <map>
#include <string>
#include <vector>

#include "shell/sql_literal.h"

namespace protobase::shell {
namespace {

// Names of collections by number: a reference knows the number only, and one made by the database tells which is which.
class CollectionNames {
 public:
  Status add(Transaction& transaction, const std::string& collection) {
    PROTO_ASSIGN_OR_RETURN(ResultSet sample, transaction.query("SELECT ref(?, 1)", collection));
    for (const Row& row : sample) {
      if (row[0].kind() == Kind::kRef) names_[row[0].ref().collection.value] = collection;
    }
    return sample.status();
  }
  std::string reference(const Ref& ref) const {
    const auto found = names_.find(ref.collection.value);
    if (found == names_.end()) return "NULL";  // its collection was dropped
    std::string text = "ref(";
    append_sql(ValueView::of_string(found->second), nullptr, text);
    return text + fmt::format(", {})", ref.object.value);
  }

 private:
  std::map<uint32_t, std::string> names_;
};

// Several objects per INSERT, so that reading them back is not all parsing of short statements.
Status write_objects(Transaction& transaction, const std::string& collection, const CollectionNames& names,
                     Output& output) {
  constexpr size_t kObjects = 100, kBytes = 1 << 16;
  const auto reference = [&](const Ref& ref) { return names.reference(ref); };
  PROTO_ASSIGN_OR_RETURN(ResultSet rows,
                         transaction.query("SELECT o._id, o FROM " + sql_name(collection) + " AS o ORDER BY o._id"));
  const std::string start = "INSERT INTO " + sql_name(collection) + " ";
  std::string statement;
  size_t objects = 0;
  const auto finish = [&] {
    if (objects > 0) output.write(start + statement + ";\n");
    statement.clear();
    objects = 0;
  };
  for (const Row& row : rows) {
    if (objects++ > 0) statement += ", ";
    const size_t brace = statement.size();
    append_sql(row[1], reference, statement);
    statement.insert(brace + 1, fmt::format("_id: {}{}", row[0].as_int64(), row[1].size() > 0 ? ", " : ""));
    if (objects == kObjects || statement.size() > kBytes) finish();
  }
  finish();
  return rows.status();
}

// An index that a constraint of the collection made is there already.
std::string unless_exists(std::string definition) {
  const size_t at = definition.find("INDEX ");
  if (at != std::string::npos && definition.compare(at, 13, "INDEX IF NOT ") != 0)
    definition.insert(at + 6, "IF NOT EXISTS ");
  return definition;
}

bool refers_to(const CollectionDescription& collection, const std::string& name) {
  const std::string type = "REF(" + name + ")";  // as it was written: names are alike whatever their case
  return std::any_of(collection.attributes.begin(), collection.attributes.end(), [&](const auto& attribute) {
    return attribute.declared && ::strcasecmp(attribute.type.c_str(), type.c_str()) == 0;
  });
}

// Collections after those that their declared REF types name: these must exist when the types are read.
std::vector<CollectionDescription> in_order_of_creation(std::vector<CollectionDescription> left) {
  std::vector<CollectionDescription> ordered;
  while (!left.empty()) {
    const auto waits = [&](const CollectionDescription& one) {
      return std::any_of(left.begin(), left.end(), [&](const CollectionDescription& other) {
        return other.name != one.name && refers_to(one, other.name);
      });
    };
    auto next = std::find_if_not(left.begin(), left.end(), waits);
    if (next == left.end()) next = left.begin();  // a circle, which CREATE cannot make
    ordered.push_back(std::move(*next));
    left.erase(next);
  }
  return ordered;
}

std::string without_semicolon(std::string sql) {
  while (!sql.empty() && (sql.back() == ';' || sql.back() == '\n' || sql.back() == ' ')) sql.pop_back();
  return sql;
}

}  // namespace

Status dump(Database& database, std::string_view only_collection, Output& output) {
  Transaction transaction = database.begin({.read_only = true});
  const std::vector<CollectionDescription> all = database.describe();
  std::vector<CollectionDescription> wanted;
  CollectionNames names;
  for (const CollectionDescription& collection : all) {
    PROTO_RETURN_IF_ERROR(names.add(transaction, collection.name));
    if (only_collection.empty() || collection.name == only_collection) wanted.push_back(collection);
  }
  if (wanted.empty() && !only_collection.empty()) {
    return Status(StatusCode::kNotFound, "no collection '" + std::string(only_collection) + "'");
  }
  wanted = in_order_of_creation(std::move(wanted));
  output.write("BEGIN;\n");
  for (const auto& collection : wanted) output.write(without_semicolon(collection.definition) + ";\n");
  for (const auto& collection : wanted) {
    PROTO_RETURN_IF_ERROR(write_objects(transaction, collection.name, names, output));
  }
  for (const auto& collection : wanted) {
    for (const IndexDescription& index : collection.indexes) {
      output.write(without_semicolon(unless_exists(index.definition)) + ";\n");
    }
  }
  output.write("COMMIT;\n");
  return output.flush();
}

}  // namespace protobase::shell
