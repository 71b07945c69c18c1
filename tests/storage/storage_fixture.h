// What storage's tests share: the backends under one face, and the records they write.
#pragma once

#include <gtest/gtest.h>
#include <stdlib.h>

#include <filesystem>
#include <string>
#include <vector>

#include "runtime/base/random.h"
#include "storage/memory_file_system.h"
#include "storage/storage.h"

namespace protobase::storage {

#define ASSERT_OK(expression)                                       \
  do {                                                              \
    const auto& assert_ok_result = (expression);                    \
    ASSERT_TRUE(assert_ok_result.ok()) << text_of(assert_ok_result); \
  } while (false)
#define EXPECT_OK(expression)                                       \
  do {                                                              \
    const auto& expect_ok_result = (expression);                    \
    EXPECT_TRUE(expect_ok_result.ok()) << text_of(expect_ok_result); \
  } while (false)

inline std::string text_of(const Status& status) { return status.to_string(); }
template <class T>
std::string text_of(const Result<T>& result) {
  return result.status().to_string();
}

/// Bytes that say who they are: a record's number, then bytes that follow from it. Half of them compress well.
inline std::string record_bytes(uint64_t number, size_t length) {
  std::string bytes = std::to_string(number) + ":";
  proto::Random random(number + 1);
  const bool plain = number % 2 == 0;
  while (bytes.size() < length) bytes.push_back(static_cast<char>(plain ? 'a' + number % 26 : random.next()));
  return bytes;
}

inline Result<Lsn> append_one(LogStore& log, std::string_view bytes, uint8_t kind = 7) {
  const LogRecord record{kind, bytes};
  return log.append(log.end(), std::span(&record, 1));
}

/// Every payload from `from` on.
inline Result<std::vector<std::string>> replayed(const LogStore& log, Lsn from) {
  std::vector<std::string> payloads;
  PROTO_RETURN_IF_ERROR(log.replay(from, [&](const ReplayedRecord& record) {
    payloads.emplace_back(record.payload);
    return Status();
  }));
  return payloads;
}
inline Result<std::vector<std::string>> replayed(const LogStore& log) { return replayed(log, log.start()); }

/// Writes one finished segment.
inline Result<SegmentId> add_segment(BlobStore& blobs, std::string_view bytes) {
  PROTO_ASSIGN_OR_RETURN(auto writer, blobs.create_segment());
  PROTO_RETURN_IF_ERROR(writer->append(bytes).status());
  PROTO_RETURN_IF_ERROR(writer->finish());
  return writer->id();
}

inline Result<std::string> read_segment(const BlobStore& blobs, SegmentId id) {
  PROTO_ASSIGN_OR_RETURN(const uint64_t size, blobs.segment_size(id));
  std::string bytes(size, '\0');
  PROTO_RETURN_IF_ERROR(blobs.read(id, 0, bytes));
  return bytes;
}

/// An empty directory for one test, removed afterwards.
class TemporaryDirectory {
 public:
  TemporaryDirectory() {
    std::string pattern = (std::filesystem::temp_directory_path() / "protobase_storage_XXXXXX").string();
    path_ = mkdtemp(pattern.data());
  }
  ~TemporaryDirectory() { std::filesystem::remove_all(path_); }
  std::string file(const std::string& name) const { return path_ + "/" + name; }

 private:
  std::string path_;
};

enum class Backend { kMemory, kFileInMemory, kFile };

inline std::string backend_name(Backend backend) {
  return backend == Backend::kMemory ? "Memory" : backend == Backend::kFileInMemory ? "FileInMemory" : "File";
}

/// One database that can be opened again and again, whatever holds it.
class Place {
 public:
  explicit Place(Backend backend) : backend_(backend), image_(make_memory_image()) {}

  Result<Storage> open(bool read_only = false) {
    if (backend_ == Backend::kMemory) {
      return open_memory_storage({.keep_log = true, .read_only = read_only, .image = image_});
    }
    FileStorageOptions options;
    options.read_only = read_only;
    options.log_chunk_bytes = 4096;
    options.log_keep_bytes = 16 * 4096;
    if (backend_ == Backend::kFileInMemory) options.file_system = &files_;
    return open_file_storage(backend_ == Backend::kFile ? directory_.file("x.pdb") : "x.pdb", options);
  }
  bool is_file() const { return backend_ != Backend::kMemory; }

 private:
  const Backend backend_;
  const std::shared_ptr<MemoryImage> image_;
  MemoryFileSystem files_;
  TemporaryDirectory directory_;
};

}  // namespace protobase::storage
