// Physical plans as text and JSON, for EXPLAIN: one line an operator, stable, with names of indexes and attributes.
#pragma once

#include <functional>
#include <string>

#include "query/planner/physical_plan.h"

namespace protobase::query {

/// What is shown behind an operator's line: its statistics, or nothing.
using PlanNote = std::function<std::string(const PhysicalNode&)>;

/// `IdFetch products [name, price] filter: (price > 5)`, children and sets of ids indented below.
std::string plan_text(const PhysicalNode& plan, const Catalog& catalog, const PlanNote& note = {});
/// The same as a JSON object: {"operator", "text", "rows", "children"[, "note"]}.
std::string plan_json(const PhysicalNode& plan, const Catalog& catalog, const PlanNote& note = {});

}  // namespace protobase::query
