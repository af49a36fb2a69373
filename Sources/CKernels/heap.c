// What the C library's allocator keeps for itself.
#if defined(__linux__)
#include <malloc.h>
#endif
#include "CKernels.h"

void return_freed_memory(void) {
#if defined(__GLIBC__)
  malloc_trim(0);
#endif
}
