// avx_vnni.c in AVX-512's encoding of the same products, so that machines with either can check it.
#if defined(__x86_64__)
#include <immintrin.h>
#pragma clang attribute push(__attribute__((target("avx2,fma,f16c,avx512vl,avx512vnni"))), apply_to = function)
#define LANES 8
#define VECTORS 1
#define TILE 4
#define DOT_256 _mm256_dpbusd_epi32
#define TABLE kernels_avx_vnni_evex
#include "all.h"
#pragma clang attribute pop
#endif
