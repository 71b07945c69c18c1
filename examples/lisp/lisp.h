// A small Lisp on libproto.
//
//   text --Reader--> lists, numbers, strings (values) --compile--> Function (a tree of nodes) --call_closure--> value
//
// What embedding asks of an interpreter, and where to look:
//   - values live in C++ locals freely: the collector finds them on the stack, where the variables of a function are,
//   too
//     (call_closure in compiler.cc). What stands in C++ memory for longer is rooted: Interpreter::constants;
//   - each call has a Context: what it allocated and did not return is freed when it ends (call_closure);
//   - an error stands in the Context until somebody takes it; operations do nothing meanwhile, so few places look;
//   - closures are methods of the runtime: objects, lists and C++ code call them like any other;
//   - a global, and a variable that closures share, is a mutable object with the attribute "value": a box.
//
// A symbol is a string; "text" is read as (quote "text"); a string that is not quoted is a variable.
#pragma once

#include <proto/proto.h>

#include <deque>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

namespace lisp {

using proto::Arguments, proto::Context, proto::List, proto::Status, proto::StatusCode, proto::String, proto::Value;

class Reader {
 public:
  explicit Reader(std::string_view text) : text_(text) {}
  /// True when nothing but space and comments is left.
  bool at_end();
  /// The next expression. None and an error if it is not well formed; ends_early() then says whether more text could
  /// help.
  Value read(Context& ctx, bool quoted = false, int depth = 0);
  bool ends_early() const { return ends_early_; }
  /// The line on which a list that was read here began.
  int line_of(const List& list) const;

 private:
  Value read_list(Context& ctx, bool quoted, int depth);
  Value read_string(Context& ctx, bool quoted);
  Value read_atom(Context& ctx);
  Value wrong(Context& ctx, const char* what);

  std::string_view text_;
  size_t at_ = 0;
  int line_ = 1;
  bool ends_early_ = false;
  std::unordered_map<const proto::Cell*, int> lines_;
};

/// A running function: its variables, what its closure captured, and the call that follows it if it ended with one.
struct Frame {
  Value* slots = nullptr;
  const Value* captured = nullptr;
  Value callee, self;  // of the tail call, with the first `count` slots as arguments
  size_t count = 0;
  bool tail_call = false;
};

struct Node {
  virtual ~Node() = default;
  virtual Value run(Context& ctx, Frame& frame) const = 0;
  int slot = -1;  // of a plain local variable
};
using Code = std::unique_ptr<Node>;

template <class Run>
Code node(Run run) {
  struct Made final : Node {
    explicit Made(Run given) : function(std::move(given)) {}
    Value run(Context& ctx, Frame& frame) const override { return function(ctx, frame); }
    Run function;
  };
  return std::make_unique<Made>(std::move(run));
}

/// A node as an operand; a local variable is read without a call.
struct Operand {
  Operand(Code given) : slot(given->slot), code(std::move(given)) {}  // NOLINT: implicit by design
  Value operator()(Context& ctx, Frame& frame) const { return slot >= 0 ? frame.slots[slot] : code->run(ctx, frame); }
  int slot;
  Code code;
};

struct Function {
  std::string name;
  size_t parameters = 0, slots = 0;  // parameters take the first slots
  int self_slot = -1;                // of a method
  std::vector<size_t> boxed;         // parameters in boxes
  Code body;
};

/// Code of (op a b), without a call. Operators cannot be defined anew.
struct Operator {
  Code (*compile)(Operand a, Operand b);
  bool folds;  // (op a b c) is (op (op a b) c)
};

struct Interpreter {
  explicit Interpreter(Context& ctx);
  /// Runs all expressions of a text; the value of the last. An error stays in ctx.
  Value run(Context& ctx, Reader& reader);
  /// The pending error with the lines of the calls that led to it; takes it.
  std::string take_error(Context& ctx);
  /// The box of a global.
  Value global(Context& ctx, const std::string& name);
  Value keep(Context& ctx, Value constant);

  proto::RootList constants;
  std::map<std::string, Value> globals;
  std::map<std::string, Operator> operators;
  std::deque<Function> functions;
  std::vector<int> trace;
};

/// One expression as a function without parameters. Null and an error if it means nothing.
const Function* compile(Context& ctx, Interpreter& lisp, const Reader& reader, Value expression);
/// What closures do when they are called. `captured`: a list of the function's address and the values that it captured.
Value call_closure(Context& caller, Value self, Value captured, Arguments arguments);
void add_builtins(Context& ctx, Interpreter& lisp);

inline bool is_true(Value value) { return value != Value::boolean(false) && !value.is_none(); }
inline Value fail(Context& ctx, StatusCode code, std::string message) {
  return ctx.fail(Status(code, std::move(message)));
}

}  // namespace lisp
