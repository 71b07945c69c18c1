#include <set>

#include "tests/bench/runtime/programs.h"

namespace proto::programs {
namespace {

enum Identity : int64_t { kIdle, kWorker, kHandlerA, kHandlerB, kDeviceA, kDeviceB, kTasks };
enum PacketKind : int64_t { kForDevice, kForWork };
enum State : int64_t { kRunnable = 1, kSuspended = 2, kHeld = 4 };

int64_t integer(Context& ctx, Value object, const Name& name) { return object.get(ctx, name).as_small_integer(); }
void change(Context& ctx, Value object, const Name& name, int64_t by) {
  object.set(ctx, name, Value::integer(integer(ctx, object, name) + by));
}

// ---- packets
// -------------------------------------------------------------------------------------------------------------

Value make_packet(Context& ctx, Value link, int64_t identity, int64_t kind) {
  const Value zero = Value::integer(0);
  return new_mutable_object(
      ctx, ctx.space().object_prototype(),
      {{"link", link}, {"id", identity}, {"kind", kind}, {"datum", 0}, {"data", List::filled(ctx, 4, zero)}});
}

Value add_packet(Context& ctx, Value packet, Value queue) {
  packet.set(ctx, "link", Value());
  if (queue.is_none()) return packet;
  Value last = queue;
  for (Value next = last.get(ctx, "link"); !next.is_none(); next = last.get(ctx, "link")) last = next;
  last.set(ctx, "link", packet);
  return queue;
}

// ---- tasks: methods of the prototype of all tasks
// -----------------------------------------------------------------------------

Value waits(Context& ctx, Value self, Arguments) {
  const int64_t state = integer(ctx, self, "state");
  return Value::boolean((state & kHeld) != 0 || state == kSuspended);
}

Value run(Context& ctx, Value self, Arguments) {
  if (integer(ctx, self, "state") != (kSuspended | kRunnable)) return self.call(ctx, "step", Value());
  const Value packet = self.get(ctx, "queue"), rest = packet.get(ctx, "link");
  self.set(ctx, "queue", rest);
  self.set(ctx, "state", int64_t{rest.is_none() ? 0 : 1} * kRunnable);
  return self.call(ctx, "step", packet);
}

/// (sender, packet): who runs next.
Value receive(Context& ctx, Value self, Arguments arguments) {
  const Value sender = arguments[0], packet = arguments[1], queue = self.get(ctx, "queue");
  if (!queue.is_none()) {
    self.set(ctx, "queue", add_packet(ctx, packet, queue));
    return sender;
  }
  self.set(ctx, "queue", packet);
  self.set(ctx, "state", integer(ctx, self, "state") | kRunnable);
  return integer(ctx, self, "rank") > integer(ctx, sender, "rank") ? self : sender;
}

// ---- the steps of each kind of task
// --------------------------------------------------------------------------------------------

Value idle_step(Context& ctx, Value self, Arguments) {
  const Value kernel = self.get(ctx, "kernel");
  change(ctx, self, "count", -1);
  if (integer(ctx, self, "count") == 0) return kernel.call(ctx, "hold");
  const int64_t seed = integer(ctx, self, "seed");
  const bool even = (seed & 1) == 0;
  self.set(ctx, "seed", even ? seed >> 1 : seed >> 1 ^ 0xD008);
  return kernel.call(ctx, "release", Value::integer(even ? kDeviceA : kDeviceB));
}

Value worker_step(Context& ctx, Value self, Arguments arguments) {
  const Value kernel = self.get(ctx, "kernel"), packet = arguments[0];
  if (packet.is_none()) return kernel.call(ctx, "suspend");
  const int64_t target = integer(ctx, self, "target") == kHandlerA ? kHandlerB : kHandlerA;
  self.set(ctx, "target", target);
  packet.set(ctx, "id", target);
  packet.set(ctx, "datum", 0);
  List data(packet.get(ctx, "data"));
  int64_t letter = integer(ctx, self, "letter");
  for (uint64_t i = 0; i < 4; ++i) {
    letter = letter < 26 ? letter + 1 : 1;
    data = data.set(ctx, i, Value::integer(letter));
  }
  self.set(ctx, "letter", letter);
  packet.set(ctx, "data", data);
  return kernel.call(ctx, "send", packet);
}

Value handler_step(Context& ctx, Value self, Arguments arguments) {
  const Value kernel = self.get(ctx, "kernel"), packet = arguments[0];
  if (!packet.is_none()) {
    const char* queue = integer(ctx, packet, "kind") == kForWork ? "work" : "devices";
    self.set(ctx, queue, add_packet(ctx, packet, self.get(ctx, queue)));
  }
  const Value work = self.get(ctx, "work");
  if (work.is_none()) return kernel.call(ctx, "suspend");
  const int64_t at = integer(ctx, work, "datum");
  if (at >= 4) {
    self.set(ctx, "work", work.get(ctx, "link"));
    return kernel.call(ctx, "send", work);
  }
  const Value device = self.get(ctx, "devices");
  if (device.is_none()) return kernel.call(ctx, "suspend");
  self.set(ctx, "devices", device.get(ctx, "link"));
  device.set(ctx, "datum", List(work.get(ctx, "data"))[at]);
  work.set(ctx, "datum", at + 1);
  return kernel.call(ctx, "send", device);
}

Value device_step(Context& ctx, Value self, Arguments arguments) {
  const Value kernel = self.get(ctx, "kernel"), packet = arguments[0];
  if (!packet.is_none()) {
    self.set(ctx, "pending", packet);
    return kernel.call(ctx, "hold");
  }
  const Value pending = self.get(ctx, "pending");
  if (pending.is_none()) return kernel.call(ctx, "suspend");
  self.set(ctx, "pending", Value());
  return kernel.call(ctx, "send", pending);
}

// ---- the kernel
// ----------------------------------------------------------------------------------------------------------

Value release(Context& ctx, Value self, Arguments arguments) {
  const Value task = List(self.get(ctx, "table"))[arguments[0].as_small_integer()], current = self.get(ctx, "current");
  task.set(ctx, "state", integer(ctx, task, "state") & ~int64_t{kHeld});
  return integer(ctx, task, "rank") > integer(ctx, current, "rank") ? task : current;
}

Value hold(Context& ctx, Value self, Arguments) {
  const Value current = self.get(ctx, "current");
  change(ctx, self, "held", 1);
  current.set(ctx, "state", integer(ctx, current, "state") | kHeld);
  return current.get(ctx, "link");
}

Value suspend(Context& ctx, Value self, Arguments) {
  const Value current = self.get(ctx, "current");
  current.set(ctx, "state", integer(ctx, current, "state") | kSuspended);
  return current;
}

Value send(Context& ctx, Value self, Arguments arguments) {
  const Value packet = arguments[0], current = self.get(ctx, "current");
  const Value task = List(self.get(ctx, "table"))[integer(ctx, packet, "id")];
  change(ctx, self, "queued", 1);
  packet.set(ctx, "link", Value());
  packet.set(ctx, "id", current.get(ctx, "id"));
  return task.call(ctx, "receive", current, packet);
}

struct Prototypes {
  Value kernel, idle, worker, handler, device;

