#include "storage/database_id.h"

#include <unistd.h>

#include <cstdio>

#include "runtime/base/check.h"

namespace protobase::storage {

DatabaseId DatabaseId::make() {
  DatabaseId id;
  PROTO_CHECK_MSG(getentropy(&id, sizeof id) == 0, "drawing a database id");
  return id;
}

std::string DatabaseId::to_string() const {
  char text[33];
  std::snprintf(text, sizeof text, "%016llx%016llx", static_cast<unsigned long long>(high),
                static_cast<unsigned long long>(low));
  return text;
}

}  // namespace protobase::storage
