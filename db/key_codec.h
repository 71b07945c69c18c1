// Normalized keys: bytes whose memcmp order is the order of values (ValueView::compare), for secondary indexes and
// sorting.
//
// A key is a sequence of components, each self-delimiting: no component is a prefix of another, so composite keys
// order by their first component, then the second, and a whole component is a prefix for range searches. Component:
//
//   tag byte, then by kind
//   bool       in the tag
//   number     8 bytes: the greatest double <= the number, sign-flipped big-endian; when its magnitude is 2^53 or more,
//              2 bytes more: number minus that double (ints between doubles). Ints and doubles of equal value are equal
//              keys.
//   date, timestamp, timespan   4 or 8 bytes, sign bit flipped, big-endian
//   string, bytes               the bytes, 0x00 as 0x00 0xFF; end 0x00 0x00
//   ref        4 + 8 bytes big-endian
//   vector     each float 0x02 and 4 bytes; end 0x01
//   array      each element as a component; end 0x01
//   object     attributes by name, each 0x02, the name as a string, the value as a component; end 0x01
//
// Descending: every byte inverted. None is one byte on its own, 0x05 (nulls first) or 0xFA (nulls last), never
// inverted.
#pragma once

#include <string>
#include <string_view>

#include "db/value.h"

namespace protobase {

/// How one component orders. The default is the order of ValueView::compare.
struct KeyOrder {
  bool descending = false;
  bool nulls_first = true;
  bool operator==(const KeyOrder&) const = default;
};

/// Appends the component of `value` to a key. O(bytes).
void append_key(std::string& key, const ValueView& value, KeyOrder order = {});

/// Takes the first component off `key` and gives its value, for reading values from an index alone. Strings and bytes
/// are unescaped into `scratch`, which must outlive the view. A number comes back as an integer when it is whole and
/// fits 64 bits, whatever it was. Vectors, arrays and objects: kUnsupported (`key` is advanced all the same). Malformed
/// bytes: kCorruption.
Result<ValueView> decode_key(std::string_view& key, KeyOrder order, std::string& scratch);

/// Takes the first component off `key` without decoding it; its bytes. Malformed bytes: kCorruption.
Result<std::string_view> skip_key(std::string_view& key, KeyOrder order);

/// The least key greater than every key that begins with `prefix`; empty when there is none (prefix of 0xFF only).
std::string successor(std::string_view prefix);

}  // namespace protobase
