// Strings: the operations that look at the whole text.
#include <algorithm>
#include <string>

#include "runtime/collection/string.h"

namespace proto {

using internal::RopeParts;

template <class Append>
String String::transformed(Context& ctx, Append&& append) const {
  if (!ctx.enter() || !ctx.reserve(size_bytes())) return {};
  std::string out;
  {
    const internal::LongWork work(ctx, size_bytes());
    append(to_std_string(), out);
  }
  return from_valid(ctx, out);
}

String String::upper(Context& ctx) const { return transformed(ctx, text::append_upper); }
String String::lower(Context& ctx) const { return transformed(ctx, text::append_lower); }
String String::title(Context& ctx) const { return transformed(ctx, text::append_title); }
String String::fold(Context& ctx) const { return transformed(ctx, text::append_folded); }
String String::normalize(Context& ctx, text::NormalForm form) const {
  if (is_ascii()) return *this;
  return transformed(ctx, [form](std::string_view text, std::string& out) { text::append_normal(text, form, out); });
}

String String::reverse(Context& ctx) const {
  return transformed(ctx, [](std::string_view text, std::string& out) {
    out.reserve(text.size());
    while (!text.empty()) {
      const size_t last = text::previous(text, text.size());
      out.append(text.substr(last));
      text = text.substr(0, last);
    }
  });
}

String String::trim_ends(Context& ctx, bool start, bool end) const {
  const RopeParts parts(*this);
  uint64_t from = 0, to = parts.size();
  while (start && from < to) {
    const std::string_view block = parts.block_at(from).substr(0, to - from);
    const std::string_view kept = text::trim(block, true, false);
    from += block.size() - kept.size();
    if (!kept.empty()) break;
  }
  while (end && to > from) {
    const std::string_view block = parts.block_before(to);
    const std::string_view kept = text::trim(block, false, true);
    to -= block.size() - kept.size();
    if (!kept.empty()) break;
  }
  return slice_at(ctx, from, std::max(from, to));
}

namespace {

// Appends bytes [from, to) of a text.
void append_range(StringBuilder& builder, const RopeParts& text, uint64_t from, uint64_t to) {
  while (from < to) {
    const std::string_view block = text.block_at(from).substr(0, to - from);
    builder.append(block);
    from += block.size();
  }
}

// Between all code points, and at both ends.
String interleave(Context& ctx, const String& string, const String& text, uint64_t limit) {
  StringBuilder builder(ctx);
  uint64_t done = 0;
  for (const char32_t code_point : string) {
    if (done++ < limit) builder.append(text);
    builder.append(code_point);
    if (ctx.failed()) return {};
  }
  if (done < limit) builder.append(text);
  return builder.finish();
}

}  // namespace

String String::replace(Context& ctx, const String& needle, const String& text, uint64_t limit) const {
  if (!ctx.enter() || !text.valid()) return {};
  if (needle.is_empty()) return interleave(ctx, *this, text, limit);
  const RopeParts parts(*this);
  const std::string piece = needle.to_std_string();
  auto found = internal::find(ctx, parts, piece, 0);
  if (!found || limit == 0) return *this;
  StringBuilder builder(ctx);
  uint64_t at = 0;
  for (uint64_t done = 0; found && done < limit && !ctx.failed(); ++done) {
    append_range(builder, parts, at, *found);
    builder.append(text);
    at = *found + piece.size();
    found = internal::find(ctx, parts, piece, at);
  }
  append_range(builder, parts, at, parts.size());
  return builder.finish();
}

List String::split(Context& ctx, const String& separator, uint64_t limit) const {
  if (separator.is_empty()) {
    ctx.fail(Status(StatusCode::kInvalidArgument, "a separator must not be empty"));
    return {};
  }
  if (!ctx.enter()) return {};
  const RopeParts parts(*this);
  const std::string piece = separator.to_std_string();
  ListBuilder list(ctx);
  uint64_t at = 0;
  for (uint64_t cuts = 0; cuts < limit; ++cuts) {
    const auto found = internal::find(ctx, parts, piece, at);
    if (!found) break;
    list.append(slice_at(ctx, at, *found));
    if (ctx.failed()) return {};
    at = *found + piece.size();
  }
  list.append(slice_at(ctx, at, parts.size()));
  return list.finish();
}

List String::split_words(Context& ctx) const {
  if (!ctx.enter()) return {};
  ListBuilder list(ctx);
  uint64_t begin = 0;
  bool in_word = false;
  for (StringCursor cursor(*this); cursor != std::default_sentinel; ++cursor) {
    const bool space = text::is_space(*cursor);
    if (space && in_word) list.append(slice_at(ctx, begin, cursor.offset()));
    if (!space && !in_word) begin = cursor.offset();
    in_word = !space;
    if (ctx.failed()) return {};
  }
  if (in_word) list.append(slice_at(ctx, begin, size_bytes()));
  return list.finish();
}

List String::split_lines(Context& ctx) const {
  if (!ctx.enter()) return {};
  ListBuilder list(ctx);
  uint64_t begin = 0;
  char32_t before = 0;
  for (StringCursor cursor(*this); cursor != std::default_sentinel; before = *cursor, ++cursor) {
    const char32_t here = *cursor;
    const uint64_t offset = cursor.offset();
    if (here == '\n' && before == '\r') {
      begin = offset + 1;
    } else if (here == '\n' || here == '\r') {
      list.append(slice_at(ctx, begin, offset));
      begin = offset + 1;
      if (ctx.failed()) return {};
    }
  }
  if (begin < size_bytes()) list.append(slice_at(ctx, begin, size_bytes()));
  return list.finish();
}

String String::join(Context& ctx, const List& parts) const {
  if (!ctx.enter() || !parts.valid()) return {};
  StringBuilder builder(ctx);
  bool first = true;
  for (const Value part : parts) {
    if (!part.is_string()) {
      ctx.fail(Status(StatusCode::kInvalidArgument, "a list to join holds something that is no string"));
      return {};
    }
    if (!first) builder.append(*this);
    first = false;
    builder.append(String(part));
    if (ctx.failed()) return {};
  }
  return builder.finish();
}

}  // namespace proto
