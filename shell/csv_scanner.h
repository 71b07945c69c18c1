// Cuts CSV text (RFC 4180) into records and fields. Knows nothing of types or of the database.
#pragma once

#include <cstdint>
#include <deque>
#include <string>
#include <string_view>
#include <vector>

namespace protobase::shell {

/// A field as it stands in the text, without its quotes and with doubled quotes undone.
struct CsvField {
  std::string_view text;
  bool quoted = false;
};

/// Reads records front to back. Lines end with LF, CRLF or CR; a quoted field may hold any of them. One thread.
class CsvScanner {
 public:
  /// `text` must outlive the scanner. A byte order mark at its start is skipped.
  explicit CsvScanner(std::string_view text, char delimiter = ',');

  /// Reads the next record; false at the end. A line without any character is a record of one empty field. The fields
  /// are valid until the next call. O(bytes of the record).
  bool next();
  const std::vector<CsvField>& fields() const { return fields_; }
  /// What is wrong with the quotes of the record just read; empty when nothing is. The scanner goes on after its line.
  const std::string& problem() const { return problem_; }
  /// Line on which the record just read begins, from 1.
  uint64_t line() const { return record_line_; }
  /// Bytes read so far.
  size_t offset() const { return static_cast<size_t>(at_ - begin_); }

 private:
  bool read_quoted();
  void read_plain();
  std::string& next_unescaped();
  void count_lines(const char* from, const char* to);
  void end_line();
  void skip_line_after(const char* start, std::string problem);

  const char* begin_;
  const char* at_;
  const char* end_;
  char delimiter_;
  uint64_t line_ = 1;
  uint64_t record_line_ = 1;
  std::vector<CsvField> fields_;
  std::string problem_;
  std::deque<std::string> unescaped_;  // texts of fields with doubled quotes; kept for the next records
  size_t unescaped_count_ = 0;
  bool special_[256] = {};  // delimiter and line ends
};

}  // namespace protobase::shell
