// The tree of an ordered or hash index: entries of db/index_keys.h, nothing else.
#pragma once

#include "runtime/avl/byte_key_set.h"
#include "runtime/avl/cursor.h"
#include "runtime/avl/edit.h"
#include "runtime/avl/tree.h"

namespace protobase {

using IndexPolicy = proto::avl::ByteKeySet;
using IndexTree = proto::avl::Tree<IndexPolicy>;
using IndexEdit = proto::avl::Edit<IndexPolicy>;

}  // namespace protobase
