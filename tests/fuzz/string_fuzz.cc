// Strings and bytes: a program of operations read from the input, beside std::string; then every version is compared again.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <string_view>
#include <vector>

#include "runtime/base/coding.h"
#include "runtime/collection/bytes.h"
#include "runtime/collection/string.h"
#include "runtime/heap/root_list.h"

namespace {

using proto::ByteReader;
using proto::Context;
using proto::String;

constexpr size_t kMaxBytes = 100000;

void require(bool condition, int line = __builtin_LINE()) {
  if (condition) return;
  std::fprintf(stderr, "string_fuzz.cc:%d does not hold\n", line);
  std::abort();
}

// What any bytes amount to: all forms of judging them agree.
void judge(Context& ctx, std::string_view bytes) {
  const size_t bad = proto::text::find_invalid(bytes);
  require(bad == proto::text::internal::find_invalid_scalar(bytes));
  const String made = String::from_utf8(ctx, bytes);
  require(made.valid() == (bad == proto::text::kNone));
  if (!made.valid()) require(!ctx.take_error().ok());
  const String repaired = String::from_utf8_lossy(ctx, bytes);
  require(repaired.check().ok() && (bad != proto::text::kNone || repaired.equals(ctx, bytes)));
  const String normal = repaired.normalize(ctx);
  require(normal.check().ok() && normal.normalize(ctx).equals(ctx, normal));
  require(repaired.fold(ctx).check().ok() && repaired.title(ctx).check().ok());
  std::string decoded, again;
  if (proto::text::decode_base64(bytes, decoded) == std::string_view::npos) {
    proto::text::append_base64(decoded, again);
    std::string back;
    require(proto::text::decode_base64(again, back) == std::string_view::npos && back == decoded);
  }
}

size_t boundary(std::string_view text, size_t at) {
  at %= text.size() + 1;
  while (!proto::text::is_boundary(text, at)) --at;
  return at;
}

void step(Context& ctx, ByteReader& reader, std::vector<std::string>& models, proto::RootList& strings) {
  const uint8_t operation = reader.fixed<uint8_t>();
  const size_t a = reader.fixed<uint8_t>() % models.size(), b = reader.fixed<uint8_t>() % models.size();
  const String left(strings[a]), right(strings[b]);
  std::string model = models[a];
  String made = left;
  switch (operation % 6) {
    case 0: {
      model.clear();
      const size_t wanted = reader.fixed<uint8_t>();
      proto::text::append_repaired(reader.bytes(std::min(wanted, reader.rest().size())), model);
      made = String::from_utf8(ctx, model);
      break;
    }
    case 1:
      if (model.size() + models[b].size() > kMaxBytes) return;
      model += models[b];
      made = left.concatenate(ctx, right);
      break;
    case 2: {
      const size_t from = boundary(model, reader.fixed<uint32_t>());
      const size_t to = from + boundary(std::string_view(model).substr(from), reader.fixed<uint32_t>());
      model = model.substr(from, to - from);
      made = left.slice_bytes(ctx, from, to);
      break;
    }
    case 3: {
      const auto found = left.find_bytes(ctx, right);
      require((found ? *found : std::string::npos) == model.find(models[b]));
      const auto last = left.find_last_bytes(ctx, right);
      require((last ? *last : std::string::npos) == model.rfind(models[b]));
      return;
    }
    case 4: {
      const uint8_t times = reader.fixed<uint8_t>() % 9;
      if (model.size() * times > kMaxBytes) return;
      std::string all;
      for (int i = 0; i < times; ++i) all += model;
      model = all;
      made = left.repeat(ctx, times);
      break;
    }
    default: {
      const char32_t c = reader.fixed<uint32_t>() % 0xD800;
      proto::text::append(model, c);
      made = left.append(ctx, c);
    }
  }
  require(made.valid() && made.equals(ctx, model));
  require(made.equals(ctx, right) == (model == models[b]));
  const size_t slot = models.size() < 16 ? models.size() : operation % models.size();
  if (slot == models.size()) {
    models.push_back(model);
    strings.push_back(ctx, made);
  } else {
    models[slot] = model;
    strings.set(ctx, slot, made);
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  static proto::Space space({.collect_every = 97, .poison = true});
  static proto::Thread thread(space);
  Context ctx(thread);
  const std::string_view input(reinterpret_cast<const char*>(data), size);
  judge(ctx, input);
  std::vector<std::string> models = {""};
  proto::RootList strings(ctx);
  strings.push_back(ctx, String::empty());
  ByteReader reader(input);
  while (reader.ok() && !reader.at_end()) step(ctx, reader, models, strings);
  for (size_t i = 0; i < models.size(); ++i) {
    const String string(strings[i]);
    require(string.check().ok() && string.equals(ctx, models[i]));
    require(string.size() == proto::text::count_code_points(models[i]));
  }
  return 0;
}
