// Names of SQL: without regard to ASCII case, and the nearest known one when a name is wrong.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace protobase::query {

bool same_name(std::string_view a, std::string_view b);
std::string lower_name(std::string_view name);
/// "did you mean X?", or empty when no candidate is near.
std::string suggest(std::string_view name, const std::vector<std::string>& candidates);

}  // namespace protobase::query
