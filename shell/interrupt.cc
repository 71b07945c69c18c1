#include "shell/interrupt.h"

#include <signal.h>

#include <atomic>

namespace protobase::shell {
namespace {

// Set by the scope, read by the handler on the same thread or another; the scope clears it before the connection goes.
std::atomic<Connection*> running{nullptr};
std::atomic<bool> requested_flag{false};

extern "C" void on_interrupt(int) {
  requested_flag.store(true, std::memory_order_relaxed);
  if (Connection* connection = running.load(std::memory_order_acquire)) connection->interrupt();
}

}  // namespace

InterruptScope::InterruptScope(Connection& connection, bool enabled) : enabled_(enabled) {
  if (!enabled_) return;
  requested_flag.store(false, std::memory_order_relaxed);
  running.store(&connection, std::memory_order_release);
}

InterruptScope::~InterruptScope() {
  if (enabled_) running.store(nullptr, std::memory_order_release);
}

bool InterruptScope::requested() { return requested_flag.load(std::memory_order_relaxed); }

void ignore_interrupts() {
  struct sigaction action {};
  action.sa_handler = on_interrupt;
  sigemptyset(&action.sa_mask);
  action.sa_flags = SA_RESTART;
  sigaction(SIGINT, &action, nullptr);
}

}  // namespace protobase::shell
