// The C interface: thin functions over the C++ one. A proto_value is the word of a Value, a proto_context a Context.
#include "runtime/proto_c.h"

#include <cstring>
#include <memory>

#include "runtime/proto.h"

using proto::Context;
using proto::Value;

struct proto_space {
  explicit proto_space(const proto::SpaceOptions& options) : space(options) {}
  proto::Space space;
};
struct proto_thread {
  explicit proto_thread(proto::Space& space) : thread(space) {}
  proto::Thread thread;
};
struct proto_region {
  proto::BlockingRegion region;
};
struct proto_root {
  proto::Root root;
};
struct proto_builder {
  proto_builder(Context& ctx, char what) : what(what), items(ctx) {}
  char what;
  proto::RootList items;
};

namespace {

Context& context(proto_context* ctx) { return *reinterpret_cast<Context*>(ctx); }
proto_context* wrap(Context& ctx) { return reinterpret_cast<proto_context*>(&ctx); }
Value value_of(proto_value word) { return Value::from_word(word); }
const Value* values_of(const proto_value* words) { return reinterpret_cast<const Value*>(words); }
std::span<const Value> span_of(const proto_value* words, size_t count) { return {values_of(words), count}; }
std::string_view text_of(const char* text, ptrdiff_t length) {
  return {text, length < 0 ? std::strlen(text) : static_cast<size_t>(length)};
}

proto_value wrong(Context& ctx, Value value, const char* wanted) {
  return ctx.fail(proto::Status(proto::StatusCode::kType, proto::to_text(ctx, value).substr(0, 60) + " is not " + wanted)).word();
}

// An argument as an index of a sequence; false after an error.
bool read_index(Context& ctx, Value key, uint64_t& index) {
  const auto number = key.is_integer() ? proto::to_int64(key) : std::nullopt;
  if (number && *number >= 0) {
    index = static_cast<uint64_t>(*number);
    return true;
  }
  wrong(ctx, key, "an index");
  return false;
}

}  // namespace

// ---- spaces -----------------------------------------------------------------------------------------------------------

proto_space* proto_space_new(const proto_space_options* options) {
  proto::SpaceOptions chosen;
  if (options != nullptr) {
    if (options->budget_bytes != 0) chosen.budget_bytes = options->budget_bytes;
    chosen.soft_limit_bytes = options->soft_limit_bytes;
    chosen.hard_limit_bytes = options->hard_limit_bytes;
    chosen.collect_every = options->collect_every;
    chosen.poison = options->poison;
    chosen.verify = options->verify;
  }
  return new proto_space(chosen);
}
void proto_space_free(proto_space* space) { delete space; }
void proto_collect(proto_context* ctx) { context(ctx).space().collect(context(ctx)); }
void proto_get_statistics(proto_space* space, proto_statistics* out) {
  const proto::SpaceStatistics now = space->space.statistics();
  *out = {now.cycles, now.stops, now.pauses.count, now.live_bytes, now.live_cells, now.heap_bytes, now.used_bytes, now.external_bytes,
          now.allocated_bytes, now.freed_by_frames, now.pauses.longest_us, now.pauses.quantile_us(0.999), now.marking_ms,
          now.sweeping_ms, now.bytes_per_second};
}
void proto_set_limits(proto_space* space, size_t soft_limit_bytes, size_t hard_limit_bytes) {
  space->space.set_limits(soft_limit_bytes, hard_limit_bytes);
}

// ---- threads and frames ---------------------------------------------------------------------------------------------------

