#include "shell/command_words.h"

#include <algorithm>
#include <numeric>
#include <utility>

namespace protobase::shell {
namespace {

size_t edit_distance(std::string_view a, std::string_view b) {
  std::vector<size_t> row(b.size() + 1);
  std::iota(row.begin(), row.end(), size_t{0});
  for (size_t i = 1; i <= a.size(); ++i) {
    size_t diagonal = std::exchange(row[0], i);
    for (size_t j = 1; j <= b.size(); ++j) {
      const size_t substituted = diagonal + (a[i - 1] != b[j - 1]);
      diagonal = row[j];
      row[j] = std::min({row[j] + 1, row[j - 1] + 1, substituted});
    }
  }
  return row[b.size()];
}

}  // namespace

std::string_view nearest_name(std::string_view word, const std::vector<std::string_view>& names) {
  size_t best = std::max<size_t>(2, word.size() / 3) + 1;
  std::string_view nearest;
  for (const std::string_view name : names) {
    // A beginning counts as near, whatever is missing.
    const size_t distance = word.size() > 2 && name.starts_with(word) ? 1 : edit_distance(word, name);
    if (distance < best) {
      best = distance;
      nearest = name;
    }
  }
  return nearest;
}

Result<std::vector<Word>> split_words(std::string_view line) {
  std::vector<Word> words;
  size_t at = 0;
  while ((at = line.find_first_not_of(" \t", at)) != std::string_view::npos) {
    Word word{"", at};
    while (at < line.size() && line[at] != ' ' && line[at] != '\t') {
      const char quote = line[at];
      if (quote != '\'' && quote != '"') {
        word.text.push_back(line[at++]);
        continue;
      }
      for (++at;; ++at) {
        if (at >= line.size()) return Status(StatusCode::kInvalidArgument, "a quote is not closed");
        if (line[at] == quote && (at + 1 >= line.size() || line[at + 1] != quote)) break;
        at += line[at] == quote;
        word.text.push_back(line[at]);
      }
      ++at;
    }
    words.push_back(std::move(word));
  }
  return words;
}

}  // namespace protobase::shell
