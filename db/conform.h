// Objects that fit their collection: declared types enforced, harmless conversions made, defaults filled in.
#pragma once

#include <span>
#include <string>
#include <string_view>

#include "db/catalog.h"
#include "db/value.h"

namespace protobase {

/// A value as an attribute of the declared type stores it: int to double and whole doubles to int when exact, ISO text to
/// date, timestamp and timespan, an array of numbers or the text '[1,2]' to a vector of the right dimension. None stays none.
/// The converted value may live in `storage`. Error: kType, naming attribute and kinds; kRange for a dimension.
Result<ValueView> convert_to_declared(const Attribute& attribute, const ValueView& value, Value& storage);

/// True when objects of this collection need no look: nothing is declared.
bool accepts_anything(const CollectionDefinition& definition);

/// The encoded object as the collection stores it, or `object` itself when nothing had to change (then `rewritten` is empty).
/// Errors: kType, kConstraint (NOT NULL, an attribute that a table does not declare).
Result<std::string_view> conform(const CollectionDefinition& definition, std::string_view object, std::string& rewritten);

/// The same for one path of an update (top-level attributes have declared types).
Result<ValueView> conform_change(const CollectionDefinition& definition, const Path& path, const ValueView& value, bool removed,
                                 Value& storage);

}  // namespace protobase
