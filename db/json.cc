#include "db/json.h"

#include <simdjson.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <cstring>

#include "db/datetime.h"
#include "db/document.h"
#include "runtime/base/coding.h"

namespace protobase {
namespace {

namespace dom = simdjson::dom;

Status invalid(std::string_view what) { return Status(StatusCode::kInvalidArgument, "JSON: " + std::string(what)); }

/// A lone surrogate can only come from an escape (the text was valid UTF-8); simdjson lets some pass.
bool has_surrogate(std::string_view text) {
  for (size_t at = text.find('\xED'); at != std::string_view::npos; at = text.find('\xED', at + 1)) {
    if (at + 1 < text.size() && static_cast<uint8_t>(text[at + 1]) >= 0xA0) return true;
  }
  return false;
}

Status write_string(std::string_view text, DocumentWriter& writer) {
  if (has_surrogate(text)) return invalid("a surrogate without its other half");
  writer.value(ValueView::of_string(text));
  return {};
}

Status write_element(const dom::element& element, DocumentWriter& writer);

Status write_array(const dom::array& array, DocumentWriter& writer) {
  if (writer.depth() >= kMaxDepth) return invalid("nested too deeply");
  writer.begin_array();
  for (const dom::element element : array) PROTO_RETURN_IF_ERROR(write_element(element, writer));
  writer.end();
  return {};
}

Status write_object(const dom::object& object, DocumentWriter& writer) {
  if (writer.depth() >= kMaxDepth) return invalid("nested too deeply");
  writer.begin_object();
  for (const dom::key_value_pair attribute : object) {
    if (has_surrogate(attribute.key)) return invalid("a surrogate without its other half");
    writer.key(attribute.key);
    PROTO_RETURN_IF_ERROR(write_element(attribute.value, writer));
  }
  writer.end();
  return {};
}

/// The accessors cannot fail: each is asked for the type that the element says it has.
Status write_element(const dom::element& element, DocumentWriter& writer) {
  switch (element.type()) {
    case dom::element_type::ARRAY: return write_array(element.get_array().value_unsafe(), writer);
    case dom::element_type::OBJECT: return write_object(element.get_object().value_unsafe(), writer);
    case dom::element_type::STRING: return write_string(element.get_string().value_unsafe(), writer);
    case dom::element_type::INT64: writer.value(ValueView::of_int(element.get_int64().value_unsafe())); break;
    case dom::element_type::UINT64:
      writer.value(ValueView::of_double(static_cast<double>(element.get_uint64().value_unsafe())));
      break;
    case dom::element_type::DOUBLE: writer.value(ValueView::of_double(element.get_double().value_unsafe())); break;
    case dom::element_type::BOOL: writer.value(ValueView::of_bool(element.get_bool().value_unsafe())); break;
    case dom::element_type::NULL_VALUE: writer.value(ValueView()); break;
  }
  return {};
}

/// The text with ".0" after each integer of more than 18 digits, which makes it a double. Rare: tried when simdjson
/// refuses a number, since it has no integers beyond 64 bits.
std::string with_big_integers_as_doubles(std::string_view json) {
  std::string out;
  bool in_string = false;
  for (size_t at = 0; at < json.size(); ++at) {
    out.push_back(json[at]);
    if (json[at] == '"') in_string = !in_string;
    if (in_string && json[at] == '\\' && at + 1 < json.size()) out.push_back(json[++at]);
    if (in_string || json[at] < '0' || json[at] > '9') continue;
    const size_t end = std::min(json.find_first_not_of("0123456789.eE+-", at), json.size());
    const std::string_view number = json.substr(at, end - at);
    out += number.substr(1);
    if (number.size() > 18 && number.find_first_of(".eE") == std::string_view::npos) out += ".0";
    at = end - 1;
  }
  return out;
}

}  // namespace

struct JsonParser::State {
  dom::parser parser;
  std::string padded;
  DocumentWriter writer;

