#include "shell/vector_import.h"

#include <cmath>
#include <cstring>

#include "db/document.h"

namespace protobase::shell {
namespace {

constexpr size_t kWidth = 4;  // bytes of the dimension and of each component

template <class T>
T load(const char* at) {
  static_assert(sizeof(T) == kWidth);
  T value;
  std::memcpy(&value, at, sizeof value);
  return value;
}

bool all_finite(std::string_view floats) {
  for (size_t i = 0; i < floats.size(); i += kWidth) {
    if (!std::isfinite(load<float>(floats.data() + i))) return false;
  }
  return true;
}

// Calls `take(number, components)` for each well-formed record. Without a believable dimension the rest cannot be read.
template <class Take>
Status for_each_record(std::string_view bytes, ImportRun& run, Take take) {
  constexpr int32_t kMaxDimension = 1 << 20;
  int32_t expected = -1;
  uint64_t number = 1;
  for (size_t at = 0; at < bytes.size(); ++number) {
    PROTO_RETURN_IF_ERROR(run.advance(at));
    if (bytes.size() - at < kWidth) return run.reject(number, "the file ends in the middle of a record");
    const auto dimension = load<int32_t>(bytes.data() + at);
    at += kWidth;
    if (dimension <= 0 || dimension > kMaxDimension) {
      return run.reject(number, "a dimension of " + std::to_string(dimension) + " cannot be: not a vector file?");
    }
    const size_t size = static_cast<size_t>(dimension) * kWidth;
    if (bytes.size() - at < size) return run.reject(number, "the file ends in the middle of a record");
    const std::string_view components = bytes.substr(at, size);
    at += size;
    if (expected < 0) expected = dimension;
    if (dimension != expected) {
      PROTO_RETURN_IF_ERROR(
          run.reject(number, "dimension " + std::to_string(dimension) + " instead of " + std::to_string(expected)));
      continue;
    }
    PROTO_RETURN_IF_ERROR(take(number, components));
  }
  return Status();
}

}  // namespace

Status import_fvecs(std::string_view bytes, ImportRun& run) {
  DocumentWriter writer;
  return for_each_record(bytes, run, [&](uint64_t number, std::string_view floats) -> Status {
    if (!all_finite(floats)) return run.reject(number, "a component is not a finite number");
    writer.clear();
    writer.begin_object();
    writer.key("id");
    writer.value(ValueView::of_int(static_cast<int64_t>(number) - 1));
    writer.key("embedding");
    writer.value(ValueView::of_vector(floats));
    writer.end();
    return run.add(number, writer.view());
  });
}

Status import_ivecs(std::string_view bytes, ImportRun& run) {
  DocumentWriter writer;
  return for_each_record(bytes, run, [&](uint64_t number, std::string_view integers) {
    writer.clear();
    writer.begin_object();
    writer.key("id");
    writer.value(ValueView::of_int(static_cast<int64_t>(number) - 1));
    writer.key("neighbors");
    writer.begin_array();
    for (size_t i = 0; i < integers.size(); i += kWidth)
      writer.value(ValueView::of_int(load<int32_t>(integers.data() + i)));
    writer.end();
    writer.end();
    return run.add(number, writer.view());
  });
}

}  // namespace protobase::shell
