#include <algorithm>
#include <optional>
#include <vector>

#include "runtime/base/random.h"
#include "tests/object/object_fixture.h"

namespace proto {
namespace {

class PrototypeTest : public ObjectFixture {
 protected:
  /// A mutable object that inherits from these and has a name.
  Value make(const std::string& name, std::vector<Value> parents) {
    const Value object = new_mutable_of(ctx_, parents);
    if (!object.is_none()) object.set(ctx_, "name", name);
    return object;
  }
  std::vector<Value> order_of(Value object) {
    const Value tuple = resolution_order(ctx_, object);
    if (tuple.is_none()) return {};
    const auto view = static_cast<const TupleCell*>(tuple.as_cell())->view();
    return {view.begin(), view.end()};
  }
};
PROTO_OBJECT_TESTS(PrototypeTest);

TEST_P(PrototypeTest, AttributesAreInherited) {
  const Value shape = mutable_object();
  shape.set(ctx_, "sides", 4);
  const Value square = shape.new_child(ctx_).with(ctx_, "size", 2);
  EXPECT_EQ(square.get(ctx_, "sides"), integer(4));
  EXPECT_TRUE(square.has(ctx_, "sides"));
  EXPECT_FALSE(square.has(ctx_, "sides", false));
  shape.set(ctx_, "sides", 5);
  EXPECT_EQ(square.get(ctx_, "sides"), integer(5)) << "overwritten in the prototype";
  const Value own = square.with(ctx_, "sides", 6);
  EXPECT_EQ(own.get(ctx_, "sides"), integer(6));
  EXPECT_EQ(square.get(ctx_, "sides"), integer(5));
  shape.remove(ctx_, "sides");
  EXPECT_TRUE(square.get(ctx_, "sides").is_none());
  EXPECT_EQ(own.get(ctx_, "sides"), integer(6));
}

TEST_P(PrototypeTest, ImmutablePrototypesAreInheritedFromToo) {
  const Value base = new_object(ctx_, object_prototype(), {{"x", 1}});
  const Value child = base.new_child(ctx_);
  for (int i = 0; i < 3; ++i) EXPECT_EQ(child.get(ctx_, "x"), integer(1));
  const Value other = base.with(ctx_, "x", 2).new_child(ctx_);
  EXPECT_EQ(other.get(ctx_, "x"), integer(2));
  EXPECT_EQ(child.get(ctx_, "x"), integer(1));
  EXPECT_TRUE(inherits(ctx_, child, base));
  EXPECT_FALSE(inherits(ctx_, other, base));
}

TEST_P(PrototypeTest, ALateAttributeIsSeenAtAnyDepth) {
  std::vector<Value> chain{mutable_object()};
  const int depth = 50;
  RootList alive(ctx_);
  for (int i = 1; i <= depth; ++i) {
    chain.push_back(chain.back().new_mutable(ctx_));
    alive.push_back(ctx_, chain.back());
  }
  const Value leaf = chain.back().new_child(ctx_).with(ctx_, "own", 1);
  EXPECT_TRUE(leaf.get(ctx_, "late").is_none());
  chain.front().set(ctx_, "late", 1);
  EXPECT_EQ(leaf.get(ctx_, "late"), integer(1));
  for (int i = 1; i <= depth; i += 7) {
    chain[static_cast<size_t>(i)].set(ctx_, "late", i * 10);
    EXPECT_EQ(leaf.get(ctx_, "late"), integer(i * 10));
    EXPECT_EQ(leaf.get(ctx_, "late"), integer(i * 10));
  }
  for (int i = depth; i >= 1; --i) chain[static_cast<size_t>(i)].remove(ctx_, "late");
  EXPECT_EQ(leaf.get(ctx_, "late"), integer(1));
}

TEST_P(PrototypeTest, ALateParentIsSeenAtAnyDepth) {
  std::vector<Value> chain{mutable_object()};
  RootList alive(ctx_);
  for (int i = 1; i <= 50; ++i) {
    chain.push_back(chain.back().new_mutable(ctx_));
    alive.push_back(ctx_, chain.back());
  }
  const Value leaf = chain.back().new_child(ctx_);
  EXPECT_FALSE(leaf.has(ctx_, "swims"));
  const Value swimmer = mutable_object();
  swimmer.set(ctx_, "swims", true);
  ASSERT_TRUE(add_prototype(ctx_, chain[25], swimmer)) << ctx_.error().to_string();
  EXPECT_EQ(leaf.get(ctx_, "swims"), Value::boolean(true));
  EXPECT_FALSE(chain[24].has(ctx_, "swims"));
  EXPECT_TRUE(inherits(ctx_, leaf, swimmer));
  ASSERT_TRUE(remove_prototype(ctx_, chain[25], swimmer));
  EXPECT_FALSE(leaf.has(ctx_, "swims"));
  EXPECT_FALSE(remove_prototype(ctx_, chain[25], swimmer));
  const Value other = mutable_object();
  const Value only[] = {other};
  ASSERT_TRUE(set_prototypes(ctx_, chain[30], only));
  chain[2].set(ctx_, "cut", 1);
  EXPECT_FALSE(leaf.has(ctx_, "cut"));
  EXPECT_TRUE(chain[29].has(ctx_, "cut"));
}

TEST_P(PrototypeTest, APrototypeThatBecomesADictionaryStillServes) {
  const Value base = mutable_object();
  const Value child = base.new_child(ctx_);
  for (int i = 0; i < 100; ++i) {
    const std::string name = "a" + std::to_string(i);
    EXPECT_FALSE(child.has(ctx_, name));
    base.set(ctx_, name, i);
    EXPECT_EQ(child.get(ctx_, name), integer(i));
    base.set(ctx_, name, i + 1);
    EXPECT_EQ(child.get(ctx_, name), integer(i + 1));
  }
  ASSERT_TRUE(snapshot(ctx_, base).is_cell_of(CellKind::kDictionaryObject));
  for (int i = 0; i < 100; ++i) {
    const std::string name = "a" + std::to_string(i);
    EXPECT_EQ(child.get(ctx_, name), integer(i + 1));
    base.remove(ctx_, name);
    EXPECT_FALSE(child.has(ctx_, name));
  }
}

TEST_P(PrototypeTest, ADictionaryObjectInheritsWhatItHasNot) {
  const Value base = mutable_object();
  base.set(ctx_, "kind", 1);
  Value child = base.new_child(ctx_);
  for (int i = 0; i < 70; ++i) child = child.with(ctx_, "a" + std::to_string(i), i);
  ASSERT_TRUE(child.is_cell_of(CellKind::kDictionaryObject));
  EXPECT_EQ(child.get(ctx_, "kind"), integer(1));
  EXPECT_EQ(child.get(ctx_, "kind"), integer(1));
  const Value own = child.with(ctx_, "kind", 2);
  EXPECT_EQ(own.get(ctx_, "kind"), integer(2)) << "own before what is remembered of the same shape";
  EXPECT_EQ(child.get(ctx_, "kind"), integer(1));
}

TEST_P(PrototypeTest, ObjectsNeverInheritFromThemselves) {
  const Value a = mutable_object();
  const Value b = a.new_mutable(ctx_);
  const Value c = b.new_child(ctx_).with(ctx_, "x", 1);
  const Value d = c.new_mutable(ctx_);
  for (const Value descendant : {a, b, d}) {
    EXPECT_FALSE(add_prototype(ctx_, a, descendant));
    EXPECT_EQ(take_code(), StatusCode::kInvalidArgument);
  }
  EXPECT_FALSE(add_prototype(ctx_, object_prototype(), a));
  EXPECT_EQ(take_code(), StatusCode::kInvalidArgument);
  EXPECT_FALSE(d.has(ctx_, "y"));
  EXPECT_TRUE(add_prototype(ctx_, d, a));
}

TEST_P(PrototypeTest, AChainOfTenThousandResolves) {
  const int depth = hostile() ? 300 : 10'000;
  Value at = mutable_object();
  const Value first = at;
  first.set(ctx_, "end", 7);
  for (int i = 0; i < depth; ++i) at = at.new_mutable(ctx_);
  EXPECT_EQ(at.get(ctx_, "end"), integer(7));
  EXPECT_TRUE(at.get(ctx_, "nowhere").is_none());
  first.set(ctx_, "late", 8);
  EXPECT_EQ(at.get(ctx_, "late"), integer(8));
  EXPECT_FALSE(add_prototype(ctx_, first, at)) << "a cycle of ten thousand";
  EXPECT_EQ(take_code(), StatusCode::kInvalidArgument);
  const Value mixin = mutable_object();
  mixin.set(ctx_, "mixed", 9);
  const Value parents[] = {at, mixin};
  const Value both = new_child_of(ctx_, parents);
  EXPECT_EQ(both.get(ctx_, "mixed"), integer(9));
  EXPECT_EQ(both.get(ctx_, "end"), integer(7));
}

TEST_P(PrototypeTest, SeveralPrototypesAreAskedInC3Order) {
  // The example of the paper, as in Python's documentation.
  const Value o = object_prototype();
  const Value f = make("F", {o});
  const Value e = make("E", {o});
  const Value d = make("D", {o});
  const Value c = make("C", {d, f});
  const Value b = make("B", {d, e});
  const Value a = make("A", {b, c});
  EXPECT_EQ(order_of(a), (std::vector<Value>{b, c, d, e, f, o}));
  f.set(ctx_, "x", 'f' - 'a');
  d.set(ctx_, "x", 'd' - 'a');
  EXPECT_EQ(a.get(ctx_, "x"), integer(3));
  c.set(ctx_, "x", 2);
  EXPECT_EQ(a.get(ctx_, "x"), integer(2));
  EXPECT_EQ(a.new_child(ctx_).new_child(ctx_).get(ctx_, "x"), integer(2));
}

TEST_P(PrototypeTest, WhatC3CannotOrderIsAnErrorThatNamesTheObjects) {
  const Value o = object_prototype();
  const Value x = make("X", {o});
  const Value y = make("Y", {o});
  const Value xy = make("P", {x, y});
  const Value yx = make("Q", {y, x});
  const Value both[] = {xy, yx};
  EXPECT_TRUE(new_child_of(ctx_, both).is_none());
  const Status error = ctx_.take_error();
  EXPECT_EQ(error.code(), StatusCode::kInvalidArgument);
  EXPECT_NE(error.message().find("(X, Y)"), std::string::npos) << error.to_string();
  const Value twice[] = {x, x};
  EXPECT_TRUE(new_child_of(ctx_, twice).is_none());
  EXPECT_EQ(take_code(), StatusCode::kInvalidArgument);
  const Value before_its_own[] = {o, x};
  EXPECT_TRUE(new_child_of(ctx_, before_its_own).is_none());
  EXPECT_EQ(take_code(), StatusCode::kInvalidArgument);
}

TEST_P(PrototypeTest, AChangeThatMakesTheOrderImpossibleIsAnErrorOfLookUpsUntilItIsUndone) {
  const Value o = object_prototype();
  const Value x = make("X", {o});
  const Value y = make("Y", {o});
  const Value p = make("P", {x});
  const Value q = make("Q", {y});
  const Value both[] = {p, q};
  const Value child = new_child_of(ctx_, both);
  y.set(ctx_, "deep", 1);
  EXPECT_EQ(child.get(ctx_, "deep"), integer(1));
  ASSERT_TRUE(add_prototype(ctx_, p, y));  // p: X, Y
  EXPECT_EQ(child.get(ctx_, "deep"), integer(1));
  const Value reversed[] = {y, x};
  ASSERT_TRUE(set_prototypes(ctx_, q, reversed));
  EXPECT_TRUE(child.get(ctx_, "deep").is_none());
  EXPECT_EQ(take_code(), StatusCode::kInvalidArgument);
  const Value same[] = {x, y};
  ASSERT_TRUE(set_prototypes(ctx_, q, same));
  EXPECT_EQ(child.get(ctx_, "deep"), integer(1));
}

TEST_P(PrototypeTest, BuiltInValuesHaveThePrototypesOfTheirSpace) {
  space_.prototype_of(ValueClass::kNumber).set(ctx_, "unit", 1);
  EXPECT_EQ(integer(3).get(ctx_, "unit"), integer(1));
  EXPECT_EQ(Value::small_double(2.5).get(ctx_, "unit"), integer(1));
  EXPECT_TRUE(Value::boolean(true).get(ctx_, "unit").is_none());
  EXPECT_TRUE(Value().get(ctx_, "unit").is_none());
  object_prototype().set(ctx_, "all", 2);
  for (const Value value :
       {integer(3), Value(), Value::boolean(true), Value::short_string("a"), Value::character('a')}) {
    EXPECT_EQ(value.get(ctx_, "all"), integer(2));
    EXPECT_TRUE(inherits(ctx_, value, object_prototype()));
  }
  const Value three = integer(3).new_child(ctx_).with(ctx_, "own", 1);
  EXPECT_EQ(three.get(ctx_, "unit"), integer(1)) << "a number as a prototype";
}

TEST_P(PrototypeTest, ChangesOfAnObjectsOwnPrototypesKeepItsAttributes) {
  const Value a = mutable_object();
  const Value b = mutable_object();
  b.set(ctx_, "from", 2);
  a.set(ctx_, "x", 1);
  a.set(ctx_, "y", 2);
  EXPECT_FALSE(a.has(ctx_, "from"));
  const Value list[] = {b};
  ASSERT_TRUE(set_prototypes(ctx_, a, list));
  EXPECT_EQ(a.get(ctx_, "x"), integer(1));
  EXPECT_EQ(a.get(ctx_, "y"), integer(2));
  EXPECT_EQ(a.get(ctx_, "from"), integer(2));
  const Value parents = prototypes(ctx_, a);
  EXPECT_EQ(static_cast<const TupleCell*>(parents.as_cell())->view()[0], b);
}

// ---- the hook
// ----------------------------------------------------------------------------------------------------------------

Value answer_name(Context&, Value, Arguments arguments) { return arguments[0]; }

TEST_P(PrototypeTest, AbsentAttributesAreAskedFor) {
  const Value base = mutable_object();
  const Value child = base.new_child(ctx_).with(ctx_, "x", 1);
  EXPECT_TRUE(child.get(ctx_, "absent").is_none());
  base.set(ctx_, "__get__", method(ctx_, answer_name));
  EXPECT_EQ(child.get(ctx_, "absent"), Value::short_string("absent"));
  EXPECT_EQ(child.get(ctx_, "absent"), Value::short_string("absent"));
  EXPECT_EQ(child.get(ctx_, "x"), integer(1));
  EXPECT_FALSE(child.has(ctx_, "absent"));
  base.set(ctx_, "absent", 3);
  EXPECT_EQ(child.get(ctx_, "absent"), integer(3));
  base.remove(ctx_, "__get__");
  EXPECT_TRUE(child.get(ctx_, "other").is_none());
  const Value own = mutable_object();
  for (int i = 0; i < 70; ++i) own.set(ctx_, "a" + std::to_string(i), i);
  EXPECT_TRUE(own.get(ctx_, "absent").is_none());
  own.set(ctx_, "__get__", method(ctx_, answer_name));
  EXPECT_EQ(own.get(ctx_, "absent"), Value::short_string("absent")) << "a hook of a dictionary object itself";
}

// ---- random class graphs against a simple C3
// ---------------------------------------------------------------------------------

using Order = std::vector<int>;

class Graph {
 public:
  std::vector<Order> parents;

