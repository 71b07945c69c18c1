// What a database knows about its collections and indexes: an immutable description, part of every root. A change makes a
// new Catalog that shares the descriptions that did not change; `version` tells cached plans whether it moved.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "db/document.h"
#include "db/key_codec.h"
#include "db/predicate.h"
#include "db/value.h"
#include "runtime/base/ids.h"

namespace protobase {

using proto::IndexId;

/// An attribute of a collection: declared in CREATE, or seen in objects.
struct Attribute {
  std::string name;
  bool declared = false;
  Kind type = Kind::kNone;       // declared type; kNone: any
  uint32_t dimension = 0;        // of a declared VECTOR(n)
  CollectionId references{0};    // of a declared REF(collection); 0: any
  bool not_null = false;
  bool primary_key = false;
  std::optional<Value> default_value;  // a constant
  std::string type_text;         // the declared type as SQL; for SHOW and .schema
  uint32_t seen_kinds = 0;       // bit 1 << Kind of every kind ever stored at the top level
};

enum class IndexMethod : uint8_t { kOrdered = 1, kHash = 2, kIvfFlat = 3 };
enum class VectorMetric : uint8_t { kL2 = 1, kInnerProduct = 2, kCosine = 3, kL1 = 4 };

/// One component of an index key.
struct IndexPart {
  Path path;
  KeyOrder order;
  bool each_element = false;     // multi-valued: one entry for each element of the array at `path`
};

struct IndexDefinition {
  IndexId id{0};
  CollectionId collection{0};
  std::string name;
  IndexMethod method = IndexMethod::kOrdered;
  bool unique = false;
  bool is_constraint = false;    // made by PRIMARY KEY or UNIQUE: goes only with its collection
  std::vector<IndexPart> parts;  // kIvfFlat: one part, the vector
  std::optional<Predicate> where;    // partial index: only objects that meet it
  std::string where_text;            // the predicate as SQL
  // kIvfFlat
  VectorMetric metric = VectorMetric::kL2;
  uint32_t dimension = 0;
  uint32_t lists = 0;            // asked for; 0: chosen from the number of objects
  double recall = 0;             // asked for; 0: `probes` counts
  /// The index as SQL.
  std::string to_sql(std::string_view collection_name) const;
};

struct CollectionDefinition {
  CollectionId id{0};
  std::string name;
  bool is_table = false;         // closed: attributes that are not declared are refused
  std::vector<Attribute> attributes;   // declared ones first, then in order of first appearance
  std::vector<std::shared_ptr<const IndexDefinition>> indexes;

  const Attribute* find_attribute(std::string_view name) const;
  const IndexDefinition* find_index(IndexId id) const;
  /// The collection as SQL, without its indexes.
  std::string to_sql() const;
};

/// Immutable. Names compare without regard to ASCII case, as SQL's do. Any thread.
class Catalog {
 public:
  uint64_t version() const { return version_; }
  const std::map<CollectionId, std::shared_ptr<const CollectionDefinition>>& collections() const { return collections_; }
  /// Null when there is none. O(log n).
  std::shared_ptr<const CollectionDefinition> find(std::string_view name) const;
  std::shared_ptr<const CollectionDefinition> find(CollectionId id) const;
  /// The index of this name, with its collection.
  const IndexDefinition* find_index(std::string_view name) const;
  const IndexDefinition* find_index(IndexId id) const;

  // Changes: each gives a new catalog with the next version.
  std::shared_ptr<const Catalog> with_collection(CollectionDefinition definition) const;  // added, or replaced by id
  std::shared_ptr<const Catalog> without_collection(CollectionId id) const;

  CollectionId next_collection_id() const { return CollectionId(next_collection_); }
  IndexId next_index_id() const { return IndexId(next_index_); }

  /// Part of the root record. Decoding is safe on hostile bytes (kCorruption).
  void encode(std::string& out) const;
  static Result<std::shared_ptr<const Catalog>> decode(std::string_view bytes);

 private:
  uint64_t version_ = 1;
  uint32_t next_collection_ = 1;
  uint32_t next_index_ = 1;
  std::map<CollectionId, std::shared_ptr<const CollectionDefinition>> collections_;
  std::map<std::string, CollectionId> by_name_;  // lower case
};

void encode_definition(const CollectionDefinition& definition, std::string& out);  // without indexes
Result<CollectionDefinition> decode_collection_definition(std::string_view bytes);
void encode_definition(const IndexDefinition& definition, std::string& out);
Result<IndexDefinition> decode_index_definition(std::string_view bytes);

}  // namespace protobase
