// Validation of UTF-8 with 256-bit vectors.
#pragma once

#include <string_view>

#if defined(__x86_64__)
#define PROTO_TEXT_AVX2 1

namespace proto::text::internal {

/// True if all bytes are valid UTF-8. Only on machines with AVX2.
bool is_valid_avx2(std::string_view bytes);

}  // namespace proto::text::internal
#endif
