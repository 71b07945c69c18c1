// The distance operators of SQL as metrics of vector/.
#pragma once

#include "query/binder/expression.h"
#include "vector/distance.h"

namespace protobase::query {

bool is_distance(Operator op);  // <-> <=> <#> <+>
vector::Metric metric_of(Operator op);

}  // namespace protobase::query