  simdjson::error_code parse(std::string_view json, dom::element& root) {
    padded.clear();
    padded.reserve(json.size() + simdjson::SIMDJSON_PADDING);
    padded.append(json);
    padded.append(simdjson::SIMDJSON_PADDING, ' ');
    return parser.parse(padded.data(), json.size(), false).get(root);
  }
};

JsonParser::JsonParser() : state_(std::make_unique<State>()) {}
JsonParser::~JsonParser() = default;
JsonParser::JsonParser(JsonParser&&) noexcept = default;
JsonParser& JsonParser::operator=(JsonParser&&) noexcept = default;

Result<std::string_view> JsonParser::parse(std::string_view json) {
  if (json.size() > kMaxDocumentBytes / 2) return invalid("text larger than 512 MB");
  if (json.starts_with("\xEF\xBB\xBF")) return invalid("a byte order mark at the beginning");
  dom::element root;
  simdjson::error_code error = state_->parse(json, root);
  if (error == simdjson::NUMBER_ERROR) {
    error = state_->parse(with_big_integers_as_doubles(json), root);
  }
  if (error) return invalid(simdjson::error_message(error));
  state_->writer.clear();
  PROTO_RETURN_IF_ERROR(write_element(root, state_->writer));
  return state_->writer.bytes();
}

Result<Value> Value::parse_json(std::string_view json) {
  JsonParser parser;
  PROTO_ASSIGN_OR_RETURN(std::string_view encoded, parser.parse(json));
  return Value(decode_trusted(encoded));
}

Result<std::string_view> NdjsonReader::next() {
  while (at_ < text_.size()) {
    const size_t end = std::min(text_.find('\n', at_), text_.size());
    const std::string_view line = text_.substr(at_, end - at_);
    at_ = std::min(end + 1, text_.size());
    ++line_;
    if (line.find_first_not_of(" \t\r") == std::string_view::npos) continue;
    Result<std::string_view> value = parser_.parse(line);
    if (value) return value;
    return std::move(value).status().with_context("line " + std::to_string(line_));
  }
  return std::string_view();
}

// ---- printing
// ----------------------------------------------------------------------------------------------------------

namespace {

/// Bytes of the well-formed UTF-8 sequence at `at`; 0 when there is none.
size_t utf8_length(std::string_view text, size_t at) {
  const auto byte = [&](size_t i) { return at + i < text.size() ? static_cast<uint8_t>(text[at + i]) : uint8_t{0}; };
  const auto follows = [&](size_t i) { return (byte(i) & 0xC0) == 0x80; };
  const uint8_t lead = byte(0);
  if (lead < 0x80) return 1;
  if (lead >= 0xC2 && lead <= 0xDF) return follows(1) ? 2 : 0;
  if ((lead & 0xF0) == 0xE0) {
    const bool short_form = lead == 0xE0 && byte(1) < 0xA0;
    const bool surrogate = lead == 0xED && byte(1) >= 0xA0;
    return follows(1) && follows(2) && !short_form && !surrogate ? 3 : 0;
  }
  if (lead < 0xF0 || lead > 0xF4) return 0;
  const bool outside = (lead == 0xF0 && byte(1) < 0x90) || (lead == 0xF4 && byte(1) >= 0x90);
  return follows(1) && follows(2) && follows(3) && !outside ? 4 : 0;
}

void append_hex(uint8_t byte, std::string& out) {
  static constexpr char kDigits[] = "0123456789abcdef";
  out.push_back(kDigits[byte >> 4]);
  out.push_back(kDigits[byte & 15]);
}

void append_escape(char c, std::string& out) {
  out.push_back('\\');
  switch (c) {
    case '"':
    case '\\': out.push_back(c); return;
    case '\b': out.push_back('b'); return;
    case '\f': out.push_back('f'); return;
    case '\n': out.push_back('n'); return;
    case '\r': out.push_back('r'); return;
    case '\t': out.push_back('t'); return;
    default: out += "u00"; append_hex(static_cast<uint8_t>(c), out);
  }
}

void append_integer(int64_t value, std::string& out) {
  char text[24];
  out.append(text, std::to_chars(text, text + sizeof text, value).ptr);
}

template <class Real>
void append_real(Real value, std::string& out) {
  if (!std::isfinite(value)) {
    out += "null";
    return;
  }
  char text[40];
  const std::string_view digits(text, static_cast<size_t>(std::to_chars(text, text + sizeof text, value).ptr - text));
  out += digits;
  // A double stays a double when it is read again.
  if (digits.find_first_of(".e") == std::string_view::npos) out += ".0";
}

void append_vector(std::string_view floats, std::string& out) {
  out.push_back('[');
  for (size_t at = 0; at < floats.size(); at += sizeof(float)) {
    if (at > 0) out.push_back(',');
    append_real(proto::load<float>(floats.data() + at), out);
  }
  out.push_back(']');
}

void append_array(const ArrayReader& array, std::string& out) {
  out.push_back('[');
  for (size_t i = 0; i < array.size(); ++i) {
    if (i > 0) out.push_back(',');
    append_json(array[i], out);
  }
  out.push_back(']');
}

void append_object(const ObjectReader& object, std::string& out) {
  out.push_back('{');
  for (size_t i = 0; i < object.size(); ++i) {
    if (i > 0) out.push_back(',');
    append_json_string(object.name(i), out);
    out.push_back(':');
    append_json(object.value(i), out);
  }
  out.push_back('}');
}

void append_quoted(std::string_view plain, std::string& out) {
  out.push_back('"');
  out += plain;
  out.push_back('"');
}

void append_bytes(std::string_view bytes, std::string& out) {
  out.push_back('"');
  for (char byte : bytes) append_hex(static_cast<uint8_t>(byte), out);
  out.push_back('"');
}

void append_ref(Ref ref, std::string& out) {
  out += R"({"$ref":")" + std::to_string(ref.collection.value) + ':' + std::to_string(ref.object.value) + "\"}";
}

}  // namespace

