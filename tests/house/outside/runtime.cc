// The runtime alone: a versioned ordered map.
#include <proto/proto.h>

#include <cstdint>
#include <cstdio>

int main() {
  using namespace proto::avl;
  using Map = PodMap<uint64_t, uint64_t>;
  Family<Map> family;
  VersionSet<Map> versions(family);
  Edit<Map> edit(family);
  Tree<Map> tree = *versions.pin();
  for (uint64_t key = 1; key <= 3; ++key) edit.apply_one(tree, Map::Change{key, key * key});
  versions.publish(edit, tree);

  const auto newest = versions.pin();
  if (!newest->check().ok() || newest->find(uint64_t{3})->value != 9) return 1;
  std::printf("%d keys\n", static_cast<int>(newest->size()));
  return 0;
}
