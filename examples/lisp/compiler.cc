// Lists to code, and the calling of closures.
#include <alloca.h>

#include <algorithm>

#include "lisp.h"

namespace lisp {

namespace {

struct Variable {
  Value name;
  size_t index;  // of its slot, or among what the closure captured
  bool boxed;    // because closures share it and somebody changes it
  bool captured;
};

bool is_form(Value source, const char* name) {
  return source.is_list() && List(source)[0] == Value::short_string(name);
}
bool is_quoted_name(Value source) { return is_form(source, "quote") && List(source)[1].is_string(); }

/// Whether set! changes the variable, or else whether a closure mentions it.
bool mentions(Value source, Value name, bool changed, bool in_closure = false) {
  if (!source.is_list()) return in_closure && source == name;
  const List form(source);
  if (changed && is_form(form, "set!") && form[1] == name) return true;
  in_closure = in_closure || (!changed && (is_form(form, "lambda") || is_form(form, "method")));
  for (const Value item : form) {
    if (mentions(item, name, changed, in_closure)) return true;
  }
  return false;
}

/// A closure copies what it captures, so what changes must be shared. (A yes where a name has two meanings costs time
/// only.)
bool needs_box(const List& form, Value name) { return mentions(form, name, true) && mentions(form, name, false); }
Value new_box(Context& ctx, Value content) { return proto::new_mutable_object(ctx, Value(), {{"value", content}}); }

Code plain(const Variable& variable) {
  const size_t index = variable.index;
  if (variable.captured) return node([index](Context&, Frame& f) { return f.captured[index]; });
  Code local = node([index](Context&, Frame& f) { return f.slots[index]; });
  local->slot = static_cast<int>(index);
  return local;
}

Code in_order(std::vector<Code> steps) {
  if (steps.size() == 1) return std::move(steps[0]);
  return node([steps = std::move(steps)](Context& c, Frame& f) {
    Value last;
    for (const Code& step : steps) last = step->run(c, f);
    return last;
  });
}

/// Calls what `resolve` finds (callee and self); in tail position leaves that to call_closure.
template <class Resolve>
Code call_node(Interpreter& lisp, int line, bool tail, std::vector<Operand> operands, Resolve resolve) {
  return node([&lisp, line, tail, operands = std::move(operands), resolve = std::move(resolve)](Context& c, Frame& f) {
    const auto [callee, self] = resolve(c, f);
    Value* values = static_cast<Value*>(alloca(operands.size() * sizeof(Value)));
    for (size_t i = 0; i < operands.size(); ++i) values[i] = operands[i](c, f);
    if (tail && !c.failed()) {
      std::copy_n(values, operands.size(), f.slots);
      f.callee = callee, f.self = self, f.count = operands.size(), f.tail_call = true;
      return Value();
    }
    const Value result = proto::invoke_with(c, callee, self, Arguments({values, operands.size()}));
    if (c.failed() && (lisp.trace.empty() || lisp.trace.back() != line)) lisp.trace.push_back(line);
    return result;
  });
}

/// Compiles the body of one function.
struct Compiler {
  Context& ctx;
  Interpreter& lisp;
  const Reader& reader;
  Compiler* outer = nullptr;        // null: an expression at the top
  std::vector<Variable> variables;  // those that can be seen, the newest last
  std::vector<Operand> sources;     // of captured variables, in the function outside
  size_t used = 0, most = 0;        // slots

  Code wrong(const List& form, const std::string& what) {
    fail(ctx, StatusCode::kSyntax, "line " + std::to_string(reader.line_of(form)) + ": " + what);
    return constant({});
  }
  Code constant(Value value) {
    return node([value = lisp.keep(ctx, value)](Context&, Frame&) { return value; });
  }
  proto::Symbol symbol(Value name) { return {ctx, proto::to_text(ctx, name)}; }

  // ---- variables ----

  void declare(Value name, bool boxed) {
    variables.push_back({name, used++, boxed, false});
    most = std::max(most, used);
  }

