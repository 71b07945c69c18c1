// The runtime alone: versions of a dictionary, and a method of it.
#include <proto/proto.h>

#include <cstdio>

int main() {
  proto::Space space;
  proto::Thread self(space);
  proto::Context ctx(self);
  proto::Dictionary squares = proto::Dictionary::empty(ctx);
  for (int key = 1; key <= 3; ++key) squares = squares.with(ctx, key, key * key);
  const proto::Value size = squares.call(ctx, "size");
  if (ctx.failed() || squares.get(ctx, 3) != proto::Value::integer(9)) return 1;
  std::printf("%s keys\n", proto::to_text(ctx, size).c_str());
  return 0;
}
