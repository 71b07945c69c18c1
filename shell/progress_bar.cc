#include "shell/progress_bar.h"

#include <fmt/format.h>
#include <unistd.h>

#include <cstdio>

namespace protobase::shell {

ProgressBar::ProgressBar(std::string title) : title_(std::move(title)), enabled_(::isatty(STDERR_FILENO) != 0) {}

ProgressBar::~ProgressBar() {
  if (!visible_) return;
  fmt::print(stderr, "\r\x1b[K");
  std::fflush(stderr);
}

void ProgressBar::show(size_t done, size_t total) {
  constexpr size_t kWidth = 40;
  const Clock::time_point now = Clock::now();
  if (!enabled_ || total == 0 || now - drawn_ < std::chrono::milliseconds(150)) return;
  drawn_ = now;
  visible_ = true;
  const double share = static_cast<double>(done) / static_cast<double>(total);
  const auto filled = static_cast<size_t>(share * kWidth);
  std::string bar;
  for (size_t i = 0; i < kWidth; ++i) bar += i < filled ? "█" : "░";
  fmt::print(stderr, "\r{} {} {:3.0f}% of {:.1f} MB\x1b[K", title_, bar, share * 100, static_cast<double>(total) / 1e6);
  std::fflush(stderr);
}

}  // namespace protobase::shell
