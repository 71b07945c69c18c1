// libproto: dynamic objects with prototypes, immutable collections and a concurrent collector. The public header, <proto/proto.h> once
// installed; docs/runtime.md is the guide.
//
//   proto::Space space;                                  // isolated: own heap, own collector
//   proto::Thread self(space);                           // attaches this thread
//   proto::Context ctx(self);                            // a call frame
//   proto::Value point = space.object_prototype().new_child(ctx).with(ctx, "x", 3).with(ctx, "y", 4.0);
//
// Values on the stack of an attached thread stay alive by themselves; elsewhere keep a Root. Operations that fail give none and
// leave an error in the context (Context::error). Each header says what its functions cost and which threads may call them.
#pragma once

#define PROTO_VERSION "0.1.0"

#include "runtime/base/status.h"             // IWYU pragma: export
#include "runtime/collection/bytes.h"        // IWYU pragma: export
#include "runtime/collection/dictionary.h"   // IWYU pragma: export
#include "runtime/collection/list.h"         // IWYU pragma: export
#include "runtime/collection/multiset.h"     // IWYU pragma: export
#include "runtime/collection/set.h"          // IWYU pragma: export
#include "runtime/collection/sparse_list.h"  // IWYU pragma: export
#include "runtime/collection/string.h"       // IWYU pragma: export
#include "runtime/collection/tuple.h"        // IWYU pragma: export
#include "runtime/heap/context.h"            // IWYU pragma: export
#include "runtime/heap/external.h"           // IWYU pragma: export
#include "runtime/heap/root_list.h"          // IWYU pragma: export
#include "runtime/heap/weak.h"               // IWYU pragma: export
#include "runtime/number/number.h"           // IWYU pragma: export
#include "runtime/object/modules.h"          // IWYU pragma: export
#include "runtime/object/object.h"           // IWYU pragma: export
#include "runtime/object/threads.h"          // IWYU pragma: export
#include "runtime/value/operations.h"        // IWYU pragma: export
