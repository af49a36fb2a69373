// Measures memory, not arithmetic.
#include "CKernels.h"
#include <string.h>

typedef uint64_t line_t __attribute__((vector_size(64)));

void read_through(const void *bytes, size_t n) {
  line_t even = {0}, odd = {0};
  for (size_t i = 0; i + 128 <= n; i += 128) {
    line_t a, b;
    memcpy(&a, (const uint8_t *)bytes + i, 64);
    memcpy(&b, (const uint8_t *)bytes + i + 64, 64);
    even |= a, odd |= b;
  }
  const line_t sum = even | odd;
  __asm__ volatile("" ::"r"(&sum) : "memory");  // nobody wants the sum, but it must be made
}
