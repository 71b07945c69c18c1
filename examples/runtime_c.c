/* The runtime from C: values are words, frames free what they made, a method is a function pointer. */
#include <inttypes.h>
#include <proto/proto_c.h>
#include <stdio.h>

static proto_value twice(proto_context* ctx, proto_value self, const proto_value* arguments, size_t count, proto_value captured) {
  (void)self;
  if (count != 1) return proto_fail(ctx, 1, "twice takes one argument");
  return proto_arithmetic(ctx, '*', arguments[0], captured);
}

static bool print_item(void* data, proto_value key, proto_value value) {
  int64_t index, item;
  (void)data;
  if (proto_to_int64(key, &index) && proto_to_int64(value, &item)) printf("[%" PRId64 "] = %" PRId64 "\n", index, item);
  return true;
}

int main(void) {
  proto_space* space = proto_space_new(NULL);
  proto_thread* self = proto_attach(space);
  proto_context* ctx = proto_enter(self);

  proto_value name = proto_symbol(ctx, "name", -1);
  proto_value object = proto_with(ctx, proto_new_child(ctx, proto_object_prototype(space)), name, proto_string(ctx, "Ada", -1));
  char text[16];
  size_t length = proto_string_bytes(ctx, proto_get(ctx, object, name), text, sizeof(text));
  printf("%.*s\n", (int)length, text);

  proto_value method = proto_method(ctx, twice, proto_integer(ctx, 2));
  proto_builder* builder = proto_builder_new(ctx, 'l');
  for (int64_t i = 0; i < 3; ++i) {
    proto_value argument = proto_integer(ctx, i + 20);
    proto_builder_add(ctx, builder, proto_invoke(ctx, method, PROTO_NONE, &argument, 1), PROTO_NONE);
  }
  proto_iterate(ctx, proto_builder_finish(ctx, builder), print_item, NULL);

  proto_invoke(ctx, method, PROTO_NONE, NULL, 0);
  printf("error %d: %s\n", proto_error_code(ctx), proto_error_message(ctx));
  proto_clear_error(ctx);

  proto_leave(ctx, PROTO_NONE);
  proto_detach(self);
  proto_space_free(space);
  return 0;
}