void append_json_string(std::string_view text, std::string& out) {
  out.push_back('"');
  size_t plain = 0;  // from here on nothing is copied yet
  for (size_t at = 0; at < text.size();) {
    const auto c = static_cast<uint8_t>(text[at]);
    const size_t length = utf8_length(text, at);
    if (length > 0 && c >= 0x20 && c != '"' && c != '\\') {
      at += length;
      continue;
    }
    out.append(text, plain, at - plain);
    if (length == 0)
      out += "\xEF\xBF\xBD";
    else
      append_escape(text[at], out);
    plain = ++at;
  }
  out.append(text, plain);
  out.push_back('"');
}

void append_json(const ValueView& value, std::string& out) {
  switch (value.kind()) {
    case Kind::kNone: out += "null"; return;
    case Kind::kBool: out += value.integer() ? "true" : "false"; return;
    case Kind::kInt: return append_integer(value.integer(), out);
    case Kind::kDouble: return append_real(value.real(), out);
    case Kind::kDate: return append_quoted(format_date({static_cast<int32_t>(value.integer())}), out);
    case Kind::kTimestamp: return append_quoted(format_timestamp({value.integer()}), out);
    case Kind::kTimespan: return append_quoted(format_timespan({value.integer()}), out);
    case Kind::kString: return append_json_string(value.buffer(), out);
    case Kind::kBytes: return append_bytes(value.buffer(), out);
    case Kind::kRef: return append_ref(value.ref(), out);
    case Kind::kVector: return append_vector(value.buffer(), out);
    case Kind::kArray: return append_array(ArrayReader(value.buffer()), out);
    case Kind::kObject: return append_object(ObjectReader(value.buffer()), out);
  }
}

}  // namespace protobase
