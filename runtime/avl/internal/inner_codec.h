// Bytes of an inner node.
//
//   offset  size    field
//   0       1       format, 1
//   1       1       height of the left child, 1..kMaxHeight-2
//   2       1       height of the right child, differing by at most 1
//   3       varint  entries left, >= 1
//   .       varint  entries right, >= 1
//   .       varint  address of the left child, not 0
//   .       varint  address of the right child, not 0
//   .       rest    separator, as the leaf policy writes it (nothing in positional trees)
#pragma once

#include <string>

#include "runtime/avl/node.h"
#include "runtime/base/coding.h"

namespace proto::avl::internal {

struct InnerFields {
  uint8_t left_height = 0, right_height = 0;
  uint64_t left_count = 0, right_count = 0;
  uint64_t left_address = 0, right_address = 0;
};

/// Appends all but the separator. Every child has an address.
void encode_inner(const Inner& inner, std::string& out);
/// Reads all but the separator; kCorruption for what no encode_inner writes.
Status decode_inner(ByteReader& reader, InnerFields& fields);
void fill_inner(Inner& inner, const InnerFields& fields);

}  // namespace proto::avl::internal
