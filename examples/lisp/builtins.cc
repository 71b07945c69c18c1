// Operators and functions. What collections, strings and numbers can do are methods of theirs: (.append list x).
#include <cmath>
#include <cstdio>

#include "lisp.h"

namespace lisp {

namespace {

template <auto kOperation>
Code compile_binary(Operand a, Operand b) {
  return node([a = std::move(a), b = std::move(b)](Context& c, Frame& f) {
    const Value left = a(c, f);
    return kOperation(c, left, b(c, f));
  });
}
template <auto kOperation>
Value fold(Context& ctx, Value, Arguments a) {
  Value result = a[0];
  for (size_t i = 1; i < a.size(); ++i) result = kOperation(ctx, result, a[i]);
  return result;
}

bool before(Context& ctx, Value a, Value b) {
  return a.is_number() && b.is_number() ? proto::compare_numbers(a, b) < 0 : proto::compare(ctx, a, b) < 0;
}
Value same(Context& ctx, Value a, Value b) { return Value::boolean(proto::equal(ctx, a, b)); }
Value less(Context& ctx, Value a, Value b) { return Value::boolean(before(ctx, a, b)); }
Value greater(Context& ctx, Value a, Value b) { return Value::boolean(before(ctx, b, a)); }
Value at_most(Context& ctx, Value a, Value b) { return Value::boolean(before(ctx, a, b) || proto::equal(ctx, a, b)); }
Value at_least(Context& ctx, Value a, Value b) { return at_most(ctx, b, a); }

Value text(Context& ctx, Value, Arguments a) {
  std::string all;
  for (size_t i = 0; i < a.size(); ++i) proto::print(ctx, a[i], all);
  return String::from_utf8(ctx, all);
}

Value print(Context& ctx, Value self, Arguments a) {
  std::puts(String(text(ctx, self, a)).to_std_string().c_str());
  return {};
}

Value dictionary(Context& ctx, Value, Arguments a) {
  proto::DictionaryBuilder made(ctx);
  for (size_t i = 0; i < a.size(); i += 2) made.set(a[i], a[i + 1]);
  return made.finish();
}

/// (new prototype 'name value ...): a mutable object; (record ...): an immutable one.
Value make_object(Context& ctx, Value, Arguments a) {
  const Value made = a[0].new_mutable(ctx);
  for (size_t i = 1; i < a.size() && !ctx.failed(); i += 2) made.set(ctx, a[i], a[i + 1]);
  return made;
}
Value make_record(Context& ctx, Value, Arguments a) {
  Value made = a[0].new_child(ctx);
  for (size_t i = 1; i < a.size() && !ctx.failed(); i += 2) made = made.with(ctx, a[i], a[i + 1]);
  return made;
}

Value raise(Context& ctx, Value, Arguments a) {
  return fail(ctx, StatusCode::kInvalidState, proto::to_text(ctx, a[0]));
}

Value square_root(Context& ctx, Value, Arguments a) {
  if (!a[0].is_number()) return fail(ctx, StatusCode::kType, "sqrt wants a number");
  return proto::make_double(ctx, std::sqrt(proto::to_double(a[0])));
}

/// (decimal number digits): its text with so many digits after the point.
Value decimal(Context& ctx, Value, Arguments a) {
  if (!a[0].is_number() || !a[1].is_small_integer()) return fail(ctx, StatusCode::kType, "decimal wants two numbers");
  char digits[400];
  std::snprintf(digits, sizeof(digits), "%.*f", static_cast<int>(a[1].as_small_integer() & 31), proto::to_double(a[0]));
  return String::from_utf8(ctx, digits);
}

void add(Context& ctx, Interpreter& lisp, const char* name, proto::NativeFunction function, int least,
         int most = proto::MethodOptions::kAnyNumber) {
  const proto::MethodOptions options{name, static_cast<uint16_t>(least), static_cast<uint16_t>(most)};
  lisp.global(ctx, name).set(ctx, "value", proto::method(ctx, function, options));
}

template <auto kOperation>
void add_operator(Context& ctx, Interpreter& lisp, const char* name, bool folds = false) {
  add(ctx, lisp, name, fold<kOperation>, 2, folds ? proto::MethodOptions::kAnyNumber : 2);
  lisp.operators[name] = {compile_binary<kOperation>, folds};
}

}  // namespace

void add_builtins(Context& ctx, Interpreter& lisp) {
  add_operator<proto::add>(ctx, lisp, "+", true);
  add_operator<proto::subtract>(ctx, lisp, "-", true);
  add_operator<proto::multiply>(ctx, lisp, "*", true);
  add_operator<proto::divide>(ctx, lisp, "/", true);
  add_operator<proto::floor_divide>(ctx, lisp, "quotient");
  add_operator<proto::floor_remainder>(ctx, lisp, "modulo");
  add_operator<proto::bit_and>(ctx, lisp, "bit-and", true);
  add_operator<proto::bit_or>(ctx, lisp, "bit-or", true);
  add_operator<proto::bit_xor>(ctx, lisp, "bit-xor", true);
  add_operator<same>(ctx, lisp, "=");
  add_operator<less>(ctx, lisp, "<");
  add_operator<greater>(ctx, lisp, ">");
  add_operator<at_most>(ctx, lisp, "<=");
  add_operator<at_least>(ctx, lisp, ">=");
  add(ctx, lisp, "print", print, 0);
  add(ctx, lisp, "text", text, 0);
  add(
      ctx, lisp, "list", [](Context& c, Value, Arguments a) -> Value { return List::of(c, a.positional()); }, 0);
  add(ctx, lisp, "dictionary", dictionary, 0);
  add(ctx, lisp, "new", make_object, 1);
  add(ctx, lisp, "record", make_record, 1);
  add(
      ctx, lisp, "not", [](Context&, Value, Arguments a) { return Value::boolean(!is_true(a[0])); }, 1, 1);
  add(ctx, lisp, "error", raise, 1, 1);
  add(ctx, lisp, "sqrt", square_root, 1, 1);
  add(ctx, lisp, "decimal", decimal, 2, 2);
  lisp.global(ctx, "object").set(ctx, "value", ctx.space().object_prototype());
}

}  // namespace lisp
