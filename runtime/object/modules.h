// Modules: named objects that are found once, by a chain of resolvers.
#pragma once

#include <condition_variable>
#include <functional>
#include <map>
#include <mutex>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "runtime/heap/context.h"
#include "runtime/value/value.h"

namespace proto {

/// Gives the module of a name, or none if it knows no such module. `module` is a new mutable object with the attribute
/// "name": fill it and return it, or return something else. Other threads see a module only when its resolver has
/// returned; the thread that resolves it, and those that resolve modules which this one imports, see `module` before
/// (that is how modules may import each other). An error is ctx.fail(...).
using ModuleResolver = std::function<Value(Context& ctx, std::string_view name, Value module)>;

/// The modules of a space. Any attached thread.
class Modules final : public SpaceExtension {
 public:
  static Modules& of(Space& space) { return *static_cast<Modules*>(space.extension(SpaceSlot::kModules)); }

  /// Adds a resolver to the end of the chain, or to its beginning.
  void add_resolver(ModuleResolver resolver);
  void add_first_resolver(ModuleResolver resolver);

  /// The module: the one that is there, or the first that a resolver gives. None and an error (kNotFound) if none does.
  /// Waits while another thread resolves it, unless that one waits for this.
  Value import(Context& ctx, std::string_view name);
  /// Enters a module under a name, in place of one that is there.
  void enter(Context& ctx, std::string_view name, Value module);
  /// Forgets a module, so that the next import resolves it anew. False if it is not there.
  bool forget(Context& ctx, std::string_view name);
  /// The module if it is there; never resolves.
  Value find(std::string_view name);

  void trace(Tracer& tracer) override;

 private:
  struct Module {
    Value value;  // while it is resolved: the object given to the resolver
    bool resolving = false;
    std::thread::id resolver_thread;
  };
  bool find_or_wait(Context& ctx, std::string_view name, Value& known);
  bool may_see(const Module& module) const;
  bool begin(Context& ctx, std::string_view name, Value module);
  Value resolve(Context& ctx, std::string_view name, Value module);
  bool waits_for_this_thread(std::thread::id other) const;
  std::vector<ModuleResolver> resolvers() const;

  // No safepoint stands between lock and unlock (waiting is a blocking region), so trace() needs no lock.
  mutable std::mutex mutex_;
  std::condition_variable resolved_;
  std::vector<ModuleResolver> resolvers_;               // guarded by mutex_
  std::map<std::string, Module, std::less<>> modules_;  // guarded by mutex_
  std::map<std::thread::id, std::string> waiting_;      // guarded by mutex_: thread -> the module that it waits for
};

/// The modules of a space: modules(space).import(ctx, "geometry").
inline Modules& modules(Space& space) { return Modules::of(space); }

}  // namespace proto
