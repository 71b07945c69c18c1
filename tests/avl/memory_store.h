// A disk in memory for tests of durable trees: bytes by address, nodes loaded on demand, failures on request.
#pragma once

#include <map>
#include <mutex>
#include <string>
#include <utility>

#include "runtime/avl/family.h"

namespace proto::avl {

template <LeafPolicy P>
class MemoryStore final : public NodeSource, public NodeSink {
 public:
  explicit MemoryStore(Family<P>& family) : family_(family) { family.set_source(this); }
  ~MemoryStore() override { forget_all(); }

  Result<Node*> load(uint64_t address) override {
    std::lock_guard lock(mutex_);
    ++loads_;
    if (fail_after_ >= 0 && fail_after_-- == 0) {
      fail_after_ = 0;  // and from then on
      return Status(StatusCode::kIoError, "injected failure");
    }
    if (const auto found = nodes_.find(address); found != nodes_.end()) return found->second;
    const auto stored = disk_.find(address);
    if (stored == disk_.end()) return Status(StatusCode::kCorruption, "no node at this address");
    PROTO_ASSIGN_OR_RETURN(Node * node, family_.decode(stored->second.first, stored->second.second, address));
    nodes_[address] = node;
    return node;
  }
  void forget(Node* node) override {
    std::lock_guard lock(mutex_);
    nodes_.erase(node->address.load());
  }
  Result<uint64_t> write(Node* node, NodeKind kind, std::string_view bytes) override {
    std::lock_guard lock(mutex_);
    if (fail_writes_) return Status(StatusCode::kNoSpace, "injected failure");
    const uint64_t address = ++last_address_;
    disk_[address] = {kind, std::string(bytes)};
    nodes_[address] = node;
    return address;
  }

  /// Frees every node that has an address: memory after a restart. No tree may be in use.
  void forget_all() {
    std::map<uint64_t, Node*> nodes;
    std::swap(nodes, nodes_);
    for (const auto& [address, node] : nodes) family_.free_node(node);
  }
  /// The n-th load from now on (0: the next) fails, and all after it; -1: none.
  void fail_after(int64_t loads) { fail_after_ = loads; }
  void fail_writes(bool fail) { fail_writes_ = fail; }
  uint64_t loads() const { return loads_; }
  size_t stored() const { return disk_.size(); }
  std::string& bytes_at(uint64_t address) { return disk_.at(address).second; }
  NodeKind kind_at(uint64_t address) const { return disk_.at(address).first; }

 private:
  Family<P>& family_;
  std::mutex mutex_;
  std::map<uint64_t, std::pair<NodeKind, std::string>> disk_;
  std::map<uint64_t, Node*> nodes_;
  uint64_t last_address_ = 0;
  uint64_t loads_ = 0;
  int64_t fail_after_ = -1;
  bool fail_writes_ = false;
};

}  // namespace proto::avl
