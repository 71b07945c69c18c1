// Four programs through the C++ interface of the runtime, as an embedder would write them: everything is a Value. They
// give the same answers, as texts, as their twins in programs.py, programs.js and examples/lisp.
#pragma once

#include <cstdint>
#include <string>

#include "runtime/proto.h"

namespace proto::programs {

/// Five bodies in mutable objects; the energy before and after so many steps.
std::string nbody(Context& ctx, int64_t steps);
/// Binary trees of immutable objects, each tree in a frame of its own, up to a depth of `most`.
std::string trees(Context& ctx, int most);
/// Richards' kernel on prototypes and methods, so many times, each with `count` turns of its idle task.
std::string richards(Context& ctx, int times, int count = 10000);
/// A text of so many words.
std::string make_words(int64_t count);
/// Counts words on `threads` threads that share the text, each in a dictionary of its own, and merges the dictionaries.
std::string words(Context& ctx, const std::string& text, int threads = 8);

}  // namespace proto::programs
