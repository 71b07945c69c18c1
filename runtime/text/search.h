// Finding bytes in bytes.
#pragma once

#include <cstddef>
#include <string_view>

namespace proto::text {

/// Position of the first occurrence of `needle` at or after `from`; npos if there is none. An empty needle is found at `from`,
/// if that is within the text or at its end. O(size) also in the worst case; about 0.1 ns a byte. Any thread.
size_t find(std::string_view text, std::string_view needle, size_t from = 0);

/// Position of the last occurrence that begins at or before `from`. An empty needle is found at the smaller of `from` and the size.
/// O(size) expected, O(size * needle) in the worst case. Any thread.
size_t find_last(std::string_view text, std::string_view needle, size_t from = std::string_view::npos);

}  // namespace proto::text
