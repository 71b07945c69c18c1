#include "storage/file_system.h"

#include <errno.h>
#include <time.h>
#include <unistd.h>

namespace protobase::storage {

std::string directory_of(const std::string& path) {
  const size_t slash = path.rfind('/');
  if (slash == std::string::npos) return ".";
  return slash == 0 ? "/" : path.substr(0, slash);
}

Status read_exactly(const File& file, uint64_t offset, std::span<char> into) {
  PROTO_ASSIGN_OR_RETURN(const size_t count, file.read_at(offset, into));
  if (count == into.size()) return {};
  return Status(StatusCode::kCorruption, file.path() + " ends at offset " + std::to_string(offset + count) + ", but " +
                                             std::to_string(into.size() - count) + " more bytes belong there");
}

std::string describe_this_process() {
  char host[256] = "unknown host";
  if (gethostname(host, sizeof host - 1) != 0) host[0] = '\0';
  const time_t now = time(nullptr);
  struct tm parts {};
  gmtime_r(&now, &parts);
  char when[32];
  strftime(when, sizeof when, "%Y-%m-%d %H:%M:%S UTC", &parts);
  return "process " + std::to_string(getpid()) + " (" + program_invocation_short_name + ") on " + host + " since " + when;
}

}  // namespace protobase::storage