proto_thread* proto_attach(proto_space* space) { return new proto_thread(space->space); }
void proto_detach(proto_thread* thread) { delete thread; }
proto_context* proto_enter(proto_thread* thread) { return wrap(*new Context(thread->thread)); }
proto_context* proto_enter_within(proto_context* ctx) { return wrap(*new Context(context(ctx))); }
proto_value proto_leave(proto_context* ctx, proto_value result) {
  context(ctx).leave(value_of(result));
  delete &context(ctx);
  return result;
}
proto_region* proto_block_begin(proto_context* ctx) { return new proto_region{proto::BlockingRegion(context(ctx))}; }
void proto_block_end(proto_region* region) { delete region; }
void proto_safepoint(proto_context* ctx) { context(ctx).safepoint(); }
proto_value proto_start_thread(proto_context* ctx, proto_value callable, const proto_value* arguments, size_t count) {
  return proto::start_thread(context(ctx), value_of(callable), span_of(arguments, count)).word();
}
proto_value proto_join(proto_context* ctx, proto_value thread) { return proto::join_thread(context(ctx), value_of(thread)).word(); }

// ---- errors ---------------------------------------------------------------------------------------------------------------

int proto_error_code(proto_context* ctx) { return static_cast<int>(context(ctx).error().code()); }
const char* proto_error_message(proto_context* ctx) { return context(ctx).error().message().c_str(); }
void proto_clear_error(proto_context* ctx) { (void)context(ctx).take_error(); }
proto_value proto_fail(proto_context* ctx, int code, const char* message) {
  const auto status = code > 0 && code < 256 ? static_cast<proto::StatusCode>(code) : proto::StatusCode::kInvalidState;
  return context(ctx).fail(proto::Status(status, message)).word();
}
const char* proto_version(void) { return PROTO_VERSION; }

// ---- roots ----------------------------------------------------------------------------------------------------------------

proto_root* proto_root_new(proto_context* ctx, proto_value value) {
  return new proto_root{proto::Root(context(ctx), value_of(value))};
}
proto_value proto_root_get(const proto_root* root) { return root->root.get().word(); }
void proto_root_set(proto_context* ctx, proto_root* root, proto_value value) { root->root.set(context(ctx), value_of(value)); }
void proto_root_free(proto_root* root) { delete root; }

// ---- values of one word ---------------------------------------------------------------------------------------------------

proto_kind proto_type(proto_value value) { return static_cast<proto_kind>(proto::class_of(value_of(value))); }
static_assert(static_cast<int>(proto::ValueClass::kObject) == PROTO_KIND_OBJECT &&
              static_cast<int>(proto::ValueClass::kOther) == PROTO_KIND_OTHER);
static_assert(Value().word() == PROTO_NONE && Value::boolean(true).word() == PROTO_TRUE);

bool proto_is_integer(proto_value value) { return value_of(value).is_integer(); }
bool proto_is_double(proto_value value) { return value_of(value).is_double(); }
bool proto_is_mutable(proto_value value) { return value_of(value).is_mutable_object(); }
bool proto_truthy(proto_value value) { return value_of(value).truthy(); }
proto_value proto_boolean(bool value) { return Value::boolean(value).word(); }
proto_value proto_integer(proto_context* ctx, int64_t value) { return proto::make_integer(context(ctx), value).word(); }
proto_value proto_double(proto_context* ctx, double value) { return proto::make_double(context(ctx), value).word(); }
proto_value proto_character(uint32_t code_point) { return Value::character(code_point).word(); }
proto_value proto_date(int32_t days) { return Value::date({days}).word(); }
proto_value proto_timestamp(proto_context* ctx, int64_t microseconds) {
  return proto::Input(proto::Timestamp{microseconds}).value(context(ctx)).word();
}
proto_value proto_span(proto_context* ctx, int64_t microseconds) {
  return proto::make_span(context(ctx), {microseconds}).word();
}
proto_value proto_integer_from_text(proto_context* ctx, const char* text, ptrdiff_t length, int radix) {
  if (radix < 2 || radix > 36) return wrong(context(ctx), Value::integer(radix), "a radix of 2 to 36");
  return proto::parse_integer(context(ctx), text_of(text, length), static_cast<unsigned>(radix)).word();
}
bool proto_to_int64(proto_value value, int64_t* out) {
  const auto number = value_of(value).is_integer() ? proto::to_int64(value_of(value)) : std::nullopt;
  if (number) *out = *number;
  return number.has_value();
}
bool proto_to_double(proto_value value, double* out) {
  if (!value_of(value).is_number()) return false;
  *out = proto::to_double(value_of(value));
  return true;
}
bool proto_to_date(proto_value value, int32_t* days) {
  if (value_of(value).is_date()) *days = value_of(value).as_date().days;
  return value_of(value).is_date();
}
bool proto_to_timestamp(proto_value value, int64_t* microseconds) {
  if (value_of(value).is_timestamp()) *microseconds = value_of(value).as_timestamp().microseconds;
  return value_of(value).is_timestamp();
}
bool proto_to_span(proto_value value, int64_t* microseconds) {
  if (value_of(value).is_span()) *microseconds = value_of(value).as_span().microseconds;
  return value_of(value).is_span();
}
bool proto_to_character(proto_value value, uint32_t* code_point) {
  if (value_of(value).is_character()) *code_point = value_of(value).as_character();
  return value_of(value).is_character();
}

