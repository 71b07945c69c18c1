#include <vector>

#include "tests/object/object_fixture.h"

namespace proto {
namespace {

class MethodTest : public ObjectFixture {};
PROTO_OBJECT_TESTS(MethodTest);

Value area(Context& ctx, Value self, Arguments) {
  return integer(self.get(ctx, "w").as_small_integer() * self.get(ctx, "h").as_small_integer());
}
Value sum(Context&, Value, Arguments arguments) {
  int64_t total = 0;
  for (const Value argument : arguments.positional()) total += argument.as_small_integer();
  return integer(total);
}
Value self_of(Context&, Value self, Arguments) { return self; }
Value captured_of(Context&, Value, Value captured, Arguments) { return captured; }
Value scaled(Context& ctx, Value, Arguments arguments) {
  const Value* factor = arguments.find_keyword(ctx, "factor");
  return integer(arguments[0].as_small_integer() * (factor == nullptr ? 1 : factor->as_small_integer()));
}
Value fails(Context& ctx, Value, Arguments) { return ctx.fail(Status(StatusCode::kConstraint, "no")); }
Value calls_itself(Context& ctx, Value self, Arguments) {
  volatile char room[1000];  // ThreadSanitizer keeps no more than 65,536 frames
  room[0] = 0;
  (void)room[0];
  return self.call(ctx, "again");
}

TEST_P(MethodTest, MethodsAreAttributesThatAreCalled) {
  const Value shape = mutable_object();
  shape.set(ctx_, "area", method(ctx_, area));
  const Value rectangle = new_object(ctx_, shape, {{"w", 3}, {"h", 4}});
  EXPECT_EQ(rectangle.call(ctx_, "area"), integer(12));
  shape.set(ctx_, "sum", method(ctx_, sum));
  EXPECT_EQ(rectangle.call(ctx_, "sum"), integer(0));
  EXPECT_EQ(rectangle.call(ctx_, "sum", 1), integer(1));
  EXPECT_EQ(rectangle.call(ctx_, "sum", 1, 2, 3), integer(6));
  EXPECT_EQ(rectangle.call_with(ctx_, "sum", Arguments()), integer(0));
}

TEST_P(MethodTest, KeywordsStandAnywhere) {
  const Value object = mutable_object();
  object.set(ctx_, "scaled", method(ctx_, scaled));
  EXPECT_EQ(object.call(ctx_, "scaled", 5), integer(5));
  EXPECT_EQ(object.call(ctx_, "scaled", 5, Keyword{"factor", 3}), integer(15));
  EXPECT_EQ(object.call(ctx_, "scaled", Keyword{"factor", 3}, 7, Keyword{"other", 1}), integer(21));
  const Symbol long_name(ctx_, "a long keyword name");
  const Value words[] = {integer(1), integer(2), integer(3), Value::short_string("k"), long_name.value()};
  const Arguments arguments(words, 1, 2);
  EXPECT_EQ(arguments.size(), 1u);
  EXPECT_EQ(arguments.keyword(ctx_, "k"), integer(2));
  EXPECT_EQ(arguments.keyword(ctx_, "a long keyword name"), integer(3));
  EXPECT_TRUE(arguments.keyword(ctx_, "absent").is_none());
  EXPECT_EQ(arguments.get(ctx_, 0, "k"), integer(1));
  EXPECT_EQ(arguments.get(ctx_, 1, "k"), integer(2));
  EXPECT_TRUE(arguments[1].is_none());
}

TEST_P(MethodTest, ArityIsChecked) {
  const Value two = method(ctx_, sum, {.name = "sum", .min_arguments = 2, .max_arguments = 2, .keywords = false});
  const Value one_up = method(ctx_, sum, {.name = "more", .min_arguments = 1});
  const Value some = method(ctx_, sum, {.name = "some", .min_arguments = 1, .max_arguments = 2});
  const Value no_arguments = method(ctx_, sum, {.name = "plain", .max_arguments = 0});
  EXPECT_EQ(invoke(ctx_, two, Value(), 1, 2), integer(3));
  const auto message_of = [&](Value made) {
    EXPECT_TRUE(made.is_none());
    const Status error = ctx_.take_error();
    EXPECT_EQ(error.code(), StatusCode::kInvalidArgument);
    return error.message();
  };
  EXPECT_EQ(message_of(invoke(ctx_, two, Value(), 1)), "sum() takes 2 arguments, but 1 was given");
  EXPECT_EQ(message_of(invoke(ctx_, two, Value(), 1, 2, 3)), "sum() takes 2 arguments, but 3 were given");
  EXPECT_EQ(message_of(invoke(ctx_, two, Value(), 1, 2, Keyword{"k", 3})), "sum() takes no keywords: k was given");
  EXPECT_EQ(message_of(invoke(ctx_, one_up, Value())), "more() takes at least 1 argument, but 0 were given");
  EXPECT_EQ(invoke(ctx_, one_up, Value(), 1, 2, 3, 4), integer(10));
  EXPECT_EQ(message_of(invoke(ctx_, some, Value(), 1, 2, 3)), "some() takes from 1 to 2 arguments, but 3 were given");
  EXPECT_EQ(message_of(invoke(ctx_, no_arguments, Value(), 1)), "plain() takes no arguments, but 1 was given");
}

TEST_P(MethodTest, ClosuresHaveWhatTheyCaptured) {
  const Value kept = new_object(ctx_, object_prototype(), {{"x", 1}});
  const Value made = closure(ctx_, captured_of, kept);
  EXPECT_EQ(invoke(ctx_, made, Value()), kept);
  space_.collect(ctx_);
  EXPECT_EQ(invoke(ctx_, made, Value()).get(ctx_, "x"), integer(1));
}

TEST_P(MethodTest, BoundMethodsKeepTheirSelf) {
  const Value owner = mutable_object();
  const Value bound = bind(ctx_, method(ctx_, self_of), owner);
  EXPECT_EQ(invoke(ctx_, bound, integer(1)), owner);
  const Value other = mutable_object();
  other.set(ctx_, "run", bound);
  EXPECT_EQ(other.call(ctx_, "run"), owner);
  EXPECT_TRUE(is_callable(ctx_, bound));
  EXPECT_TRUE(bind(ctx_, integer(1), owner).is_none());
  EXPECT_EQ(take_code(), StatusCode::kType);
}

TEST_P(MethodTest, ObjectsAreCalledThroughTheirAttribute) {
  const Value prototype = mutable_object();
  const Value object = prototype.new_child(ctx_);
  EXPECT_FALSE(is_callable(ctx_, object));
  EXPECT_TRUE(invoke(ctx_, object, Value(), 1).is_none());
  EXPECT_EQ(take_code(), StatusCode::kType);
  prototype.set(ctx_, "__call__", method(ctx_, self_of));
  EXPECT_TRUE(is_callable(ctx_, object));
  EXPECT_EQ(invoke(ctx_, object, Value(), 1), object) << "its self is the object that is called";
  const Value outer = mutable_object();
  outer.set(ctx_, "__call__", object);
  EXPECT_EQ(invoke(ctx_, outer, Value(), 1), object);
  const Value endless = mutable_object();
  endless.set(ctx_, "__call__", endless);
  EXPECT_TRUE(invoke(ctx_, endless, Value()).is_none());
  EXPECT_EQ(take_code(), StatusCode::kType);
}

TEST_P(MethodTest, WhatCannotBeCalledSaysSo) {
  EXPECT_TRUE(integer(3).call(ctx_, "fly").is_none());
  Status error = ctx_.take_error();
  EXPECT_EQ(error.code(), StatusCode::kNotFound);
  EXPECT_EQ(error.message(), "a number has no method \"fly\"");
  const Value object = new_object(ctx_, object_prototype(), {{"x", 1}});
  EXPECT_TRUE(object.call(ctx_, "x").is_none());
  EXPECT_EQ(ctx_.take_error().message(), "a number cannot be called");
}

TEST_P(MethodTest, ErrorsOfMethodsStay) {
  const Value object = mutable_object();
  object.set(ctx_, "fails", method(ctx_, fails));
  EXPECT_TRUE(object.call(ctx_, "fails").is_none());
  EXPECT_TRUE(ctx_.failed());
  EXPECT_TRUE(object.call(ctx_, "fails", 1).is_none());
  EXPECT_EQ(take_code(), StatusCode::kConstraint);
}

TEST_P(MethodTest, EndlessRecursionIsAnError) {
  const Value object = mutable_object();
  object.set(ctx_, "again", method(ctx_, calls_itself, {.name = "again"}));
  EXPECT_TRUE(object.call(ctx_, "again").is_none());
  const Status error = ctx_.take_error();
  EXPECT_EQ(error.code(), StatusCode::kRange);
  EXPECT_NE(error.message().find("again()"), std::string::npos);
}

}  // namespace
}  // namespace proto
