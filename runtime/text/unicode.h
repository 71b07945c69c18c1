// What Unicode says of code points: case, normal forms, white space. The one place that knows the library behind it.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace proto::text {

// All texts are valid UTF-8. All functions: any thread; O(size), about 0.3 ns a byte for ASCII and 10 ns a code point for others
// (normal forms: 50 ns).

/// Appends the text with each code point in its simple mapping: one for one, whatever the language (sharp s becomes U+1E9E).
void append_upper(std::string_view text, std::string& out);
void append_lower(std::string_view text, std::string& out);
/// First letter of each word in title case, the rest in lower case. A word is a run of letters, marks and apostrophes within.
void append_title(std::string_view text, std::string& out);
/// Full case folding: texts that differ in case only fold to the same (sharp s folds to "ss").
void append_folded(std::string_view text, std::string& out);

/// Canonical (NFC, NFD) and compatibility (NFKC, NFKD) forms; C composes, D decomposes.
enum class NormalForm : uint8_t { kNfc, kNfd, kNfkc, kNfkd };
void append_normal(std::string_view text, NormalForm form, std::string& out);

/// Property White_Space.
bool is_space(char32_t code_point);
bool is_letter(char32_t code_point);
/// Decimal digits of any script.
bool is_digit(char32_t code_point);
bool is_upper(char32_t code_point);
bool is_lower(char32_t code_point);
char32_t to_upper(char32_t code_point);
char32_t to_lower(char32_t code_point);
/// Columns of a terminal: 0 for marks and controls, 2 for wide ones.
int display_width(char32_t code_point);

/// The text without white space at the ends that are asked for. A view.
std::string_view trim(std::string_view text, bool left = true, bool right = true);

}  // namespace proto::text
