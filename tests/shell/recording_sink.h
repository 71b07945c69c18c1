// A sink that keeps objects as JSON and refuses what a test asks it to.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "shell/import_run.h"

namespace protobase::shell {

class RecordingSink : public ObjectSink {
 public:
  Status add(std::span<const ValueView> objects) override {
    for (const ValueView& object : objects) {
      if (refuse && refuse(object)) return Status(StatusCode::kConstraint, "refused");
    }
    for (const ValueView& object : objects) json.push_back(object.to_json());
    return Status();
  }
  std::vector<std::string> json;
  std::function<bool(const ValueView&)> refuse;
};

}  // namespace protobase::shell
