#include "tests/bench/runtime/programs.h"

namespace proto::programs {
namespace {

Value make_tree(Context& ctx, Value prototype, int depth) {
  if (depth == 0) return new_object(ctx, prototype, {{"left", Value()}, {"right", Value()}});
  const Value left = make_tree(ctx, prototype, depth - 1);
  return new_object(ctx, prototype, {{"left", left}, {"right", make_tree(ctx, prototype, depth - 1)}});
}

int64_t count_nodes(Context& ctx, Value tree) {
  const Value left = tree.get(ctx, "left");
  return left.is_none() ? 1 : 1 + count_nodes(ctx, left) + count_nodes(ctx, tree.get(ctx, "right"));
}

/// The tree dies with the frame.
int64_t count_new_tree(Context& caller, Value prototype, int depth) {
  Context ctx(caller);
  return count_nodes(ctx, make_tree(ctx, prototype, depth));
}

}  // namespace

std::string trees(Context& caller, int most) {
  Context ctx(caller);
  const Value prototype = ctx.space().object_prototype().new_mutable(ctx);
  std::string answer = std::to_string(count_new_tree(ctx, prototype, most + 1));
  const Value kept = make_tree(ctx, prototype, most);
  for (int depth = 4; depth <= most; depth += 2) {
    int64_t total = 0;
    for (int i = 1 << (most - depth + 4); i > 0; --i) total += count_new_tree(ctx, prototype, depth);
    answer += " " + std::to_string(total);
  }
  return answer + " " + std::to_string(count_nodes(ctx, kept));
}

}  // namespace proto::programs
