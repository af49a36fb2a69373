#if defined(__aarch64__)
#include <arm_neon.h>
#pragma clang attribute push(__attribute__((target("dotprod"))), apply_to = function)
#define NEON
#define LANES 4
#define VECTORS 2
#define TILE 4
#define TABLE kernels_neon
#include "all.h"
#pragma clang attribute pop
#endif
