// Functions of text. Text is UTF-8; positions and lengths count code points, from 1.
#include <utf8proc.h>

#include <algorithm>
#include <limits>

#include "db/document.h"
#include "query/executor/functions.h"
#include "query/executor/like.h"
#include "query/executor/scalar.h"

namespace protobase::query {
namespace {

constexpr size_t kMaxText = size_t{256} << 20;

Status check_text(FunctionId id, const ValueView& value) {
  return value.kind() == Kind::kString ? Status() : wrong_argument(id, value);
}
Status check_texts(FunctionId id, Arguments arguments) {
  for (const ValueView& value : arguments) PROTO_RETURN_IF_ERROR(check_text(id, value));
  return Status();
}
Status check_int(FunctionId id, const ValueView& value) {
  return value.kind() == Kind::kInt ? Status() : wrong_argument(id, value);
}

Status give(FunctionContext& context, std::string_view text, ValueView& out) {
  out = ValueView::of_string(context.arena.copy(text));
  return Status();
}

Status too_long(FunctionId id) {
  return Status(StatusCode::kRange, std::string(function_name(id)) + "() would give more than 256 MB");
}

bool continues(char byte) { return (static_cast<unsigned char>(byte) & 0xC0) == 0x80; }

int64_t count_characters(std::string_view text) {
  return static_cast<int64_t>(text.size()) - std::count_if(text.begin(), text.end(), continues);
}

/// Offset of character `index` (from 0); the end when there are fewer.
size_t offset_of(std::string_view text, int64_t index) {
  size_t at = 0;
  for (; at < text.size() && index > 0; --index) {
    ++at;
    while (at < text.size() && continues(text[at])) ++at;
  }
  return at;
}

/// Characters [first, last) from 0, cut to what is there.
std::string_view characters(std::string_view text, int64_t first, int64_t last) {
  if (last <= first || last <= 0) return {};
  const size_t begin = offset_of(text, std::max<int64_t>(first, 0));
  return text.substr(begin, offset_of(text.substr(begin), last - std::max<int64_t>(first, 0)));
}

std::string change_case(std::string_view text, int32_t (*change)(int32_t)) {
  std::string out;
  out.reserve(text.size());
  for (size_t at = 0; at < text.size();) {
    int32_t code_point = 0;
    const auto size = utf8proc_iterate(reinterpret_cast<const uint8_t*>(text.data() + at),
                                       static_cast<utf8proc_ssize_t>(text.size() - at), &code_point);
    if (size <= 0) {
      out.push_back(text[at++]);
      continue;
    }
    uint8_t bytes[4];
    const auto written = utf8proc_encode_char(change(code_point), bytes);
    out.append(reinterpret_cast<const char*>(bytes), static_cast<size_t>(written));
    at += static_cast<size_t>(size);
  }
  return out;
}

template <FunctionId id, int32_t (*change)(int32_t)>
Status case_function(FunctionContext& context, Arguments a, ValueView& out) {
  PROTO_RETURN_IF_ERROR(check_text(id, a[0]));
  return give(context, change_case(a[0].buffer(), change), out);
}

Status length(FunctionContext&, Arguments a, ValueView& out) {
  switch (a[0].kind()) {
    case Kind::kString: return out = ValueView::of_int(count_characters(a[0].buffer())), Status();
    case Kind::kBytes:
    case Kind::kArray:
    case Kind::kVector: return out = ValueView::of_int(static_cast<int64_t>(a[0].size())), Status();
    default: return wrong_argument(FunctionId::kLength, a[0]);
  }
}

Status octet_length(FunctionContext&, Arguments a, ValueView& out) {
  if (a[0].kind() != Kind::kBytes) PROTO_RETURN_IF_ERROR(check_text(FunctionId::kOctetLength, a[0]));
  out = ValueView::of_int(static_cast<int64_t>(a[0].buffer().size()));
  return Status();
}

/// Whether the character at the front (or back) of `text` is one of `set`; its size, or 0.
size_t front_in(std::string_view text, std::string_view set) {
  if (text.empty()) return 0;
  const size_t size = offset_of(text, 1);
  return set.find(text.substr(0, size)) != std::string_view::npos ? size : 0;
}
size_t back_in(std::string_view text, std::string_view set) {
  if (text.empty()) return 0;
  size_t begin = text.size() - 1;
  while (begin > 0 && continues(text[begin])) --begin;
  return set.find(text.substr(begin)) != std::string_view::npos ? text.size() - begin : 0;
}

template <FunctionId id, bool front, bool back>
Status trim_function(FunctionContext&, Arguments a, ValueView& out) {
  PROTO_RETURN_IF_ERROR(check_texts(id, a));
  std::string_view text = a[0].buffer();
  const std::string_view set = a.size() > 1 ? a[1].buffer() : std::string_view(" ");
  if constexpr (front) {
    while (const size_t size = front_in(text, set)) text.remove_prefix(size);
  }
  if constexpr (back) {
    while (const size_t size = back_in(text, set)) text.remove_suffix(size);
  }
  out = ValueView::of_string(text);
  return Status();
}

Status replace(FunctionContext& context, Arguments a, ValueView& out) {
  PROTO_RETURN_IF_ERROR(check_texts(FunctionId::kReplace, a));
  const std::string_view text = a[0].buffer(), from = a[1].buffer(), to = a[2].buffer();
  if (from.empty()) return out = a[0], Status();
  std::string result;
  size_t at = 0;
  for (size_t hit; (hit = text.find(from, at)) != std::string_view::npos; at = hit + from.size()) {
    result.append(text, at, hit - at).append(to);
    if (result.size() > kMaxText) return too_long(FunctionId::kReplace);
  }
  return give(context, result.append(text, at), out);
}

/// From 1; a negative start counts from the end; characters before the first are counted but not there.
Status substring(FunctionContext&, Arguments a, ValueView& out) {
  PROTO_RETURN_IF_ERROR(check_text(FunctionId::kSubstring, a[0]));
  PROTO_RETURN_IF_ERROR(check_int(FunctionId::kSubstring, a[1]));
  const std::string_view text = a[0].buffer();
  constexpr int64_t kFar = int64_t{1} << 40;
  int64_t first = std::clamp(a[1].integer(), -kFar, kFar);
  first = first < 0 ? count_characters(text) + first : first - 1;
  int64_t last = kFar * 2;
  if (a.size() > 2) {
    PROTO_RETURN_IF_ERROR(check_int(FunctionId::kSubstring, a[2]));
    if (a[2].integer() < 0) return Status(StatusCode::kRange, "substring() takes no negative length");
    last = first + std::min(a[2].integer(), kFar);
  }
  out = ValueView::of_string(characters(text, first, last));
  return Status();
}

template <FunctionId id, bool from_left>
Status side(FunctionContext&, Arguments a, ValueView& out) {
  PROTO_RETURN_IF_ERROR(check_text(id, a[0]));
  PROTO_RETURN_IF_ERROR(check_int(id, a[1]));
  const int64_t size = count_characters(a[0].buffer());
  // A negative number: all but that many.
  const int64_t count = a[1].integer() < 0 ? std::max<int64_t>(size + std::max(a[1].integer(), -size), 0) : std::min(a[1].integer(), size);
  out = ValueView::of_string(from_left ? characters(a[0].buffer(), 0, count) : characters(a[0].buffer(), size - count, size));
  return Status();
}

Status find_text(FunctionId id, const ValueView& needle, const ValueView& haystack, ValueView& out) {
  PROTO_RETURN_IF_ERROR(check_text(id, needle));
  PROTO_RETURN_IF_ERROR(check_text(id, haystack));
  const size_t at = haystack.buffer().find(needle.buffer());
  out = ValueView::of_int(at == std::string_view::npos ? 0 : 1 + count_characters(haystack.buffer().substr(0, at)));
  return Status();
}

Status concat_with(FunctionContext& context, std::string_view separator, Arguments values, ValueView& out) {
  std::string result;
  bool first = true;
  for (const ValueView& value : values) {
    if (value.is_none()) continue;
    if (!first) result.append(separator);
    first = false;
    result.append(value.to_text());
  }
  return give(context, result, out);
}

Status repeat(FunctionContext& context, Arguments a, ValueView& out) {
  PROTO_RETURN_IF_ERROR(check_text(FunctionId::kRepeat, a[0]));
  PROTO_RETURN_IF_ERROR(check_int(FunctionId::kRepeat, a[1]));
  const auto count = a[0].buffer().empty() ? 0 : static_cast<uint64_t>(std::max<int64_t>(a[1].integer(), 0));
  if (count != 0 && a[0].buffer().size() > kMaxText / count) return too_long(FunctionId::kRepeat);
  std::string result;
  for (uint64_t i = 0; i < count; ++i) result.append(a[0].buffer());
  return give(context, result, out);
}

Status reverse(FunctionContext& context, Arguments a, ValueView& out) {
  PROTO_RETURN_IF_ERROR(check_text(FunctionId::kReverse, a[0]));
  std::string result;
  for (std::string_view rest = a[0].buffer(); !rest.empty();) {
    size_t begin = rest.size() - 1;
    while (begin > 0 && continues(rest[begin])) --begin;
    result.append(rest.substr(begin));
    rest.remove_suffix(rest.size() - begin);
  }
  return give(context, result, out);
}

template <FunctionId id, bool on_left>
Status pad(FunctionContext& context, Arguments a, ValueView& out) {
  PROTO_RETURN_IF_ERROR(check_text(id, a[0]));
  PROTO_RETURN_IF_ERROR(check_int(id, a[1]));
  if (a.size() > 2) PROTO_RETURN_IF_ERROR(check_text(id, a[2]));
  const std::string_view text = a[0].buffer(), fill = a.size() > 2 ? a[2].buffer() : std::string_view(" ");
  const int64_t size = count_characters(text), width = std::max<int64_t>(a[1].integer(), 0);
  if (width > static_cast<int64_t>(kMaxText / 4)) return too_long(id);
  if (width <= size || fill.empty()) return out = ValueView::of_string(characters(text, 0, width)), Status();
  const int64_t fill_size = count_characters(fill);
  std::string padding;
  for (int64_t left = width - size; left > 0; left -= fill_size) padding.append(characters(fill, 0, left));
  return give(context, on_left ? padding + std::string(text) : std::string(text) + padding, out);
}

Status split(FunctionContext& context, Arguments a, ValueView& out) {
  PROTO_RETURN_IF_ERROR(check_texts(FunctionId::kSplit, a));
  const std::string_view text = a[0].buffer(), separator = a[1].buffer();
  DocumentWriter writer;
  writer.begin_array();
  size_t at = 0;
  while (at <= text.size()) {
    // An empty separator splits between characters.
    size_t end = separator.empty() ? at + offset_of(text.substr(at), 1) : text.find(separator, at);
    if (separator.empty() && at == text.size()) break;
    end = std::min(end, text.size());
    writer.value(ValueView::of_string(text.substr(at, end - at)));
    at = end + separator.size();
    if (!separator.empty() && end == text.size()) break;
  }
  writer.end();
  out = keep_encoded(writer.bytes(), context.arena);
  return Status();
}

Status ascii(FunctionContext&, Arguments a, ValueView& out) {
  PROTO_RETURN_IF_ERROR(check_text(FunctionId::kAscii, a[0]));
  int32_t code_point = 0;
  const std::string_view text = a[0].buffer();
  if (!text.empty()) {
    const auto size = utf8proc_iterate(reinterpret_cast<const uint8_t*>(text.data()), static_cast<utf8proc_ssize_t>(text.size()), &code_point);
    if (size <= 0) code_point = static_cast<unsigned char>(text[0]);
  }
  out = ValueView::of_int(code_point);
  return Status();
}

Status chr(FunctionContext& context, Arguments a, ValueView& out) {
  PROTO_RETURN_IF_ERROR(check_int(FunctionId::kChr, a[0]));
  const int64_t code_point = a[0].integer();
  if (code_point < 1 || code_point > 0x10FFFF || !utf8proc_codepoint_valid(static_cast<int32_t>(code_point))) {
    return Status(StatusCode::kRange, std::to_string(code_point) + " is not the number of a character");
  }
  uint8_t bytes[4];
  const auto size = utf8proc_encode_char(static_cast<int32_t>(code_point), bytes);
  return give(context, {reinterpret_cast<const char*>(bytes), static_cast<size_t>(size)}, out);
}

Status hex(FunctionContext& context, Arguments a, ValueView& out) {
  static constexpr char kDigits[] = "0123456789ABCDEF";
  std::string result;
  if (a[0].kind() == Kind::kInt) {
    auto value = static_cast<uint64_t>(a[0].integer());
    do result.insert(result.begin(), kDigits[value & 15]);
    while ((value >>= 4) != 0);
    return give(context, result, out);
  }
  if (a[0].kind() != Kind::kBytes) PROTO_RETURN_IF_ERROR(check_text(FunctionId::kHex, a[0]));
  for (const char byte : a[0].buffer()) {
    result.push_back(kDigits[static_cast<unsigned char>(byte) >> 4]);
    result.push_back(kDigits[byte & 15]);
  }
  return give(context, result, out);
}

constexpr FunctionEntry kText[] = {
    {FunctionId::kLower, case_function<FunctionId::kLower, utf8proc_tolower>},
    {FunctionId::kUpper, case_function<FunctionId::kUpper, utf8proc_toupper>},
    {FunctionId::kLength, length},
    {FunctionId::kOctetLength, octet_length},
    {FunctionId::kTrim, trim_function<FunctionId::kTrim, true, true>},
    {FunctionId::kLtrim, trim_function<FunctionId::kLtrim, true, false>},
    {FunctionId::kRtrim, trim_function<FunctionId::kRtrim, false, true>},
    {FunctionId::kReplace, replace},
    {FunctionId::kSubstring, substring},
    {FunctionId::kLeft, side<FunctionId::kLeft, true>},
    {FunctionId::kRight, side<FunctionId::kRight, false>},
    {FunctionId::kPosition,
     [](FunctionContext&, Arguments a, ValueView& out) { return find_text(FunctionId::kPosition, a[0], a[1], out); }},
    {FunctionId::kInstr,
     [](FunctionContext&, Arguments a, ValueView& out) { return find_text(FunctionId::kInstr, a[1], a[0], out); }},
    {FunctionId::kStartsWith,
     [](FunctionContext&, Arguments a, ValueView& out) -> Status {
       PROTO_RETURN_IF_ERROR(check_texts(FunctionId::kStartsWith, a));
       return out = ValueView::of_bool(a[0].buffer().starts_with(a[1].buffer())), Status();
     }},
    {FunctionId::kEndsWith,
     [](FunctionContext&, Arguments a, ValueView& out) -> Status {
       PROTO_RETURN_IF_ERROR(check_texts(FunctionId::kEndsWith, a));
       return out = ValueView::of_bool(a[0].buffer().ends_with(a[1].buffer())), Status();
     }},
    {FunctionId::kConcat,
     [](FunctionContext& context, Arguments a, ValueView& out) { return concat_with(context, "", a, out); }, true},
    {FunctionId::kConcatWs,
     [](FunctionContext& context, Arguments a, ValueView& out) -> Status {
       if (a[0].is_none()) return out = ValueView(), Status();
       PROTO_RETURN_IF_ERROR(check_text(FunctionId::kConcatWs, a[0]));
       return concat_with(context, a[0].buffer(), a.subspan(1), out);
     },
     true},
    {FunctionId::kRepeat, repeat},
    {FunctionId::kReverse, reverse},
    {FunctionId::kLpad, pad<FunctionId::kLpad, true>},
    {FunctionId::kRpad, pad<FunctionId::kRpad, false>},
    {FunctionId::kSplit, split},
    {FunctionId::kAscii, ascii},
    {FunctionId::kChr, chr},
    {FunctionId::kHex, hex},
};

}  // namespace

std::span<const FunctionEntry> text_functions() { return kText; }

}  // namespace protobase::query
