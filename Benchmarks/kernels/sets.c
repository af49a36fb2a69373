// How fast each instruction set that this machine runs multiplies quantised weights, in int8 operations a second on one core:
//
//   clang -O3 -ISources/CKernels/include Sources/CKernels/*.c Sources/CKernels/isa/*.c Benchmarks/kernels/sets.c \
//     -lm -lpthread -o /tmp/sets && /tmp/sets
#include "CKernels.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { K = 2048, MOST_ROWS = 96, REPEATS = 7 };

static float x[MOST_ROWS * K], y[MOST_ROWS * PANEL_ROWS];

static double seconds(void) {
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return (double)now.tv_sec + (double)now.tv_nsec * 1e-9;
}

static void *cache_lines(size_t bytes) {
  void *memory = aligned_alloc(64, (bytes + 63) / 64 * 64);
  if (!memory) abort();
  return memset(memory, 0x11, bytes);
}

static double best_time(const kernels_t *k, weight_t type, const void *panel, const void *tiles, size_t rows) {
  const int rounds = (int)(6000 / rows);
  double best = 1e9;
  for (int repeat = 0; repeat < REPEATS; repeat++) {
    const double begin = seconds();
    for (int i = 0; i < rounds; i++) k->panel_quantized(type, y, PANEL_ROWS, panel, tiles, rows, K, PANEL_ROWS, NULL);
    const double time = (seconds() - begin) / rounds;
    if (time < best) best = time;
  }
  return best;
}

static double speed(const kernels_t *k, weight_t type, size_t rows) {
  void *panel = cache_lines(panel_bytes(type, K));
  char *tiles = cache_lines(activation_bytes(K) * (MOST_ROWS + k->tile_rows));
  for (size_t done = 0; done < rows; done += k->tile_rows) {
    const size_t h = rows - done < k->tile_rows ? rows - done : k->tile_rows;
    k->quantize_tile(tiles + done * activation_bytes(K), x + done * K, K, h, K);
  }
  const double time = best_time(k, type, panel, tiles, rows);
  free(panel);
  free(tiles);
  return 2.0 * (double)rows * K * PANEL_ROWS / time / 1e9;
}

int main(void) {
  const weight_t types[] = {WEIGHT_Q4_0, WEIGHT_Q4_K, WEIGHT_Q6_K, WEIGHT_Q8_0};
  for (size_t i = 0; i < sizeof x / sizeof *x; i++) x[i] = (float)(rand() % 1000) / 1000 - 0.5f;
  puts("| Gop/s: 1 row, 96 rows | Q4_0 | Q4_K | Q6_K | Q8_0 |\n|---|--:|--:|--:|--:|");
  for (int isa = 0; isa < ISA_AVX512_BF16; isa++) {
    const kernels_t *k = kernels_for((isa_t)isa);
    if (!k) continue;
    printf("| %s |", k->name);
    for (int t = 0; t < 4; t++) printf(" %.0f, %.0f |", speed(k, types[t], 1), speed(k, types[t], MOST_ROWS));
    puts("");
  }
}
