// Where statements come from, line by line.
#pragma once

#include <cstdio>
#include <optional>
#include <string>
#include <string_view>

namespace protobase::shell {

/// What the shell asks for next.
enum class Prompt : uint8_t { kStatement, kContinuation };

/// One line.
struct Line {
  std::string text;        // without its end
  bool cancelled = false;  // Ctrl-C: what was typed so far is to be forgotten
};

/// A supplier of lines. One thread.
class LineSource {
 public:
  virtual ~LineSource() = default;
  /// The next line; nothing at the end.
  virtual std::optional<Line> next(Prompt prompt) = 0;
  /// Stands before error messages as "name:line: "; empty for input that needs no place.
  virtual std::string_view name() const { return {}; }
};

/// Lines of an open stream, which stays the caller's. Reads no further than the line it gives, but for the stream's
/// buffer.
class StreamLines : public LineSource {
 public:
  StreamLines(std::FILE* stream, std::string name) : stream_(stream), name_(std::move(name)) {}
  StreamLines(const StreamLines&) = delete;
  StreamLines& operator=(const StreamLines&) = delete;
  ~StreamLines() override;
  std::optional<Line> next(Prompt prompt) override;
  std::string_view name() const override { return name_; }

 private:
  std::FILE* stream_;
  std::string name_;
  char* buffer_ = nullptr;  // getline's
  size_t capacity_ = 0;
};

/// Lines of a text that outlives the source.
class TextLines : public LineSource {
 public:
  explicit TextLines(std::string_view text) : rest_(text) {}
  std::optional<Line> next(Prompt prompt) override;

 private:
  std::string_view rest_;
};

}  // namespace protobase::shell