// ---- operations on any value ------------------------------------------------------------------------------------------------

bool proto_equal(proto_context* ctx, proto_value a, proto_value b) { return proto::equal(context(ctx), value_of(a), value_of(b)); }
int proto_compare(proto_context* ctx, proto_value a, proto_value b) { return proto::compare(context(ctx), value_of(a), value_of(b)); }
uint64_t proto_hash(proto_context* ctx, proto_value value) { return proto::hash(context(ctx), value_of(value)); }
proto_value proto_print(proto_context* ctx, proto_value value) {
  return proto::String::from_utf8(context(ctx), proto::to_text(context(ctx), value_of(value))).word();
}

proto_value proto_arithmetic(proto_context* c, char operation, proto_value a_word, proto_value b_word) {
  Context& ctx = context(c);
  const Value a = value_of(a_word), b = value_of(b_word);
  switch (operation) {
    case '+': return a.is_number() ? proto::add(ctx, a, b).word() : proto_join_collections(c, a_word, b_word);
    case '-': return proto::subtract(ctx, a, b).word();
    case '*': return proto::multiply(ctx, a, b).word();
    case '/': return proto::divide(ctx, a, b).word();
    case '%': return proto::floor_remainder(ctx, a, b).word();
    case 'd': return proto::floor_divide(ctx, a, b).word();
    case '^': return proto::power(ctx, a, b).word();
    case '&': return proto::bit_and(ctx, a, b).word();
    case '|': return proto::bit_or(ctx, a, b).word();
    case 'x': return proto::bit_xor(ctx, a, b).word();
    case '<': return proto::shift_left(ctx, a, b).word();
    case '>': return proto::shift_right(ctx, a, b).word();
    default: return proto_fail(c, static_cast<int>(proto::StatusCode::kInvalidArgument), "no such arithmetic operation");
  }
}
proto_value proto_negate(proto_context* ctx, proto_value a) { return proto::negate(context(ctx), value_of(a)).word(); }

// ---- strings and bytes ------------------------------------------------------------------------------------------------------

proto_value proto_string(proto_context* ctx, const char* text, ptrdiff_t length) {
  return proto::String::from_utf8(context(ctx), text_of(text, length)).word();
}
size_t proto_string_bytes(proto_context*, proto_value string, char* out, size_t room) {
  if (!value_of(string).is_string()) return 0;
  const proto::String text(value_of(string));
  if (out != nullptr && room != 0) text.copy(out, room);
  return text.size_bytes();
}
size_t proto_string_length(proto_context*, proto_value string) {
  return value_of(string).is_string() ? proto::String(value_of(string)).size() : 0;
}
proto_value proto_string_slice(proto_context* ctx, proto_value string, size_t from, size_t to) {
  if (!value_of(string).is_string()) return wrong(context(ctx), value_of(string), "a string");
  return proto::String(value_of(string)).slice(context(ctx), from, to).word();
}
int64_t proto_string_find(proto_context* ctx, proto_value string, proto_value what, size_t from) {
  for (const proto_value text : {string, what}) {
    if (value_of(text).is_string()) continue;
    wrong(context(ctx), value_of(text), "a string");
    return -1;
  }
  const auto found = proto::String(value_of(string)).find(context(ctx), proto::String(value_of(what)), from);
  return found ? static_cast<int64_t>(*found) : -1;
}
proto_value proto_symbol(proto_context* ctx, const char* text, ptrdiff_t length) {
  return proto::Name(text_of(text, length)).word(context(ctx)).word();
}
proto_value proto_bytes(proto_context* ctx, const void* bytes, size_t size) {
  return proto::Bytes::from(context(ctx), std::string_view(static_cast<const char*>(bytes), size)).word();
}
size_t proto_bytes_copy(proto_context*, proto_value bytes, void* out, size_t room) {
  if (!value_of(bytes).is_bytes()) return 0;
  const proto::Bytes from(value_of(bytes));
  if (out != nullptr && room != 0) from.copy(static_cast<char*>(out), room);
  return from.size();
}

