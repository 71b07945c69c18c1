// The C interface: each function once, from a program that sees nothing else.
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "runtime/proto_c.h"

namespace {

class CInterface : public ::testing::Test {
 protected:
  void SetUp() override {
    proto_space_options options{};
    options.collect_every = 50;
    options.poison = true;
    options.verify = true;
    space_ = proto_space_new(&options);
    self_ = proto_attach(space_);
    ctx_ = proto_enter(self_);
  }
  void TearDown() override {
    EXPECT_EQ(proto_error_code(ctx_), 0) << proto_error_message(ctx_);
    proto_leave(ctx_, PROTO_NONE);
    proto_detach(self_);
    proto_space_free(space_);
  }

  proto_value text(const char* bytes) { return proto_string(ctx_, bytes, -1); }
  proto_value number(int64_t value) { return proto_integer(ctx_, value); }
  std::string bytes_of(proto_value string) {
    std::string out(proto_string_bytes(ctx_, string, nullptr, 0), '\0');
    proto_string_bytes(ctx_, string, out.data(), out.size());
    return out;
  }
  std::string printed(proto_value value) { return bytes_of(proto_print(ctx_, value)); }
  int take_error() {
    const int code = proto_error_code(ctx_);
    EXPECT_NE(std::string(proto_error_message(ctx_)), "");
    proto_clear_error(ctx_);
    return code;
  }

