// The encoding of values as bytes: what collections, log records and indexes store. Part of the file format.
//
//   value   = kind byte, payload. The payload ends where the bytes given end, so it carries no length of its own.
//   none    nothing                     bool     1 byte, 0 or 1
//   int     1, 2, 4 or 8 bytes, two's complement, the shortest that holds it
//   double  8 bytes                     date     4 bytes (days)
//   timestamp, timespan  8 bytes        ref      4 bytes collection, 8 bytes object
//   string, bytes  as they are          vector   4 bytes for each float
//   array   empty: nothing. Else: width byte W (1, 2 or 4), count (W bytes), count ends of values (W bytes each,
//   counted
//           from the first value), the values.
//   object  empty: nothing. Else: width byte W, count (W), count ends of names (W each, counted from the first name),
//           count ends of values (W each, from the first value), and when count > 8 the numbers of the attributes
//           in order of their names (W each); then the names, then the values, in order of insertion.
//
// All numbers are little-endian. Invariants, verified by `validate`: W is the smallest width that holds the count and
// both totals; ends never decrease; names of one object differ; nesting is at most kMaxDepth; an int has its shortest
// length.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "db/value.h"
#include "runtime/base/coding.h"

namespace protobase {

/// Containers inside containers, at most.
inline constexpr int kMaxDepth = 512;
/// Bytes of one encoded value, at most.
inline constexpr size_t kMaxDocumentBytes = size_t{1} << 30;

/// Appends kind byte and payload of `value`. O(bytes).
void encode(const ValueView& value, std::string& out);
std::string encode(const ValueView& value);

/// Whether `bytes` (kind byte and payload) is a well-formed value; safe on hostile bytes. Error: kCorruption. O(bytes).
Status validate(std::string_view bytes);
/// The value that `bytes` holds, after `validate`. The view points into `bytes`.
Result<ValueView> decode(std::string_view bytes);
/// The same for bytes known to be valid: O(1), and undefined for others. Empty bytes are none.
ValueView decode_trusted(std::string_view bytes);

/// Reads the payload of an array. Trusted bytes; borrows; thread-safe.
class ArrayReader {
 public:
  explicit ArrayReader(std::string_view payload);
  size_t size() const { return count_; }
  /// Element `index` < size(). O(1).
  ValueView operator[](size_t index) const { return decode_trusted(encoded(index)); }
  /// Kind byte and payload of element `index` < size(). O(1).
  std::string_view encoded(size_t index) const;

 private:
  const char* ends_ = nullptr;
  const char* values_ = nullptr;
  uint32_t count_ = 0;
  uint32_t width_ = 1;
};

/// Reads the payload of an object. Trusted bytes; borrows; thread-safe.
class ObjectReader {
 public:
  static constexpr size_t kNotFound = ~size_t{0};

  explicit ObjectReader(std::string_view payload);
  size_t size() const { return count_; }
  /// Name and value of attribute `index` < size(), in order of insertion. O(1).
  std::string_view name(size_t index) const;
  ValueView value(size_t index) const { return decode_trusted(encoded(index)); }
  /// Kind byte and payload of attribute `index` < size(). O(1).
  std::string_view encoded(size_t index) const;
  /// Number of the attribute called `name`, or kNotFound. Linear for up to 8 attributes, else a binary search.
  size_t find(std::string_view name) const;
  /// The value of the attribute called `name`; none when absent.
  ValueView operator[](std::string_view name) const;
  /// Number of the attribute that is `rank`-th by name. O(1) above 8 attributes, else O(attributes).
  size_t by_name(size_t rank) const;

  /// Objects of more attributes than this carry the index by name.
  static constexpr size_t kLinearLimit = 8;

 private:
  const char* name_ends_ = nullptr;
  const char* value_ends_ = nullptr;
  const char* index_ = nullptr;
  const char* names_ = nullptr;
  const char* values_ = nullptr;
  uint32_t count_ = 0;
  uint32_t width_ = 1;
};

/// Writes an encoded value front to back, for parsers and rebuilders: no intermediate Values. One thread; reusable, and
/// a reused writer stops allocating. Calls must nest properly (PROTO_DCHECK). A name that occurs twice in an object
/// keeps its first place and takes the last value.
class DocumentWriter {
 public:
  /// Forgets what was written.
  void clear();