  /// As the definition says, by recursion.
  std::optional<Order> order_of(int node) const {
    std::vector<Order> lists;
    for (const int parent : parents[static_cast<size_t>(node)]) {
      std::optional<Order> order = order_of(parent);
      if (!order) return std::nullopt;
      order->insert(order->begin(), parent);
      lists.push_back(*order);
    }
    lists.push_back(parents[static_cast<size_t>(node)]);
    Order result;
    while (true) {
      std::erase_if(lists, [](const Order& list) { return list.empty(); });
      if (lists.empty()) return result;
      const auto good =
          std::find_if(lists.begin(), lists.end(), [&](const Order& list) { return is_good(lists, list[0]); });
      if (good == lists.end()) return std::nullopt;
      const int next = (*good)[0];
      result.push_back(next);
      for (Order& list : lists) {
        if (list[0] == next) list.erase(list.begin());
      }
    }
  }

 private:
  static bool is_good(const std::vector<Order>& lists, int head) {
    return std::none_of(lists.begin(), lists.end(),
                        [&](const Order& list) { return std::find(list.begin() + 1, list.end(), head) != list.end(); });
  }
};

TEST_P(PrototypeTest, RandomGraphsAreOrderedAsTheDefinitionSays) {
  const uint64_t seed = 4711;
  Random random(seed);
  SCOPED_TRACE("seed " + std::to_string(seed));
  const int graphs = hostile() ? 5 : 150;
  int impossible = 0, possible = 0;
  for (int round = 0; round < graphs; ++round) {
    Graph graph;
    graph.parents.push_back({});
    std::vector<Value> objects{object_prototype()};
    RootList alive(ctx_);
    while (objects.size() < 14) {
      const int node = static_cast<int>(objects.size());
      Order chosen;
      std::vector<Value> values;
      for (uint64_t wanted = 1 + random.below(3); wanted > 0; --wanted) {
        const int parent = static_cast<int>(random.below(static_cast<uint64_t>(node)));
        if (std::find(chosen.begin(), chosen.end(), parent) == chosen.end()) chosen.push_back(parent);
      }
      for (const int parent : chosen) values.push_back(objects[static_cast<size_t>(parent)]);
      graph.parents.push_back(chosen);
      const std::optional<Order> expected = graph.order_of(node);
      const Value object =
          random.one_in(2) ? new_mutable_of(ctx_, values) : make("n", values);  // with an attribute of its own
      ASSERT_EQ(!object.is_none(), expected.has_value());
      if (!expected) {
        ++impossible;
        ASSERT_EQ(take_code(), StatusCode::kInvalidArgument);
        graph.parents.pop_back();
        continue;
      }
      ++possible;
      alive.push_back(ctx_, object);
      objects.push_back(object);
      std::vector<Value> values_expected;
      for (const int other : *expected) values_expected.push_back(objects[static_cast<size_t>(other)]);
      ASSERT_EQ(order_of(object), values_expected);
    }
  }
  EXPECT_GT(impossible, hostile() ? 0 : 20);
  EXPECT_GT(possible, 20);
}

// Attributes and prototypes of a random graph change, and every object sees what the definition says.
TEST_P(PrototypeTest, RandomChangesOfGraphsAreSeenByAll) {
  const uint64_t seed = 99;
  Random random(seed);
  SCOPED_TRACE("seed " + std::to_string(seed));
  constexpr size_t kObjects = 10;
  Graph graph;
  graph.parents.assign(kObjects, {});
  std::vector<Value> objects;
  RootList alive(ctx_);
  std::vector<std::vector<std::optional<int64_t>>> own(kObjects, std::vector<std::optional<int64_t>>(3));
  for (size_t i = 0; i < kObjects; ++i) {
    objects.push_back(new_mutable_of(ctx_, {}));
    alive.push_back(ctx_, objects.back());
  }
  // Outer none: an error. A conflict is met only by look-ups that come to it.
  const auto expected = [&](size_t object, size_t name) -> std::optional<std::optional<int64_t>> {
    while (!own[object][name] && graph.parents[object].size() == 1)
      object = static_cast<size_t>(graph.parents[object][0]);
    if (own[object][name]) return own[object][name];
    const std::optional<Order> order = graph.order_of(static_cast<int>(object));
    if (!order) return std::nullopt;
    for (const int at : *order) {
      if (own[static_cast<size_t>(at)][name]) return own[static_cast<size_t>(at)][name];
    }
    return std::optional<int64_t>();
  };
  const char* const names[] = {"a", "b", "an attribute"};
  const int steps = hostile() ? 100 : 3000;
  for (int step = 0; step < steps; ++step) {
    const size_t object = random.below(kObjects);
    const size_t name = random.below(3);
    switch (random.below(4)) {
      case 0: {
        // Parents of lower numbers only, so that the model needs no search for cycles.
        Order chosen;
        std::vector<Value> values;
        for (uint64_t wanted = random.below(4); wanted > 0 && object > 0; --wanted) {
          const int parent = static_cast<int>(random.below(object));
          if (std::find(chosen.begin(), chosen.end(), parent) == chosen.end()) chosen.push_back(parent);
        }
        for (const int parent : chosen) values.push_back(objects[static_cast<size_t>(parent)]);
        const Order before = graph.parents[object];
        graph.parents[object] = chosen;
        if (!graph.order_of(static_cast<int>(object))) graph.parents[object] = before;
        const bool done = set_prototypes(ctx_, objects[object], values);
        ASSERT_EQ(take_code(), done ? StatusCode::kOk : StatusCode::kInvalidArgument);
        if (chosen.size() > 1) {
          ASSERT_EQ(done, graph.parents[object] == chosen || chosen == before);
        }
        if (done) graph.parents[object] = chosen;
        break;
      }
      case 1:
        own[object][name] = step;
        ASSERT_TRUE(objects[object].set(ctx_, names[name], step));
        break;
      case 2:
        ASSERT_EQ(objects[object].remove(ctx_, names[name]), own[object][name].has_value());
        own[object][name].reset();
        break;
      default:
        break;
    }
    for (int probe = 0; probe < 4; ++probe) {
      const size_t at = random.below(kObjects);
      const size_t asked = random.below(3);
      const auto wanted = expected(at, asked);
      const Value got = objects[at].get(ctx_, names[asked]);
      if (!wanted) {
        ASSERT_EQ(take_code(), StatusCode::kInvalidArgument);
      } else {
        ASSERT_TRUE(ctx_.error().ok()) << ctx_.error().to_string();
        ASSERT_EQ(got, *wanted ? integer(**wanted) : Value()) << "step " << step;
      }
    }
  }
}

}  // namespace
}  // namespace proto
