// How wide text is on a terminal.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace protobase::shell {

/// Columns that UTF-8 text takes: 2 for wide characters, 0 for combining ones; a byte that is not UTF-8 takes 1.
/// O(bytes).
size_t display_width(std::string_view text);

/// `text` when it fits into `width` (at least 1) columns, else its beginning and an ellipsis. O(bytes).
std::string cut_to_width(std::string_view text, size_t width);

/// Text on one line: control characters as \n, \t, \r or \x1b, so that data cannot steer the terminal. O(bytes).
std::string visible(std::string_view text);

}  // namespace protobase::shell
