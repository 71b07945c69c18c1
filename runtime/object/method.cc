#include "runtime/object/method.h"

#include "runtime/heap/intern_table.h"
#include "runtime/object/internal/describe.h"
#include "runtime/object/internal/object_space.h"

namespace proto {
namespace objects {
namespace {

/// How often an attribute "__call__" may be an object again.
constexpr int kMaxIndirections = 32;

std::string shown_name(const MethodCell* cell) {
  const std::string name = text_of_name(cell->name);
  return name.empty() ? "this method" : name + "()";
}

std::string count_of_arguments(uint32_t count) {
  return std::to_string(count) + (count == 1 ? " argument" : " arguments");
}

std::string arity(uint32_t least, uint32_t most) {
  if (most == MethodOptions::kAnyNumber) return "at least " + count_of_arguments(least);
  if (least == most) return least == 0 ? "no arguments" : count_of_arguments(least);
  return "from " + std::to_string(least) + " to " + count_of_arguments(most);
}

Value wrong_arguments(Context& ctx, const MethodCell* cell, Arguments arguments) {
  const uint64_t payload = cell->payload();
  const std::string name = shown_name(cell);
  if (arguments.keyword_count() != 0 && (payload & MethodCell::kKeywords) == 0) {
    return ctx.fail(Status(StatusCode::kInvalidArgument,
                           name + " takes no keywords: " + text_of_name(arguments.keyword_name(0)) + " was given"));
  }
  const auto least = static_cast<uint32_t>(payload & 0xFFFF);
  const auto most = static_cast<uint32_t>(payload >> 16 & 0xFFFF);
  const auto given = static_cast<uint32_t>(arguments.size());
  return ctx.fail(Status(StatusCode::kInvalidArgument, name + " takes " + arity(least, most) + ", but " +
                                                           std::to_string(given) + (given == 1 ? " was" : " were") +
                                                           " given"));
}

Value invoke_method(Context& ctx, const MethodCell* cell, Value self, Arguments arguments) {
  if (!ctx.enter()) return {};
  if (!MethodCell::takes(cell->payload(), arguments)) return wrong_arguments(ctx, cell, arguments);
  if (attribute_cache(ctx).stack_is_low()) {
    return ctx.fail(Status(StatusCode::kRange, "calls nest too deeply, at " + shown_name(cell)));
  }
  if ((cell->payload() & MethodCell::kClosure) != 0) return cell->closure(ctx, self, cell->captured, arguments);
  return cell->function(ctx, self, arguments);
}

Value make_method(Context& ctx, uint64_t flags, const MethodOptions& options, Value captured, MethodCell*& cell) {
  if (!ctx.enter()) return {};
  const Value name = intern(ctx, options.name);
  if (ctx.failed()) return {};
  if (options.keywords) flags |= MethodCell::kKeywords;
  const uint64_t payload = options.min_arguments | uint64_t{options.max_arguments} << 16 | flags;
  cell = allocate<MethodCell>(ctx, CellKind::kMethod, sizeof(MethodCell), payload);
  cell->captured = captured;
  cell->name = name;
  return Value::cell(cell);
}

}  // namespace

Value invoke_slow(Context& ctx, Value callable, Value self, Arguments arguments) {
  Value at = callable;
  for (int i = 0; i < kMaxIndirections; ++i) {
    if (at.is_cell_of(CellKind::kMethod)) {
      return invoke_method(ctx, static_cast<const MethodCell*>(at.as_cell()), self, arguments);
    }
    if (at.is_cell_of(CellKind::kBoundMethod)) {
      const auto* bound = static_cast<const BoundMethodCell*>(at.as_cell());
      self = bound->self;
      at = bound->callable;
      continue;
    }
    const Finding call = at.is_object() ? find(ctx, at, ObjectSpace::of(ctx).call_name) : Finding();
    if (!call.found()) break;
    self = at;
    at = call.value;
  }
  return ctx.fail(Status(StatusCode::kType, describe(callable) + " cannot be called"));
}

Value no_method(Context& ctx, Value self, Value name) {
  if (ctx.failed()) return {};
  return ctx.fail(Status(StatusCode::kNotFound, describe(self) + " has no method \"" + text_of_name(name) + "\""));
}

void trace_method(const Cell* cell, Tracer& tracer) {
  const auto* method = static_cast<const MethodCell*>(cell);
  tracer.visit(method->captured);
  tracer.visit(method->name);
}

void trace_bound_method(const Cell* cell, Tracer& tracer) {
  const auto* bound = static_cast<const BoundMethodCell*>(cell);
  tracer.visit(bound->callable);
  tracer.visit(bound->self);
}

void print_method(Context&, Value value, bool, std::string& out) {
  while (value.is_cell_of(CellKind::kBoundMethod))
    value = static_cast<const BoundMethodCell*>(value.as_cell())->callable;
  std::string name;
  if (value.is_cell_of(CellKind::kMethod)) name = text_of_name(static_cast<const MethodCell*>(value.as_cell())->name);
  out += name.empty() ? "<method>" : "<method " + name + ">";
}

}  // namespace objects

Value method(Context& ctx, NativeFunction function, const MethodOptions& options) {
  objects::MethodCell* cell = nullptr;
  const Value made = objects::make_method(ctx, 0, options, Value(), cell);
  if (cell != nullptr) cell->function = function;
  return made;
}

Value closure(Context& ctx, ClosureFunction function, const Input& captured, const MethodOptions& options) {
  objects::MethodCell* cell = nullptr;
  const Value made = objects::make_method(ctx, objects::MethodCell::kClosure, options, captured.value(ctx), cell);
  if (cell != nullptr) cell->closure = function;
  return made;
}

Value bind(Context& ctx, Value callable, Value self) {
  if (!ctx.enter()) return {};
  if (!is_callable(ctx, callable)) {
    return ctx.fail(Status(StatusCode::kType, objects::describe(callable) + " cannot be called"));
  }
  auto* cell = allocate<objects::BoundMethodCell>(ctx, CellKind::kBoundMethod);
  cell->callable = callable;
  cell->self = self;
  return Value::cell(cell);
}

bool is_callable(Context& ctx, Value value) {
  if (value.is_method()) return true;
  return value.is_object() && objects::find(ctx, value, objects::ObjectSpace::of(ctx).call_name).found();
}

}  // namespace proto
