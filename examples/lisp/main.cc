// lisp [file | -e text] ...: runs scripts; without any, what stands on the standard input. With PROTO_COLLECT_EVERY=n
// the collector runs at every n-th allocation and checks the heap, so that a value which it cannot find fails soon.
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <sstream>

#include "lisp.h"

namespace lisp {

Interpreter::Interpreter(Context& ctx) : constants(ctx) { add_builtins(ctx, *this); }

Value Interpreter::keep(Context& ctx, Value constant) {
  if (constant.is_cell()) constants.push_back(ctx, constant);
  return constant;
}

Value Interpreter::global(Context& ctx, const std::string& name) {
  const auto found = globals.find(name);
  return found != globals.end() ? found->second : globals[name] = keep(ctx, Value().new_mutable(ctx));
}

Value Interpreter::run(Context& caller, Reader& reader) {
  Context ctx(caller);
  Value last;
  while (!ctx.failed() && !reader.at_end()) {
    Context expression(ctx);
    const Value source = reader.read(expression);
    if (const Function* function = compile(expression, *this, reader, source)) {
      const List captured = List::of(expression, Value::integer(reinterpret_cast<intptr_t>(function)));
      last = expression.leave(call_closure(expression, Value(), captured, Arguments()));
    }
  }
  return ctx.leave(last);
}

std::string Interpreter::take_error(Context& ctx) {
  std::string message = "error: " + ctx.take_error().message();
  for (size_t i = 0; i < trace.size() && i < 8; ++i) message += (i == 0 ? " (line " : ", ") + std::to_string(trace[i]);
  if (!trace.empty()) message += ")";
  trace.clear();
  return message;
}

namespace {

bool run_text(Context& ctx, Interpreter& lisp, const std::string& text) {
  Reader reader(text);
  lisp.run(ctx, reader);
  if (!ctx.failed()) return true;
  std::fprintf(stderr, "%s\n", lisp.take_error(ctx).c_str());
  return false;
}

/// Reads lines until they make whole expressions, then prints the value of the last.
void converse(Context& ctx, Interpreter& lisp) {
  std::string text;
  char line[4096];
  for (std::printf("> "); std::fflush(stdout), std::fgets(line, sizeof(line), stdin) != nullptr;
       std::printf(text.empty() ? "> " : "  ")) {
    Reader reader(text += line);
    Context frame(ctx);
    const Value value = lisp.run(frame, reader);
    if (frame.failed() && reader.ends_early()) {
      (void)frame.take_error();
      continue;
    }
    std::puts(frame.failed() ? lisp.take_error(frame).c_str() : proto::to_text(frame, value).c_str());
    text.clear();
  }
}

}  // namespace
}  // namespace lisp

int main(int count, char** arguments) {
  proto::SpaceOptions options;
  if (const char* every = std::getenv("PROTO_COLLECT_EVERY")) {
    options.collect_every = static_cast<uint32_t>(std::atoi(every));
    options.poison = options.verify = true;
  }
  proto::Space space(options);
  proto::Thread thread(space);
  proto::Context ctx(thread);
  lisp::Interpreter interpreter(ctx);
  if (count == 1) lisp::converse(ctx, interpreter);
  for (int i = 1; i < count; ++i) {
    std::ostringstream text;
    if (arguments[i] == std::string_view("-e")) {
      text << (i + 1 < count ? arguments[++i] : "");
    } else if (!(text << std::ifstream(arguments[i]).rdbuf())) {
      std::fprintf(stderr, "cannot read %s\n", arguments[i]);
      return 1;
    }
    if (!lisp::run_text(ctx, interpreter, text.str())) return 1;
  }
  return 0;
}
