#include "db/document.h"

#include <algorithm>
#include <charconv>
#include <limits>

#include "runtime/base/check.h"

namespace protobase {
namespace {

using proto::load;
using proto::put_fixed;

uint32_t load_width(const char* from, uint32_t width) {
  if (width == 1) return static_cast<uint8_t>(*from);
  return width == 2 ? load<uint16_t>(from) : load<uint32_t>(from);
}

void put_width(std::string& out, uint32_t value, uint32_t width) {
  if (width == 1)
    out.push_back(static_cast<char>(value));
  else if (width == 2)
    put_fixed(out, static_cast<uint16_t>(value));
  else
    put_fixed(out, value);
}

uint32_t width_for(uint64_t greatest) { return greatest <= 0xFF ? 1 : greatest <= 0xFFFF ? 2 : 4; }

size_t int_width(int64_t value) {
  if (value == static_cast<int8_t>(value)) return 1;
  if (value == static_cast<int16_t>(value)) return 2;
  return value == static_cast<int32_t>(value) ? 4 : 8;
}

int64_t load_int(std::string_view payload) {
  switch (payload.size()) {
    case 1: return static_cast<int8_t>(payload[0]);
    case 2: return load<int16_t>(payload.data());
    case 4: return load<int32_t>(payload.data());
    default: return load<int64_t>(payload.data());
  }
}

Status corrupt(const char* what) { return Status(StatusCode::kCorruption, std::string("document: ") + what); }

// ---- validation of hostile bytes
// -----------------------------------------------------------------------------------------

/// The parts of a container's payload, cut out with every offset checked.
struct Parts {
  uint32_t width = 1;
  uint32_t count = 0;
  std::string_view name_ends, value_ends, index, names, values;
};

bool ends_are_ordered(std::string_view ends, uint32_t width, size_t limit) {
  uint32_t previous = 0;
  for (size_t at = 0; at < ends.size(); at += width) {
    const uint32_t end = load_width(ends.data() + at, width);
    if (end < previous) return false;
    previous = end;
  }
  return previous <= limit;
}

Status take_apart(std::string_view payload, bool is_object, Parts& parts) {
  proto::ByteReader reader(payload);
  parts.width = reader.fixed<uint8_t>();
  if (parts.width != 1 && parts.width != 2 && parts.width != 4) return corrupt("width of a container");
  const std::string_view count = reader.bytes(parts.width);
  if (!reader.ok()) return corrupt("a container is cut short");
  parts.count = load_width(count.data(), parts.width);
  if (parts.count == 0) return corrupt("an empty container is no bytes");
  const uint64_t table = uint64_t{parts.count} * parts.width;
  if (is_object) parts.name_ends = reader.bytes(table);
  parts.value_ends = reader.bytes(table);
  if (is_object && parts.count > ObjectReader::kLinearLimit) parts.index = reader.bytes(table);
  if (!reader.ok()) return corrupt("a container is cut short");
  if (is_object) {
    if (!ends_are_ordered(parts.name_ends, parts.width, reader.rest().size())) return corrupt("ends of names");
    parts.names = reader.bytes(load_width(parts.name_ends.data() + table - parts.width, parts.width));
  }
  parts.values = reader.rest();
  if (!ends_are_ordered(parts.value_ends, parts.width, parts.values.size())) return corrupt("ends of values");
  if (load_width(parts.value_ends.data() + table - parts.width, parts.width) != parts.values.size()) {
    return corrupt("bytes after a container");
  }
  const uint64_t greatest = std::max<uint64_t>({parts.count, parts.names.size(), parts.values.size()});
  return parts.width == width_for(greatest) ? Status() : corrupt("width of a container");
}

std::string_view cut(std::string_view bytes, std::string_view ends, uint32_t width, uint32_t index) {
  const uint32_t begin = index == 0 ? 0 : load_width(ends.data() + (index - 1) * size_t{width}, width);
  const uint32_t end = load_width(ends.data() + index * size_t{width}, width);
  return bytes.substr(begin, end - begin);
}

Status validate_names(const Parts& parts) {
  const auto name = [&](uint32_t i) { return cut(parts.names, parts.name_ends, parts.width, i); };
  if (parts.index.empty()) {
    for (uint32_t i = 1; i < parts.count; ++i) {
      for (uint32_t j = 0; j < i; ++j) {
        if (name(i) == name(j)) return corrupt("a name occurs twice");
      }
    }
    return {};
  }
  // Strictly ascending names are distinct, so the index has every attribute once.
  for (uint32_t rank = 0; rank < parts.count; ++rank) {
    const uint32_t i = load_width(parts.index.data() + rank * size_t{parts.width}, parts.width);
    if (i >= parts.count) return corrupt("index of names");
    if (rank > 0 && name(load_width(parts.index.data() + (rank - 1) * size_t{parts.width}, parts.width)) >= name(i)) {
      return corrupt("order of names");
    }
  }
  return {};
}

Status validate_value(std::string_view bytes, int depth);

Status validate_container(std::string_view payload, bool is_object, int depth) {
  if (payload.empty()) return {};
  if (depth >= kMaxDepth) return corrupt("nested too deeply");
  Parts parts;
  PROTO_RETURN_IF_ERROR(take_apart(payload, is_object, parts));
  if (is_object) PROTO_RETURN_IF_ERROR(validate_names(parts));
  for (uint32_t i = 0; i < parts.count; ++i) {
    PROTO_RETURN_IF_ERROR(validate_value(cut(parts.values, parts.value_ends, parts.width, i), depth + 1));
  }
  return {};
}

bool is_int(std::string_view payload) {
  const size_t size = payload.size();
  return (size == 1 || size == 2 || size == 4 || size == 8) && int_width(load_int(payload)) == size;
}

Status validate_value(std::string_view bytes, int depth) {
  if (bytes.empty()) return corrupt("a value is missing");
  const std::string_view payload = bytes.substr(1);
  bool good = false;
  switch (static_cast<Kind>(bytes[0])) {
    case Kind::kNone: good = payload.empty(); break;
    case Kind::kBool: good = payload.size() == 1 && static_cast<uint8_t>(payload[0]) <= 1; break;
    case Kind::kInt: good = is_int(payload); break;
    case Kind::kDate: good = payload.size() == 4; break;
    case Kind::kDouble:
    case Kind::kTimestamp:
    case Kind::kTimespan: good = payload.size() == 8; break;
    case Kind::kRef: good = payload.size() == 12; break;
    case Kind::kString:
    case Kind::kBytes: good = true; break;
    case Kind::kVector: good = payload.size() % sizeof(float) == 0; break;
    case Kind::kArray: return validate_container(payload, false, depth);
    case Kind::kObject: return validate_container(payload, true, depth);
  }
  return good ? Status() : corrupt("a value does not fit its kind");
}

}  // namespace

// ---- values
// ------------------------------------------------------------------------------------------------------------

void encode(const ValueView& value, std::string& out) {
  out.push_back(static_cast<char>(value.kind()));
  switch (value.kind()) {
    case Kind::kNone: return;
    case Kind::kBool: out.push_back(static_cast<char>(value.integer())); return;
    case Kind::kInt: {
      const int64_t number = value.integer();
      out.append(reinterpret_cast<const char*>(&number), int_width(number));
      return;
    }
    case Kind::kDouble: put_fixed(out, value.real()); return;
    case Kind::kDate: put_fixed(out, static_cast<int32_t>(value.integer())); return;
    case Kind::kTimestamp:
    case Kind::kTimespan: put_fixed(out, value.integer()); return;
    case Kind::kRef:
      put_fixed(out, value.ref().collection.value);
      put_fixed(out, value.ref().object.value);
      return;
    default: out.append(value.buffer());
  }
}

std::string encode(const ValueView& value) {
  std::string out;
  encode(value, out);
  return out;
}

Status validate(std::string_view bytes) {
  if (bytes.size() > kMaxDocumentBytes) return corrupt("larger than a document may be");
  return validate_value(bytes, 0);
}

Result<ValueView> decode(std::string_view bytes) {
  PROTO_RETURN_IF_ERROR(validate(bytes));
  return decode_trusted(bytes);
}

ValueView decode_trusted(std::string_view bytes) {
  if (bytes.empty()) return {};
  const char* payload = bytes.data() + 1;
  const std::string_view rest(payload, bytes.size() - 1);
  switch (static_cast<Kind>(bytes[0])) {
    case Kind::kNone: return {};
    case Kind::kBool: return ValueView::of_bool(*payload != 0);
    case Kind::kInt: return ValueView::of_int(load_int(rest));
    case Kind::kDouble: return ValueView::of_double(load<double>(payload));
    case Kind::kDate: return ValueView::of_date({load<int32_t>(payload)});
    case Kind::kTimestamp: return ValueView::of_timestamp({load<int64_t>(payload)});
    case Kind::kTimespan: return ValueView::of_timespan({load<int64_t>(payload)});
    case Kind::kString: return ValueView::of_string(rest);
    case Kind::kBytes: return ValueView::of_bytes(rest);
    case Kind::kVector: return ValueView::of_vector(rest);
    case Kind::kRef:
      return ValueView::of_ref({CollectionId(load<uint32_t>(payload)), ObjectId(load<uint64_t>(payload + 4))});
    default: return ValueView::of_encoded(static_cast<Kind>(bytes[0]), rest);
  }
}

// ---- containers
// --------------------------------------------------------------------------------------------------------

ArrayReader::ArrayReader(std::string_view payload) {
  if (payload.empty()) return;
  width_ = static_cast<uint8_t>(payload[0]);
  count_ = load_width(payload.data() + 1, width_);
  ends_ = payload.data() + 1 + width_;
  values_ = ends_ + size_t{count_} * width_;
}

std::string_view ArrayReader::encoded(size_t index) const {
  PROTO_DCHECK(index < count_);
  const uint32_t begin = index == 0 ? 0 : load_width(ends_ + (index - 1) * width_, width_);
  return {values_ + begin, load_width(ends_ + index * width_, width_) - begin};
}

ObjectReader::ObjectReader(std::string_view payload) {
  if (payload.empty()) return;
  width_ = static_cast<uint8_t>(payload[0]);
  count_ = load_width(payload.data() + 1, width_);
  const size_t table = size_t{count_} * width_;
  name_ends_ = payload.data() + 1 + width_;
  value_ends_ = name_ends_ + table;
  index_ = count_ > kLinearLimit ? value_ends_ + table : nullptr;
  names_ = value_ends_ + table + (index_ ? table : 0);
  values_ = names_ + load_width(value_ends_ - width_, width_);
}

std::string_view ObjectReader::name(size_t index) const {
  PROTO_DCHECK(index < count_);
  const uint32_t begin = index == 0 ? 0 : load_width(name_ends_ + (index - 1) * width_, width_);
  return {names_ + begin, load_width(name_ends_ + index * width_, width_) - begin};
}

std::string_view ObjectReader::encoded(size_t index) const {
  PROTO_DCHECK(index < count_);
  const uint32_t begin = index == 0 ? 0 : load_width(value_ends_ + (index - 1) * width_, width_);
  return {values_ + begin, load_width(value_ends_ + index * width_, width_) - begin};
}

size_t ObjectReader::find(std::string_view wanted) const {
  if (index_ == nullptr) {
    for (size_t i = 0; i < count_; ++i) {
      if (name(i) == wanted) return i;
    }
    return kNotFound;
  }
  size_t low = 0, high = count_;
  while (low < high) {
    const size_t middle = (low + high) / 2;
    if (name(by_name(middle)) < wanted)
      low = middle + 1;
    else
      high = middle;
  }
  return low < count_ && name(by_name(low)) == wanted ? by_name(low) : kNotFound;
}

ValueView ObjectReader::operator[](std::string_view wanted) const {
  const size_t index = find(wanted);
  return index == kNotFound ? ValueView() : value(index);
}

size_t ObjectReader::by_name(size_t rank) const {
  PROTO_DCHECK(rank < count_);
  if (index_ != nullptr) return load_width(index_ + rank * width_, width_);
  for (size_t i = 0; i < count_; ++i) {
    size_t smaller = 0;
    for (size_t j = 0; j < count_; ++j) smaller += name(j) < name(i);
    if (smaller == rank) return i;
  }
  return 0;
}

// ---- writer
// ------------------------------------------------------------------------------------------------------------

void DocumentWriter::clear() {
  out_.clear();
  frames_.clear();
  ends_.clear();
  names_.clear();
  name_bytes_.clear();
}

void DocumentWriter::begin(Kind kind) {
  out_.push_back(static_cast<char>(kind));
  frames_.push_back({kind, static_cast<uint32_t>(out_.size()), static_cast<uint32_t>(ends_.size()),
                     static_cast<uint32_t>(names_.size()), static_cast<uint32_t>(name_bytes_.size())});
}

void DocumentWriter::key(std::string_view name) {
  PROTO_DCHECK(!frames_.empty() && frames_.back().kind == Kind::kObject);
  names_.push_back({static_cast<uint32_t>(name_bytes_.size()), static_cast<uint32_t>(name.size())});
  name_bytes_.append(name);
}

void DocumentWriter::value(const ValueView& value) {
  encode(value, out_);
  close_value();
}

void DocumentWriter::encoded(std::string_view bytes) {
  out_.append(bytes);
  close_value();
}

void DocumentWriter::end() {
  PROTO_DCHECK(!frames_.empty());
  const Frame frame = frames_.back();
  if (ends_.size() > frame.first_end) {
    PROTO_CHECK_MSG(out_.size() <= std::numeric_limits<uint32_t>::max(), "a document is larger than 4 GB");
    if (frame.kind == Kind::kArray)
      end_array(frame);
    else
      end_object(frame);
  }
  frames_.pop_back();
  ends_.resize(frame.first_end);
  close_value();
}

void DocumentWriter::end_array(const Frame& frame) {
  const size_t count = ends_.size() - frame.first_end;
  const uint32_t width = width_for(std::max(count, out_.size() - frame.start));
  header_.clear();
  header_.push_back(static_cast<char>(width));
  put_width(header_, static_cast<uint32_t>(count), width);
  for (size_t i = 0; i < count; ++i) put_width(header_, ends_[frame.first_end + i] - frame.start, width);
  out_.insert(frame.start, header_);
}

std::string_view DocumentWriter::name_at(const Frame& frame, size_t index) const {
  const Name name = names_[frame.first_name + index];
  return std::string_view(name_bytes_).substr(name.offset, name.size);
}

void DocumentWriter::sort_names(const Frame& frame) {
  const auto count = static_cast<uint32_t>(names_.size() - frame.first_name);
  const auto by_name = [&](uint32_t a, uint32_t b) {
    const int order = name_at(frame, a).compare(name_at(frame, b));
    return order != 0 ? order < 0 : a < b;
  };
  // Documents of one kind have their names in one order: the last sort often fits.
  if (order_.size() == count && std::is_sorted(order_.begin(), order_.end(), by_name)) return;
  order_.resize(count);
  for (uint32_t i = 0; i < count; ++i) order_[i] = i;
  std::sort(order_.begin(), order_.end(), by_name);
}

/// Rare. Rewrites the attributes of the frame without the earlier values of names that occur again.
void DocumentWriter::drop_duplicates(const Frame& frame) {
  const size_t count = ends_.size() - frame.first_end;
  std::vector<uint32_t> value_of(count);  // for each attribute: where its value is; count: it is dropped
  for (uint32_t i = 0; i < count; ++i) value_of[i] = i;
  for (size_t rank = 0; rank < count;) {
    size_t last = rank;
    while (last + 1 < count && name_at(frame, order_[last + 1]) == name_at(frame, order_[rank])) ++last;
    value_of[order_[rank]] = order_[last];
    for (size_t i = rank + 1; i <= last; ++i) value_of[order_[i]] = static_cast<uint32_t>(count);
    rank = last + 1;
  }
  std::string values;
  std::vector<uint32_t> ends;
  std::vector<Name> names;
  for (size_t i = 0; i < count; ++i) {
    if (value_of[i] == count) continue;
    const size_t from = frame.first_end + value_of[i];
    const uint32_t begin = value_of[i] == 0 ? frame.start : ends_[from - 1];
    values.append(out_, begin, ends_[from] - begin);
    ends.push_back(frame.start + static_cast<uint32_t>(values.size()));
    names.push_back(names_[frame.first_name + i]);
  }
  out_.replace(frame.start, std::string::npos, values);
  ends_.resize(frame.first_end);
  ends_.insert(ends_.end(), ends.begin(), ends.end());
  names_.resize(frame.first_name);
  names_.insert(names_.end(), names.begin(), names.end());
}

void DocumentWriter::end_object(const Frame& frame) {
  PROTO_DCHECK(ends_.size() - frame.first_end == names_.size() - frame.first_name);
  sort_names(frame);
  for (size_t rank = 1; rank < order_.size(); ++rank) {
    if (name_at(frame, order_[rank - 1]) != name_at(frame, order_[rank])) continue;
    drop_duplicates(frame);
    sort_names(frame);
    break;
  }
  const size_t count = ends_.size() - frame.first_end;
  size_t name_bytes = 0;
  for (size_t i = 0; i < count; ++i) name_bytes += names_[frame.first_name + i].size;
  const uint32_t width = width_for(std::max({count, name_bytes, out_.size() - frame.start}));
  header_.clear();
  header_.push_back(static_cast<char>(width));
  put_width(header_, static_cast<uint32_t>(count), width);
  uint32_t name_end = 0;
  for (size_t i = 0; i < count; ++i) put_width(header_, name_end += names_[frame.first_name + i].size, width);
  for (size_t i = 0; i < count; ++i) put_width(header_, ends_[frame.first_end + i] - frame.start, width);
  if (count > ObjectReader::kLinearLimit) {
    for (uint32_t attribute : order_) put_width(header_, attribute, width);
  }
  for (size_t i = 0; i < count; ++i) header_.append(name_at(frame, i));
  out_.insert(frame.start, header_);
  names_.resize(frame.first_name);
  name_bytes_.resize(frame.name_bytes);
}

std::string_view DocumentWriter::bytes() const {
  PROTO_DCHECK(frames_.empty());
  return out_;
}

// ---- changed copies
// ----------------------------------------------------------------------------------------------------

namespace {

using Steps = std::vector<Path::Step>;

Status set_steps(const ValueView& at, const Steps& steps, size_t step, const ValueView& value, DocumentWriter& writer);

Status set_attribute(const ValueView& at, const Steps& steps, size_t step, const ValueView& value,
                     DocumentWriter& writer) {
  if (at.kind() != Kind::kObject && !at.is_none()) {
    return Status(StatusCode::kType,
                  std::string(kind_name(at.kind())) + " has no attribute '" + steps[step].name + "'");
  }
  const ObjectReader object(at.is_none() ? std::string_view() : at.buffer());
  const size_t found = object.find(steps[step].name);
  writer.begin_object();
  for (size_t i = 0; i < object.size(); ++i) {
    writer.key(object.name(i));
    if (i != found)
      writer.encoded(object.encoded(i));
    else
      PROTO_RETURN_IF_ERROR(set_steps(object.value(i), steps, step + 1, value, writer));
  }
  if (found == ObjectReader::kNotFound) {
    writer.key(steps[step].name);
    PROTO_RETURN_IF_ERROR(set_steps(ValueView(), steps, step + 1, value, writer));
  }
  writer.end();
  return {};
}

Status set_element(const ValueView& at, const Steps& steps, size_t step, const ValueView& value,
                   DocumentWriter& writer) {
  if (at.kind() != Kind::kArray && !at.is_none()) {
    return Status(StatusCode::kType, std::string(kind_name(at.kind())) + " has no elements to set");
  }
  const ArrayReader array(at.is_none() ? std::string_view() : at.buffer());
  int64_t index = steps[step].index;
  if (index < 0) index += static_cast<int64_t>(array.size());
  if (index < 0 || index > static_cast<int64_t>(array.size())) {
    return Status(StatusCode::kRange,
                  "element " + std::to_string(steps[step].index) + " of an array of " + std::to_string(array.size()));
  }
  writer.begin_array();
  for (size_t i = 0; i < array.size(); ++i) {
    if (static_cast<int64_t>(i) != index)
      writer.encoded(array.encoded(i));
    else
      PROTO_RETURN_IF_ERROR(set_steps(array[i], steps, step + 1, value, writer));
  }
  if (index == static_cast<int64_t>(array.size())) {
    PROTO_RETURN_IF_ERROR(set_steps(ValueView(), steps, step + 1, value, writer));
  }
  writer.end();
  return {};
}

Status set_steps(const ValueView& at, const Steps& steps, size_t step, const ValueView& value, DocumentWriter& writer) {
  if (step == steps.size()) return writer.value(value), Status();
  return steps[step].is_index ? set_element(at, steps, step, value, writer)
                              : set_attribute(at, steps, step, value, writer);
}

void remove_steps(const ValueView& at, const Steps& steps, size_t step, DocumentWriter& writer);

void remove_attribute(const ObjectReader& object, const Steps& steps, size_t step, DocumentWriter& writer) {
  const size_t found = object.find(steps[step].name);
  writer.begin_object();
  for (size_t i = 0; i < object.size(); ++i) {
    if (i == found && step + 1 == steps.size()) continue;
    writer.key(object.name(i));
    if (i != found)
      writer.encoded(object.encoded(i));
    else
      remove_steps(object.value(i), steps, step + 1, writer);
  }
  writer.end();
}

void remove_element(const ArrayReader& array, const Steps& steps, size_t step, DocumentWriter& writer) {
  int64_t index = steps[step].index;
  if (index < 0) index += static_cast<int64_t>(array.size());
  writer.begin_array();
  for (size_t i = 0; i < array.size(); ++i) {
    const bool found = static_cast<int64_t>(i) == index;
    if (found && step + 1 == steps.size()) continue;
    if (!found)
      writer.encoded(array.encoded(i));
    else
      remove_steps(array[i], steps, step + 1, writer);
  }
  writer.end();
}

void remove_steps(const ValueView& at, const Steps& steps, size_t step, DocumentWriter& writer) {
  if (at.kind() == Kind::kObject && !steps[step].is_index) {
    remove_attribute(ObjectReader(at.buffer()), steps, step, writer);
  } else if (at.kind() == Kind::kArray && steps[step].is_index) {
    remove_element(ArrayReader(at.buffer()), steps, step, writer);
  } else {
    writer.value(at);
  }
}

}  // namespace

Result<std::string> set_path(std::string_view document, const Path& path, const ValueView& value) {
  DocumentWriter writer;
  PROTO_RETURN_IF_ERROR(set_steps(decode_trusted(document), path.steps(), 0, value, writer));
  return std::string(writer.bytes());
}

std::string remove_path(std::string_view document, const Path& path) {
  if (path.empty()) return std::string(1, static_cast<char>(Kind::kNone));
  DocumentWriter writer;
  remove_steps(decode_trusted(document), path.steps(), 0, writer);
  return std::string(writer.bytes());
}

}  // namespace protobase
