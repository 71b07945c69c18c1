// Large cells stand in no thread's blocks; frames must look into them all the same.
#include <gtest/gtest.h>

#include "runtime/heap/barrier.h"
#include "runtime/heap/context.h"
#include "runtime/heap/root_list.h"

namespace proto {
namespace {

struct Node : Cell {
  Value values[2];  // a stamp and a reference
};

constexpr int64_t kStamp = 4711;
constexpr size_t kLargeValues = 600;  // beyond the small cells

Node* new_node(Context& ctx, Value reference, size_t values = 2) {
  Node* node = allocate<Node>(ctx, CellKind::kValueArray, sizeof(Cell) + values * sizeof(Value));
  node->values[0] = Value::integer(kStamp);
  node->values[1] = reference;
  return node;
}

bool intact(Value value) {
  return value.is_cell() && value.as_cell()->kind() == CellKind::kValueArray &&
         static_cast<Node*>(value.as_cell())->values[0] == Value::integer(kStamp);
}
Value reference_of(Value value) { return static_cast<Node*>(value.as_cell())->values[1]; }

void make_garbage(Context& ctx, int cells) {
  for (int i = 0; i < cells; ++i) allocate<Node>(ctx, CellKind::kValueArray);
}

TEST(Frames, ALargeResultLeadsToSmallCells) {
  Space space({.poison = true});
  Thread thread(space);
  Context ctx(thread);
  Value result;
  {
    Context frame(ctx);
    Node* older = new_node(frame, Value());
    result = frame.leave(Value::cell(new_node(frame, Value::cell(older), kLargeValues)));
  }
  make_garbage(ctx, 100);
  ASSERT_TRUE(intact(result));
  EXPECT_TRUE(intact(reference_of(result))) << "freed with the frame, though its result leads there";
}

TEST(Frames, ALargeEscapedCellLeadsToSmallCells) {
  Space space({.poison = true});
  Thread thread(space);
  Context ctx(thread);
  Root root(ctx, Value());
  {
    Context frame(ctx);
    Node* older = new_node(frame, Value());
    root.set(frame, Value::cell(new_node(frame, Value::cell(older), kLargeValues)));
  }
  make_garbage(ctx, 100);
  ASSERT_TRUE(intact(root.get()));
  EXPECT_TRUE(intact(reference_of(root.get())));
}

}  // namespace
}  // namespace proto
