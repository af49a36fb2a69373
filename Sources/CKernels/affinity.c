// On which processors the calling thread may run. Linux alone is asked; elsewhere nothing is placed.
#define _GNU_SOURCE
#include "CKernels.h"
#if defined(__linux__)
#include <sched.h>

bool place_on(int processor, affinity_t *before) {
  affinity_t wanted = {0};
  if (processor < 0 || processor >= (int)(8 * sizeof wanted)) return false;
  wanted.words[processor / 64] = UINT64_C(1) << processor % 64;
  if (sched_getaffinity(0, sizeof *before, (cpu_set_t *)before) != 0) return false;
  return sched_setaffinity(0, sizeof wanted, (cpu_set_t *)&wanted) == 0;
}

void place_back(const affinity_t *before) { sched_setaffinity(0, sizeof *before, (const cpu_set_t *)before); }

int processor_now(void) { return sched_getcpu(); }
#else
bool place_on(int processor, affinity_t *before) { return (void)processor, (void)before, false; }

void place_back(const affinity_t *before) { (void)before; }

int processor_now(void) { return -1; }
#endif
