// How far a long import has come, on a terminal.
#pragma once

#include <chrono>
#include <cstddef>
#include <string>

namespace protobase::shell {

/// Draws one line on stderr and removes it at its end. Draws nothing in the first moments, nor when stderr is no
/// terminal.
class ProgressBar {
 public:
  explicit ProgressBar(std::string title);
  ProgressBar(const ProgressBar&) = delete;
  ProgressBar& operator=(const ProgressBar&) = delete;
  ~ProgressBar();
  /// Cheap: draws a few times a second at most.
  void show(size_t done, size_t total);

 private:
  using Clock = std::chrono::steady_clock;
  std::string title_;
  Clock::time_point drawn_ = Clock::now();
  bool enabled_;
  bool visible_ = false;
};

}  // namespace protobase::shell
