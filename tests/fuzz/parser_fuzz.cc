// Any bytes: the parser must answer with statements or an error, and what it accepts must print back to the same tree.
#include <cstdint>
#include <string_view>

#include "query/ast/printer.h"
#include "query/parser/fingerprint.h"
#include "query/parser/parser.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace protobase;
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  parser::Fingerprint key;
  parser::fingerprint(text, &key);
  PROTO_CHECK(parser::complete_statement_length(text) <= text.size());
  auto statements = parser::parse(text);
  if (!statements.ok()) {
    PROTO_CHECK(statements.status().span() != nullptr && statements.status().span()->offset <= text.size());
    return 0;
  }
  for (const auto& statement : *statements) {
    auto again = parser::parse_one(ast::to_sql(*statement));
    PROTO_CHECK(again.ok());
    PROTO_CHECK(ast::to_s_expression(**again) == ast::to_s_expression(*statement));
  }
  return 0;
}
