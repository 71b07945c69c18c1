// Literals: from the text of a token to its value. One reading for the parser and the fingerprint.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace protobase::parser {

/// The value of an INTEGER token (decimal or 0x...); false when it does not fit into an int64. O(length).
bool decode_integer(std::string_view token, int64_t* value);

/// The value of a DECIMAL token; false when its magnitude is beyond a double's range. O(length).
bool decode_double(std::string_view token, double* value);

/// Appends what a 'string' or quoted name means: the quotes around it cut, doubled ones made single. O(length).
void decode_quoted(std::string_view token, std::string* out);

/// Appends what an E'string' means. False for an escape that is none, or a code point that is none. O(length).
bool decode_escaped(std::string_view token, std::string* out);

/// Appends the bytes of an x'AB' token. O(length).
void decode_blob(std::string_view token, std::string* out);

}  // namespace protobase::parser
