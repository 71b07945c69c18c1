#include "runtime/heap/space.h"

#include <charconv>
#include <cstdlib>
#include <string_view>

#include "runtime/heap/heap.h"
#include "runtime/heap/shared_heap.h"
#include "runtime/heap/weak.h"

namespace proto {

double PauseHistogram::quantile_us(double fraction) const {
  const double wanted = fraction * static_cast<double>(count);
  double seen = 0;
  for (size_t i = 0; i < buckets.size(); ++i) {
    seen += static_cast<double>(buckets[i]);
    if (seen >= wanted) return std::min(longest_us, static_cast<double>(uint64_t{2} << i));
  }
  return longest_us;
}

namespace {

// PROTO_HOSTILE="collect_every=100,poison,verify" makes every space of a process hostile, whatever its program asks for: to look for
// values that an embedder does not hold.
SpaceOptions with_hostile_environment(SpaceOptions options) {
  const char* text = std::getenv("PROTO_HOSTILE");
  if (text == nullptr) return options;
  const std::string_view modes(text);
  options.poison |= modes.find("poison") != std::string_view::npos;
  options.verify |= modes.find("verify") != std::string_view::npos;
  constexpr std::string_view kEvery = "collect_every=";
  if (const size_t at = modes.find(kEvery); at != std::string_view::npos && options.collect_every == 0) {
    std::from_chars(text + at + kEvery.size(), text + modes.size(), options.collect_every);
  }
  return options;
}

}  // namespace

Space::Space(const SpaceOptions& options)
    : heap_(std::make_unique<heap::Heap>(*this, with_hostile_environment(options))) {
  register_kinds();
  heap::begin_weak(*this);
  heap::begin_interning(*this);
  populate_space(*this);
}

Space::~Space() {
  for (const auto& extension : extensions_) {
    if (extension != nullptr) extension->close();
  }
  heap_->close();
  for (auto extension = extensions_.rbegin(); extension != extensions_.rend(); ++extension) extension->reset();
}

void Space::collect(Context& ctx) { heap_->collect(&ctx.thread()); }
void Space::request_collection() { heap_->request_cycle(); }
SpaceStatistics Space::statistics() const { return heap_->statistics(); }
void Space::set_limits(size_t soft_limit_bytes, size_t hard_limit_bytes) {
  heap_->set_limits(soft_limit_bytes, hard_limit_bytes);
}

void Space::set_extension(SpaceSlot slot, std::unique_ptr<SpaceExtension> extension) {
  extensions_[static_cast<size_t>(slot)] = std::move(extension);
}

}  // namespace proto
