#include "shell/completion.h"

#include <algorithm>
#include <cctype>
#include <filesystem>

#include "shell/dot_commands.h"
#include "shell/sql_literal.h"

namespace protobase::shell {
namespace {

bool is_word(char c) { return std::isalnum(static_cast<unsigned char>(c)) || c == '_' || (c & 0x80) != 0; }

std::string folded(std::string_view text, int (*fold)(int)) {
  std::string out(text);
  std::transform(out.begin(), out.end(), out.begin(), [&](unsigned char c) { return static_cast<char>(fold(c)); });
  return out;
}
std::string upper(std::string_view text) { return folded(text, ::toupper); }
std::string lower(std::string_view text) { return folded(text, ::tolower); }

bool starts_like(std::string_view name, std::string_view prefix) {
  return name.size() >= prefix.size() && lower(name.substr(0, prefix.size())) == lower(prefix);
}

// Words and single marks of SQL text, for finding FROM clauses; strings and comments are not told apart.
std::vector<std::string_view> tokens_of(std::string_view text) {
  std::vector<std::string_view> tokens;
  for (size_t at = 0; at < text.size();) {
    size_t end = at + 1;
    if (is_word(text[at])) {
      while (end < text.size() && is_word(text[end])) ++end;
    }
    if (!std::isspace(static_cast<unsigned char>(text[at]))) tokens.push_back(text.substr(at, end - at));
    at = end;
  }
  return tokens;
}

bool names_collection_next(std::string_view keyword) {
  static constexpr std::string_view kBefore[] = {"FROM",  "JOIN",       "INTO",     "UPDATE",
                                                 "TABLE", "COLLECTION", "DESCRIBE", "ANALYZE"};
  return std::find(std::begin(kBefore), std::end(kBefore), upper(keyword)) != std::end(kBefore);
}

class SqlCompleter {
 public:
  SqlCompleter(std::string_view pending, std::string_view line, const CompletionContext& context)
      : context_(context), text_(std::string(pending) + std::string(line)) {
    start_ = text_.size();
    while (start_ > pending.size() && is_word(text_[start_ - 1])) --start_;
    word_ = std::string_view(text_).substr(start_);
    before_ = tokens_of(std::string_view(text_).substr(0, start_));
    result_.start = start_ - pending.size();
  }

  Completion run() {
    if (before_.size() >= 2 && before_.back() == "." && start_ > 0 && text_[start_ - 1] == '.') {
      add_attributes_of(before_[before_.size() - 2]);
    } else if (!before_.empty() && (names_collection_next(before_.back()) || is_index_target())) {
      add_collections();
    } else if (before_.empty() || before_.back() == ";") {
      add_keywords();  // no name begins a statement
    } else {
      add_keywords();
      add_collections();
      add_attributes_in_sight();
    }
    std::sort(result_.candidates.begin(), result_.candidates.end());
    result_.candidates.erase(std::unique(result_.candidates.begin(), result_.candidates.end()),
                             result_.candidates.end());
    return std::move(result_);
  }

 private:
  // CREATE INDEX name ON |
  bool is_index_target() const {
    if (upper(before_.back()) != "ON") return false;
    return std::any_of(before_.begin(), before_.end(), [](std::string_view token) { return upper(token) == "INDEX"; });
  }

  void add(std::string_view name) {
    if (starts_like(name, word_)) result_.candidates.push_back(sql_name(name));
  }
  void add_keywords() {
    if (word_.empty()) return;  // all of them would help nobody
    const bool small = std::islower(static_cast<unsigned char>(word_[0])) != 0;
    for (const std::string_view keyword : context_.keywords) {
      if (starts_like(keyword, word_)) result_.candidates.push_back(small ? lower(keyword) : std::string(keyword));
    }
  }
  void add_collections() {
    for (const CollectionDescription& collection : context_.collections) add(collection.name);
  }
  void add_attributes(const CollectionDescription& collection) {
    for (const auto& attribute : collection.attributes) add(attribute.name);
  }

  const CollectionDescription* find_collection(std::string_view name) const {
    for (const CollectionDescription& collection : context_.collections) {
      if (lower(collection.name) == lower(name)) return &collection;
    }
    return nullptr;
  }

