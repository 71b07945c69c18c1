// Objects and a query, by the installed C++ interface.
#include <protobase/protobase.h>

#include <cstdio>
#include <string>

int main() {
  using namespace protobase;
  Result<Database> db = Database::open(":memory:");
  if (!db) return 1;
  const Result<ObjectId> id = db->transact([](Transaction& tx) -> Result<ObjectId> {
    return tx.collection("products").insert(Object{{"name", "Desk"}, {"price", 119}});
  });
  if (!id) return 1;
  Result<ResultSet> rows = db->query("SELECT name, price FROM products WHERE price > ?", 100);
  if (!rows) return 1;
  for (const Row& row : *rows) {
    std::printf("%s %d\n", std::string(row["name"].as_string()).c_str(), static_cast<int>(row[1].as_int64()));
  }
  return 0;
}
