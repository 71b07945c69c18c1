#include "runtime/object/internal/resolution_order.h"

#include <algorithm>
#include <cstdio>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include "runtime/heap/barrier.h"
#include "runtime/object/internal/describe.h"
#include "runtime/object/internal/lookup.h"
#include "runtime/object/internal/object_space.h"
#include "runtime/value/operations.h"

namespace proto::objects {
namespace {

using Order = std::vector<Value>;

// Computes orders. Its vectors are not seen by the collector, so nothing in here comes to a safepoint; what they name
// stays alive as long as prototypes do not change, which the caller checks. No recursion: chains may be long.
class Merger {
 public:
  explicit Merger(Context& ctx) : ctx_(ctx) {}

  /// The order behind an object with these prototypes. False: there is none, see conflict().
  bool compute(std::span<const Value> prototypes, Order& order) {
    for (const Value prototype : prototypes) {
      if (!prepare(prototype)) return false;
    }
    return merge(prototypes, order);
  }
  /// The objects that were left, each behind another.
  const Order& conflict() const { return conflict_; }

 private:
  struct List {
    Order items;
    size_t head = 0;
    bool done() const { return head == items.size(); }
  };
  struct Pending {
    Value object;
    bool opened = false;
  };

  // From `object` along objects with one prototype: appends them to `run` (if not null), up to and with the first that
  // has several. True if there is such a one, which `branch` is then.
  bool follow(Value object, Order* run, Value& branch) {
    while (true) {
      if (run != nullptr) run->push_back(object);
      Value single;
      const auto parents = parents_of(ctx_, object, single);
      if (parents.empty()) return false;
      if (parents.size() > 1) {
        branch = object;
        return true;
      }
      object = parents[0];
    }
  }

  // Sees to it that merged_ has an entry for every object with several prototypes that is reached from `start`.
  bool prepare(Value start) {
    std::vector<Pending> stack;
    push_branch(start, stack);
    while (!stack.empty()) {
      const Value object = stack.back().object;
      Value single;
      const auto parents = parents_of(ctx_, object, single);
      if (merged_.contains(object.word())) {
        stack.pop_back();
      } else if (!stack.back().opened) {
        stack.back().opened = true;
        for (const Value parent : parents) push_branch(parent, stack);
      } else {
        Order order;
        if (!merge(parents, order)) return false;
        merged_.emplace(object.word(), std::move(order));
        stack.pop_back();
      }
    }
    return true;
  }

  void push_branch(Value from, std::vector<Pending>& stack) {
    Value branch;
    if (follow(from, nullptr, branch) && !merged_.contains(branch.word())) stack.push_back({branch});
  }

  // The full order of an object, itself first. False: what it needs was not prepared, since prototypes change
  // meanwhile.
  bool order_of(Value object, Order& order) {
    Value branch;
    if (!follow(object, &order, branch)) return true;
    const auto rest = merged_.find(branch.word());
    if (rest == merged_.end()) return false;
    order.insert(order.end(), rest->second.begin(), rest->second.end());
    return true;
  }

  bool merge(std::span<const Value> prototypes, Order& order) {
    std::vector<List> lists;
    for (const Value prototype : prototypes) {
      if (!order_of(prototype, lists.emplace_back().items)) return false;
    }
    lists.push_back({Order(prototypes.begin(), prototypes.end())});
    std::unordered_map<uint64_t, size_t> in_tails;  // how many lists have it behind their head
    for (const List& list : lists) {
      for (size_t i = 1; i < list.items.size(); ++i) ++in_tails[list.items[i].word()];
    }
    while (true) {
      std::erase_if(lists, [](const List& list) { return list.done(); });
      if (lists.empty()) return true;
      const auto good =
          std::ranges::find_if(lists, [&](const List& list) { return in_tails[list.items[list.head].word()] == 0; });
      if (good == lists.end()) return fail(lists);
      const Value next = good->items[good->head];
      order.push_back(next);
      for (List& list : lists) advance(list, next, in_tails);
    }
  }

