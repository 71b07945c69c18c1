#include "db/version_chain.h"

#include "runtime/base/check.h"

namespace protobase {

VersionChain::VersionChain(std::unique_ptr<Version> first) : oldest_(std::move(first)) { visible_ = head_ = oldest_.get(); }

VersionChain::~VersionChain() {
  // One by one: a chain of many versions must not recurse.
  while (oldest_ != nullptr) oldest_ = std::move(oldest_->next_);
}

void VersionChain::bury_all() {
  std::lock_guard lock(mutex_);
  PROTO_CHECK(pins_ == 0);
  for (Version* version = oldest_.get(); version != nullptr; version = version->next_.get()) {
    for (auto& nodes : version->retired_) nodes->bury();
    version->retired_.clear();
  }
  visible_ = head_;
}

Version* VersionChain::pin_visible() {
  std::lock_guard lock(mutex_);
  ++visible_->pins_;
  ++pins_;
  return visible_;
}

Version* VersionChain::pin_head() {
  std::lock_guard lock(mutex_);
  ++head_->pins_;
  ++pins_;
  return head_;
}

void VersionChain::pin(Version* version) {
  std::lock_guard lock(mutex_);
  PROTO_DCHECK(version->pins_ > 0);
  ++version->pins_;
  ++pins_;
}

void VersionChain::unpin(Version* version) {
  std::vector<std::unique_ptr<Version>> ended;
  {
    std::lock_guard lock(mutex_);
    PROTO_CHECK(version->pins_ > 0 && pins_ >= version->pins_);
    --version->pins_;
    --pins_;
    if (version->pins_ == 0) collect(ended);
  }
  bury(ended);
}

void VersionChain::publish(std::unique_ptr<Version> version, Retired retired) {
  std::lock_guard lock(mutex_);
  PROTO_CHECK(version->commit.value == head_->commit.value + 1 && version->end >= head_->end);
  for (auto& nodes : retired) head_->retired_.push_back(std::move(nodes));
  head_->next_ = std::move(version);
  head_ = head_->next_.get();
}

CommitId VersionChain::advance_visible(Lsn durable) {
  std::vector<std::unique_ptr<Version>> ended;
  CommitId visible;
  {
    std::lock_guard lock(mutex_);
    while (visible_->next_ != nullptr && (visible_->next_->asynchronous || visible_->next_->end <= durable)) {
      visible_ = visible_->next_.get();
    }
    visible = visible_->commit;
    collect(ended);
  }
  bury(ended);
  return visible;
}

uint64_t VersionChain::pin_count() const {
  std::lock_guard lock(mutex_);
  return pins_;
}

CommitId VersionChain::oldest() const {
  std::lock_guard lock(mutex_);
  return oldest_->commit;
}

void VersionChain::collect(std::vector<std::unique_ptr<Version>>& ended) {
  while (oldest_.get() != visible_ && oldest_->pins_ == 0) {
    PROTO_CHECK(oldest_->next_ != nullptr);
    std::unique_ptr<Version> next = std::move(oldest_->next_);
    ended.push_back(std::move(oldest_));
    oldest_ = std::move(next);
  }
}

void VersionChain::bury(std::vector<std::unique_ptr<Version>>& ended) {
  for (auto& version : ended) {
    for (auto& nodes : version->retired_) nodes->bury();
  }
}

}  // namespace protobase
