#include "storage/memory_file_system.h"

#include <algorithm>
#include <array>
#include <cstring>

#include "runtime/base/random.h"

namespace protobase::storage {
namespace {

constexpr uint64_t kSectorBytes = 512;

/// A change that no sync has covered yet: bytes at an offset, or a new length.
struct PendingChange {
  bool is_resize = false;
  uint64_t offset = 0;  // the new length of a resize
  std::string bytes;
};

void overwrite(std::string& target, uint64_t offset, std::string_view bytes) {
  if (target.size() < offset + bytes.size()) target.resize(offset + bytes.size());
  std::memcpy(target.data() + offset, bytes.data(), bytes.size());
}

void apply_change(std::string& target, const PendingChange& change) {
  if (change.is_resize) {
    target.resize(change.offset);
  } else {
    overwrite(target, change.offset, change.bytes);
  }
}

/// Calls `piece(offset, bytes)` for the parts of a write that end at sector boundaries of the file.
template <class Piece>
void for_each_sector(const PendingChange& change, Piece piece) {
  std::string_view rest = change.bytes;
  uint64_t offset = change.offset;
  while (!rest.empty()) {
    const uint64_t length = std::min<uint64_t>(rest.size(), kSectorBytes - offset % kSectorBytes);
    piece(offset, rest.substr(0, length));
    rest.remove_prefix(length);
    offset += length;
  }
}

void apply_prefix(std::string& target, const std::vector<PendingChange>& changes, proto::Random& random) {
  const uint64_t whole = random.below(changes.size() + 1);
  for (uint64_t i = 0; i < whole; ++i) apply_change(target, changes[i]);
  if (whole == changes.size() || changes[whole].is_resize) return;
  uint64_t sectors = random.below(changes[whole].bytes.size() / kSectorBytes + 2);
  for_each_sector(changes[whole], [&](uint64_t offset, std::string_view bytes) {
    if (sectors > 0) overwrite(target, offset, bytes), --sectors;
  });
}

void apply_some(std::string& target, const std::vector<PendingChange>& changes, proto::Random& random) {
  for (const PendingChange& change : changes) {
    if (change.is_resize) {
      if (random.one_in(2)) apply_change(target, change);
      continue;
    }
    for_each_sector(change, [&](uint64_t offset, std::string_view bytes) {
      if (random.one_in(2)) overwrite(target, offset, bytes);
    });
  }
}

}  // namespace

struct MemoryFileSystem::Inode {
  std::string live;
  std::string durable;
  std::vector<PendingChange> pending;  // what makes `live` of `durable`, in order
  struct Lock {
    const void* exclusive = nullptr;
    std::vector<const void*> shared;
  };
  std::array<Lock, 2> locks;

  void change(PendingChange step) {
    apply_change(live, step);
    pending.push_back(std::move(step));
  }
  void sync() {
    for (const PendingChange& step : pending) apply_change(durable, step);
    pending.clear();
  }
  void crash(CrashMode mode, proto::Random& random) {
    if (mode == CrashMode::kPrefix) apply_prefix(durable, pending, random);
    if (mode == CrashMode::kReorder) apply_some(durable, pending, random);
    live = durable;
    pending.clear();
    locks = {};
  }
};

/// Every call takes the file system's mutex: this version is for tests, not for speed.
class MemoryFile final : public File {
 public:
  MemoryFile(MemoryFileSystem& system, std::string path, std::shared_ptr<MemoryFileSystem::Inode> inode, bool writable)
      : system_(system), path_(std::move(path)), inode_(std::move(inode)), writable_(writable),
        crash_count_(system.crash_count_) {}
  ~MemoryFile() override {
    std::lock_guard guard(system_.mutex_);
    for (LockArea area : {LockArea::kWriter, LockArea::kReaders}) release(area);
  }

  const std::string& path() const override { return path_; }

  Result<size_t> read_at(uint64_t offset, std::span<char> into) const override {
    std::lock_guard guard(system_.mutex_);
    PROTO_RETURN_IF_ERROR(check_alive());
    const std::string& live = inode_->live;
    if (offset >= live.size()) return size_t{0};
    const size_t count = std::min<uint64_t>(into.size(), live.size() - offset);
    std::memcpy(into.data(), live.data() + offset, count);
    return count;
  }

  Status write_at(uint64_t offset, std::string_view bytes) override {
    return change(PendingChange{false, offset, std::string(bytes)});
  }

  Status preallocate(uint64_t offset, uint64_t length) override {
    PROTO_ASSIGN_OR_RETURN(const uint64_t current, size());
    return current >= offset + length ? Status() : change(PendingChange{true, offset + length, {}});
  }

  Status sync() override {
    std::lock_guard guard(system_.mutex_);
    PROTO_RETURN_IF_ERROR(check_writable());
    inode_->sync();
    return {};
  }

  Result<uint64_t> size() const override {
    std::lock_guard guard(system_.mutex_);
    PROTO_RETURN_IF_ERROR(check_alive());
    return uint64_t{inode_->live.size()};
  }

  Status truncate(uint64_t size) override { return change(PendingChange{true, size, {}}); }

  Status punch_hole(uint64_t offset, uint64_t length) override {
    PROTO_ASSIGN_OR_RETURN(const uint64_t current, size());
    if (offset >= current) return {};
    return change(PendingChange{false, offset, std::string(std::min(length, current - offset), '\0')});
  }