  // The collection that a word stands for: "FROM products p", "JOIN makers AS m", or the collection's own name.
  const CollectionDescription* meaning_of(std::string_view alias) const {
    const std::vector<std::string_view> all = tokens_of(text_);
    for (size_t i = 1; i < all.size(); ++i) {
      if (lower(all[i]) != lower(alias)) continue;
      const size_t name = upper(all[i - 1]) == "AS" && i >= 2 ? i - 2 : i - 1;
      if (const CollectionDescription* found = find_collection(all[name])) return found;
    }
    return find_collection(alias);
  }

  void add_attributes_of(std::string_view alias) {
    if (const CollectionDescription* collection = meaning_of(alias)) return add_attributes(*collection);
    for (const CollectionDescription& collection : context_.collections) add_attributes(collection);
  }

  void add_attributes_in_sight() {
    bool any = false;
    for (const std::string_view token : tokens_of(text_)) {
      if (const CollectionDescription* collection = find_collection(token)) {
        add_attributes(*collection);
        any = true;
      }
    }
    if (any) return;
    for (const CollectionDescription& collection : context_.collections) add_attributes(collection);
  }

  const CompletionContext& context_;
  std::string text_;
  size_t start_ = 0;
  std::string_view word_;
  std::vector<std::string_view> before_;
  Completion result_;
};

void add_files(std::string_view word, std::vector<std::string>& out) {
  const size_t slash = word.rfind('/');
  const std::string folder(slash == std::string_view::npos ? "" : word.substr(0, slash + 1));
  std::error_code error;
  std::filesystem::directory_iterator entries(folder.empty() ? "." : folder, error);
  for (; !error && entries != std::filesystem::directory_iterator(); entries.increment(error)) {
    const std::string name = folder + entries->path().filename().string();
    if (!name.starts_with(word)) continue;
    std::error_code ignored;
    out.push_back(entries->is_directory(ignored) ? name + "/" : name);
  }
}

void add_argument(ArgumentKind kind, std::string_view word, const CompletionContext& context,
                  std::vector<std::string>& out) {
  const auto add = [&](std::string_view name) {
    if (name.starts_with(word)) out.emplace_back(name);
  };
  if (kind == ArgumentKind::kFile) add_files(word, out);
  if (kind == ArgumentKind::kMode) std::for_each(mode_names().begin(), mode_names().end(), add);
  if (kind == ArgumentKind::kSwitch) add("on"), add("off");
  if (kind == ArgumentKind::kCollection) {
    for (const CollectionDescription& collection : context.collections) add(collection.name);
  }
}

Completion complete_command(std::string_view line, const CompletionContext& context) {
  Completion result;
  result.start = line.find_last_of(" \t") + 1;  // npos + 1 is 0
  const std::string_view word = line.substr(result.start);
  const auto words = split_words(line.substr(0, result.start));
  if (!words.ok()) return result;
  for (const DotCommand& command : dot_commands()) {
    if (words->empty() && command.name.starts_with(word)) result.candidates.emplace_back(command.name);
    if (words->empty() || (*words)[0].text != command.name) continue;
    if (words->size() == 1) add_argument(command.first, word, context, result.candidates);
    if (words->size() == 2) add_argument(command.second, word, context, result.candidates);
  }
  std::sort(result.candidates.begin(), result.candidates.end());
  return result;
}

}  // namespace

Completion complete(std::string_view pending, std::string_view line, const CompletionContext& context) {
  if (pending.empty() && line.starts_with('.')) return complete_command(line, context);
  return SqlCompleter(pending, line, context).run();
}

std::string common_prefix(const std::vector<std::string>& candidates) {
  if (candidates.empty()) return {};
  std::string_view prefix = candidates.front();
  for (const std::string& candidate : candidates) {
    const auto [end, ignored] = std::mismatch(prefix.begin(), prefix.end(), candidate.begin(), candidate.end());
    prefix = prefix.substr(0, static_cast<size_t>(end - prefix.begin()));
  }
  return std::string(prefix);
}

}  // namespace protobase::shell