// ---- collections --------------------------------------------------------------------------------------------------------------

proto_value proto_list(proto_context* ctx, const proto_value* items, size_t count) {
  return proto::List::of(context(ctx), span_of(items, count)).word();
}
proto_value proto_tuple(proto_context* ctx, const proto_value* items, size_t count) {
  return proto::Tuple::of(context(ctx), span_of(items, count)).word();
}
proto_value proto_dictionary(proto_context* ctx, const proto_value* keys, const proto_value* values, size_t count) {
  return proto::Dictionary::of(context(ctx), span_of(keys, count), span_of(values, count)).word();
}
proto_value proto_set(proto_context* ctx, const proto_value* items, size_t count) {
  return proto::Set::of(context(ctx), span_of(items, count)).word();
}
proto_value proto_multiset(proto_context* ctx, const proto_value* items, size_t count) {
  return proto::Multiset::of(context(ctx), span_of(items, count)).word();
}
proto_value proto_sparse_list(proto_context* ctx) { return proto::SparseList::empty(context(ctx)).word(); }

size_t proto_size(proto_context* ctx, proto_value collection) {
  const Value value = value_of(collection);
  switch (proto::class_of(value)) {
    case proto::ValueClass::kString: return proto::String(value).size();
    case proto::ValueClass::kBytes: return proto::Bytes(value).size();
    case proto::ValueClass::kTuple: return proto::Tuple(value).size();
    case proto::ValueClass::kList: return proto::List(value).size();
    case proto::ValueClass::kSparseList: return proto::SparseList(value).size();
    case proto::ValueClass::kDictionary: return proto::Dictionary(value).size();
    case proto::ValueClass::kSet: return proto::Set(value).size();
    case proto::ValueClass::kMultiset: return proto::Multiset(value).size();
    default: wrong(context(ctx), value, "a collection"); return 0;
  }
}

proto_value proto_at(proto_context* c, proto_value collection, proto_value key_word) {
  Context& ctx = context(c);
  const Value value = value_of(collection), key = value_of(key_word);
  if (value.is_dictionary()) return proto::Dictionary(value).get(ctx, key).word();
  if (value.is_multiset()) return Value::integer(static_cast<int64_t>(proto::Multiset(value).count(ctx, key))).word();
  if (value.is_set()) return Value::boolean(proto::Set(value).contains(ctx, key)).word();
  if (value.is_sparse_list()) {
    const auto index = key.is_integer() ? proto::to_int64(key) : std::nullopt;
    return index ? proto::SparseList(value).get(*index).word() : wrong(ctx, key, "an index");
  }
  uint64_t index = 0;
  if (!read_index(ctx, key, index)) return PROTO_NONE;
  if (value.is_list()) return proto::List(value).get(index).word();
  if (value.is_tuple()) return proto::Tuple(value).get(index).word();
  if (!value.is_string()) return wrong(ctx, value, "a collection");
  const auto code_point = proto::String(value).at(index);
  return code_point ? Value::character(*code_point).word() : PROTO_NONE;
}

