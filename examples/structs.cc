// C++ aggregates as objects: no base class, macro or code generator.
#include <fmt/format.h>
#include <protobase/protobase.h>

#include <string>
#include <vector>

using namespace protobase;

namespace {

struct Product {
  std::string name;
  double price;
  std::vector<std::string> tags;
};

Status run() {
  PROTO_ASSIGN_OR_RETURN(Database db, Database::open(":memory:"));
  Transaction tx = db.begin();
  auto products = tx.collection<Product>("products");
  PROTO_ASSIGN_OR_RETURN(const ObjectId id, products.insert({"Desk", 129.0, {"office", "wood"}}));
  PROTO_RETURN_IF_ERROR(products.insert({"Stool", 45.0, {"wood"}}).status());
  PROTO_RETURN_IF_ERROR(products.insert({"Shelf", 30.0, {}}).status());

  PROTO_ASSIGN_OR_RETURN(const Product desk, products.get(id));
  fmt::print("{} has {} tags\n", desk.name, desk.tags.size());

  auto cheap = products.where("price < ?", 50);
  for (auto& [object, product] : cheap) fmt::print("{} {:.0f}\n", product.name, product.price);
  PROTO_RETURN_IF_ERROR(cheap.status());

  auto ordered = products.all();
  ordered.where(&Product::price, less_than(50)).order_by(&Product::name).take(10);
  for (auto& [object, product] : ordered) fmt::print("{} {:.0f}\n", product.name, product.price);
  return tx.commit();
}

}  // namespace

int main() {
  const Status status = run();
  if (!status.ok()) fmt::print(stderr, "{}\n", status.to_string());
  return status.ok() ? 0 : 1;
}
