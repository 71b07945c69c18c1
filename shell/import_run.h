// One import as its readers see it: where objects go, what happens to bad records, how far the file is read.
#pragma once

#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <vector>

#include "db/value.h"

namespace protobase::shell {

/// Where imported objects go.
class ObjectSink {
 public:
  virtual ~ObjectSink() = default;
  /// Takes all of the objects, which are borrowed for the call, or none.
  virtual Status add(std::span<const ValueView> objects) = 0;
};

/// A record that was left out: the line it begins on (or its number, in binary files) and why.
struct BadRecord {
  uint64_t line = 0;
  std::string reason;
};

/// What an import did.
struct ImportReport {
  uint64_t objects = 0;
  uint64_t bad_count = 0;
  std::vector<BadRecord> bad;  // the first kListed of them
  static constexpr size_t kListed = 20;
};

/// Called now and then with the bytes read so far; false ends the import with kCancelled.
using ImportProgress = std::function<bool(size_t)>;

/// Passed through the readers of all formats. Objects are handed over in batches; when a batch is refused, one by one,
/// to learn whose fault it was. One thread.
class ImportRun {
 public:
  /// `file` stands in messages. Unless `keep_going`, the first bad record ends the import.
  ImportRun(ObjectSink& sink, std::string file, bool keep_going, ImportProgress progress = nullptr)
      : sink_(sink), file_(std::move(file)), keep_going_(keep_going), progress_(std::move(progress)) {}

  /// Copies an object for the sink. What the sink refuses because of the object itself is a bad record, told by this or
  /// a later call.
  Status add(uint64_t line, const ValueView& object);
  /// Counts a bad record; an error "file:line: reason" unless the import keeps going.
  Status reject(uint64_t line, const std::string& reason);
  /// Hands over what is left. To be called once, after the last record.
  Status finish();
  /// Reports progress; kCancelled when it was asked to stop. Cheap: most calls only count.
  Status advance(size_t bytes_read);

  bool keeps_going() const { return keep_going_; }
  const std::string& file() const { return file_; }
  const ImportReport& report() const { return report_; }

 private:
  struct Pending {
    uint64_t line;
    size_t offset, size;  // of the encoded object in bytes_
  };
  Status flush();
  Status note_bad(uint64_t line, const std::string& reason);

  ObjectSink& sink_;
  std::vector<Pending> pending_;
  std::string bytes_;
  std::string file_;
  bool keep_going_;
  ImportProgress progress_;
  uint32_t calls_ = 0;
  ImportReport report_;
};

}  // namespace protobase::shell