  explicit Prototypes(Context& ctx) {
    const Value object = ctx.space().object_prototype();
    kernel = new_mutable_object(ctx, object,
                                {{"release", method(ctx, release)},
                                 {"hold", method(ctx, hold)},
                                 {"suspend", method(ctx, suspend)},
                                 {"send", method(ctx, send)}});
    const Value task = new_mutable_object(
        ctx, object, {{"waits", method(ctx, waits)}, {"run", method(ctx, run)}, {"receive", method(ctx, receive)}});
    idle = new_mutable_object(ctx, task, {{"step", method(ctx, idle_step)}});
    worker = new_mutable_object(ctx, task, {{"step", method(ctx, worker_step)}});
    handler = new_mutable_object(ctx, task, {{"step", method(ctx, handler_step)}});
    device = new_mutable_object(ctx, task, {{"step", method(ctx, device_step)}});
  }
};

Value add_task(Context& ctx, Value prototype, Value kernel, int64_t identity, int64_t rank, Value queue) {
  const Value task = new_mutable_object(ctx, prototype,
                                        {{"kernel", kernel},
                                         {"id", identity},
                                         {"rank", rank},
                                         {"queue", queue},
                                         {"link", kernel.get(ctx, "tasks")},
                                         {"state", queue.is_none() ? kSuspended : kSuspended | kRunnable}});
  kernel.set(ctx, "tasks", task);
  kernel.set(ctx, "table", List(kernel.get(ctx, "table")).set(ctx, identity, task));
  return task;
}

Value three_packets(Context& ctx, int64_t identity) {
  Value packet;
  for (int i = 0; i < 3; ++i) packet = make_packet(ctx, packet, identity, kForDevice);
  return packet;
}

void add_tasks(Context& ctx, const Prototypes& prototypes, Value kernel, int count) {
  const Value idle = add_task(ctx, prototypes.idle, kernel, kIdle, 0, Value());
  idle.set(ctx, "seed", 1);
  idle.set(ctx, "count", count);
  idle.set(ctx, "state", 0);
  const Value work = make_packet(ctx, make_packet(ctx, Value(), kWorker, kForWork), kWorker, kForWork);
  const Value worker = add_task(ctx, prototypes.worker, kernel, kWorker, 1000, work);
  worker.set(ctx, "target", Value::integer(kHandlerA));
  worker.set(ctx, "letter", 0);
  add_task(ctx, prototypes.handler, kernel, kHandlerA, 2000, three_packets(ctx, kDeviceA));
  add_task(ctx, prototypes.handler, kernel, kHandlerB, 3000, three_packets(ctx, kDeviceB));
  add_task(ctx, prototypes.device, kernel, kDeviceA, 4000, Value());
  add_task(ctx, prototypes.device, kernel, kDeviceB, 5000, Value());
}

/// Each turn is a frame: what it made and no object holds is gone with it.
void schedule(Context& caller, Value kernel) {
  for (Value current = kernel.get(caller, "tasks"); !current.is_none();) {
    Context ctx(caller);
    kernel.set(ctx, "current", current);
    const bool waits = current.call(ctx, "waits") == Value::boolean(true);
    current = ctx.leave(waits ? current.get(ctx, "link") : current.call(ctx, "run"));
    if (caller.failed()) return;
  }
}

}  // namespace

std::string richards(Context& caller, int times, int count) {
  std::set<std::string> answers;
  Context outer(caller);
  const Prototypes prototypes(outer);
  for (int i = 0; i < times; ++i) {
    Context ctx(outer);
    const Value kernel = new_mutable_object(ctx, prototypes.kernel,
                                            {{"tasks", Value()},
                                             {"current", Value()},
                                             {"table", List::filled(ctx, kTasks, Value())},
                                             {"queued", 0},
                                             {"held", 0}});
    add_tasks(ctx, prototypes, kernel, count);
    schedule(ctx, kernel);
    if (ctx.failed()) return ctx.error().to_string();
    answers.insert(std::to_string(integer(ctx, kernel, "queued")) + " " + std::to_string(integer(ctx, kernel, "held")));
  }
  std::string joined;
  for (const std::string& answer : answers) joined += (joined.empty() ? "" : " / ") + answer;
  return joined;
}

}  // namespace proto::programs
