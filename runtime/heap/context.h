// The runtime's surroundings of an operation: space, thread, frame, allocation.
#pragma once

#include "runtime/heap/allocation.h"  // IWYU pragma: export
#include "runtime/heap/space.h"       // IWYU pragma: export
#include "runtime/heap/thread.h"      // IWYU pragma: export
