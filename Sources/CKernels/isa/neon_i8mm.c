// Armv8.6 and later: servers from Neoverse V1 on, Apple's from M2 on.
#if defined(__aarch64__)
#include <arm_neon.h>
#pragma clang attribute push(__attribute__((target("dotprod,i8mm"))), apply_to = function)
#define NEON
#define I8MM
#define LANES 4
#define VECTORS 2
#define TILE 6
#define TABLE kernels_neon_i8mm
#include "all.h"
#pragma clang attribute pop
#endif