  void begin_object() { begin(Kind::kObject); }
  void begin_array() { begin(Kind::kArray); }
  /// The name of the next value of the open object.
  void key(std::string_view name);
  void value(const ValueView& value);
  /// A value that is already encoded: kind byte and payload, trusted.
  void encoded(std::string_view bytes);
  /// Closes the innermost open object or array.
  void end();
  /// Open containers.
  size_t depth() const { return frames_.size(); }

  /// Kind byte and payload of what was written; valid until the next change of the writer. All containers must be
  /// closed.
  std::string_view bytes() const;
  /// The same as a view.
  ValueView view() const { return decode_trusted(bytes()); }

 private:
  struct Name {
    uint32_t offset, size;
  };
  struct Frame {
    Kind kind;
    uint32_t start;       // of the payload in out_
    uint32_t first_end;   // in ends_
    uint32_t first_name;  // in names_
    uint32_t name_bytes;  // size of name_bytes_ when the frame began
  };
  void begin(Kind kind);
  void close_value() {
    if (!frames_.empty()) ends_.push_back(static_cast<uint32_t>(out_.size()));
  }
  void end_array(const Frame& frame);
  void end_object(const Frame& frame);
  void sort_names(const Frame& frame);
  void drop_duplicates(const Frame& frame);
  std::string_view name_at(const Frame& frame, size_t index) const;

  std::string out_;  // finished bytes, and the values of open containers
  std::vector<Frame> frames_;
  std::vector<uint32_t> ends_;  // ends of the values of open containers, in out_
  std::vector<Name> names_;     // of the attributes of open objects
  std::string name_bytes_;
  std::vector<uint32_t> order_;  // attributes by name; kept, since documents of one kind follow each other
  std::string header_;
};

/// A way into a document: attribute names and element numbers. Text form: a.b[0].c, a[-1], "odd name".b (a quote inside
/// is doubled). Value type.
class Path {
 public:
  struct Step {
    std::string name;   // of an attribute, when !is_index
    int64_t index = 0;  // of an element; negative counts from the end
    bool is_index = false;
    bool operator==(const Step&) const = default;
  };

  Path() = default;
  explicit Path(std::vector<Step> steps) : steps_(std::move(steps)) {}
  /// A path of one attribute name, taken as it is.
  static Path of_name(std::string_view name) { return Path({Step{std::string(name)}}); }
  /// Error: kInvalidArgument with the offset. The empty text is the empty path.
  static Result<Path> parse(std::string_view text);

  const std::vector<Step>& steps() const { return steps_; }
  bool empty() const { return steps_.empty(); }
  void push_name(std::string_view name) { steps_.push_back(Step{std::string(name)}); }
  void push_index(int64_t index) { steps_.push_back(Step{std::string(), index, true}); }
  /// Text that parses to the same path.
  std::string to_string() const;
  /// What the path leads to from `value`; none when a step is absent.
  ValueView follow(const ValueView& value) const;
  bool operator==(const Path&) const = default;

 private:
  std::vector<Step> steps_;
};

/// Reads the text of a path step by step without allocating (but for quotes inside quotes).
class PathReader {
 public:
  explicit PathReader(std::string_view text) : text_(text) {}
  /// The next step; false at the end or when the text does not parse (then !ok()).
  bool next();
  bool ok() const { return ok_; }
  size_t offset() const { return at_; }
  bool is_index() const { return is_index_; }
  std::string_view name() const { return name_; }
  int64_t index() const { return index_; }

 private:
  bool read_bare_name();
  bool read_quoted_name();
  bool read_index();
  bool fail() { return ok_ = false; }

  std::string_view text_;
  size_t at_ = 0;
  bool ok_ = true;
  bool is_index_ = false;
  std::string_view name_;
  int64_t index_ = 0;
  std::string unquoted_;
};

/// The encoded `document` with the value at `path` replaced or added. Objects that the path names but that are absent
/// (or none) are made; an element number must be in range or one past the end (appends). The empty path replaces
/// everything. Errors: kType (a step into something that has no such steps), kRange (element out of range). O(bytes).
Result<std::string> set_path(std::string_view document, const Path& path, const ValueView& value);
/// The encoded `document` without what is at `path`; unchanged when there is nothing. Later array elements move up.
std::string remove_path(std::string_view document, const Path& path);

}  // namespace protobase
