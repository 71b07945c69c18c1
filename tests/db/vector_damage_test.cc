// A vector index is derived data: when it cannot be read, the database opens all the same and makes it again.
#include <gtest/gtest.h>

#include <fstream>
#include <string>
#include <vector>

#include "db/node_store.h"
#include "db/protobase.h"
#include "runtime/base/coding.h"
#include "runtime/base/random.h"
#include "storage/storage.h"
#include "tests/db/test_database.h"

namespace protobase {
namespace {

// Few enough for one leaf, so that the damage hits nothing but the index: inner nodes of all trees share pages.
constexpr int kObjects = 200, kDimension = 8;

std::vector<float> random_vector(proto::Random& random) {
  std::vector<float> out(kDimension);
  for (float& x : out) x = static_cast<float>(random.below(2000)) / 100 - 10;
  return out;
}

void make(const std::string& path) {
  Database db = *Database::open(path);
  ASSERT_TRUE(db.execute("CREATE COLLECTION docs (embedding VECTOR(8))").ok());
  proto::Random random(7);
  const Status filled = db.transact([&](Transaction& tx) -> Status {
    for (int i = 0; i < kObjects; ++i) {
      PROTO_RETURN_IF_ERROR(tx.collection("docs").insert(Object{{"n", i}, {"embedding", random_vector(random)}}).status());
    }
    return Status();
  });
  ASSERT_TRUE(filled.ok()) << filled.to_string();
  ASSERT_TRUE(db.execute("CREATE INDEX by_embedding ON docs USING ivfflat (embedding vector_l2_ops) WITH (lists = 4)").ok());
  ASSERT_TRUE(db.close().ok());
}

/// Address of the topmost node of the only vector index, out of the root record (docs/file_format.md).
NodeAddress top_of_vector_index(const storage::Storage& storage) {
  proto::ByteReader reader(storage.root.payload);
  reader.varint(), reader.varint(), reader.string(), reader.string();  // format, commit, catalog, live nodes
  EXPECT_EQ(reader.varint(), 1u);                                      // collections
  reader.varint(), reader.varint(), reader.fixed<uint64_t>();
  EXPECT_EQ(reader.varint(), 0u);  // other indexes
  EXPECT_EQ(reader.varint(), 1u);  // vector indexes
  reader.varint();
  return NodeAddress::unpack(reader.fixed<uint64_t>());
}

/// Spoils one byte of the block in which that node stands.
void spoil_index(const std::string& path) {
  std::string header(24, '\0');
  {
    storage::FileStorageOptions options;
    options.read_only = true;
    auto storage = storage::open_file_storage(path, options);
    ASSERT_TRUE(storage.ok()) << storage.status().to_string();
    const NodeAddress top = top_of_vector_index(*storage);
    ASSERT_TRUE(storage->blobs->read(top.segment, top.offset, header).ok());
  }
  std::fstream file(path, std::ios::in | std::ios::out | std::ios::binary);
  const std::string bytes((std::istreambuf_iterator<char>(file)), std::istreambuf_iterator<char>());
  const size_t at = bytes.find(header);
  ASSERT_NE(at, std::string::npos);
  ASSERT_EQ(bytes.find(header, at + 1), std::string::npos);
  file.seekp(static_cast<std::streamoff>(at + header.size() + 3));
  file.put(static_cast<char>(~bytes[at + header.size() + 3]));
}

std::vector<int64_t> nearest(Database& db) {
  std::vector<int64_t> found;
  auto rows = db.query("SELECT n FROM docs ORDER BY embedding <-> [0, 1, 2, 3, 4, 5, 6, 7] LIMIT 10");
  EXPECT_TRUE(rows.ok()) << rows.status().to_string();
  if (!rows.ok()) return found;
  for (const Row& row : *rows) found.push_back(row[0].as_int64());
  EXPECT_TRUE(rows->status().ok()) << rows->status().to_string();
  return found;
}

TEST(VectorDamage, ADatabaseOpensAndMakesADamagedIndexAgain) {
  const TestFile file("vector_damage");
  ASSERT_NO_FATAL_FAILURE(make(file.path()));
  std::vector<int64_t> expected;
  {
    Database db = *Database::open(file.path());
    expected = nearest(db);
    ASSERT_EQ(expected.size(), 10u);
  }
  ASSERT_NO_FATAL_FAILURE(spoil_index(file.path()));
  for (const bool read_only : {true, false}) {
    auto db = Database::open(file.path(), {.read_only = read_only});
    ASSERT_TRUE(db.ok()) << db.status().to_string();
    EXPECT_EQ(nearest(*db), expected) << (read_only ? "read-only" : "writing");  // the centroids are still the trained ones
    EXPECT_TRUE(db->check().ok()) << db->check().to_string();
  }
}

TEST(VectorDamage, WhatTheLogHoldsGoesIntoTheIndexMadeAgain) {
  const TestFile file("vector_damage_log");
  ASSERT_NO_FATAL_FAILURE(make(file.path()));
  ASSERT_NO_FATAL_FAILURE(spoil_index(file.path()));
  Database db = *Database::open(file.path());
  ASSERT_TRUE(db.execute("DELETE FROM docs WHERE n < 50").ok());
  ASSERT_TRUE(db.execute("INSERT INTO docs {n: -1, embedding: [0, 1, 2, 3, 4, 5, 6, 7]}").ok());
  EXPECT_EQ(nearest(db).front(), -1);
  ASSERT_TRUE(db.check().ok());
  ASSERT_TRUE(db.close().ok());  // writes the new lists

  Database again = *Database::open(file.path());
  EXPECT_EQ(nearest(again).front(), -1);
  EXPECT_TRUE(again.check().ok()) << again.check().to_string();
  EXPECT_TRUE(again.execute("DROP INDEX by_embedding").ok());
  EXPECT_EQ(nearest(again).front(), -1);
}

}  // namespace
}  // namespace protobase
