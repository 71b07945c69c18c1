#include "vector/internal/list_scan.h"

#include <algorithm>

namespace protobase::vector::internal {
namespace {

void scan_run(const ListBlock& block, uint32_t from, uint32_t to, ExactSearch& search) {
  const VectorBlock rows{std::span(block.ids() + from, to - from), block.vector(from)};
  block.has_sketches() ? search.add_sketched(rows, block.sketches(from)) : search.add_sorted(rows);
}

}  // namespace

void ListQuery::finish(std::vector<Neighbor>& neighbors) const {
  if (metric_ != Metric::kCosine) return;
  for (Neighbor& neighbor : neighbors) neighbor.rank = std::clamp(1 + neighbor.rank, 0.0f, 2.0f);
  std::sort(neighbors.begin(), neighbors.end(), nearer);  // rounding may have made ranks equal
}

void scan_list(ListCursor& cursor, ListId list, ExactSearch& search) {
  for (cursor.seek(ListKey{list, proto::ObjectId(0)}); cursor.valid(); cursor.next_leaf()) {
    const ListBlock& block = cursor.leaf();
    const uint32_t count = static_cast<uint32_t>(block.count);
    const ListId* const lists = block.lists();
    const uint32_t to =
        lists[count - 1] == list ? count : static_cast<uint32_t>(std::upper_bound(lists, lists + count, list) - lists);
    if (cursor.index() < to) scan_run(block, cursor.index(), to, search);
    if (to < count) return;
  }
}

void scan_all_lists(ListCursor& cursor, ExactSearch& search) {
  for (cursor.seek_first(); cursor.valid(); cursor.next_leaf()) {
    const ListBlock& block = cursor.leaf();
    const ListId* lists = block.lists();
    for (uint32_t from = 0, to; from < block.count; from = to) {
      to = static_cast<uint32_t>(std::upper_bound(lists + from, lists + block.count, lists[from]) - lists);
      scan_run(block, from, to, search);
    }
  }
}

}  // namespace protobase::vector::internal
