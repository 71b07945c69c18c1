// Values and names in messages.
#pragma once

#include <string>

#include "runtime/value/value.h"

namespace proto::objects {

/// "a number", "an object".
std::string describe(Value value);

/// The text of an interned name. None gives nothing.
std::string text_of_name(Value name);

}  // namespace proto::objects
