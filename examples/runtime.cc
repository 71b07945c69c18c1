// The runtime alone: objects, collections, methods, threads, frames. docs/runtime.md quotes these lines.
#include <proto/proto.h>

#include <cstdio>
#include <string>

using proto::Context;
using proto::Value;

namespace {

void print(Context& ctx, const char* what, Value value) { std::printf("%s: %s\n", what, proto::to_text(ctx, value).c_str()); }

// A method: self is the value that it is called on.
Value area(Context& ctx, Value self, proto::Arguments) {
  return proto::multiply(ctx, self.get(ctx, "width"), self.get(ctx, "height"));
}

void objects(proto::Space& space, Context& ctx) {
  Value point = space.object_prototype().new_child(ctx).with(ctx, "x", 3).with(ctx, "y", 4.0);  // immutable
  Value moved = point.with(ctx, "x", 5);                                                        // a new version
  print(ctx, "x before and after", proto::List::of(ctx, point.get(ctx, "x"), moved.get(ctx, "x")));
  print(ctx, "absent", point.get(ctx, "colour"));

  Value account = space.object_prototype().new_mutable(ctx);
  account.set(ctx, "balance", 100);  // atomic
  bool paid = account.compare_and_set(ctx, "balance", 100, 90);
  print(ctx, "balance", account.get(ctx, "balance"));
  if (!paid) std::puts("someone else was faster");
}

void methods(proto::Space& space, Context& ctx) {
  Value shape = space.object_prototype().new_mutable(ctx);
  Value box = shape.new_mutable(ctx);
  box.set(ctx, "width", 6);
  box.set(ctx, "height", 7);
  shape.set(ctx, "area", proto::method(ctx, area));  // added late: box sees it
  print(ctx, "area", box.call(ctx, "area"));

  box.call(ctx, "volume");
  proto::Status error = ctx.take_error();
  std::printf("error: %s\n", error.message().c_str());
}

void collections(Context& ctx) {
  proto::List list = proto::List::of(ctx, 1, "two", 3.0);
  proto::List longer = list.append(ctx, list);
  print(ctx, "list", longer);
  print(ctx, "size", longer.call(ctx, "size"));

  proto::DictionaryBuilder counts(ctx);
  for (Value word : proto::String::from_utf8(ctx, "the cat and the dog and the bird").split_words(ctx)) {
    counts.set(word, proto::add(ctx, Value::integer(1), counts.find(word).value_or(Value::integer(0))));
  }
  proto::Dictionary words = counts.finish();
  print(ctx, "the", words.get(ctx, proto::intern(ctx, "the")));
}

// What a frame made is gone when it leaves, but for its result.
Value factorial(Context& caller, int64_t n) {
  Context ctx(caller);
  Value result = Value::integer(1);
  for (int64_t i = 2; i <= n; ++i) result = proto::multiply(ctx, result, Value::integer(i));
  return ctx.leave(result);
}

// A value that outlives the stack, and another thread.
Value greet(Context& ctx, Value, proto::Arguments arguments) {
  return proto::String::from_utf8(ctx, "hello, ").call(ctx, "append", arguments[0]);
}

void threads(Context& ctx) {
  proto::Root kept(ctx, proto::method(ctx, greet));
  Value name = proto::intern(ctx, "thread");
  Value thread = proto::start_thread(ctx, kept.get(), {{&name, 1}});
  print(ctx, "from the thread", proto::join_thread(ctx, thread));
}

}  // namespace

int main() {
  proto::Space space;         // isolated: own heap, own collector
  proto::Thread self(space);  // attaches this thread
  proto::Context ctx(self);   // a frame
  objects(space, ctx);
  methods(space, ctx);
  collections(ctx);
  print(ctx, "30!", factorial(ctx, 30));
  threads(ctx);
  {
    proto::BlockingRegion io(ctx);  // the collector does not wait for this thread
    std::fflush(stdout);
  }
  return ctx.failed() ? 1 : 0;
}
