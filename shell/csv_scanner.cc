#include "shell/csv_scanner.h"

#include <cstring>

namespace protobase::shell {

CsvScanner::CsvScanner(std::string_view text, char delimiter) : delimiter_(delimiter) {
  begin_ = text.data();
  end_ = begin_ + text.size();
  at_ = begin_ + (text.starts_with("\xEF\xBB\xBF") ? 3 : 0);
  special_[static_cast<uint8_t>(delimiter)] = special_[static_cast<uint8_t>('\n')] =
      special_[static_cast<uint8_t>('\r')] = true;
}

bool CsvScanner::next() {
  fields_.clear();
  problem_.clear();
  unescaped_count_ = 0;
  record_line_ = line_;
  if (at_ == end_) return false;
  const char* start = at_;
  for (;;) {
    if (at_ < end_ && *at_ == '"') {
      if (!read_quoted()) return skip_line_after(start, std::move(problem_)), true;
    } else {
      read_plain();
    }
    if (at_ == end_) break;
    if (*at_ != delimiter_) {
      end_line();
      break;
    }
    ++at_;
  }
  return true;
}

void CsvScanner::read_plain() {
  const char* start = at_;
  while (at_ < end_ && !special_[static_cast<uint8_t>(*at_)]) ++at_;
  fields_.push_back({std::string_view(start, static_cast<size_t>(at_ - start)), false});
}

bool CsvScanner::read_quoted() {
  const char* field = ++at_;
  const char* start = field;         // of what is not yet in `unescaped`
  std::string* unescaped = nullptr;  // when the field has a doubled quote
  for (;;) {
    at_ = static_cast<const char*>(std::memchr(at_, '"', static_cast<size_t>(end_ - at_)));
    if (at_ == nullptr) {
      problem_ = "a quoted field is never closed";
      return false;
    }
    ++at_;
    if (at_ == end_ || *at_ != '"') break;
    if (unescaped == nullptr) unescaped = &next_unescaped();
    unescaped->append(start, at_);
    start = ++at_;
  }
  const char* close = at_ - 1;
  if (unescaped != nullptr) unescaped->append(start, close);
  const std::string_view plain(start, static_cast<size_t>(close - start));
  fields_.push_back({unescaped != nullptr ? std::string_view(*unescaped) : plain, true});
  if (at_ != end_ && !special_[static_cast<uint8_t>(*at_)]) {
    problem_ = "text after a closing quote";
    return false;
  }
  count_lines(field, close);
  return true;
}

std::string& CsvScanner::next_unescaped() {
  if (unescaped_count_ == unescaped_.size()) unescaped_.emplace_back();
  std::string& text = unescaped_[unescaped_count_++];
  text.clear();
  return text;
}

void CsvScanner::count_lines(const char* from, const char* to) {
  for (const char* c = from; c < to; ++c) {
    if (*c == '\n' || (*c == '\r' && c[1] != '\n')) ++line_;  // c[1]: at most the closing quote
  }
}

void CsvScanner::end_line() {
  if (*at_ == '\r' && at_ + 1 < end_ && at_[1] == '\n') ++at_;
  ++at_;
  ++line_;
}

void CsvScanner::skip_line_after(const char* start, std::string problem) {
  problem_ = std::move(problem);
  at_ = start;
  line_ = record_line_;
  while (at_ < end_ && *at_ != '\n' && *at_ != '\r') ++at_;
  if (at_ < end_) end_line();
}

}  // namespace protobase::shell
