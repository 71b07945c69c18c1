#include "runtime/collection/bytes.h"

#include <algorithm>

#include "runtime/base/fingerprint.h"
#include "runtime/heap/external.h"
#include "runtime/value/operations.h"

namespace proto {

using internal::BytesNodes;
using internal::LongWork;
using internal::RopeParts;

namespace {

constexpr uint64_t kBytesSeed = 0x4279746573000001;

Bytes out_of_range(Context& ctx, uint64_t position, uint64_t size) {
  ctx.fail(Status(StatusCode::kRange, "position " + std::to_string(position) + " is outside " + std::to_string(size) + " bytes"));
  return {};
}

bool is_buffer(Context& ctx, Value value) {
  if (value.is_cell_of(CellKind::kExternalBuffer)) return true;
  ctx.fail(Status(StatusCode::kInvalidArgument, "this is no external buffer"));
  return false;
}

template <class Decode>
Bytes decoded(Context& ctx, std::string_view digits, const char* what, Decode&& decode) {
  std::string bytes;
  const size_t bad = decode(digits, bytes);
  if (bad == std::string_view::npos) return Bytes::from(ctx, bytes);
  ctx.fail(Status(StatusCode::kInvalidArgument,
                  "character " + std::to_string(bad) + " of " + std::to_string(digits.size()) + " is not " + what));
  return {};
}

bool has_at(Context& ctx, const Bytes& bytes, uint64_t from, const Bytes& part) {
  const RopeParts all(bytes), wanted(part);
  for (uint64_t at = 0; at < wanted.size();) {
    const std::string_view a = all.block_at(from + at), b = wanted.block_at(at);
    const size_t size = std::min(a.size(), b.size());
    if (a.substr(0, size) != b.substr(0, size)) return false;
    at += size;
    ctx.safepoint();
  }
  return true;
}

}  // namespace

// ---- making -----------------------------------------------------------------------------------------------------------

Bytes Bytes::from(Context& ctx, std::string_view bytes) {
  return ctx.enter() ? wrap(internal::make<BytesNodes>(ctx, bytes)) : Bytes();
}

Bytes Bytes::from_buffer(Context& ctx, Value buffer, uint64_t from, uint64_t to) {
  if (!is_buffer(ctx, buffer)) return {};
  const std::span<const std::byte> all = external_buffer(buffer);
  to = std::min<uint64_t>(to, all.size());
  if (from > to) return out_of_range(ctx, from, all.size());
  return Bytes::from(ctx, all.subspan(from, to - from));
}

Bytes Bytes::of_string(Context& ctx, const String& string) {
  if (!ctx.enter() || !string.valid()) return {};
  BytesBuilder builder(ctx);
  string.visit_blocks([&builder](std::string_view block) { builder.append(block); });
  return builder.finish();
}

Bytes Bytes::from_hex(Context& ctx, std::string_view digits) {
  return decoded(ctx, digits, "hexadecimal", text::decode_hex);
}
Bytes Bytes::from_base64(Context& ctx, std::string_view digits) {
  return decoded(ctx, digits, "base64", text::decode_base64);
}

// ---- reading ----------------------------------------------------------------------------------------------------------

uint64_t Bytes::size() const {
  return is_cell_of(CellKind::kBytes) ? internal::rope_cell(as_cell())->size : as_cell()->payload();
}

std::optional<uint8_t> Bytes::at(uint64_t offset) const {
  if (offset >= size()) return std::nullopt;
  return static_cast<uint8_t>(RopeParts(*this).block_at(offset)[0]);
}

std::string Bytes::to_std_string() const {
  std::string out;
  RopeParts(*this).append_to(out, 0, size());
  return out;
}

size_t Bytes::copy(char* out, size_t room, uint64_t from) const {
  const RopeParts parts(*this);
  if (from >= parts.size()) return 0;
  const size_t count = std::min<uint64_t>(room, parts.size() - from);
  parts.copy(out, from, from + count);
  return count;
}

bool Bytes::copy_to_buffer(Context& ctx, Value buffer, uint64_t offset) const {
  if (!is_buffer(ctx, buffer)) return false;
  const std::span<std::byte> all = external_buffer(buffer);
  if (offset > all.size() || size() > all.size() - offset) {
    out_of_range(ctx, offset, all.size());
    return false;
  }
  copy(reinterpret_cast<char*>(all.data()) + offset, size());
  return true;
}

String Bytes::to_hex(Context& ctx) const {
  if (!ctx.enter()) return {};
  StringBuilder builder(ctx);
  std::string digits;
  visit_blocks([&](std::string_view block) {
    digits.clear();
    text::append_hex(block, digits);
    builder.append(digits);
  });
  return builder.finish();
}

String Bytes::to_base64(Context& ctx, text::Base64 alphabet) const {
  if (!ctx.enter() || !ctx.reserve(2 * size())) return {};
  std::string digits;
  {
    const LongWork work(ctx, size());
    text::append_base64(to_std_string(), digits, alphabet);
  }
  return String::from_valid(ctx, digits);
}

String Bytes::to_string(Context& ctx) const {
  const RopeParts parts(*this);
  if (parts.is_flat()) return String::from_utf8(ctx, parts.rest);
  return ctx.enter() && ctx.reserve(size()) ? String::from_utf8(ctx, to_std_string()) : String();
}

std::optional<uint64_t> Bytes::find(Context& ctx, const Bytes& needle, uint64_t from) const {
  return internal::find(ctx, RopeParts(*this), needle.to_std_string(), from);
}
std::optional<uint64_t> Bytes::find_last(Context& ctx, const Bytes& needle, uint64_t from) const {
  return internal::find_last(ctx, RopeParts(*this), needle.to_std_string(), from);
}
bool Bytes::starts_with(Context& ctx, const Bytes& prefix) const {
  return prefix.size() <= size() && has_at(ctx, *this, 0, prefix);
}
bool Bytes::ends_with(Context& ctx, const Bytes& suffix) const {
  return suffix.size() <= size() && has_at(ctx, *this, size() - suffix.size(), suffix);
}

int Bytes::compare(Context& ctx, const Bytes& other) const {
  return internal::compare(ctx, RopeParts(*this), RopeParts(other));
}
uint64_t Bytes::hash(Context& ctx) const {
  return combine_hash(kBytesSeed, hash_of_fingerprint(internal::fingerprint(ctx, RopeParts(*this)), size()));
}

// ---- new versions -------------------------------------------------------------------------------------------------------

Bytes Bytes::append(Context& ctx, uint8_t byte) const {
  const char c = static_cast<char>(byte);
  return append(ctx, std::string_view(&c, 1));
}

Bytes Bytes::append(Context& ctx, std::string_view bytes) const {
  if (!ctx.enter()) return {};
  return bytes.empty() ? *this : wrap(internal::append<BytesNodes>(ctx, RopeParts(*this), bytes));
}

Bytes Bytes::concatenate(Context& ctx, const Bytes& other) const {
  if (!ctx.enter() || !other.valid()) return {};
  if (other.is_empty()) return *this;
  if (is_empty()) return other;
  return wrap(internal::concatenate<BytesNodes>(ctx, RopeParts(*this), RopeParts(other)));
}

Bytes Bytes::slice(Context& ctx, uint64_t from, uint64_t to) const {
  to = std::min(to, size());
  if (from > to) return out_of_range(ctx, from, size());
  if (!ctx.enter()) return {};
  if (to - from == size()) return *this;
  return wrap(internal::slice<BytesNodes>(ctx, RopeParts(*this), from, to));
}

Bytes Bytes::splice(Context& ctx, uint64_t from, uint64_t to, const Bytes& bytes) const {
  to = std::min(to, size());
  if (from > to) return out_of_range(ctx, from, size());
  const Bytes head = slice(ctx, 0, from), rest = slice(ctx, to);
  if (!head.valid() || !rest.valid()) return {};
  const Bytes front = head.concatenate(ctx, bytes);
  return front.valid() ? front.concatenate(ctx, rest) : front;
}

Bytes Bytes::repeat(Context& ctx, uint64_t times) const {
  if (!ctx.enter()) return {};
  if (is_empty() || times == 0) return empty(ctx);
  return wrap(internal::repeat<BytesNodes>(ctx, *this, times));
}

// ---- kinds --------------------------------------------------------------------------------------------------------------

namespace {

bool bytes_equal(Context& ctx, Value a, Value b) { return internal::equal(ctx, a, b); }
uint64_t hash_bytes(Context& ctx, Value value) { return Bytes(value).hash(ctx); }
int compare_bytes(Context& ctx, Value a, Value b) { return Bytes(a).compare(ctx, Bytes(b)); }

// As a literal, wherever it stands: x'00ff'.
void print_bytes(Context&, Value value, bool, std::string& out) {
  out += "x'";
  Bytes(value).visit_blocks([&out](std::string_view block) { text::append_hex(block, out); });
  out += '\'';
}

}  // namespace

void register_bytes_kinds() {
  KindOperations bytes{.name = "bytes", .value_class = ValueClass::kBytes, .equal = bytes_equal, .hash = hash_bytes,
                       .compare = compare_bytes, .print = print_bytes};
  register_kind(CellKind::kFlatBytes, bytes);
  bytes.trace = internal::trace_rope;
  register_kind(CellKind::kBytes, bytes);
  register_kind(CellKind::kBytesInner, {.name = "bytes node", .trace = trace_children});
  register_kind(CellKind::kBytesLeaf, {.name = "bytes leaf"});
}

}  // namespace proto
