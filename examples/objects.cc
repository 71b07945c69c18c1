// Objects without a schema: nested, changed by attribute, read lazily.
#include <fmt/format.h>
#include <protobase/protobase.h>

using namespace protobase;

namespace {

Status run() {
  PROTO_ASSIGN_OR_RETURN(Database db, Database::open(":memory:"));
  PROTO_ASSIGN_OR_RETURN(const ObjectId id, db.transact([&](Transaction& tx) -> Result<ObjectId> {
    return tx.collection("products")
        .insert(Object{{"name", "Desk"},
                       {"price", 129.0},
                       {"tags", Array{"office", "wood"}},
                       {"size", Object{{"w", 120}, {"h", 75}}}});
  }));

  Transaction tx = db.begin({.durability = Durability::kAsync});
  Collection products = tx.collection("products");
  PROTO_RETURN_IF_ERROR(products.update(id, {{"price", 119.0}}));  // changes one attribute
  PROTO_ASSIGN_OR_RETURN(const ObjectView desk, products.get(id));
  const auto width = desk.at("size.w").get<int64_t>();  // std::optional
  fmt::print("{} costs {:.0f}, is {} wide; colour is absent: {}\n", desk["name"].as_string(), desk["price"].as_double(),
             width.value_or(-1), desk["colour"].is_none());
  return tx.commit();  // a dropped transaction rolls back
}

}  // namespace

int main() {
  const Status status = run();
  if (!status.ok()) fmt::print(stderr, "{}\n", status.to_string());
  return status.ok() ? 0 : 1;
}
