// Command lines as words, and what a mistyped word was meant to be.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "db/value.h"

namespace protobase::shell {

/// A word of a command line, and where it begins in the line.
struct Word {
  std::string text;
  size_t offset = 0;
};

/// Words of a line, separated by blanks; '...' and "..." hold blanks, a doubled quote stands for itself. Error: a quote
/// that is not closed.
Result<std::vector<Word>> split_words(std::string_view line);

/// The name among `names` that `word` was probably meant to be; empty when none is near.
std::string_view nearest_name(std::string_view word, const std::vector<std::string_view>& names);

}  // namespace protobase::shell
