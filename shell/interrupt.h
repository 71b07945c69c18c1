// Ctrl-C while something runs.
#pragma once

#include "db/protobase.h"

namespace protobase::shell {

/// While it lives, Ctrl-C interrupts `connection` and nothing else. One at a time. Before the first scope ends or after
/// it, the signal does what it did before.
class InterruptScope {
 public:
  /// Without `enabled` it does nothing: a script ends on Ctrl-C as any program does.
  InterruptScope(Connection& connection, bool enabled);
  InterruptScope(const InterruptScope&) = delete;
  InterruptScope& operator=(const InterruptScope&) = delete;
  ~InterruptScope();

  /// Whether Ctrl-C came since the scope began.
  static bool requested();

 private:
  bool enabled_;
};

/// Lets Ctrl-C pass between statements without ending the program (an interactive session).
void ignore_interrupts();

}  // namespace protobase::shell
