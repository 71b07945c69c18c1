#include "runtime/object/internal/object_space.h"

namespace proto::objects {

void ObjectSpace::trace(Tracer& tracer) {
  tracer.visit(call_name);
  tracer.visit(missing_name);
}

}  // namespace proto::objects
