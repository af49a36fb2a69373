// How fast six heads of width 64 attend to 2,048 positions on one core: scores, softmax and weighted values. The sum tells two builds
// with the same bits.
//
//   K=Sources/CKernels; clang -O3 -I$K/include -I$K $K/*.c $K/isa/*.c Benchmarks/kernels/attention.c -lm -lpthread -o attention
#include "CKernels.h"
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

enum { WIDTH = 64, HEADS = 6, POSITIONS = 2048, BLOCK_BYTES = WIDTH * 16 * 2 * 2, ROUNDS = 15, REPEATS = 200 };

static double seconds(void) {
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return (double)now.tv_sec + (double)now.tv_nsec * 1e-9;
}

static float random_float(float most) { return (float)(rand() % 2000 - 1000) / 1000 * most; }

int main(void) {
  const kernels_t *table = kernels();
  static int32_t blocks[POSITIONS / 16];
  static float partial[HEADS * (WIDTH + 2)], out[HEADS * WIDTH], q[HEADS * WIDTH];
  uint8_t *base = aligned_alloc(64, (size_t)BLOCK_BYTES * POSITIONS / 16);
  for (size_t p = 0; p < POSITIONS; p++) {
    float key[WIDTH], value[WIDTH];
    for (int i = 0; i < WIDTH; i++) key[i] = random_float(1), value[i] = random_float(1);
    blocks[p / 16] = (int32_t)(p / 16);
    table->cache_store(CACHE_F16, base + p / 16 * BLOCK_BYTES, key, value, p, WIDTH);
  }
  for (int i = 0; i < HEADS * WIDTH; i++) q[i] = random_float(0.125f);
  const cache_head_t head = {.base = base, .block_bytes = BLOCK_BYTES, .blocks = blocks, .width = WIDTH, .type = CACHE_F16};
  double best = 1e9, sum = 0;
  for (int round = 0; round < ROUNDS; round++) {
    const double start = seconds();
    for (int i = 0; i < REPEATS; i++) {
      table->attend_begin(partial, HEADS, WIDTH);
      table->attend_part(partial, q, &head, 0, POSITIONS, HEADS, 0);
    }
    const double took = (seconds() - start) / REPEATS;
    if (took < best) best = took;
  }
  table->attend_finish(out, partial, HEADS, WIDTH);
  for (int i = 0; i < HEADS * WIDTH; i++) sum += (double)out[i] * (i + 1);
  printf("%.1f us, %.1f GFLOP/s, sum %.9g\n", best * 1e6, 4.0 * POSITIONS * WIDTH * HEADS / best * 1e-9, sum);
  free(base);
}
