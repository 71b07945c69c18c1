#include "runtime/text/search.h"

#include <algorithm>
#include <cstring>

namespace proto::text {

size_t find(std::string_view text, std::string_view needle, size_t from) {
  if (from > text.size() || needle.size() > text.size() - from) return std::string_view::npos;
  if (needle.empty()) return from;
  const char* begin = text.data() + from;
  // The C library's are vectorised for one byte and two-way beyond, which is linear.
  const void* found = needle.size() == 1 ? std::memchr(begin, needle[0], text.size() - from)
                                         : memmem(begin, text.size() - from, needle.data(), needle.size());
  if (found == nullptr) return std::string_view::npos;
  return static_cast<size_t>(static_cast<const char*>(found) - text.data());
}

size_t find_last(std::string_view text, std::string_view needle, size_t from) {
  if (needle.size() > text.size()) return std::string_view::npos;
  const size_t last = std::min(from, text.size() - needle.size());
  if (needle.empty()) return last;
  // Before `end` the first byte of an occurrence may stand.
  for (size_t end = last + 1; end > 0;) {
    const auto* at = static_cast<const char*>(memrchr(text.data(), needle[0], end));
    if (at == nullptr) break;
    if (std::memcmp(at, needle.data(), needle.size()) == 0) return static_cast<size_t>(at - text.data());
    end = static_cast<size_t>(at - text.data());
  }
  return std::string_view::npos;
}

}  // namespace proto::text
