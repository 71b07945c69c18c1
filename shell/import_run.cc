#include "shell/import_run.h"

namespace protobase::shell {
namespace {

// Whether an error is about the object and not about the database or its surroundings.
bool is_about_object(StatusCode code) {
  switch (code) {
    case StatusCode::kInvalidArgument:
    case StatusCode::kType:
    case StatusCode::kRange:
    case StatusCode::kConstraint:
    case StatusCode::kAlreadyExists:
      return true;
    default:
      return false;
  }
}

}  // namespace

Status ImportRun::add(uint64_t line, const ValueView& object) {
  constexpr size_t kObjects = 1024, kBytes = 4 << 20;
  PROTO_DCHECK(object.kind() == Kind::kObject);
  pending_.push_back({line, bytes_.size(), object.buffer().size()});
  bytes_ += object.buffer();
  return pending_.size() < kObjects && bytes_.size() < kBytes ? Status() : flush();
}

Status ImportRun::flush() {
  std::vector<ValueView> views;
  views.reserve(pending_.size());
  for (const Pending& p : pending_) {
    views.push_back(ValueView::of_encoded(Kind::kObject, std::string_view(bytes_).substr(p.offset, p.size)));
  }
  Status status = views.empty() ? Status() : sink_.add(views);
  if (status.ok()) {
    report_.objects += views.size();
  } else if (is_about_object(status.code())) {
    status = Status();
    for (size_t i = 0; i < views.size() && status.ok(); ++i) {
      status = sink_.add(std::span(&views[i], 1));
      report_.objects += status.ok();
      if (is_about_object(status.code())) status = note_bad(pending_[i].line, status.message());
    }
  }
  pending_.clear();
  bytes_.clear();
  return status;
}

Status ImportRun::finish() { return flush(); }

Status ImportRun::reject(uint64_t line, const std::string& reason) {
  PROTO_RETURN_IF_ERROR(flush());  // bad records before this one are told first
  return note_bad(line, reason);
}

Status ImportRun::note_bad(uint64_t line, const std::string& reason) {
  ++report_.bad_count;
  if (report_.bad.size() < ImportReport::kListed) report_.bad.push_back({line, reason});
  if (keep_going_) return Status();
  return Status(StatusCode::kInvalidArgument, file_ + ":" + std::to_string(line) + ": " + reason)
      .with_hint("nothing of the file was kept; --keep-going leaves bad records out");
}

Status ImportRun::advance(size_t bytes_read) {
  constexpr uint32_t kCallsPerReport = 1024;
  if (++calls_ % kCallsPerReport != 0 || !progress_ || progress_(bytes_read)) return Status();
  return Status(StatusCode::kCancelled, "the import was interrupted; nothing of " + file_ + " was kept");
}

}  // namespace protobase::shell
