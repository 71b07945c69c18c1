#include "db/conform.h"

#include <cmath>

#include "db/datetime.h"
#include "db/document.h"

namespace protobase {
namespace {

Status wrong_type(const Attribute& attribute, const ValueView& value) {
  const std::string type = attribute.type_text.empty() ? std::string(kind_name(attribute.type)) : attribute.type_text;
  std::string text = value.to_text();
  if (text.size() > 40) text = text.substr(0, 37) + "...";
  return Status(StatusCode::kType, "attribute '" + attribute.name + "' is declared " + type + ", got " +
                                       std::string(kind_name(value.kind())) + " " + text);
}

Result<ValueView> to_vector(const Attribute& attribute, const ValueView& value, Value& storage) {
  Value parsed;
  ValueView from = value;
  if (value.kind() == Kind::kString) {
    auto json = Value::parse_json(value.as_string());
    if (!json.ok()) return wrong_type(attribute, value);
    parsed = *std::move(json);
    from = parsed.view();
  }
  if (from.kind() == Kind::kArray) {
    std::vector<float> floats;
    floats.reserve(from.size());
    for (size_t i = 0; i < from.size(); ++i) {
      const ValueView element = from[static_cast<int64_t>(i)];
      if (!is_number(element.kind())) return wrong_type(attribute, value);
      floats.push_back(static_cast<float>(element.as_double()));
    }
    storage = Value(std::span<const float>(floats));
    from = storage.view();
  }
  if (from.kind() != Kind::kVector) return wrong_type(attribute, value);
  if (attribute.dimension != 0 && from.size() != attribute.dimension) {
    return Status(StatusCode::kRange, "attribute '" + attribute.name + "' is declared vector(" +
                                          std::to_string(attribute.dimension) + "), got a vector of " + std::to_string(from.size()));
  }
  return from;
}

/// Text as a value of the declared type, where there is one reading.
Result<ValueView> from_text(const Attribute& attribute, const ValueView& value) {
  const std::string_view text = value.as_string();
  switch (attribute.type) {
    case Kind::kDate:
      if (auto date = parse_date(text)) return ValueView::of_date(*date);
      break;
    case Kind::kTimestamp:
      if (auto timestamp = parse_timestamp(text)) return ValueView::of_timestamp(*timestamp);
      if (auto date = parse_date(text)) return ValueView::of_timestamp(start_of(*date));
      break;
    case Kind::kTimespan:
      if (auto timespan = parse_timespan(text)) return ValueView::of_timespan(*timespan);
      break;
    default:
      break;
  }
  return wrong_type(attribute, value);
}

const std::string* top_level_name(const Path& path) {
  return !path.empty() && !path.steps().front().is_index ? &path.steps().front().name : nullptr;
}

Status unknown_attribute(const CollectionDefinition& definition, std::string_view name) {
  return Status(StatusCode::kConstraint, "table '" + definition.name + "' has no column '" + std::string(name) + "'")
      .with_hint("a COLLECTION takes any attributes, a TABLE only those it declares");
}

Status missing(const CollectionDefinition& definition, const Attribute& attribute) {
  return Status(StatusCode::kConstraint, "attribute '" + attribute.name + "' of '" + definition.name + "' must not be null");
}

/// Checks and converts what is there; sets `changed` when the writer holds something else than the object did.
Status write_present(const CollectionDefinition& definition, const ObjectReader& object, DocumentWriter& writer, bool& changed) {
  for (size_t i = 0; i < object.size(); ++i) {
    const std::string_view name = object.name(i);
    const Attribute* attribute = definition.find_attribute(name);
    const bool declared = attribute != nullptr && attribute->declared;
    if (!declared && definition.is_table) return unknown_attribute(definition, name);
    writer.key(name);
    if (!declared) {
      writer.encoded(object.encoded(i));
      continue;
    }
    Value storage;
    const ValueView value = object.value(i);
    if (value.is_none() && attribute->not_null) return missing(definition, *attribute);
    PROTO_ASSIGN_OR_RETURN(ValueView converted, convert_to_declared(*attribute, value, storage));
    changed |= converted.kind() != value.kind();
    writer.value(converted);
  }
  return Status();
}

Status write_defaults(const CollectionDefinition& definition, const ObjectReader& object, DocumentWriter& writer, bool& changed) {
  for (const Attribute& attribute : definition.attributes) {
    if (!attribute.declared || object.find(attribute.name) != ObjectReader::kNotFound) continue;
    if (attribute.default_value) {
      Value storage;
      PROTO_ASSIGN_OR_RETURN(ValueView value, convert_to_declared(attribute, attribute.default_value->view(), storage));
      writer.key(attribute.name);
      writer.value(value);
      changed = true;
    } else if (attribute.not_null) {
      return missing(definition, attribute);
    }
  }
  return Status();
}

}  // namespace

Result<ValueView> convert_to_declared(const Attribute& attribute, const ValueView& value, Value& storage) {
  if (value.is_none() || attribute.type == Kind::kNone) return value;
  if (attribute.type == Kind::kVector) return to_vector(attribute, value, storage);
  if (attribute.type == Kind::kRef && value.kind() == Kind::kRef) {
    if (!attribute.references || value.ref().collection == attribute.references) return value;
    return std::move(wrong_type(attribute, value)).with_hint("the reference points into another collection");
  }
  if (value.kind() == attribute.type) return value;
  if (attribute.type == Kind::kDouble && value.kind() == Kind::kInt) return ValueView::of_double(value.as_double());
  if (attribute.type == Kind::kInt && value.kind() == Kind::kDouble) {
    const double real = value.as_double();
    if (real == std::trunc(real) && std::fabs(real) < 0x1p63) return ValueView::of_int(static_cast<int64_t>(real));
  }
  if (attribute.type == Kind::kTimestamp && value.kind() == Kind::kDate) {
    return ValueView::of_timestamp(start_of(Date{static_cast<int32_t>(value.integer())}));
  }
  if (value.kind() == Kind::kString) return from_text(attribute, value);
  return wrong_type(attribute, value);
}

bool accepts_anything(const CollectionDefinition& definition) {
  // Declared attributes come first.
  return !definition.is_table && (definition.attributes.empty() || !definition.attributes.front().declared);
}

Result<std::string_view> conform(const CollectionDefinition& definition, std::string_view object, std::string& rewritten) {
  rewritten.clear();
  if (accepts_anything(definition)) return object;
  const ObjectReader reader(object.substr(1));
  DocumentWriter writer;
  bool changed = false;
  writer.begin_object();
  PROTO_RETURN_IF_ERROR(write_present(definition, reader, writer, changed));
  PROTO_RETURN_IF_ERROR(write_defaults(definition, reader, writer, changed));
  writer.end();
  if (!changed) return object;
  rewritten = writer.bytes();
  return std::string_view(rewritten);
}

Result<ValueView> conform_change(const CollectionDefinition& definition, const Path& path, const ValueView& value, bool removed,
                                 Value& storage) {
  const std::string* name = top_level_name(path);
  if (name == nullptr) return Status(StatusCode::kInvalidArgument, "an update needs the name of an attribute");
  const Attribute* attribute = definition.find_attribute(*name);
  const bool declared = attribute != nullptr && attribute->declared;
  if (!declared) {
    if (definition.is_table) return unknown_attribute(definition, *name);
    return value;
  }
  if (path.steps().size() > 1) {
    if (attribute->type == Kind::kNone || attribute->type == Kind::kObject || attribute->type == Kind::kArray) return value;
    return Status(StatusCode::kType, "attribute '" + attribute->name + "' is no object: it has no part '" + path.to_string() + "'");
  }
  if (attribute->not_null && (removed || value.is_none())) return missing(definition, *attribute);
  return convert_to_declared(*attribute, value, storage);
}

}  // namespace protobase
