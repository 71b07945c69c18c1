#include "shell/line_editor.h"

#include <fmt/format.h>
#include <histedit.h>
#include <unistd.h>

#include <algorithm>
#include <csignal>
#include <cstdlib>
#include <filesystem>

#include "shell/completion.h"
#include "shell/shell.h"
#include "shell/text_width.h"

namespace protobase::shell {

std::string history_path() {
  if (const char* state = std::getenv("XDG_STATE_HOME"); state != nullptr && *state == '/') {
    return std::string(state) + "/protosh/history";
  }
  const char* home = std::getenv("HOME");
  return home == nullptr || *home == '\0' ? "" : std::string(home) + "/.protosh_history";
}

class LineEditor::State {
 public:
  explicit State(Shell& shell) : shell_(shell), path_(history_path()) {
    constexpr int kHistorySize = 2000;
    history_ = ::history_init();
    HistEvent event;
    ::history(history_, &event, H_SETSIZE, kHistorySize);
    ::history(history_, &event, H_SETUNIQUE, 1);
    if (!path_.empty()) ::history(history_, &event, H_LOAD, path_.c_str());
    edit_ = ::el_init("protosh", stdin, stdout, stderr);
    ::el_set(edit_, EL_CLIENTDATA, this);
    ::el_set(edit_, EL_PROMPT, &State::give_prompt);
    ::el_set(edit_, EL_EDITOR, "emacs");
    ::el_set(edit_, EL_HIST, ::history, history_);
    ::el_set(edit_, EL_ADDFN, "complete-sql", "Complete the word", &State::on_tabulator);
    ::el_set(edit_, EL_ADDFN, "cancel-line", "Forget what was typed", &State::on_cancel);
    ::el_set(edit_, EL_ADDFN, "suspend", "Stop the program", &State::on_suspend);
    ::el_set(edit_, EL_BIND, "^I", "complete-sql", nullptr);
    ::el_set(edit_, EL_BIND, "^R", "em-inc-search-prev", nullptr);
    ::el_source(edit_, nullptr);  // ~/.editrc
    // While a line is typed, Ctrl-C and Ctrl-Z are keys: nothing runs that a signal could interrupt.
    ::el_set(edit_, EL_SETTY, "-d", "-isig", nullptr);
    ::el_set(edit_, EL_BIND, "^C", "cancel-line", nullptr);
    ::el_set(edit_, EL_BIND, "^Z", "suspend", nullptr);
  }
  State(const State&) = delete;
  State& operator=(const State&) = delete;
  ~State() {
    ::el_end(edit_);
    ::history_end(history_);
  }

  std::optional<Line> next(Prompt prompt) {
    prompt_ = shell_.prompt(prompt);
    if (prompt == Prompt::kStatement) remember();
    cancelled_ = false;
    int count = 0;
    const char* text = ::el_gets(edit_, &count);
    if (cancelled_) {
      statement_.clear();
      return Line{"", true};
    }
    if (text == nullptr || count <= 0) {
      fmt::print("\n");
      remember();
      return std::nullopt;
    }
    std::string_view line(text, static_cast<size_t>(count));
    if (line.ends_with('\n')) line.remove_suffix(1);
    statement_.append(statement_.empty() ? "" : "\n").append(line);
    return Line{std::string(line)};
  }

 private:
  static State& of(EditLine* edit) {
    void* state = nullptr;
    ::el_get(edit, EL_CLIENTDATA, &state);
    return *static_cast<State*>(state);
  }
  static char* give_prompt(EditLine* edit) { return of(edit).prompt_.data(); }

  static unsigned char on_cancel(EditLine* edit, int) {
    of(edit).cancelled_ = true;
    fmt::print("^C\n");
    std::fflush(stdout);
    return CC_EOF;
  }

  static unsigned char on_suspend(EditLine* edit, int) {
    ::el_set(edit, EL_PREP_TERM, 0);
    ::raise(SIGTSTP);  // goes on here when the program is resumed
    ::el_set(edit, EL_PREP_TERM, 1);
    return CC_REDISPLAY;
  }

  static unsigned char on_tabulator(EditLine* edit, int) { return of(edit).offer(); }

  // Inserts what all candidates share; when that is nothing new, lists them.
  unsigned char offer() {
    const LineInfo* info = ::el_line(edit_);
    const std::string line(info->buffer, info->cursor);
    const Completion completion = complete(shell_.pending(), line, {shell_.database().describe(), query_keywords()});
    if (completion.candidates.empty()) return CC_REFRESH_BEEP;
    const std::string typed = line.substr(completion.start);
    std::string insert = common_prefix(completion.candidates);
    const bool only = completion.candidates.size() == 1;
    if (only && !insert.ends_with('/')) insert.push_back(' ');
    if (insert.size() > typed.size() || only) {
      // Replaces the word: its case may change.
      ::el_deletestr(edit_, static_cast<int>(display_characters(typed)));
      ::el_insertstr(edit_, insert.c_str());
      return CC_REFRESH;
    }
    list(completion.candidates);
    return CC_REDISPLAY;
  }

  static size_t display_characters(std::string_view text) {
    return static_cast<size_t>(std::count_if(text.begin(), text.end(), [](char c) { return (c & 0xC0) != 0x80; }));
  }

  void list(const std::vector<std::string>& candidates) {
    constexpr size_t kListed = 100;
    size_t widest = 0;
    for (const std::string& candidate : candidates) widest = std::max(widest, display_width(candidate));
    const size_t width = std::max<size_t>(shell_.output().terminal_width(), 40);
    const size_t columns = std::max<size_t>(1, width / (widest + 2));
    fmt::print("\n");
    for (size_t i = 0; i < candidates.size() && i < kListed; ++i) {
      fmt::print("{}{}", candidates[i], std::string(widest + 2 - display_width(candidates[i]), ' '));
      if ((i + 1) % columns == 0 || i + 1 == std::min(candidates.size(), kListed)) fmt::print("\n");
    }
    if (candidates.size() > kListed) fmt::print("... and {} more\n", candidates.size() - kListed);
    std::fflush(stdout);
  }

  // A statement of several lines is one entry, on one line unless a comment would swallow the rest.
  void remember() {
    if (statement_.find_first_not_of(" \t\n") == std::string::npos) return statement_.clear();
    if (statement_.find("--") == std::string::npos) std::replace(statement_.begin(), statement_.end(), '\n', ' ');
    HistEvent event;
    ::history(history_, &event, H_ENTER, statement_.c_str());
    statement_.clear();
    if (path_.empty()) return;
    std::error_code ignored;
    std::filesystem::create_directories(std::filesystem::path(path_).parent_path(), ignored);
    ::history(history_, &event, H_SAVE, path_.c_str());
  }

  Shell& shell_;
  std::string path_;
  History* history_;
  EditLine* edit_;
  std::string prompt_;
  std::string statement_;  // typed since the last main prompt
  bool cancelled_ = false;
};

LineEditor::LineEditor(Shell& shell) : state_(std::make_unique<State>(shell)) {}
LineEditor::~LineEditor() = default;
std::optional<Line> LineEditor::next(Prompt prompt) { return state_->next(prompt); }

}  // namespace protobase::shell
