#include "runtime/object/modules.h"

#include "runtime/heap/barrier.h"
#include "runtime/heap/weak.h"
#include "runtime/object/object.h"

namespace proto {

void Modules::add_resolver(ModuleResolver resolver) {
  const std::lock_guard lock(mutex_);
  resolvers_.push_back(std::move(resolver));
}

void Modules::add_first_resolver(ModuleResolver resolver) {
  const std::lock_guard lock(mutex_);
  resolvers_.insert(resolvers_.begin(), std::move(resolver));
}

std::vector<ModuleResolver> Modules::resolvers() const {
  const std::lock_guard lock(mutex_);
  return resolvers_;
}

// True if `other` waits for a module that this thread resolves, directly or through other threads. With mutex_ held.
bool Modules::waits_for_this_thread(std::thread::id other) const {
  for (size_t steps = 0; steps <= waiting_.size(); ++steps) {
    if (other == std::this_thread::get_id()) return true;
    const auto waits = waiting_.find(other);
    if (waits == waiting_.end()) return false;
    const auto module = modules_.find(waits->second);
    if (module == modules_.end() || !module->second.resolving) return false;
    other = module->second.resolver_thread;
  }
  return false;
}

Value Modules::import(Context& ctx, std::string_view name) {
  if (!ctx.enter()) return {};
  Value known;
  while (!find_or_wait(ctx, name, known)) {
    const Value fresh = new_mutable_object(ctx, ctx.space().object_prototype(), {{"name", name}});
    if (fresh.is_none()) return {};
    if (begin(ctx, name, fresh)) return resolve(ctx, name, fresh);
  }
  return known;
}

// The module, if it is there or this thread may see it before it is ready. False if nobody resolves it.
bool Modules::find_or_wait(Context& ctx, std::string_view name, Value& known) {
  while (true) {
    {
      const std::lock_guard lock(mutex_);
      const auto at = modules_.find(name);
      if (at == modules_.end()) return false;
      known = at->second.value;
      if (may_see(at->second)) return true;
    }
    const BlockingRegion region(ctx);
    std::unique_lock lock(mutex_);
    waiting_[std::this_thread::get_id()] = name;
    resolved_.wait(lock, [&] {
      const auto at = modules_.find(name);
      return at == modules_.end() || may_see(at->second);
    });
    waiting_.erase(std::this_thread::get_id());
  }
}

bool Modules::may_see(const Module& module) const {
  return !module.resolving || waits_for_this_thread(module.resolver_thread);
}

// Makes this thread the one that resolves a module. False if another was first.
bool Modules::begin(Context& ctx, std::string_view name, Value module) {
  const std::lock_guard lock(mutex_);
  if (!modules_.try_emplace(std::string(name), Module{module, true, std::this_thread::get_id()}).second) return false;
  heap::leave_to_collector(ctx, module);
  return true;
}

// Asks the resolvers, without a lock. Afterwards the module is there for all, or is not.
Value Modules::resolve(Context& ctx, std::string_view name, Value module) {
  Value found;
  for (const ModuleResolver& resolver : resolvers()) {
    found = resolver(ctx, name, module);
    if (!found.is_none() || ctx.failed()) break;
  }
  const bool failed = ctx.failed() || found.is_none();
  {
    const std::lock_guard lock(mutex_);
    if (const auto at = modules_.find(name); at != modules_.end() && at->second.value == module) {
      note_overwritten(ctx, at->second.value);
      if (failed) {
        modules_.erase(at);
      } else {
        at->second = {found, false, {}};
        heap::leave_to_collector(ctx, found);
      }
    }
  }
  resolved_.notify_all();
  if (!failed) return found;
  if (!ctx.failed()) ctx.fail(Status(StatusCode::kNotFound, "there is no module \"" + std::string(name) + "\""));
  return {};
}

void Modules::enter(Context& ctx, std::string_view name, Value module) {
  {
    const std::lock_guard lock(mutex_);
    Module& at = modules_[std::string(name)];
    note_overwritten(ctx, at.value);
    at = {module, false, {}};
    heap::leave_to_collector(ctx, module);
  }
  resolved_.notify_all();
}

bool Modules::forget(Context& ctx, std::string_view name) {
  const std::lock_guard lock(mutex_);
  const auto at = modules_.find(name);
  if (at == modules_.end() || at->second.resolving) return false;
  note_overwritten(ctx, at->second.value);
  modules_.erase(at);
  return true;
}

Value Modules::find(std::string_view name) {
  const std::lock_guard lock(mutex_);
  const auto at = modules_.find(name);
  return at == modules_.end() || at->second.resolving ? Value() : at->second.value;
}

void Modules::trace(Tracer& tracer) {
  for (const auto& [name, module] : modules_) tracer.visit(module.value);
}

}  // namespace proto
