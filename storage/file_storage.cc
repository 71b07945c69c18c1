#include <algorithm>

#include "storage/internal/file_blob_store.h"
#include "storage/internal/file_log_store.h"
#include "storage/storage.h"

namespace protobase::storage {
namespace {

std::string log_path(const std::string& path) { return path + "-wal"; }
/// The name under which a database is made; it gets its own name when it is complete.
std::string unfinished_path(const std::string& path) { return path + "-new"; }

/// One attempt to open or create; the pieces that its steps share.
class FileStorageOpener {
 public:
  FileStorageOpener(const std::string& path, const FileStorageOptions& options)
      : path_(path),
        options_(options),
        files_(options.file_system != nullptr ? *options.file_system : posix_file_system()) {}

  Result<Storage> open() {
    PROTO_ASSIGN_OR_RETURN(const bool present, database_is_present());
    if (present) {
      PROTO_RETURN_IF_ERROR(open_data_file());
    } else {
      if (options_.read_only || !options_.create_if_missing) {
        return Status(StatusCode::kNotFound, "there is no database " + path_);
      }
      PROTO_RETURN_IF_ERROR(create());
    }
    return open_stores();
  }

 private:
  /// An empty file of that name is no database yet.
  Result<bool> database_is_present() {
    PROTO_ASSIGN_OR_RETURN(const bool exists, files_.exists(path_));
    if (!exists) return false;
    PROTO_ASSIGN_OR_RETURN(const auto file, files_.open(path_, {}));
    PROTO_ASSIGN_OR_RETURN(const uint64_t size, file->size());
    return size > 0;
  }

  /// Makes both files, the log first, and gives the data file its name last: a crash in between leaves no database, and
  /// the next attempt starts over. The lock moves along with the file.
  Status create() {
    PROTO_ASSIGN_OR_RETURN(const bool unfinished, files_.exists(unfinished_path(path_)));
    PROTO_ASSIGN_OR_RETURN(const bool has_log, files_.exists(log_path(path_)));
    if (has_log && !unfinished) {
      return Status(StatusCode::kAlreadyExists, log_path(path_) + " stands there without " + path_)
          .with_hint("it may hold the last commits of a database that was moved or deleted; move it away to start a new one");
    }
    PROTO_ASSIGN_OR_RETURN(data_, files_.open(unfinished_path(path_), {.write = true, .create = true}));
    PROTO_RETURN_IF_ERROR(lock_writer());
    PROTO_ASSIGN_OR_RETURN(const bool present, database_is_present());
    if (present) {  // another process finished it between our look and our lock
      data_.reset();
      return open_data_file();
    }
    const DatabaseId id = DatabaseId::make();
    PROTO_RETURN_IF_ERROR(FileBlobStore::create(*data_, id));
    PROTO_RETURN_IF_ERROR(files_.sync_directory_of(path_));
    PROTO_ASSIGN_OR_RETURN(const auto log, files_.open(log_path(path_), {.write = true, .create = true}));
    PROTO_RETURN_IF_ERROR(ChunkFile::create(*log, id, options_.log_chunk_bytes));
    PROTO_RETURN_IF_ERROR(files_.rename(unfinished_path(path_), path_));
    return files_.sync_directory_of(path_);
  }

  Status open_data_file() {
    PROTO_ASSIGN_OR_RETURN(data_, files_.open(path_, {.write = !options_.read_only}));
    if (options_.read_only) return data_->lock(LockArea::kReaders, LockMode::kShared, true);
    return lock_writer();
  }

  Status lock_writer() {
    Status status = data_->lock(LockArea::kWriter, LockMode::kExclusive);
    if (status.code() != StatusCode::kLocked) return status;
    return Status(StatusCode::kLocked, path_ + " is open for writing in " + read_holder())
        .with_hint("one process writes at a time; others may open it read-only");
  }

  Status write_holder() {
    std::string text = describe_this_process();
    text.resize(kHolderBytes, '\0');
    return data_->write_at(kHolderOffset, text);
  }

  std::string read_holder() {
    std::string text(kHolderBytes, '\0');
    const Result<size_t> count = data_->read_at(kHolderOffset, text);
    text.resize(std::min(count.ok() ? *count : 0, text.find('\0')));
    return text.empty() ? "another process" : text;
  }

  Result<Storage> open_stores() {
    auto gate = options_.read_only ? nullptr : std::make_shared<ReaderGate>(data_);
    PROTO_ASSIGN_OR_RETURN(auto blobs, FileBlobStore::open(data_, {gate, options_.free_keep_bytes}));
    // Not before it is known to be a database: nothing is written into a file that is none.
    if (!options_.read_only) PROTO_RETURN_IF_ERROR(write_holder());
    Storage storage;
    storage.id = blobs->database_id();
    storage.read_only = options_.read_only;
    PROTO_ASSIGN_OR_RETURN(storage.root, blobs->read_root());
    PROTO_ASSIGN_OR_RETURN(auto log_file, open_log_file());
    PROTO_ASSIGN_OR_RETURN(auto chunks, ChunkFile::open(std::move(log_file), storage.id));
    const FileLogOptions log_options{storage.root.log_start, blobs->epoch(), options_.log_keep_bytes, gate};
    PROTO_ASSIGN_OR_RETURN(auto log, FileLogStore::open(std::move(chunks), log_options));
    blobs->set_writer(log->epoch(), log->end());
    storage.blobs = std::move(blobs);
    storage.log = std::move(log);
    return storage;
  }

  Result<std::unique_ptr<File>> open_log_file() {
    auto opened = files_.open(log_path(path_), {.write = !options_.read_only});
    if (opened.status().code() != StatusCode::kNotFound) return opened;
    return Status(StatusCode::kNotFound, log_path(path_) + ", the log of " + path_ + ", is missing")
        .with_hint("it holds the last commits: put it back beside " + path_);
  }

  const std::string& path_;
  const FileStorageOptions& options_;
  FileSystem& files_;
  std::shared_ptr<File> data_;
};

}  // namespace

Result<Storage> open_file_storage(const std::string& path, const FileStorageOptions& options) {
  // A writer that is at work while a reader looks at its files one after the other can make them seem damaged. Damage stays.
  constexpr int kReaderAttempts = 5;
  for (int attempt = 1;; ++attempt) {
    Result<Storage> opened = FileStorageOpener(path, options).open();
    const bool suspect = opened.status().code() == StatusCode::kCorruption;
    if (!suspect || !options.read_only || attempt == kReaderAttempts) return opened;
  }
}

}  // namespace protobase::storage
