// The collections that are ordered by hash, as kinds of cells.
#pragma once

namespace proto {

/// Enters the kinds of dictionaries, sets and multisets; called once by register_kinds().
void register_keyed_kinds();

}  // namespace proto
