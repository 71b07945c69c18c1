#include "runtime/collection/string.h"

#include <algorithm>
#include <string>

#include "runtime/base/fingerprint.h"
#include "runtime/value/operations.h"

namespace proto {

using internal::LongWork;
using internal::RopeParts;
using internal::TextNodes;

namespace {

/// A string in one piece: itself where it is, or a copy of a rope.
class OnePiece {
 public:
  explicit OnePiece(const String& string) : parts_(string) {
    if (!parts_.is_flat()) parts_.append_to(copy_, 0, parts_.size());
  }
  std::string_view view() const { return parts_.is_flat() ? parts_.rest : std::string_view(copy_); }

 private:
  RopeParts parts_;
  std::string copy_;
};

size_t find_invalid(Context& ctx, std::string_view bytes) {
  const LongWork work(ctx, bytes.size());
  return text::find_invalid(bytes);
}

String out_of_range(Context& ctx, uint64_t position, const String& string) {
  ctx.fail(Status(StatusCode::kRange, "position " + std::to_string(position) + " is outside a string of " +
                                          std::to_string(string.size()) + " characters"));
  return {};
}

String invalid_code_point(Context& ctx, char32_t code_point) {
  ctx.fail(Status(StatusCode::kInvalidArgument, std::to_string(static_cast<uint32_t>(code_point)) + " is no character"));
  return {};
}

bool begins_with(Context& ctx, const RopeParts& text, uint64_t from, const String& prefix) {
  const RopeParts parts(prefix);
  if (parts.size() > text.size() - from) return false;
  for (uint64_t at = 0; at < parts.size();) {
    const std::string_view a = text.block_at(from + at), b = parts.block_at(at);
    const size_t size = std::min(a.size(), b.size());
    if (a.substr(0, size) != b.substr(0, size)) return false;
    at += size;
    ctx.safepoint();
  }
  return true;
}

}  // namespace

// ---- making -----------------------------------------------------------------------------------------------------------

String String::from_utf8(Context& ctx, std::string_view bytes) {
  const size_t bad = find_invalid(ctx, bytes);
  if (bad == text::kNone) return from_valid(ctx, bytes);
  ctx.fail(Status(StatusCode::kInvalidArgument, "byte " + std::to_string(bad) + " is not UTF-8"));
  return {};
}

String String::from_utf8_lossy(Context& ctx, std::string_view bytes) {
  if (find_invalid(ctx, bytes) == text::kNone) return from_valid(ctx, bytes);
  std::string repaired;
  {
    const LongWork work(ctx, bytes.size());
    text::append_repaired(bytes, repaired);
  }
  return from_valid(ctx, repaired);
}

String String::from_valid(Context& ctx, std::string_view text) {
  PROTO_DCHECK(text::is_valid(text));
  if (text.size() <= kMaxShortString) return String(short_string(text));
  return ctx.enter() ? wrap(internal::make<TextNodes>(ctx, text)) : String();
}

String String::from_code_point(Context& ctx, char32_t code_point) {
  if (!text::is_scalar(code_point)) return invalid_code_point(ctx, code_point);
  char bytes[4];
  return String(short_string({bytes, text::encode(code_point, bytes)}));
}

String String::from_code_points(Context& ctx, std::u32string_view code_points) {
  if (!ctx.enter()) return {};
  StringBuilder builder(ctx);
  for (const char32_t code_point : code_points) {
    if (!text::is_scalar(code_point)) return invalid_code_point(ctx, code_point);
    builder.append(code_point);
  }
  return builder.finish();
}

// ---- reading ----------------------------------------------------------------------------------------------------------

uint64_t String::size() const {
  if (is_cell_of(CellKind::kRope)) return internal::rope_cell(as_cell())->code_points;
  if (is_cell()) return static_cast<const FlatString*>(as_cell())->code_points;
  return text::count_code_points(RopeParts(*this).rest);
}

uint64_t String::size_bytes() const {
  if (is_cell_of(CellKind::kRope)) return internal::rope_cell(as_cell())->size;
  return is_cell() ? static_cast<const FlatString*>(as_cell())->size() : short_string_size();
}

std::optional<char32_t> String::at(uint64_t index) const {
  if (index >= size()) return std::nullopt;
  return text::decode(internal::address_of_code_point(RopeParts(*this), index));
}

uint8_t String::byte_at(uint64_t offset) const {
  PROTO_DCHECK(offset < size_bytes());
  return static_cast<uint8_t>(RopeParts(*this).block_at(offset)[0]);
}

uint64_t String::offset_of(uint64_t index) const {
  const uint64_t code_points = size();
  PROTO_DCHECK(index <= code_points);
  if (index == 0 || code_points == size_bytes()) return index;
  if (index == code_points) return size_bytes();
  return internal::offset_of_code_point(RopeParts(*this), index);
}

uint64_t String::index_of_offset(uint64_t offset) const {
  PROTO_DCHECK(offset <= size_bytes());
  const uint64_t begun = internal::code_points_before(RopeParts(*this), offset);
  return is_boundary(offset) ? begun : begun - 1;
}

bool String::is_boundary(uint64_t offset) const {
  const uint64_t size = size_bytes();
  if (is_cell() && this->size() == size) return offset <= size;
  return offset == size || (offset < size && !text::is_continuation(static_cast<char>(byte_at(offset))));
}

std::string String::to_std_string() const {
  std::string out;
  append_to(out);
  return out;
}

void String::append_to(std::string& out, uint64_t from, uint64_t to) const {
  const RopeParts parts(*this);
  to = std::min(to, parts.size());
  if (from < to) parts.append_to(out, from, to);
}

size_t String::copy(char* out, size_t room, uint64_t from) const {
  const RopeParts parts(*this);
  if (from >= parts.size()) return 0;
  const size_t count = std::min<uint64_t>(room, parts.size() - from);
  parts.copy(out, from, from + count);
  return count;
}

// ---- searching ----------------------------------------------------------------------------------------------------------

std::optional<uint64_t> String::find_bytes(Context& ctx, const String& needle, uint64_t from) const {
  return internal::find(ctx, RopeParts(*this), OnePiece(needle).view(), from);
}

std::optional<uint64_t> String::find_last_bytes(Context& ctx, const String& needle, uint64_t from) const {
  return internal::find_last(ctx, RopeParts(*this), OnePiece(needle).view(), from);
}

std::optional<uint64_t> String::find(Context& ctx, const String& needle, uint64_t from) const {
  if (from > size()) return std::nullopt;
  const RopeParts parts(*this);
  const auto found = internal::find(ctx, parts, OnePiece(needle).view(), internal::offset_of_code_point(parts, from));
  return found ? std::optional(internal::code_points_before(parts, *found)) : std::nullopt;
}

std::optional<uint64_t> String::find_last(Context& ctx, const String& needle, uint64_t from) const {
  const RopeParts parts(*this);
  const uint64_t last = internal::offset_of_code_point(parts, std::min(from, size()));
  const auto found = internal::find_last(ctx, parts, OnePiece(needle).view(), last);
  return found ? std::optional(internal::code_points_before(parts, *found)) : std::nullopt;
}

bool String::starts_with(Context& ctx, const String& prefix) const {
  return begins_with(ctx, RopeParts(*this), 0, prefix);
}

bool String::ends_with(Context& ctx, const String& suffix) const {
  const uint64_t size = size_bytes(), of_suffix = suffix.size_bytes();
  return of_suffix <= size && begins_with(ctx, RopeParts(*this), size - of_suffix, suffix);
}

uint64_t String::count(Context& ctx, const String& needle) const {
  if (needle.is_empty()) return size() + 1;
  const RopeParts parts(*this);
  const OnePiece piece(needle);
  uint64_t found = 0;
  for (uint64_t at = 0;; ++found) {
    const auto next = internal::find(ctx, parts, piece.view(), at);
    if (!next) return found;
    at = *next + piece.view().size();
  }
}

// ---- comparing ----------------------------------------------------------------------------------------------------------

bool String::equals_slow(Context& ctx, const String& other) const { return internal::equal(ctx, *this, other); }

bool String::equals(Context& ctx, std::string_view other) const {
  const RopeParts parts(*this);
  if (parts.size() != other.size()) return false;
  for (uint64_t at = 0; at < other.size();) {
    const std::string_view block = parts.block_at(at);
    if (block != other.substr(at, block.size())) return false;
    at += block.size();
    ctx.safepoint();
  }
  return true;
}

int String::compare(Context& ctx, const String& other) const {
  return internal::compare(ctx, RopeParts(*this), RopeParts(other));
}

uint64_t String::hash(Context& ctx) const {
  const RopeParts parts(*this);
  if (parts.size() <= kMaxFlatBytes) {
    return is_cell() ? static_cast<const FlatString*>(as_cell())->hash : hash_of_utf8(parts.rest);
  }
  return hash_of_fingerprint(internal::fingerprint(ctx, parts), parts.size());
}

// ---- new versions -------------------------------------------------------------------------------------------------------

String String::append(Context& ctx, char32_t code_point) const {
  if (!text::is_scalar(code_point)) return invalid_code_point(ctx, code_point);
  if (!ctx.enter()) return {};
  char bytes[4];
  return wrap(internal::append<TextNodes>(ctx, RopeParts(*this), {bytes, text::encode(code_point, bytes)}));
}

String String::concatenate(Context& ctx, const String& other) const {
  if (!ctx.enter() || !other.valid()) return {};
  if (other.is_empty()) return *this;
  if (is_empty()) return other;
  return wrap(internal::concatenate<TextNodes>(ctx, RopeParts(*this), RopeParts(other)));
}

String String::slice_bytes(Context& ctx, uint64_t from, uint64_t to) const {
  to = std::min(to, size_bytes());
  if (from > to || !is_boundary(from) || !is_boundary(to)) return out_of_range(ctx, from > to ? from : to, *this);
  return slice_at(ctx, from, to);
}

String String::slice_at(Context& ctx, uint64_t from, uint64_t to) const {
  if (!ctx.enter()) return {};
  if (to - from == size_bytes()) return *this;
  return wrap(internal::slice<TextNodes>(ctx, RopeParts(*this), from, to));
}

String String::slice(Context& ctx, uint64_t from, uint64_t to) const {
  to = std::min(to, size());
  if (from > to) return out_of_range(ctx, from, *this);
  return slice_at(ctx, offset_of(from), offset_of(to));
}

String String::splice(Context& ctx, uint64_t from, uint64_t to, const String& text) const {
  to = std::min(to, size());
  if (from > to) return out_of_range(ctx, from, *this);
  const String head = slice(ctx, 0, from), rest = slice(ctx, to);
  if (!head.valid() || !rest.valid()) return {};
  const String front = head.concatenate(ctx, text);
  return front.valid() ? front.concatenate(ctx, rest) : front;
}

String String::repeat(Context& ctx, uint64_t times) const {
  if (!ctx.enter()) return {};
  if (is_empty() || times == 0) return empty();
  return wrap(internal::repeat<TextNodes>(ctx, *this, times));
}

Status String::check() const { return internal::check<TextNodes>(*this); }

// ---- kinds --------------------------------------------------------------------------------------------------------------

namespace {

bool strings_equal(Context& ctx, Value a, Value b) { return internal::equal(ctx, a, b); }
uint64_t hash_string(Context& ctx, Value value) { return String(value).hash(ctx); }
int compare_strings(Context& ctx, Value a, Value b) { return String(a).compare(ctx, String(b)); }

void append_escaped(std::string_view text, std::string& out) {
  constexpr char kDigits[] = "0123456789abcdef";
  for (const char c : text) {
    switch (c) {
      case '"': out += "\\\""; continue;
      case '\\': out += "\\\\"; continue;
      case '\n': out += "\\n"; continue;
      case '\r': out += "\\r"; continue;
      case '\t': out += "\\t"; continue;
      default: break;
    }
    if (static_cast<uint8_t>(c) < 0x20 || c == 0x7F) {
      out += "\\u00";
      out += kDigits[static_cast<uint8_t>(c) >> 4];
      out += kDigits[c & 15];
    } else {
      out += c;
    }
  }
}

// Within a collection as JSON writes it.
void print_string(Context&, Value value, bool nested, std::string& out) {
  if (!nested) return String(value).append_to(out);
  out += '"';
  String(value).visit_blocks([&out](std::string_view block) { append_escaped(block, out); });
  out += '"';
}

}  // namespace

void register_string_kinds() {
  KindOperations string{.name = "string", .value_class = ValueClass::kString, .equal = strings_equal, .hash = hash_string,
                        .compare = compare_strings, .print = print_string};
  register_class(ValueClass::kString, string);
  register_kind(CellKind::kFlatString, string);
  string.trace = internal::trace_rope;
  register_kind(CellKind::kRope, string);
  register_kind(CellKind::kRopeInner, {.name = "string node", .trace = trace_children});
  register_kind(CellKind::kRopeLeaf, {.name = "string leaf"});
  register_kind(CellKind::kRopeTail, {.name = "string tail"});
}

}  // namespace proto
