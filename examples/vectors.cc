// Vectors beside objects: the nearest ones, under a condition.
#include <fmt/format.h>
#include <protobase/protobase.h>

#include <cmath>
#include <vector>

using namespace protobase;

namespace {

// Stands for what an embedding model gives: documents of neighbouring topics point in neighbouring directions.
std::vector<float> embed(int topic) {
  const double angle = topic * 0.1;
  return {static_cast<float>(std::cos(angle)), static_cast<float>(std::sin(angle)), 0, 0};
}

Status fill(Database& db) {
  PROTO_RETURN_IF_ERROR(db.execute("CREATE COLLECTION docs (embedding VECTOR(4))").status());
  return db.transact([&](Transaction& tx) -> Status {
    Collection docs = tx.collection("docs");
    for (int topic = 0; topic < 1000; ++topic) {
      const char* title = topic == 7 ? "Balance" : topic == 9 ? "Joins" : "Other";
      PROTO_RETURN_IF_ERROR(docs.insert(Object{{"title", title},
                                               {"lang", topic % 2 == 1 ? "en" : "es"},
                                               {"embedding", embed(topic)},
                                               {"first", topic < 60}})
                                .status());
    }
    return Status();
  });
}

Status run() {
  PROTO_ASSIGN_OR_RETURN(Database db, Database::open(":memory:"));
  PROTO_RETURN_IF_ERROR(fill(db));
  PROTO_RETURN_IF_ERROR(
      db.execute("CREATE INDEX ON docs USING ivfflat (embedding vector_cosine_ops) WITH (lists = 10)").status());
  const std::vector<float> query = embed(7);
  PROTO_ASSIGN_OR_RETURN(ResultSet hits, db.query("SELECT title, embedding <=> $1 AS d FROM docs "
                                                  "WHERE lang = $2 AND first AND title <> 'Other' ORDER BY d LIMIT 2",
                                                  query, "en"));
  for (const Row& row : hits) fmt::print("{} {:.3f}\n", row["title"].as_string(), std::abs(row["d"].as_double()));
  return hits.status();
}

}  // namespace

int main() {
  const Status status = run();
  if (!status.ok()) fmt::print(stderr, "{}\n", status.to_string());
  return status.ok() ? 0 : 1;
}
