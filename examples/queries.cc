// Queries: parameters, prepared statements, explanations.
#include <fmt/format.h>
#include <protobase/protobase.h>

using namespace protobase;

namespace {

Status run() {
  PROTO_ASSIGN_OR_RETURN(Database db, Database::open(":memory:"));
  PROTO_RETURN_IF_ERROR(db.execute("CREATE COLLECTION products").status());
  PROTO_RETURN_IF_ERROR(
      db.execute("INSERT INTO products {name: 'Desk', price: 129.0, tags: ['office', 'wood']}, "
                 "{name: 'Stool', price: 45.0, tags: []}, {name: 'Lamp', price: 9.5, tags: ['office']}")
          .status());

  PROTO_ASSIGN_OR_RETURN(
      ResultSet rows, db.query("SELECT name, price FROM products WHERE price BETWEEN ? AND ? ORDER BY price", 10, 200));
  for (const Row& row : rows) fmt::print("{} {:.0f}\n", row["name"].as_string(), row[1].as_double());
  PROTO_RETURN_IF_ERROR(rows.status());

  Transaction tx = db.begin();
  PROTO_ASSIGN_OR_RETURN(PreparedStatement by_tag,
                         tx.prepare("SELECT VALUE p FROM products p WHERE p.tags CONTAINS $tag"));
  by_tag.bind("tag", "wood");
  PROTO_ASSIGN_OR_RETURN(ResultSet found, by_tag.execute());
  for (const Row& row : found) fmt::print("wood: {}\n", row[0]["name"].as_string());
  PROTO_RETURN_IF_ERROR(found.status());

  PROTO_ASSIGN_OR_RETURN(const Explanation plan,
                         tx.explain("SELECT name FROM products WHERE price < 50", Explain::kAnalyze));
  fmt::print("{}\n", plan.text());
  return tx.commit();
}

}  // namespace

int main() {
  const Status status = run();
  if (!status.ok()) fmt::print(stderr, "{}\n", status.to_string());
  return status.ok() ? 0 : 1;
}
