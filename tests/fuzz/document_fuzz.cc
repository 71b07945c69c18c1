// Hostile documents, column blocks, keys and JSON: read without harm or refused. The first byte says which.
#include <cstddef>
#include <cstdint>
#include <string>

#include "db/column_block.h"
#include "db/document.h"
#include "db/json.h"
#include "db/key_codec.h"
#include "runtime/base/check.h"

namespace protobase {
namespace {

void read_document(std::string_view bytes) {
  const Result<ValueView> value = decode(bytes);
  if (!value) return;
  PROTO_CHECK(encode(*value) == bytes);
  PROTO_CHECK(value->compare(*value) == 0);
  std::string key, scratch;
  append_key(key, *value);
  std::string_view rest = key;
  PROTO_CHECK(skip_key(rest, {}).ok() && rest.empty());
  PROTO_CHECK(!value->to_json().empty());
}

void read_block(std::string_view bytes) {
  const Result<BlockPtr> block = ColumnBlock::decode(bytes);
  if (!block) return;
  for (uint32_t row = 0; row < (*block)->rows(); ++row) {
    std::string document;
    (*block)->materialize(row, document);
    for (const BlockLayout::Column& column : (*block)->layout()->columns())
      (void)(*block)->value(row, column.path).hash();
  }
  (void)(*block)->check().ok();
}

void read_key(std::string_view bytes) {
  std::string scratch;
  while (!bytes.empty() && decode_key(bytes, {}, scratch).status().code() != StatusCode::kCorruption) {
  }
}

void read_json(std::string_view bytes) {
  JsonParser parser;
  const Result<std::string_view> value = parser.parse(bytes);
  if (value) PROTO_CHECK(validate(*value).ok());
}

}  // namespace
}  // namespace protobase

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  if (size == 0) return 0;
  const std::string_view bytes(reinterpret_cast<const char*>(data) + 1, size - 1);
  switch (data[0] % 4) {
    case 0: protobase::read_document(bytes); break;
    case 1: protobase::read_block(bytes); break;
    case 2: protobase::read_key(bytes); break;
    default: protobase::read_json(bytes);
  }
  return 0;
}
