// Vector files of the TEXMEX kind: records of a 32-bit dimension and as many 32-bit components, little-endian.
#pragma once

#include <string_view>

#include "shell/import_run.h"

namespace protobase::shell {

/// fvecs: objects {id, embedding}, ids from 0, embedding a VECTOR. All records have the dimension of the first; another
/// dimension, a component that is no finite number or a record cut off at the end is a bad record (its number from 1
/// stands for the line). O(bytes).
Status import_fvecs(std::string_view bytes, ImportRun& run);

/// ivecs: objects {id, neighbors}, ids from 0, neighbors an array of integers.
Status import_ivecs(std::string_view bytes, ImportRun& run);

}  // namespace protobase::shell