bool proto_contains(proto_context* c, proto_value collection, proto_value item_word) {
  Context& ctx = context(c);
  const Value value = value_of(collection), item = value_of(item_word);
  if (value.is_dictionary()) return proto::Dictionary(value).contains(ctx, item);
  if (value.is_set()) return proto::Set(value).contains(ctx, item);
  if (value.is_multiset()) return proto::Multiset(value).contains(ctx, item);
  if (value.is_list()) return proto::List(value).contains(ctx, item);
  if (value.is_tuple()) return proto::Tuple(value).contains(ctx, item);
  if (value.is_string() && item.is_string()) return proto::String(value).contains(ctx, proto::String(item));
  if (value.is_sparse_list() && item.is_integer()) {
    const auto index = proto::to_int64(item);
    return index && proto::SparseList(value).has(*index);
  }
  wrong(ctx, value, "a collection");
  return false;
}

proto_value proto_put(proto_context* c, proto_value collection, proto_value key_word, proto_value item_word) {
  Context& ctx = context(c);
  const Value value = value_of(collection), key = value_of(key_word), item = value_of(item_word);
  if (value.is_dictionary()) return proto::Dictionary(value).with(ctx, key, item).word();
  if (value.is_set()) return proto::Set(value).with(ctx, key).word();
  if (value.is_multiset()) return proto::Multiset(value).with(ctx, key).word();
  if (value.is_sparse_list()) {
    const auto index = key.is_integer() ? proto::to_int64(key) : std::nullopt;
    return index ? proto::SparseList(value).set(ctx, *index, item).word() : wrong(ctx, key, "an index");
  }
  if (!value.is_list()) return wrong(ctx, value, "a collection that can be changed");
  uint64_t index = 0;
  return read_index(ctx, key, index) ? proto::List(value).set(ctx, index, item).word() : PROTO_NONE;
}

proto_value proto_remove(proto_context* c, proto_value collection, proto_value key_word) {
  Context& ctx = context(c);
  const Value value = value_of(collection), key = value_of(key_word);
  if (value.is_dictionary()) return proto::Dictionary(value).without(ctx, key).word();
  if (value.is_set()) return proto::Set(value).without(ctx, key).word();
  if (value.is_multiset()) return proto::Multiset(value).without(ctx, key).word();
  if (value.is_sparse_list()) {
    const auto index = key.is_integer() ? proto::to_int64(key) : std::nullopt;
    return index ? proto::SparseList(value).erase(ctx, *index).word() : wrong(ctx, key, "an index");
  }
  if (!value.is_list()) return wrong(ctx, value, "a collection that can be changed");
  uint64_t index = 0;
  return read_index(ctx, key, index) ? proto::List(value).erase(ctx, index).word() : PROTO_NONE;
}

proto_value proto_append(proto_context* c, proto_value sequence, proto_value item_word) {
  Context& ctx = context(c);
  const Value value = value_of(sequence), item = value_of(item_word);
  if (value.is_list()) return proto::List(value).append(ctx, item).word();
  if (value.is_string() && item.is_character()) return proto::String(value).append(ctx, item.as_character()).word();
  return proto_join_collections(c, sequence, item_word);
}
proto_value proto_insert(proto_context* ctx, proto_value list, size_t index, proto_value item) {
  if (!value_of(list).is_list()) return wrong(context(ctx), value_of(list), "a list");
  return proto::List(value_of(list)).insert(context(ctx), index, value_of(item)).word();
}

