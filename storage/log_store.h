// The log: an append to it is the commit. Records go in at one end, in order; a checkpoint lets go of the other end.
#pragma once

#include <cstdint>
#include <functional>
#include <span>
#include <string_view>

#include "runtime/base/ids.h"
#include "runtime/base/status.h"

namespace protobase::storage {

using proto::Lsn;
using proto::Result;
using proto::Status;
using proto::StatusCode;

/// One record to append: a kind that its owner chooses and its bytes. The log does not look into either.
struct LogRecord {
  uint8_t kind = 0;
  std::string_view payload;
};

/// One record as replay() gives it back; `payload` lives until the callback returns.
struct ReplayedRecord {
  Lsn position;            // where its append began: what append() was given as `expected`
  Lsn end;                 // what that append returned
  uint32_t index = 0;      // place among the records of that append, from 0
  uint32_t count = 0;      // how many that append had
  uint8_t kind = 0;
  std::string_view payload;
};

struct LogStatistics {
  uint64_t appends = 0;            // since open
  uint64_t records = 0;            // since open
  uint64_t record_bytes = 0;       // payload bytes handed in since open
  uint64_t stored_bytes = 0;       // bytes of log they became, after compression and with headers
  uint64_t syncs = 0;              // fdatasync calls since open
  uint64_t space_bytes = 0;        // space the log takes now, recycled parts included
  uint64_t cut_bytes = 0;          // bytes of a torn tail that opening cut off, as far as they can be known
};

/// The most payload bytes that one append may carry, all its records together.
inline constexpr uint64_t kMaxAppendBytes = uint64_t{1} << 30;

/// A log, open at the position where its valid part ends.
///
/// Threads: append() and close() under one mutex of the caller; sync(), durable(), end(), trim() and statistics() on any
/// thread at any time, beside an append. replay() beside anything but close() and trim() past its start.
///
/// Outcomes: errors of append() mean "not applied, now and after any reopening"; kUnknownOutcome, from sync() alone, means
/// "reopen to learn it". After the first kIoError or kNoSpace of append() or sync() the log is poisoned: every append and
/// trim gives kReadOnly naming that failure. After a failed append what was appended before can still be synced; after
/// a failed sync every sync of what is not durable gives kUnknownOutcome. replay() goes on working.
class LogStore {
 public:
  virtual ~LogStore() = default;

  /// The oldest position that replay() can start from; moves with trim(). O(1).
  virtual Lsn start() const = 0;
  /// Where the next append goes. O(1).
  virtual Lsn end() const = 0;
  /// Every record that ends at or below this survives a crash. O(1).
  virtual Lsn durable() const = 0;
  /// Counts the writers that have opened this log: each writing open gets a larger one. O(1).
  virtual uint32_t epoch() const = 0;

  /// Appends records as one unit: after a crash all of them are there or none. `expected` is end(), or the answer is
  /// kConflict. Returns the new end(). Not durable before sync(); survives the end of the process, but not of the
  /// machine. At least one record; at most kMaxAppendBytes (kInvalidArgument). O(bytes).
  virtual Result<Lsn> append(Lsn expected, std::span<const LogRecord> records) = 0;
  /// Returns when everything below `up_to` is durable. Callers that wait together share one disk sync: whoever finds
  /// its position durable already returns at once. `up_to` beyond end() is kInvalidArgument.
  virtual Status sync(Lsn up_to) = 0;

  using Visitor = std::function<Status(const ReplayedRecord&)>;
  /// Calls `visit` for each record from `from` (start(), a value append() returned, or a position replay gave) to end(), in
  /// order; stops with the first error of `visit` and returns it. kCorruption with file, offset and record; kRange when
  /// `from` is outside [start(), end()]. O(bytes).
  virtual Status replay(Lsn from, const Visitor& visit) const = 0;

  /// Lets go of everything below `up_to`, for reuse by later appends. The root record that makes it needless must be
  /// durable already, or the database is lost at the next crash (Storage::checkpoint does both in order). Positions
  /// below start() have no effect; beyond durable() is kInvalidArgument. kIoError when space could not be given back, which
  /// harms nothing else. O(space let go of).
  virtual Status trim(Lsn up_to) = 0;

  /// Makes all appends durable and notes that the end was reached in order. Everything but the O(1) readers gives
  /// kInvalidState afterwards. The destructor closes too, but nobody sees its error.
  virtual Status close() = 0;

  virtual LogStatistics statistics() const = 0;
};

}  // namespace protobase::storage
