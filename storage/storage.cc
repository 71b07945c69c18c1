#include "storage/storage.h"

namespace protobase::storage {

Status Storage::checkpoint(std::string_view payload, Lsn log_start) {
  PROTO_RETURN_IF_ERROR(log->sync(log_start));
  PROTO_RETURN_IF_ERROR(blobs->write_root(payload, log_start));
  return log->trim(log_start);
}

Status Storage::close() {
  if (log == nullptr) return Status(StatusCode::kInvalidState, "storage is closed");
  Status status = log->close();
  log.reset();
  blobs.reset();
  return status;
}

}  // namespace protobase::storage