proto_value proto_join_collections(proto_context* c, proto_value a_word, proto_value b_word) {
  Context& ctx = context(c);
  const Value a = value_of(a_word), b = value_of(b_word);
  if (a.is_string() && b.is_string()) return proto::String(a).concatenate(ctx, proto::String(b)).word();
  if (a.is_list() && b.is_list()) return proto::List(a).concatenate(ctx, proto::List(b)).word();
  if (a.is_tuple() && b.is_tuple()) return proto::Tuple(a).concatenate(ctx, proto::Tuple(b)).word();
  if (a.is_bytes() && b.is_bytes()) return proto::Bytes(a).concatenate(ctx, proto::Bytes(b)).word();
  if (a.is_dictionary() && b.is_dictionary()) return proto::Dictionary(a).merge(ctx, proto::Dictionary(b)).word();
  if (a.is_set() && b.is_set()) return proto::Set(a).set_union(ctx, proto::Set(b)).word();
  if (a.is_multiset() && b.is_multiset()) return proto::Multiset(a).set_union(ctx, proto::Multiset(b)).word();
  if (a.is_sparse_list() && b.is_sparse_list()) return proto::SparseList(a).merge(ctx, proto::SparseList(b)).word();
  return wrong(ctx, b, "something that can be joined to the other");
}
proto_value proto_slice(proto_context* ctx, proto_value sequence, size_t from, size_t to) {
  const Value value = value_of(sequence);
  if (value.is_list()) return proto::List(value).slice(context(ctx), from, to).word();
  if (value.is_tuple()) return proto::Tuple(value).slice(context(ctx), from, to).word();
  if (value.is_bytes()) return proto::Bytes(value).slice(context(ctx), from, to).word();
  return proto_string_slice(ctx, sequence, from, to);
}
proto_value proto_intersection(proto_context* c, proto_value a_word, proto_value b_word) {
  Context& ctx = context(c);
  const Value a = value_of(a_word), b = value_of(b_word);
  if (a.is_set() && b.is_set()) return proto::Set(a).intersection(ctx, proto::Set(b)).word();
  if (a.is_multiset() && b.is_multiset()) return proto::Multiset(a).intersection(ctx, proto::Multiset(b)).word();
  if (a.is_dictionary() && b.is_dictionary()) return proto::Dictionary(a).intersection(ctx, proto::Dictionary(b)).word();
  return wrong(ctx, a, "a set like the other");
}
proto_value proto_difference(proto_context* c, proto_value a_word, proto_value b_word) {
  Context& ctx = context(c);
  const Value a = value_of(a_word), b = value_of(b_word);
  if (a.is_set() && b.is_set()) return proto::Set(a).difference(ctx, proto::Set(b)).word();
  if (a.is_multiset() && b.is_multiset()) return proto::Multiset(a).difference(ctx, proto::Multiset(b)).word();
  if (a.is_dictionary() && b.is_dictionary()) return proto::Dictionary(a).difference(ctx, proto::Dictionary(b)).word();
  return wrong(ctx, a, "a set like the other");
}

namespace {

// Items of a range without keys: the index stands for one.
template <class Range, class ToValue>
bool iterate_indexed(const Range& range, proto_visit visit, void* data, ToValue&& to_value) {
  int64_t index = 0;
  for (const auto item : range) {
    if (!visit(data, Value::integer(index++).word(), to_value(item).word())) return false;
  }
  return true;
}

}  // namespace

bool proto_iterate(proto_context* ctx, proto_value collection, proto_visit visit, void* data) {
  const Value value = value_of(collection);
  const auto same = [](Value item) { return item; };
  if (value.is_list()) return iterate_indexed(proto::List(value), visit, data, same);
  if (value.is_tuple()) return iterate_indexed(proto::Tuple(value), visit, data, same);
  if (value.is_set()) return iterate_indexed(proto::Set(value), visit, data, same);
  if (value.is_string()) return iterate_indexed(proto::String(value), visit, data, Value::character);
  if (value.is_dictionary()) {
    for (const auto& [key, item] : proto::Dictionary(value)) {
      if (!visit(data, key.word(), item.word())) return false;
    }
    return true;
  }
  if (value.is_multiset()) {
    for (const auto& [element, count] : proto::Multiset(value)) {
      if (!visit(data, element.word(), Value::integer(static_cast<int64_t>(count)).word())) return false;
    }
    return true;
  }
  if (!value.is_sparse_list()) return wrong(context(ctx), value, "a collection"), false;
  for (const auto& [index, item] : proto::SparseList(value)) {
    if (!visit(data, proto::make_integer(context(ctx), index).word(), item.word())) return false;
  }
  return true;
}

