// What machines with AVX-512 BF16 do better: products of bfloat16 pairs.
#if defined(__x86_64__)
#include <immintrin.h>
#pragma clang attribute push(__attribute__((target("avx512f,avx512bw,avx512vl,avx512dq,avx512bf16"))), apply_to = function)
#define LANES 16
#define VECTORS 2
#define TILE 6
#include "CKernels.h"
#include "../kernels/panel_bfloat.h"
#include "../kernels/probe_pairs.h"
#include "../kernels/product_pairs.h"
#pragma clang attribute pop
#endif