  Status lock(LockArea area, LockMode mode, bool wait) override {
    do {
      std::lock_guard guard(system_.mutex_);
      PROTO_RETURN_IF_ERROR(check_alive());
      if (try_lock(area, mode)) return {};
    } while (wait);
    return Status(StatusCode::kLocked, path_ + " is locked");
  }

  Status unlock(LockArea area) override {
    std::lock_guard guard(system_.mutex_);
    release(area);
    return {};
  }

 private:
  Status check_alive() const {
    if (crash_count_ == system_.crash_count_) return {};
    return Status(StatusCode::kIoError, path_ + " was open when the machine stopped");
  }
  Status check_writable() const {
    PROTO_RETURN_IF_ERROR(check_alive());
    return writable_ ? Status() : Status(StatusCode::kReadOnly, path_ + " is open read-only");
  }
  Status change(PendingChange step) {
    std::lock_guard guard(system_.mutex_);
    PROTO_RETURN_IF_ERROR(check_writable());
    inode_->change(std::move(step));
    return {};
  }
  bool try_lock(LockArea area, LockMode mode) {
    auto& held = inode_->locks[static_cast<size_t>(area)];
    const bool others_share = std::any_of(held.shared.begin(), held.shared.end(), [this](auto* by) { return by != this; });
    const bool other_excludes = held.exclusive != nullptr && held.exclusive != this;
    if (other_excludes || (mode == LockMode::kExclusive && others_share)) return false;
    release(area);
    if (mode == LockMode::kShared) held.shared.push_back(this);
    if (mode == LockMode::kExclusive) held.exclusive = this;
    return true;
  }
  void release(LockArea area) {
    auto& held = inode_->locks[static_cast<size_t>(area)];
    if (held.exclusive == this) held.exclusive = nullptr;
    std::erase(held.shared, this);
  }

  MemoryFileSystem& system_;
  const std::string path_;
  const std::shared_ptr<MemoryFileSystem::Inode> inode_;
  const bool writable_;
  const uint64_t crash_count_;
};

MemoryFileSystem::MemoryFileSystem() = default;
MemoryFileSystem::~MemoryFileSystem() = default;

Result<std::unique_ptr<File>> MemoryFileSystem::open(const std::string& path, OpenFlags flags) {
  std::lock_guard guard(mutex_);
  auto found = live_.find(path);
  if (found == live_.end()) {
    if (!flags.create) return Status(StatusCode::kNotFound, "open " + path + ": no such file");
    found = live_.emplace(path, std::make_shared<Inode>()).first;
  }
  return std::unique_ptr<File>(std::make_unique<MemoryFile>(*this, path, found->second, flags.write));
}

Result<bool> MemoryFileSystem::exists(const std::string& path) {
  std::lock_guard guard(mutex_);
  return live_.contains(path);
}

Status MemoryFileSystem::rename(const std::string& from, const std::string& to) {
  std::lock_guard guard(mutex_);
  auto node = live_.extract(from);
  if (node.empty()) return Status(StatusCode::kNotFound, "rename " + from + ": no such file");
  live_[to] = std::move(node.mapped());
  return {};
}

Status MemoryFileSystem::remove(const std::string& path) {
  std::lock_guard guard(mutex_);
  return live_.erase(path) > 0 ? Status() : Status(StatusCode::kNotFound, "remove " + path + ": no such file");
}

Result<std::vector<std::string>> MemoryFileSystem::list(const std::string& directory) {
  std::lock_guard guard(mutex_);
  std::vector<std::string> names;
  for (const auto& [path, inode] : live_) {
    if (directory_of(path) == directory) names.push_back(path.substr(path.rfind('/') + 1));
  }
  return names;
}

Status MemoryFileSystem::sync_directory_of(const std::string& path) {
  std::lock_guard guard(mutex_);
  const std::string directory = directory_of(path);
  std::erase_if(durable_, [&](const auto& entry) { return directory_of(entry.first) == directory; });
  for (const auto& entry : live_) {
    if (directory_of(entry.first) == directory) durable_.insert(entry);
  }
  return {};
}

void MemoryFileSystem::crash(CrashMode mode, uint64_t seed) {
  std::lock_guard guard(mutex_);
  proto::Random random(seed);
  live_ = durable_;
  for (auto& [path, inode] : live_) inode->crash(mode, random);
  ++crash_count_;
}

void MemoryFileSystem::forget_unsynced(const std::string& path) {
  std::lock_guard guard(mutex_);
  const auto found = live_.find(path);
  if (found != live_.end()) found->second->pending.clear();
}

std::string MemoryFileSystem::contents(const std::string& path) const {
  std::lock_guard guard(mutex_);
  const auto found = live_.find(path);
  return found == live_.end() ? std::string() : found->second->live;
}

void MemoryFileSystem::set_contents(const std::string& path, std::string bytes) {
  std::lock_guard guard(mutex_);
  auto& inode = live_[path];
  if (inode == nullptr) inode = std::make_shared<Inode>();
  inode->durable = inode->live = std::move(bytes);
  inode->pending.clear();
  durable_[path] = inode;
}

}  // namespace protobase::storage
