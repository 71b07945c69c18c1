// Typing with editing, history and completion (libedit, whose types stay in the .cc).
#pragma once

#include <memory>
#include <string>

#include "shell/line_source.h"

namespace protobase::shell {

class Shell;

/// Reads lines from the terminal. One at a time; one thread.
class LineEditor : public LineSource {
 public:
  /// `shell` gives prompts and what completion needs; it must outlive the editor.
  explicit LineEditor(Shell& shell);
  ~LineEditor() override;
  std::optional<Line> next(Prompt prompt) override;

 private:
  class State;
  std::unique_ptr<State> state_;
};

/// Where history is kept: $XDG_STATE_HOME/protosh/history if that is set, else ~/.protosh_history; empty without a
/// home.
std::string history_path();

}  // namespace protobase::shell