  /// The variable, captured if it is one of an outer function; null: a global.
  const Variable* find(Value name) {
    for (auto at = variables.rbegin(); at != variables.rend(); ++at) {
      if (at->name == name) return &*at;
    }
    const Variable* outside = outer == nullptr ? nullptr : outer->find(name);
    if (outside == nullptr) return nullptr;
    sources.push_back(plain(*outside));
    variables.push_back({name, sources.size(), outside->boxed, true});
    return &variables.back();
  }

  Operand box(const Variable* variable, Value name) {
    return variable != nullptr ? plain(*variable) : constant(lisp.global(ctx, proto::to_text(ctx, name)));
  }

  Code variable(Value name) {
    const Variable* found = find(name);
    if (found != nullptr && !found->boxed) return plain(*found);
    return node([from = box(found, name), text = proto::to_text(ctx, name)](Context& c, Frame& f) {
      const Value box = from(c, f), value = box.get(c, "value");
      return value.is_none() && !box.has(c, "value") ? fail(c, StatusCode::kNotFound, text + " is not defined") : value;
    });
  }

  Code assign(Value name, Operand value) {
    const Variable* found = find(name);
    if (found != nullptr && !found->boxed) {
      return node([slot = found->index, value = std::move(value)](Context& c, Frame& f) {
        return f.slots[slot] = value(c, f);
      });
    }
    return node([to = box(found, name), value = std::move(value)](Context& c, Frame& f) {
      const Value content = value(c, f);
      if (!c.failed()) to(c, f).set(c, "value", content);
      return content;
    });
  }

  // ---- calls and functions ----

  std::vector<Operand> operands(const List& form, size_t first) {
    std::vector<Operand> found;
    for (size_t i = first; i < form.size(); ++i) found.push_back(expression(form[i]));
    most = std::max(most, found.size());  // a tail call leaves its arguments in the slots
    return found;
  }

  Code call(const List& form, bool tail) {
    const std::string name = form[0].is_string() ? proto::to_text(ctx, form[0]) : "";
    if (name.size() > 1 && name[0] == '.') return send(form, name.substr(1), tail);
    std::vector<Operand> given = operands(form, 1);
    const auto found = lisp.operators.find(name);
    if (found != lisp.operators.end() && (given.size() == 2 || (given.size() > 2 && found->second.folds))) {
      Code folded = found->second.compile(std::move(given[0]), std::move(given[1]));
      for (size_t i = 2; i < given.size(); ++i) folded = found->second.compile(std::move(folded), std::move(given[i]));
      return folded;
    }
    return call_node(
        lisp, reader.line_of(form), tail, std::move(given),
        [callee = Operand(expression(form[0]))](Context& c, Frame& f) { return std::pair(callee(c, f), Value()); });
  }

  /// (.name object arguments...): `self` in the method is the object.
  Code send(const List& form, const std::string& name, bool tail) {
    auto resolve = [object = Operand(expression(form[1])), symbol = proto::Symbol(ctx, name)](Context& c, Frame& f) {
      const Value receiver = object(c, f), method = receiver.get(c, symbol);
      if (method.is_none()) receiver.call_with(c, symbol, Arguments());  // fails, saying what is missing
      return std::pair(method, receiver);
    };
    return call_node(lisp, reader.line_of(form), tail, operands(form, 2), std::move(resolve));
  }

  /// The function whose parameters are the variables so far.
  const Function& function(const std::string& name, const List& form, size_t first, bool method) {
    Function& made = lisp.functions.emplace_back();
    made.name = name;
    made.parameters = variables.size();
    for (const Variable& parameter : variables) {
      if (parameter.boxed) made.boxed.push_back(parameter.index);
    }
    if (method) made.self_slot = static_cast<int>(used), declare(Value::short_string("self"), false);
    made.body = sequence(form, first, true);
    made.slots = most + 1;
    return made;
  }

  Code closure(const std::string& name, const List& form, const List& parameters, size_t first_parameter) {
    Compiler inner{ctx, lisp, reader, this};
    for (size_t i = first_parameter; i < parameters.size(); ++i) {
      if (!parameters[i].is_string()) return wrong(form, "a parameter must be a name");
      inner.declare(parameters[i], needs_box(form, parameters[i]));
    }
    const Function& made = inner.function(name, form, 2, is_form(form, "method"));
    return node([&made, sources = std::move(inner.sources)](Context& c, Frame& f) {
      List captured = List::of(c, Value::integer(reinterpret_cast<intptr_t>(&made)));
      for (const Operand& source : sources) captured = captured.append(c, source(c, f));
      return proto::closure(c, call_closure, captured, {.name = made.name});
    });
  }