  static void advance(List& list, Value taken, std::unordered_map<uint64_t, size_t>& in_tails) {
    if (list.items[list.head] != taken) return;
    ++list.head;
    if (!list.done()) --in_tails[list.items[list.head].word()];
  }

  bool fail(const std::vector<List>& lists) {
    conflict_.clear();
    for (const List& list : lists) {
      const Value head = list.items[list.head];
      if (std::ranges::find(conflict_, head) == conflict_.end()) conflict_.push_back(head);
    }
    return false;
  }

  Context& ctx_;
  std::unordered_map<uint64_t, Order> merged_;
  Order conflict_;
};

Status cannot_order(Context& ctx, const Order& conflict) {
  std::string names;
  for (const Value object : conflict) names += (names.empty() ? "" : ", ") + name_of_prototype(ctx, object);
  return Status(StatusCode::kInvalidArgument,
                "the prototypes cannot be ordered: each of (" + names + ") would have to come after another of them")
      .with_hint("give the prototypes in the order in which they inherit from each other");
}

// What another thread's change half seen may look like: tried again while nothing can change.
bool compute_order(Context& ctx, RootShape* root, bool locked, Order& order) {
  {
    Merger merger(ctx);
    if (merger.compute(root->parents(), order)) return true;
    if (locked) {
      ctx.fail(cannot_order(ctx, merger.conflict()));
      return false;
    }
  }
  order.clear();
  const ParentsLock lock(ctx);
  return compute_order(ctx, root, true, order);
}

const OrderCell* order_cell(const std::atomic<uint64_t>& field) {
  return static_cast<const OrderCell*>(state_cell(field.load(std::memory_order_acquire)));
}

}  // namespace

const OrderCell* resolution_order(Context& ctx, RootShape* root, bool locked) {
  std::atomic<uint64_t>& epoch = ObjectSpace::of(ctx).parents_epoch();
  while (true) {
    const uint64_t now = epoch.load(std::memory_order_acquire);
    const uint64_t stamp = Value::integer(static_cast<int64_t>(now)).word();
    if (const OrderCell* known = order_cell(root->order); known != nullptr && known->epoch == stamp) return known;
    Order order;
    if (!compute_order(ctx, root, locked, order)) return nullptr;
    auto* cell =
        allocate<OrderCell>(ctx, CellKind::kValueArray, sizeof(OrderCell) + order.size() * sizeof(Value), order.size());
    // The allocation may have let the collector run; what `order` names is alive if no prototypes changed since.
    if (epoch.load(std::memory_order_acquire) != now) continue;
    cell->epoch = stamp;
    std::ranges::copy(order, cell->items);
    store_value(ctx, root->order, Value::cell(cell));
    return cell;
  }
}

std::span<const Value> parents_of(Context& ctx, Value value, Value& single) {
  if (value.is_object()) return shape_of(resolved_state(value)->header_word())->root->parents();
  single = ctx.space().prototype_of(class_of(value));
  return single.is_none() ? std::span<const Value>() : std::span<const Value>(&single, 1);
}

bool leads_to(Context& ctx, std::span<const Value> prototypes, Value object) {
  std::vector<Value> stack(prototypes.begin(), prototypes.end());
  std::unordered_set<uint64_t> seen;
  while (!stack.empty()) {
    const Value at = stack.back();
    stack.pop_back();
    if (at == object) return true;
    if (!seen.insert(at.word()).second) continue;
    Value single;
    for (const Value parent : parents_of(ctx, at, single)) stack.push_back(parent);
  }
  return false;
}

std::string name_of_prototype(Context& ctx, Value prototype) {
  if (!prototype.is_object()) return to_text(ctx, prototype);
  Value name;
  if (peek_own(ctx, state_of(prototype), Value::short_string("name"), name) && name.is_string()) {
    const std::string text = text_of_name(name);
    return text.empty() ? to_text(ctx, name) : text;
  }
  char text[32];
  std::snprintf(text, sizeof(text), "object %llx", static_cast<unsigned long long>(prototype.word() >> 4));
  return text;
}

}  // namespace proto::objects
