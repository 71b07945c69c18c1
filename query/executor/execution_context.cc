#include "query/executor/execution_context.h"

#include "db/session.h"

namespace protobase::query {

Status ExecutionContext::check_interrupt() const {
  if (session != nullptr && session->interrupted()) return Status(StatusCode::kCancelled, "the statement was cancelled");
  return Status();
}

Timestamp ExecutionContext::now() {
  if (!now_) {
    const auto since = std::chrono::system_clock::now().time_since_epoch();
    now_ = Timestamp{std::chrono::duration_cast<std::chrono::microseconds>(since).count()};
  }
  return *now_;
}

proto::Random& ExecutionContext::random() {
  if (!random_) random_.emplace(static_cast<uint64_t>(std::chrono::steady_clock::now().time_since_epoch().count()));
  return *random_;
}

}  // namespace protobase::query
