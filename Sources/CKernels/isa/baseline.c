#define LANES 4
#define VECTORS 1
#define TILE 4
#define TABLE kernels_baseline
#include "all.h"