  proto_space* space_ = nullptr;
  proto_thread* self_ = nullptr;
  proto_context* ctx_ = nullptr;
};

TEST_F(CInterface, Scalars) {
  int64_t integer = 0;
  double real = 0;
  int32_t days = 0;
  uint32_t code_point = 0;
  EXPECT_TRUE(proto_to_int64(number(INT64_MIN), &integer));
  EXPECT_EQ(integer, INT64_MIN);
  EXPECT_TRUE(proto_to_double(proto_double(ctx_, 1e-300), &real));
  EXPECT_EQ(real, 1e-300);
  EXPECT_TRUE(proto_to_double(number(3), &real));
  EXPECT_FALSE(proto_to_double(PROTO_NONE, &real));
  EXPECT_TRUE(proto_to_date(proto_date(-5), &days));
  EXPECT_EQ(days, -5);
  EXPECT_TRUE(proto_to_timestamp(proto_timestamp(ctx_, 1234567), &integer));
  EXPECT_EQ(integer, 1234567);
  EXPECT_TRUE(proto_to_span(proto_span(ctx_, INT64_MAX), &integer));
  EXPECT_EQ(integer, INT64_MAX);
  EXPECT_TRUE(proto_to_character(proto_character(0x1F600), &code_point));
  EXPECT_EQ(code_point, 0x1F600u);
  EXPECT_TRUE(proto_is_integer(number(1)) && proto_is_double(proto_double(ctx_, 1)) && !proto_is_integer(proto_double(ctx_, 1)));
  EXPECT_TRUE(proto_truthy(number(0)) && !proto_truthy(PROTO_NONE) && !proto_truthy(PROTO_FALSE) && proto_truthy(proto_boolean(true)));
  EXPECT_EQ(proto_type(PROTO_TRUE), PROTO_KIND_BOOLEAN);
  EXPECT_EQ(printed(proto_integer_from_text(ctx_, "-ff", -1, 16)), "-255");
  EXPECT_EQ(proto_integer_from_text(ctx_, "12x", 3, 10), PROTO_NONE);
  EXPECT_NE(take_error(), 0);
  EXPECT_TRUE(proto_equal(ctx_, number(1), proto_double(ctx_, 1)));
  EXPECT_EQ(proto_hash(ctx_, number(1)), proto_hash(ctx_, proto_double(ctx_, 1)));
  EXPECT_LT(proto_compare(ctx_, number(1), number(2)), 0);
}

TEST_F(CInterface, Arithmetic) {
  const proto_value big = proto_arithmetic(ctx_, '^', number(2), number(100));
  EXPECT_EQ(printed(big), "1267650600228229401496703205376");
  const struct { char operation; const char* result; } cases[] = {{'+', "9"}, {'-', "5"}, {'*', "14"}, {'/', "3.5"}, {'%', "1"},
                                                                  {'d', "3"}, {'&', "2"}, {'|', "7"}, {'x', "5"}, {'<', "28"}, {'>', "1"}};
  for (const auto& [operation, result] : cases) {
    EXPECT_EQ(printed(proto_arithmetic(ctx_, operation, number(7), number(2))), result) << operation;
  }
  EXPECT_EQ(printed(proto_negate(ctx_, number(7))), "-7");
  EXPECT_EQ(printed(proto_arithmetic(ctx_, '+', text("ab"), text("cd"))), "abcd");
  EXPECT_EQ(proto_arithmetic(ctx_, '%', number(1), number(0)), PROTO_NONE);
  EXPECT_NE(take_error(), 0);
}

TEST_F(CInterface, StringsAndBytes) {
  const proto_value string = text("gr\xC3\xBC\xC3\x9F Gott");
  EXPECT_EQ(proto_string_length(ctx_, string), 9u);
  EXPECT_EQ(proto_size(ctx_, string), 9u);
  EXPECT_EQ(bytes_of(proto_string_slice(ctx_, string, 2, 4)), "\xC3\xBC\xC3\x9F");
  EXPECT_EQ(proto_string_find(ctx_, string, text("Gott"), 0), 5);
  EXPECT_EQ(proto_string_find(ctx_, string, text("Gott"), 6), -1);
  EXPECT_EQ(proto_symbol(ctx_, "a name of some length", -1), proto_symbol(ctx_, "a name of some length!", 21));
  EXPECT_EQ(proto_string(ctx_, "\xFF", 1), PROTO_NONE);
  EXPECT_NE(take_error(), 0);
  const proto_value bytes = proto_bytes(ctx_, "\0\1\2", 3);
  char out[3] = {9, 9, 9};
  EXPECT_EQ(proto_bytes_copy(ctx_, bytes, out, 3), 3u);
  EXPECT_EQ(out[2], 2);
  EXPECT_EQ(proto_size(ctx_, proto_slice(ctx_, bytes, 1, 3)), 2u);
}

TEST_F(CInterface, Collections) {
  const proto_value items[] = {number(3), number(1), number(3)};
  const proto_value list = proto_list(ctx_, items, 3);
  EXPECT_EQ(printed(proto_append(ctx_, list, number(4))), "[3, 1, 3, 4]");
  EXPECT_EQ(printed(proto_put(ctx_, list, number(0), number(9))), "[9, 1, 3]");
  EXPECT_EQ(printed(proto_remove(ctx_, list, number(0))), "[1, 3]");
  EXPECT_EQ(printed(proto_insert(ctx_, list, 1, number(7))), "[3, 7, 1, 3]");
  EXPECT_EQ(printed(proto_join_collections(ctx_, list, list)), "[3, 1, 3, 3, 1, 3]");
  EXPECT_EQ(printed(proto_slice(ctx_, list, 1, 2)), "[1]");
  EXPECT_EQ(proto_at(ctx_, list, number(1)), number(1));
  EXPECT_EQ(proto_at(ctx_, list, number(5)), PROTO_NONE);
  EXPECT_TRUE(proto_contains(ctx_, list, number(3)));
  EXPECT_EQ(proto_tuple(ctx_, items, 3), proto_tuple(ctx_, items, 3));
  const proto_value set = proto_set(ctx_, items, 3);
  EXPECT_EQ(proto_size(ctx_, set), 2u);
  EXPECT_EQ(proto_size(ctx_, proto_intersection(ctx_, set, proto_set(ctx_, items, 1))), 1u);
  EXPECT_EQ(proto_size(ctx_, proto_difference(ctx_, set, proto_set(ctx_, items, 1))), 1u);
  EXPECT_EQ(proto_at(ctx_, proto_multiset(ctx_, items, 3), number(3)), number(2));
  const proto_value keys[] = {text("a"), text("b")};
  const proto_value dictionary = proto_dictionary(ctx_, keys, items, 2);
  EXPECT_EQ(proto_at(ctx_, dictionary, text("b")), number(1));
  EXPECT_EQ(proto_size(ctx_, proto_remove(ctx_, dictionary, text("a"))), 1u);
  const proto_value sparse = proto_put(ctx_, proto_sparse_list(ctx_), number(1'000'000), text("far"));
  EXPECT_EQ(bytes_of(proto_at(ctx_, sparse, number(1'000'000))), "far");
  EXPECT_EQ(proto_at(ctx_, PROTO_TRUE, number(0)), PROTO_NONE);
  EXPECT_NE(take_error(), 0);
}

TEST_F(CInterface, BuildersAndIteration) {
  const auto sum = [](void* data, proto_value key, proto_value value) {
    int64_t a = 0, b = 0;
    proto_to_int64(key, &a), proto_to_int64(value, &b);
    *static_cast<int64_t*>(data) += a + 1000 * b;
    return true;
  };
  for (const char what : {'l', 'u', 'd', 's', 'm'}) {
    proto_builder* builder = proto_builder_new(ctx_, what);
    for (int64_t i = 0; i < 300; ++i) EXPECT_TRUE(proto_builder_add(ctx_, builder, number(i), number(i)));
    const proto_value made = proto_builder_finish(ctx_, builder);
    EXPECT_EQ(proto_size(ctx_, made), 300u) << what;
    int64_t total = 0;
    EXPECT_TRUE(proto_iterate(ctx_, made, sum, &total));
    const int64_t triangle = 299 * 300 / 2;
    EXPECT_EQ(total, what == 'm' ? triangle + 300'000 : triangle * 1001) << what;
  }
  EXPECT_EQ(proto_builder_new(ctx_, '?'), nullptr);
}

TEST_F(CInterface, Objects) {
  const proto_value x = proto_symbol(ctx_, "x", -1), y = proto_symbol(ctx_, "a longer name", -1);
  const proto_value base = proto_new_mutable(ctx_, proto_object_prototype(space_));
  EXPECT_TRUE(proto_is_mutable(base));
  EXPECT_TRUE(proto_set_attribute(ctx_, base, x, number(1)));
  const proto_value child = proto_with(ctx_, proto_new_child(ctx_, base), y, number(2));
  EXPECT_EQ(proto_get(ctx_, child, x), number(1));
  EXPECT_EQ(proto_get(ctx_, child, y), number(2));
  EXPECT_FALSE(proto_has(ctx_, child, x, false));
  EXPECT_TRUE(proto_has(ctx_, child, x, true));
  EXPECT_FALSE(proto_has(ctx_, proto_without(ctx_, child, y), y, true));
  EXPECT_TRUE(proto_compare_and_set(ctx_, base, x, number(1), number(5)));
  EXPECT_FALSE(proto_compare_and_set(ctx_, base, x, number(1), number(6)));
  EXPECT_EQ(proto_get(ctx_, child, x), number(5));
  EXPECT_TRUE(proto_remove_attribute(ctx_, base, x));
  EXPECT_EQ(proto_get(ctx_, child, x), PROTO_NONE);
  const proto_value other = proto_new_mutable(ctx_, proto_object_prototype(space_));
  EXPECT_TRUE(proto_add_parent(ctx_, other, base));
  EXPECT_EQ(proto_size(ctx_, proto_parents(ctx_, other)), 2u);
  EXPECT_EQ(proto_size(ctx_, proto_attribute_names(ctx_, child)), 1u);
  EXPECT_FALSE(proto_is_mutable(proto_snapshot(ctx_, base)));
  EXPECT_NE(proto_prototype_of(space_, PROTO_KIND_LIST), PROTO_NONE);
}

proto_value add_captured(proto_context* ctx, proto_value self, const proto_value* arguments, size_t count, proto_value captured) {
  if (count == 0) return proto_fail(ctx, 1, "nothing to add");
  return proto_arithmetic(ctx, '+', self == PROTO_NONE ? proto_integer(ctx, 0) : self, proto_arithmetic(ctx, '+', arguments[0], captured));
}

TEST_F(CInterface, MethodsThreadsAndModules) {
  const proto_value method = proto_method(ctx_, add_captured, number(100));
  const proto_value five = number(5);
  EXPECT_EQ(proto_invoke(ctx_, method, number(1), &five, 1), number(106));
  EXPECT_EQ(proto_invoke(ctx_, proto_bind(ctx_, method, number(2)), PROTO_NONE, &five, 1), number(107));
  EXPECT_EQ(proto_call(ctx_, proto_list(ctx_, &five, 1), text("size"), nullptr, 0), number(1));
  EXPECT_EQ(proto_invoke(ctx_, method, PROTO_NONE, nullptr, 0), PROTO_NONE);
  EXPECT_EQ(std::string(proto_error_message(ctx_)), "nothing to add");
  proto_clear_error(ctx_);
  EXPECT_EQ(proto_join(ctx_, proto_start_thread(ctx_, method, &five, 1)), number(105));
  proto_add_resolver(ctx_, [](proto_context* ctx, const char* name, size_t length, void* data) {
    return std::string(name, length) == static_cast<const char*>(data) ? proto_integer(ctx, 77) : PROTO_NONE;
  }, const_cast<char*>("numbers"));
  EXPECT_EQ(proto_import(ctx_, "numbers", -1), number(77));
  EXPECT_EQ(proto_import(ctx_, "letters", -1), PROTO_NONE);
  EXPECT_NE(take_error(), 0);
}

TEST_F(CInterface, FramesRootsAndWhatLeadsOut) {
  proto_context* frame = proto_enter_within(ctx_);
  const proto_value made = proto_list(frame, nullptr, 0);
  const proto_value kept = proto_append(frame, made, proto_integer(frame, 1));
  proto_leave(frame, kept);
  EXPECT_EQ(printed(kept), "[1]");
  proto_root* root = proto_root_new(ctx_, kept);
  proto_collect(ctx_);
  EXPECT_EQ(printed(proto_root_get(root)), "[1]");
  proto_root_set(ctx_, root, number(2));
  EXPECT_EQ(proto_root_get(root), number(2));
  proto_root_free(root);

  int destroyed = 0;
  const auto count = [](void* data) { ++*static_cast<int*>(data); };
  EXPECT_EQ(proto_external_pointer(proto_external(ctx_, &destroyed, nullptr, 10)), &destroyed);
  size_t size = 0;
  EXPECT_NE(proto_buffer_data(proto_buffer(ctx_, 1000), &size), nullptr);
  EXPECT_EQ(size, 1000u);
  EXPECT_EQ(proto_weak_get(ctx_, proto_weak(ctx_, kept)), kept);
  proto_add_finalizer(ctx_, kept, count, &destroyed);
  proto_account_external(ctx_, 1 << 20);
  proto_account_external(ctx_, -(1 << 20));
  proto_region* region = proto_block_begin(ctx_);
  proto_block_end(region);
  proto_safepoint(ctx_);
  proto_set_limits(space_, 1 << 30, size_t{1} << 32);
  proto_statistics statistics;
  proto_get_statistics(space_, &statistics);
  EXPECT_GT(statistics.cycles, 0u);
  EXPECT_GT(std::string(proto_version()).size(), 0u);
}

}  // namespace