  // ---- forms ----

  Code sequence(const List& form, size_t first, bool tail) {
    std::vector<Code> steps;
    for (size_t i = first; i < form.size(); ++i) steps.push_back(expression(form[i], tail && i + 1 == form.size()));
    return in_order(std::move(steps));
  }

  Code quote_form(const List& form, bool) { return constant(form[1]); }
  Code begin_form(const List& form, bool tail) { return sequence(form, 1, tail); }
  Code and_form(const List& form, bool tail) { return junction(form, 1, tail, false); }
  Code or_form(const List& form, bool tail) { return junction(form, 1, tail, true); }
  Code function_form(const List& form, bool) {
    return form[1].is_list() ? closure("", form, List(form[1]), 0) : wrong(form, "the parameters must be a list");
  }

  Code junction(const List& form, size_t at, bool tail, bool ends_at) {
    if (at >= form.size()) return constant(Value::boolean(!ends_at));
    Code first = expression(form[at], tail && at + 1 == form.size());
    if (at + 1 == form.size()) return first;
    return node(
        [first = std::move(first), rest = junction(form, at + 1, tail, ends_at), ends_at](Context& c, Frame& f) {
          const Value value = first->run(c, f);
          return is_true(value) == ends_at ? value : rest->run(c, f);
        });
  }

  Code if_form(const List& form, bool tail) {
    return node([condition = Operand(expression(form[1])), yes = Operand(expression(form[2], tail)),
                 no = Operand(expression(form[3], tail))](Context& c, Frame& f) {
      return is_true(condition(c, f)) ? yes(c, f) : no(c, f);
    });
  }

  Code while_form(const List& form, bool) {
    return node([condition = Operand(expression(form[1])), body = sequence(form, 2, false)](Context& c, Frame& f) {
      while (is_true(condition(c, f)) && c.enter()) body->run(c, f);
      return Value();
    });
  }

  /// (try expression handler): the expression's value or, after an error, that of the handler, which gets the message.
  Code try_form(const List& form, bool) {
    return node([&lisp = lisp, attempt = Operand(expression(form[1])), handler = Operand(expression(form[2]))](
                    Context& c, Frame& f) {
      const Value result = attempt(c, f);
      if (!c.failed()) return result;
      lisp.trace.clear();
      const Status error = c.take_error();
      return proto::invoke(c, handler(c, f), Value(), error.message());
    });
  }

  /// (let ((name value) ...) body...): each value may use the names before it.
  Code let_form(const List& form, bool tail) {
    const size_t outer_variables = variables.size(), outer_used = used;
    std::vector<Code> steps;
    for (const Value binding : form[1].is_list() ? List(form[1]) : form) {
      if (!binding.is_list() || !List(binding)[0].is_string()) return wrong(form, "let wants ((name value) ...)");
      Operand value = expression(List(binding)[1]);
      const bool boxed = needs_box(form, List(binding)[0]);
      steps.push_back(node([slot = used, boxed, value = std::move(value)](Context& c, Frame& f) {
        const Value content = value(c, f);
        return f.slots[slot] = boxed ? new_box(c, content) : content;
      }));
      declare(List(binding)[0], boxed);
    }
    steps.push_back(sequence(form, 2, tail));
    variables.resize(outer_variables, Variable{});
    used = outer_used;
    return in_order(std::move(steps));
  }

  /// (define name value), (define (name parameters...) body...): a global.
  Code define_form(const List& form, bool) {
    const bool is_function = form[1].is_list();
    const Value name = is_function ? List(form[1])[0] : form[1];
    const std::string text = proto::to_text(ctx, name);
    if (!name.is_string() || outer != nullptr) return wrong(form, "define wants a name, and stands at the top");
    if (lisp.operators.contains(text)) return wrong(form, text + " cannot be defined anew");
    return assign(name, is_function ? closure(text, form, List(form[1]), 1) : expression(form[2]));
  }

