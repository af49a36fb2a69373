#if defined(__x86_64__)
#include <immintrin.h>
#pragma clang attribute push(__attribute__((target("avx2,fma,f16c"))), apply_to = function)
#define LANES 8
#define VECTORS 2
#define TILE 4
#define TABLE kernels_avx2
#include "all.h"
#pragma clang attribute pop
#endif
