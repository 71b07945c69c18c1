#include "runtime/collection/dictionary.h"

#include <algorithm>
#include <string>

#include "runtime/collection/internal/hashed_merge.h"
#include "runtime/value/operations.h"

namespace proto {

using avl::ChangeKind;
using avl::SetOperation;
using internal::DictionaryNodes;
using internal::find_key;
using internal::find_value;
using internal::Found;
using internal::hashed_key;
using internal::HashedKey;
using internal::root_of;
using Edit = internal::HashedEdit<DictionaryNodes>;

// ---- making -------------------------------------------------------------------------------------------------------------

Dictionary Dictionary::empty(Context& ctx) {
  if (!ctx.enter()) return {};
  Edit edit(ctx);
  return Dictionary(edit.seal(edit.tree(nullptr)));
}

Dictionary Dictionary::of(Context& ctx, std::span<const Item> items) {
  if (!ctx.enter()) return {};
  DictionaryBuilder builder(ctx, items.size());
  for (const Item& item : items) builder.set(item.key, item.value);
  return builder.finish();
}

Dictionary Dictionary::of(Context& ctx, std::span<const Value> keys, std::span<const Value> values) {
  if (!ctx.enter()) return {};
  if (keys.size() != values.size()) {
    ctx.fail(Status(StatusCode::kInvalidArgument, "a dictionary of " + std::to_string(keys.size()) + " keys and " +
                                                      std::to_string(values.size()) + " values"));
    return {};
  }
  DictionaryBuilder builder(ctx, keys.size());
  for (size_t i = 0; i < keys.size(); ++i) builder.set(keys[i], values[i]);
  return builder.finish();
}

// ---- reading ------------------------------------------------------------------------------------------------------------

Value Dictionary::get(Context& ctx, Value key, Value otherwise) const {
  const auto found = find_value<DictionaryNodes>(ctx, *this, key);
  return found ? found.value() : otherwise;
}

std::optional<Value> Dictionary::find(Context& ctx, Value key) const {
  const auto found = find_value<DictionaryNodes>(ctx, *this, key);
  return found ? std::optional(found.value()) : std::nullopt;
}

bool Dictionary::contains(Context& ctx, Value key) const {
  return static_cast<bool>(find_value<DictionaryNodes>(ctx, *this, key));
}

std::optional<Dictionary::Item> Dictionary::at(uint64_t index) const {
  const auto* leaf = static_cast<const DictionaryNodes::Leaf*>(internal::leaf_at(root_of(*this), index));
  if (leaf == nullptr) return std::nullopt;
  return ProjectItem::entry(*leaf, static_cast<uint32_t>(index));
}

std::vector<Value> Dictionary::sorted_keys(Context& ctx) const {
  std::vector<Value> sorted;
  sorted.reserve(size());
  for (const Value key : keys()) sorted.push_back(key);
  std::sort(sorted.begin(), sorted.end(), [&](Value a, Value b) { return compare(ctx, a, b) < 0; });
  return sorted;
}

bool Dictionary::equals(Context& ctx, const Dictionary& other) const {
  return internal::hashed_equal<DictionaryNodes>(ctx, *this, other);
}

// ---- new versions -------------------------------------------------------------------------------------------------------

Dictionary Dictionary::with(Context& ctx, Value key, Value value) const {
  if (!ctx.enter()) return {};
  DictionaryNodes::Change change{.key = hashed_key(ctx, key), .value = value};
  if (avl::Node* root = root_of(*this); root != nullptr) {
    if (const auto found = find_key<DictionaryNodes>(ctx, root, change.key)) {
      if (found.value() == value) return *this;
      change.key = found.key();
    }
  }
  Edit edit(ctx);
  auto tree = edit.tree(*this);
  edit.apply_one(tree, change);
  return Dictionary(edit.seal(tree));
}

Dictionary Dictionary::without(Context& ctx, Value key) const {
  if (!ctx.enter()) return {};
  const auto found = find_value<DictionaryNodes>(ctx, *this, key);
  if (!found) return *this;
  Edit edit(ctx);
  auto tree = edit.tree(*this);
  edit.apply_one(tree, {.key = found.key(), .kind = ChangeKind::kErase});
  return Dictionary(edit.seal(tree));
}

Dictionary Dictionary::update(Context& ctx, std::span<const Item> items) const {
  return merge(ctx, of(ctx, items));
}

namespace {

Dictionary combine(Context& ctx, SetOperation operation, const Dictionary& left, const Dictionary& right) {
  const Value combined = internal::combine_hashed<DictionaryNodes>(ctx, operation, left, right);
  return combined.is_none() ? Dictionary() : Dictionary(combined);
}

}  // namespace

Dictionary Dictionary::merge(Context& ctx, const Dictionary& other, Keep keep) const {
  return keep == Keep::kOther ? combine(ctx, SetOperation::kUnion, *this, other)
                              : combine(ctx, SetOperation::kUnion, other, *this);
}

Dictionary Dictionary::intersection(Context& ctx, const Dictionary& other) const {
  return combine(ctx, SetOperation::kIntersect, *this, other);
}

Dictionary Dictionary::difference(Context& ctx, const Dictionary& other) const {
  return combine(ctx, SetOperation::kDifference, *this, other);
}

// ---- builder ------------------------------------------------------------------------------------------------------------

std::optional<Value> DictionaryBuilder::find(Value key) const {
  const auto entry = builder_.find(hashed_key(ctx_, key));
  return entry.key == nullptr ? std::nullopt : std::optional(*entry.value);
}

Dictionary DictionaryBuilder::finish() {
  if (!ctx_.enter()) return {};
  return Dictionary(builder_.finish());
}

// ---- kinds --------------------------------------------------------------------------------------------------------------

namespace {

void print_dictionary(Context& ctx, Value value, bool, std::string& out) {
  const Dictionary dictionary(value);
  const char* separator = "";
  out += '{';
  for (const Value key : dictionary.sorted_keys(ctx)) {
    out += separator;
    print(ctx, key, out, true);
    out += ": ";
    print(ctx, find_key<DictionaryNodes>(ctx, root_of(value), hashed_key(ctx, key)).value(), out, true);
    separator = ", ";
  }
  out += '}';
}

}  // namespace

void register_dictionary_kinds() {
  internal::register_hashed_kinds<DictionaryNodes>(
      CellKind::kDictionaryLeaf, CellKind::kDictionaryInner,
      {.name = "dictionary", .value_class = ValueClass::kDictionary, .print = print_dictionary});
}

}  // namespace proto
