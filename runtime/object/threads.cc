#include "runtime/object/threads.h"

#include <condition_variable>
#include <mutex>
#include <system_error>
#include <thread>
#include <vector>

#include "runtime/heap/barrier.h"
#include "runtime/heap/external.h"
#include "runtime/heap/root_list.h"
#include "runtime/object/method.h"

namespace proto {
namespace {

// What the threads that wait and the thread that runs agree on. Owned by both: the cell through an external pointer.
struct Outcome {
  std::mutex mutex;
  std::condition_variable done_changed;
  bool done = false;  // guarded by mutex, as is error
  Status error;
};

struct ThreadCell : Cell {
  std::atomic<uint64_t> result;  // release by the thread, before `done`
  Value outcome;                 // an external pointer to a shared_ptr<Outcome>
};

ThreadCell* cell_of(Value thread) { return static_cast<ThreadCell*>(thread.as_cell()); }
Outcome& outcome_of(Value thread) {
  return **static_cast<std::shared_ptr<Outcome>*>(external_pointer(cell_of(thread)->outcome));
}

void trace_thread(const Cell* cell, Tracer& tracer) {
  const auto* thread = static_cast<const ThreadCell*>(cell);
  tracer.visit(load_value(thread->result));
  tracer.visit(thread->outcome);
}

// The operating system's threads of a space, so that the space can wait for them.
class ThreadTable final : public SpaceExtension {
 public:
  void trace(Tracer&) override {}
  void close() override {
    std::vector<std::thread> all;
    {
      const std::lock_guard lock(mutex_);
      all.swap(threads_);
    }
    for (std::thread& thread : all) thread.join();
  }
  void add(std::thread thread) {
    const std::lock_guard lock(mutex_);
    join_finished();
    threads_.push_back(std::move(thread));
  }
  // Called by a thread as its last act: the next one that is started, or the end of the space, joins it.
  void finished(std::thread::id id) {
    const std::lock_guard lock(mutex_);
    finished_.push_back(id);
  }

 private:
  void join_finished() {
    std::erase_if(threads_, [this](std::thread& thread) {
      if (std::erase(finished_, thread.get_id()) == 0) return false;
      thread.join();
      return true;
    });
  }
  std::mutex mutex_;
  std::vector<std::thread> threads_;       // guarded by mutex_
  std::vector<std::thread::id> finished_;  // guarded by mutex_
};

// What a new thread is given; its values stand in roots until it has them on its stack.
struct Start {
  Space& space;
  RootList values;  // the thread's value, the callable, the arguments
  std::shared_ptr<Outcome> outcome;

  Start(Context& ctx, Value thread, Value callable, Arguments arguments, std::shared_ptr<Outcome> shared)
      : space(ctx.space()), values(ctx), outcome(std::move(shared)) {
    values.push_back(ctx, thread);
    values.push_back(ctx, callable);
    for (const Value argument : arguments.positional()) values.push_back(ctx, argument);
  }
};

void run(Start& start) {
  Thread self(start.space);
  Context ctx(self);
  std::vector<Value> arguments;  // also in start.values
  for (size_t i = 2; i < start.values.size(); ++i) arguments.push_back(start.values[i]);
  const Value result = invoke_with(ctx, start.values[1], Value(), Arguments(std::span<const Value>(arguments)));
  store_value(ctx, cell_of(start.values[0])->result, result);
  {
    const std::lock_guard lock(start.outcome->mutex);
    start.outcome->error = ctx.take_error();
    start.outcome->done = true;
  }
  start.outcome->done_changed.notify_all();
}

ThreadTable& table_of(Space& space) { return *static_cast<ThreadTable*>(space.extension(SpaceSlot::kThreads)); }

}  // namespace

Value start_thread(Context& ctx, Value callable, Arguments arguments) {
  if (!ctx.enter()) return {};
  auto outcome = std::make_shared<Outcome>();
  auto* shared = new std::shared_ptr<Outcome>(outcome);
  const auto destroy = [](void* pointer) { delete static_cast<std::shared_ptr<Outcome>*>(pointer); };
  const Value external = make_external_pointer(ctx, shared, destroy, sizeof(Outcome));
  auto* cell = allocate<ThreadCell>(ctx, CellKind::kThread);
  cell->result.store(Value().word(), std::memory_order_relaxed);
  cell->outcome = external;
  const Value thread = Value::cell(cell);
  auto start = std::make_unique<Start>(ctx, thread, callable, arguments, std::move(outcome));
  ThreadTable& table = table_of(ctx.space());
  try {
    table.add(std::thread([start = std::move(start), &table] {
      run(*start);
      table.finished(std::this_thread::get_id());
    }));
  } catch (const std::system_error& error) {
    return ctx.fail(Status(StatusCode::kUnavailable, std::string("the system starts no thread: ") + error.what()));
  }
  return thread;
}

Value join_thread(Context& ctx, Value thread) {
  if (!thread.is_cell_of(CellKind::kThread)) {
    return ctx.fail(Status(StatusCode::kType, "only a thread can be joined"));
  }
  Outcome& outcome = outcome_of(thread);
  Status error;
  {
    const BlockingRegion region(ctx);
    std::unique_lock lock(outcome.mutex);
    outcome.done_changed.wait(lock, [&] { return outcome.done; });
    error = outcome.error;
  }
  if (!error.ok()) return ctx.fail(std::move(error));
  return load_value(cell_of(thread)->result);
}

bool thread_is_done(Value thread) {
  if (!thread.is_cell_of(CellKind::kThread)) return false;
  Outcome& outcome = outcome_of(thread);
  const std::lock_guard lock(outcome.mutex);
  return outcome.done;
}

namespace objects {

std::unique_ptr<SpaceExtension> make_thread_table() { return std::make_unique<ThreadTable>(); }

void register_thread_kind() {
  register_kind(CellKind::kThread, {.name = "thread", .value_class = ValueClass::kOther, .trace = trace_thread});
}

}  // namespace objects
}  // namespace proto
