// Marks a function to be compiled for several instruction sets, the best of which is chosen when the program starts.
#pragma once

// The resolvers run before the sanitizers' run-time is up, so those builds take the portable code.
#if defined(__x86_64__) && defined(__GNUC__) && !defined(__clang__) && !defined(__SANITIZE_THREAD__) && \
    !defined(__SANITIZE_ADDRESS__)
#define PROTOBASE_CLONES __attribute__((target_clones("avx512f", "avx2", "default"), optimize("O3")))
#else
#define PROTOBASE_CLONES
#endif
