// What a person may have meant by a word that does not fit.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "query/parser/internal/session.h"

namespace protobase::parser {

/// Edits (insert, delete, replace, swap of neighbours) that make one word the other, case aside; at most `limit` + 1.
/// O(|a| |b|).
size_t edit_distance(std::string_view a, std::string_view b, size_t limit);

/// "did you mean SELECT?" for the token at `error_index` of a statement that did not parse, or for the word before it;
/// "expected ')'" when the text ends early; empty when nothing fits. A keyword is proposed only if the statement parses
/// further with it. `raw` are the tokens before their roles were settled.
std::string suggest(Session& session, std::string_view text, const std::vector<Token>& raw,
                    const std::vector<Token>& tokens, size_t error_index, uint32_t end);

}  // namespace protobase::parser