proto_builder* proto_builder_new(proto_context* ctx, char what) {
  if (std::strchr("ludsm", what) == nullptr || what == '\0') return nullptr;
  return new proto_builder(context(ctx), what);
}
bool proto_builder_add(proto_context* c, proto_builder* builder, proto_value item, proto_value value) {
  Context& ctx = context(c);
  if (!ctx.enter()) return false;
  builder->items.push_back(ctx, value_of(item));
  if (builder->what == 'd') builder->items.push_back(ctx, value_of(value));
  return true;
}
proto_value proto_builder_finish(proto_context* c, proto_builder* builder) {
  Context& ctx = context(c);
  const std::unique_ptr<proto_builder> owner(builder);
  const proto::RootList& items = builder->items;
  const auto add_all = [&](auto& maker) {
    for (size_t i = 0; i < items.size(); ++i) maker.add(items[i]);
    return maker.finish().word();
  };
  switch (builder->what) {
    case 'd': {
      proto::DictionaryBuilder maker(ctx, items.size() / 2);
      for (size_t i = 0; i + 1 < items.size(); i += 2) maker.set(items[i], items[i + 1]);
      return maker.finish().word();
    }
    case 's': {
      proto::SetBuilder maker(ctx, items.size());
      return add_all(maker);
    }
    case 'm': {
      proto::MultisetBuilder maker(ctx, items.size());
      return add_all(maker);
    }
    default: {
      proto::ListBuilder maker(ctx);
      for (size_t i = 0; i < items.size(); ++i) maker.append(items[i]);
      const proto::List list = maker.finish();
      if (builder->what == 'l' || !list.valid()) return list.word();
      return proto::Tuple::of_list(ctx, list).word();
    }
  }
}

// ---- objects --------------------------------------------------------------------------------------------------------------------

proto_value proto_object_prototype(proto_space* space) { return space->space.object_prototype().word(); }
proto_value proto_prototype_of(proto_space* space, proto_kind kind) {
  const bool known = kind >= PROTO_KIND_NONE && kind <= PROTO_KIND_OTHER;
  return known ? space->space.prototype_of(static_cast<proto::ValueClass>(kind)).word() : PROTO_NONE;
}
proto_value proto_new_child(proto_context* ctx, proto_value prototype) { return value_of(prototype).new_child(context(ctx)).word(); }
proto_value proto_new_mutable(proto_context* ctx, proto_value prototype) {
  return value_of(prototype).new_mutable(context(ctx)).word();
}
proto_value proto_get(proto_context* ctx, proto_value object, proto_value name) {
  return value_of(object).get(context(ctx), value_of(name)).word();
}
bool proto_has(proto_context* ctx, proto_value object, proto_value name, bool inherited) {
  return value_of(object).has(context(ctx), value_of(name), inherited);
}
proto_value proto_with(proto_context* ctx, proto_value object, proto_value name, proto_value value) {
  return value_of(object).with(context(ctx), value_of(name), value_of(value)).word();
}
proto_value proto_without(proto_context* ctx, proto_value object, proto_value name) {
  return value_of(object).without(context(ctx), value_of(name)).word();
}
bool proto_set_attribute(proto_context* ctx, proto_value object, proto_value name, proto_value value) {
  return value_of(object).set(context(ctx), value_of(name), value_of(value));
}
bool proto_remove_attribute(proto_context* ctx, proto_value object, proto_value name) {
  return value_of(object).remove(context(ctx), value_of(name));
}
bool proto_compare_and_set(proto_context* ctx, proto_value object, proto_value name, proto_value expected, proto_value desired) {
  return value_of(object).compare_and_set(context(ctx), value_of(name), value_of(expected), value_of(desired));
}
bool proto_add_parent(proto_context* ctx, proto_value object, proto_value parent) {
  return proto::add_prototype(context(ctx), value_of(object), value_of(parent));
}
proto_value proto_parents(proto_context* ctx, proto_value object) { return proto::prototypes(context(ctx), value_of(object)).word(); }
proto_value proto_attribute_names(proto_context* ctx, proto_value object) {
  return proto::attribute_names(context(ctx), value_of(object)).word();
}
proto_value proto_snapshot(proto_context* ctx, proto_value object) { return proto::snapshot(context(ctx), value_of(object)).word(); }

