// Opening a database's storage: its log, its segments and its root record, together.
#pragma once

#include <memory>
#include <string>

#include "storage/blob_store.h"
#include "storage/file_system.h"
#include "storage/log_store.h"

namespace protobase::storage {

/// An open database as storage sees it. Destroying it closes it; close() does the same and tells of errors.
struct Storage {
  DatabaseId id;
  RootRecord root;                   // as it was when opening
  bool read_only = false;
  std::unique_ptr<BlobStore> blobs;  // destroyed after the log
  std::unique_ptr<LogStore> log;

  /// What a checkpoint ends with, in the only safe order: log durable up to `log_start`, root record durable, log trimmed. Errors
  /// of each; when the last step fails the checkpoint stands. One thread at a time, beside appends and syncs.
  Status checkpoint(std::string_view payload, Lsn log_start);
  /// Closes log and blobs and gives up the lock. One thread; nothing else may be running.
  Status close();
};

struct FileStorageOptions {
  bool read_only = false;                // needs no writer to be absent; writes nothing
  bool create_if_missing = true;         // otherwise kNotFound
  FileSystem* file_system = nullptr;     // posix when null; outlives the storage
  uint32_t log_chunk_bytes = 1 << 20;    // unit of growth and recycling of a new log: a power of two from 4 KiB
  uint64_t log_keep_bytes = 16 << 20;    // recycled log kept for the next commits; what is more goes back to the system
  uint64_t free_keep_bytes = 64 << 20;   // free space in x.pdb kept; newly freed space beyond it is punched out
};

/// Opens or creates `path` and `path`-wal.
///
/// kLocked names the holder when another writer is there; readers are never in the way of each other or of the writer, which
/// keeps whatever an open reader may need. kNotFound: no such database, or its log is missing; kAlreadyExists: a log
/// stands there without its database; kUnsupported: a newer format or unknown feature; kCorruption: file, offset and record,
/// never a silent loss (only a torn tail of the log, which nobody was promised, is cut); kReadOnly, kIoError, kNoSpace.
/// Cost: the root record and the log's tail, not the data.
Result<Storage> open_file_storage(const std::string& path, const FileStorageOptions& options = {});

/// The bytes of a database in memory, for opening it again. One Storage at a time (kLocked).
struct MemoryImage;
std::shared_ptr<MemoryImage> make_memory_image();

struct MemoryStorageOptions {
  bool keep_log = false;  // false: appends only move the position, replay() finds nothing. Nobody replays what dies with the process
  bool read_only = false;
  std::shared_ptr<MemoryImage> image;  // null: a new one
};

/// Opens a database in memory: same calls, same outcomes, nothing on disk.
Result<Storage> open_memory_storage(const MemoryStorageOptions& options = {});

}  // namespace protobase::storage
