// How fast weights of every type are rewritten into panels, in GB/s of what is read: on one thread, on two, and on two
// into memory that has never been touched, as when a model is loaded.
//
//   K=Sources/CKernels; clang -O3 -I$K/include -I$K $K/*.c $K/isa/*.c Benchmarks/kernels/pack.c -lm -lpthread -o pack
#include "CKernels.h"
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <time.h>

enum { COLUMNS = 4096, BYTES = 16 << 20, ROUNDS = 32, PLACES = 8, ROOM = PLACES * (BYTES + (2 << 20)) };
static const char *const names[] = {"F32",  "F16",  "BF16", "Q4_0", "Q4_1", "Q5_0",   "Q5_1",   "Q8_0", "Q2_K",
                                    "Q3_K", "Q4_K", "Q5_K", "Q6_K", "IQ4_NL", "IQ4_XS", "MXFP4", "TQ2_0"};
static const size_t block_size[] = {1, 1, 1, 32, 32, 32, 32, 32, 256, 256, 256, 256, 256, 32, 256, 32, 256};
static const size_t block_bytes[] = {4, 2, 2, 18, 20, 22, 24, 34, 84, 110, 144, 176, 210, 18, 136, 17, 66};

typedef struct { weight_t type; size_t row_bytes, panels; const uint8_t *rows; uint8_t *target; } job_t;

static double seconds(void) {
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return (double)now.tv_sec + (double)now.tv_nsec * 1e-9;
}

static uint8_t *pages(void) {
  uint8_t *memory = mmap(NULL, ROOM, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (memory == MAP_FAILED) abort();
  madvise(memory, ROOM, MADV_HUGEPAGE);
  return memory;
}

static void pack(void *context, claims_t *claims, int thread) {
  const job_t *job = context;
  do {
    const size_t panel = claims_index(claims);
    pack_panel(job->type, job->target + panel * panel_bytes(job->type, COLUMNS),
                          job->rows + panel * PANEL_ROWS * job->row_bytes, job->row_bytes, PANEL_ROWS, COLUMNS);
  } while (claims_next(claims));
}

// GB/s, the best of some rounds, each of which reads another place; `is_fresh` gives each a target of its own.
static double speed(pool_t *pool, job_t job, bool is_fresh) {
  const job_t all = job;
  const size_t read = job.panels * PANEL_ROWS * job.row_bytes, written = job.panels * panel_bytes(job.type, COLUMNS);
  double best = 1e9;
  for (size_t round = 0; round < ROUNDS; round++) {
    job.rows = all.rows + round % PLACES * read;
    job.target = is_fresh ? pages() : all.target + round % PLACES * written;
    const double start = seconds();
    pool_run(pool, pack, &job, job.panels);
    const double took = seconds() - start;
    if (is_fresh) munmap(job.target, ROOM);
    if (took < best) best = took;
  }
  return (double)read / best / 1e9;
}

int main(void) {
  pool_t *one = pool_create(1), *two = pool_create(2);
  uint8_t *rows = pages(), *target = pages();
  for (size_t i = 0; i < ROOM; i++) rows[i] = (uint8_t)rand();
  puts("| Weights | one thread | two | two, untouched |\n|---|--:|--:|--:|");
  for (weight_t type = 0; type < WEIGHT_COUNT; type++) {
    const size_t row_bytes = COLUMNS / block_size[type] * block_bytes[type];
    const job_t job = {type, row_bytes, BYTES / (row_bytes * PANEL_ROWS), rows, target};
    const double alone = speed(one, job, false), both = speed(two, job, false), untouched = speed(two, job, true);
    printf("| %s | %.1f | %.1f | %.1f |\n", names[type], alone, both, untouched);
  }
  pool_destroy(one), pool_destroy(two);
}
