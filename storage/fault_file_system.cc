#include "storage/fault_file_system.h"

namespace protobase::storage {

class FaultFile final : public File {
 public:
  FaultFile(FaultFileSystem& system, std::unique_ptr<File> file) : system_(system), file_(std::move(file)) {}

  const std::string& path() const override { return file_->path(); }

  Result<size_t> read_at(uint64_t offset, std::span<char> into) const override {
    PROTO_RETURN_IF_ERROR(system_.before(kCallRead, path()));
    return file_->read_at(offset, into);
  }
  Status write_at(uint64_t offset, std::string_view bytes) override {
    Status fault = system_.before(kCallWrite, path());
    if (fault.ok()) return file_->write_at(offset, bytes);
    if (system_.partial_write()) PROTO_RETURN_IF_ERROR(file_->write_at(offset, bytes.substr(0, bytes.size() / 2)));
    return fault;
  }
  Status preallocate(uint64_t offset, uint64_t length) override {
    PROTO_RETURN_IF_ERROR(system_.before(kCallResize, path()));
    return file_->preallocate(offset, length);
  }
  Status sync() override {
    Status fault = system_.before(kCallSync, path());
    if (fault.ok()) return file_->sync();
    system_.sync_failed(path());
    return fault;
  }
  Result<uint64_t> size() const override {
    PROTO_RETURN_IF_ERROR(system_.before(kCallSize, path()));
    return file_->size();
  }
  Status truncate(uint64_t size) override {
    PROTO_RETURN_IF_ERROR(system_.before(kCallResize, path()));
    return file_->truncate(size);
  }
  Status punch_hole(uint64_t offset, uint64_t length) override {
    PROTO_RETURN_IF_ERROR(system_.before(kCallResize, path()));
    return file_->punch_hole(offset, length);
  }
  Status lock(LockArea area, LockMode mode, bool wait) override {
    PROTO_RETURN_IF_ERROR(system_.before(kCallLock, path()));
    return file_->lock(area, mode, wait);
  }
  Status unlock(LockArea area) override { return file_->unlock(area); }

 private:
  FaultFileSystem& system_;
  const std::unique_ptr<File> file_;
};

void FaultFileSystem::set_fault(const Fault& fault) {
  std::lock_guard guard(mutex_);
  fault_ = fault;
  count_ = 0;
  triggered_ = false;
}

bool FaultFileSystem::partial_write() {
  std::lock_guard guard(mutex_);
  return fault_.partial_write;
}

void FaultFileSystem::sync_failed(const std::string& path) {
  std::lock_guard guard(mutex_);
  if (fault_.on_failed_sync) fault_.on_failed_sync(path);
}

Status FaultFileSystem::before(CallKind kind, const std::string& path) {
  std::lock_guard guard(mutex_);
  if ((fault_.kinds & kind) == 0) return {};
  const uint64_t call = ++count_;
  const bool fails = fault_.nth != 0 && (fault_.for_ever ? call >= fault_.nth : call == fault_.nth);
  if (!fails) return {};
  triggered_ = true;
  return Status(fault_.code, "injected fault in call " + std::to_string(call) + " on " + path);
}

Result<std::unique_ptr<File>> FaultFileSystem::open(const std::string& path, OpenFlags flags) {
  PROTO_RETURN_IF_ERROR(before(kCallOpen, path));
  PROTO_ASSIGN_OR_RETURN(auto file, base_.open(path, flags));
  return std::unique_ptr<File>(std::make_unique<FaultFile>(*this, std::move(file)));
}

Result<bool> FaultFileSystem::exists(const std::string& path) {
  PROTO_RETURN_IF_ERROR(before(kCallName, path));
  return base_.exists(path);
}

Status FaultFileSystem::rename(const std::string& from, const std::string& to) {
  PROTO_RETURN_IF_ERROR(before(kCallName, from));
  return base_.rename(from, to);
}

Status FaultFileSystem::remove(const std::string& path) {
  PROTO_RETURN_IF_ERROR(before(kCallName, path));
  return base_.remove(path);
}

Result<std::vector<std::string>> FaultFileSystem::list(const std::string& directory) {
  PROTO_RETURN_IF_ERROR(before(kCallName, directory));
  return base_.list(directory);
}

Status FaultFileSystem::sync_directory_of(const std::string& path) {
  PROTO_RETURN_IF_ERROR(before(kCallName, path));
  return base_.sync_directory_of(path);
}

}  // namespace protobase::storage
