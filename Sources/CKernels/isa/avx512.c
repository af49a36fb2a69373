#if defined(__x86_64__)
#include <immintrin.h>
#pragma clang attribute push(__attribute__((target("avx512f,avx512bw,avx512vl,avx512dq,avx512vnni,fma,f16c"))), apply_to = function)
#define LANES 16
#define VECTORS 2
#define TILE 6
#define TABLE kernels_avx512
#include "all.h"
#pragma clang attribute pop
#endif
