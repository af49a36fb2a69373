#if defined(__aarch64__) && defined(__ARM_FEATURE_DOTPROD)
#include <arm_neon.h>
#define LANES 4
#define VECTORS 2
#define TILE 4
#define TABLE kernels_neon
#include "all.h"
#endif
