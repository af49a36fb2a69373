// Byte products without AVX-512: Intel's clients from 2021 on, AMD from Zen 5 on.
#if defined(__x86_64__)
#include <immintrin.h>
#pragma clang attribute push(__attribute__((target("avx2,fma,f16c,avxvnni"))), apply_to = function)
#define LANES 8
#define VECTORS 1
#define TILE 4
#define DOT_256 _mm256_dpbusd_avx_epi32
#define TABLE kernels_avx_vnni
#include "all.h"
#pragma clang attribute pop
#endif