// ---- methods ----------------------------------------------------------------------------------------------------------------------

namespace {

// What a C method captures: the function's address in two halves that fit small integers, and the value.
struct CMethod : proto::Cell {
  Value high, low, captured;
};

Value call_c_function(Context& ctx, Value self, Value captured, proto::Arguments arguments) {
  const auto* method = static_cast<const CMethod*>(captured.as_cell());
  const auto address = static_cast<uintptr_t>(method->high.as_small_integer()) << 32 |
                       static_cast<uintptr_t>(method->low.as_small_integer());
  const auto function = reinterpret_cast<proto_function>(address);
  const std::span<const Value> positional = arguments.positional();
  return value_of(function(wrap(ctx), self.word(), reinterpret_cast<const proto_value*>(positional.data()), positional.size(),
                           method->captured.word()));
}

}  // namespace

proto_value proto_method(proto_context* c, proto_function function, proto_value captured) {
  Context& ctx = context(c);
  if (!ctx.enter()) return PROTO_NONE;
  const auto address = reinterpret_cast<uintptr_t>(function);
  auto* cell = proto::allocate<CMethod>(ctx, proto::CellKind::kValueArray);
  cell->high = Value::integer(static_cast<int64_t>(address >> 32));
  cell->low = Value::integer(static_cast<int64_t>(address & 0xFFFFFFFF));
  cell->captured = value_of(captured);
  return proto::closure(ctx, call_c_function, Value::cell(cell), {.keywords = false}).word();
}
proto_value proto_call(proto_context* ctx, proto_value object, proto_value name, const proto_value* arguments, size_t count) {
  return value_of(object).call_with(context(ctx), value_of(name), span_of(arguments, count)).word();
}
proto_value proto_invoke(proto_context* ctx, proto_value callable, proto_value self, const proto_value* arguments, size_t count) {
  return proto::invoke_with(context(ctx), value_of(callable), value_of(self), span_of(arguments, count)).word();
}
proto_value proto_bind(proto_context* ctx, proto_value method, proto_value self) {
  return proto::bind(context(ctx), value_of(method), value_of(self)).word();
}

// ---- modules ------------------------------------------------------------------------------------------------------------------------

void proto_add_resolver(proto_context* ctx, proto_resolver resolver, void* data) {
  proto::modules(context(ctx).space()).add_resolver([resolver, data](Context& inner, std::string_view name, Value) {
    return value_of(resolver(wrap(inner), name.data(), name.size(), data));
  });
}
proto_value proto_import(proto_context* ctx, const char* name, ptrdiff_t length) {
  return proto::modules(context(ctx).space()).import(context(ctx), text_of(name, length)).word();
}

// ---- what leads out of the heap -------------------------------------------------------------------------------------------------------

proto_value proto_external(proto_context* ctx, void* pointer, void (*destroy)(void*), size_t accounted_bytes) {
  return proto::make_external_pointer(context(ctx), pointer, destroy, accounted_bytes).word();
}
void* proto_external_pointer(proto_value value) { return proto::external_pointer(value_of(value)); }
proto_value proto_buffer(proto_context* ctx, size_t size) { return proto::make_external_buffer(context(ctx), size).word(); }
void* proto_buffer_data(proto_value value, size_t* size) {
  const std::span<std::byte> bytes = proto::external_buffer(value_of(value));
  if (size != nullptr) *size = bytes.size();
  return bytes.data();
}
proto_value proto_weak(proto_context* ctx, proto_value target) {
  return proto::WeakReference::make(context(ctx), value_of(target)).word();
}
proto_value proto_weak_get(proto_context* ctx, proto_value reference) {
  return proto::WeakReference::get(context(ctx), value_of(reference)).word();
}
void proto_add_finalizer(proto_context* ctx, proto_value target, void (*function)(void*), void* data) {
  proto::add_finalizer(context(ctx), value_of(target), function, data);
}
void proto_account_external(proto_context* ctx, int64_t bytes) { context(ctx).account_external(bytes); }
