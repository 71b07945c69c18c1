// Bytes written as text: hexadecimal and base64.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace proto::text {

/// Appends two lower-case digits per byte. Any thread, O(size), as all here.
void append_hex(std::string_view bytes, std::string& out);
/// Appends the bytes that the digits (of either case, an even number) stand for. Position of the first wrong character (the size
/// if one is missing), npos if all is well; after an error `out` holds an arbitrary part.
[[nodiscard]] size_t decode_hex(std::string_view digits, std::string& out);

/// The alphabets of RFC 4648; both pad with '='.
enum class Base64 { kStandard, kUrl };
void append_base64(std::string_view bytes, std::string& out, Base64 alphabet = Base64::kStandard);
/// The reverse, for both alphabets; padding may be missing. Bits that stand for no byte must be zero. Returns as decode_hex.
[[nodiscard]] size_t decode_base64(std::string_view digits, std::string& out);

}  // namespace proto::text
