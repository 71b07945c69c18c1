// libproto: the runtime by itself. The public header, <proto/proto.h> once installed.
//
//   using namespace proto::avl;
//   Family<PodMap<uint64_t, uint64_t>> family;                  // one kind of tree and the memory of its nodes
//   VersionSet<PodMap<uint64_t, uint64_t>> versions(family);    // the newest version, and those that readers hold
//
// What stands here: Status and Result, strong ids, and the one persistent tree with its leaf policies (map of plain
// values, set of byte keys, list), edits, cursors and versions. Threads and complexity: each header says its own.
#pragma once

#include "runtime/avl/byte_key_set.h"  // IWYU pragma: export
#include "runtime/avl/cursor.h"        // IWYU pragma: export
#include "runtime/avl/edit.h"          // IWYU pragma: export
#include "runtime/avl/list.h"          // IWYU pragma: export
#include "runtime/avl/pod_map.h"       // IWYU pragma: export
#include "runtime/avl/tree.h"          // IWYU pragma: export
#include "runtime/avl/version_set.h"   // IWYU pragma: export
#include "runtime/base/check.h"        // IWYU pragma: export
#include "runtime/base/ids.h"          // IWYU pragma: export
#include "runtime/base/status.h"       // IWYU pragma: export