  /// (set! name value), (set! object 'attribute value).
  Code set_form(const List& form, bool) {
    if (form.size() == 3 && form[1].is_string()) return assign(form[1], expression(form[2]));
    if (form.size() != 4 || !is_quoted_name(form[2])) return wrong(form, "set! wants a name, or an object and a 'name");
    return node([object = Operand(expression(form[1])), name = symbol(List(form[2])[1]),
                 value = Operand(expression(form[3]))](Context& c, Frame& f) {
      const Value receiver = object(c, f), content = value(c, f);
      if (!c.failed()) receiver.set(c, name, content);
      return content;
    });
  }

  /// (get object 'attribute).
  Code get_form(const List& form, bool) {
    if (form.size() != 3 || !is_quoted_name(form[2])) return wrong(form, "get wants an object and a 'name");
    return node([object = Operand(expression(form[1])), name = symbol(List(form[2])[1])](Context& c, Frame& f) {
      return object(c, f).get(c, name);
    });
  }

  Code expression(Value source, bool tail = false) {
    static const std::map<std::string, Code (Compiler::*)(const List& form, bool tail)> forms = {
        {"quote", &Compiler::quote_form},     {"begin", &Compiler::begin_form}, {"and", &Compiler::and_form},
        {"or", &Compiler::or_form},           {"if", &Compiler::if_form},       {"while", &Compiler::while_form},
        {"lambda", &Compiler::function_form}, {"let", &Compiler::let_form},     {"method", &Compiler::function_form},
        {"define", &Compiler::define_form},   {"set!", &Compiler::set_form},    {"get", &Compiler::get_form},
        {"try", &Compiler::try_form}};
    if (ctx.failed()) return constant({});
    if (source.is_string()) return variable(source);
    if (!source.is_list()) return constant(source);
    const List form(source);
    if (form.is_empty()) return wrong(form, "() cannot be called");
    const auto found = form[0].is_string() ? forms.find(proto::to_text(ctx, form[0])) : forms.end();
    return found != forms.end() ? (this->*found->second)(form, tail) : call(form, tail);
  }
};

}  // namespace

const Function* compile(Context& ctx, Interpreter& lisp, const Reader& reader, Value expression) {
  const List form = List::of(ctx, expression);
  if (ctx.failed()) return nullptr;
  const Function& made = Compiler{ctx, lisp, reader}.function("", form, 0, false);
  return ctx.failed() ? nullptr : &made;
}

/// The variables are an array on the stack. A tail call takes the place of the call that it ends: the same array, or a
/// longer one, and the same Context.
Value call_closure(Context& caller, Value self, Value captured, Arguments arguments) {
  Context ctx(caller);
  Frame frame{.self = self, .count = arguments.size()};
  const Value* given = arguments.positional().data();
  for (size_t room = 0; ctx.enter();) {
    frame.captured = List(captured).block_at(0).data();
    const Function& function = *reinterpret_cast<const Function*>(frame.captured[0].as_small_integer());
    if (frame.count != function.parameters) {
      return fail(ctx, StatusCode::kInvalidArgument,
                  (function.name.empty() ? "a lambda" : function.name) + " takes " +
                      std::to_string(function.parameters) + " arguments, not " + std::to_string(frame.count));
    }
    if (function.slots > room) frame.slots = static_cast<Value*>(alloca((room = function.slots) * sizeof(Value)));
    if (given != frame.slots) std::copy_n(given, frame.count, frame.slots);
    if (function.self_slot >= 0) frame.slots[function.self_slot] = frame.self;
    for (const size_t slot : function.boxed) frame.slots[slot] = new_box(ctx, frame.slots[slot]);
    const Value result = function.body->run(ctx, frame);
    if (!frame.tail_call) return ctx.leave(result);
    frame.tail_call = false;
    given = frame.slots;
    const Value* next = proto::captured_by(frame.callee, call_closure);
    if (next == nullptr)
      return ctx.leave(proto::invoke_with(ctx, frame.callee, frame.self, Arguments({given, frame.count})));
    captured = *next;
  }
  return {};
}

}  // namespace lisp
