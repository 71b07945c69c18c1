#include "runtime/base/sync_point.h"

#ifndef NDEBUG
#include <map>
#include <mutex>

namespace proto {
namespace {

std::mutex& mutex() {
  static std::mutex instance;
  return instance;
}
std::map<std::string, std::function<void()>>& callbacks() {
  static std::map<std::string, std::function<void()>> instance;
  return instance;
}

}  // namespace

void sync_point_reached(const char* name) {
  std::function<void()> callback;
  {
    std::lock_guard lock(mutex());
    if (auto found = callbacks().find(name); found != callbacks().end()) callback = found->second;
  }
  if (callback) callback();
}

void set_sync_point(const std::string& name, std::function<void()> callback) {
  std::lock_guard lock(mutex());
  if (callback) {
    callbacks()[name] = std::move(callback);
  } else {
    callbacks().erase(name);
  }
}

}  // namespace proto
#endif
