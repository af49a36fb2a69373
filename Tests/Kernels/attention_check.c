// Attention over caches of every type, against plain loops in double precision, and every head alone against all together.
#include "CKernels.h"
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { POSITIONS = 200, HEADS = 7, WIDTH = 80, BLOCKS = (POSITIONS + CACHE_BLOCK - 1) / CACHE_BLOCK };

static float keys[POSITIONS][WIDTH], values[POSITIONS][WIDTH], queries[HEADS][WIDTH];

static void fill(float *x, size_t n) {
  for (size_t i = 0; i < n; i++) x[i] = (float)(rand() % 2001) / 1000 - 1;
}

static void attend(const kernels_t *k, float *y, const float *q, const cache_head_t *cache, size_t heads) {
  float partial[HEADS * (WIDTH + 2)];
  k->attend_begin(partial, heads, WIDTH);
  k->attend_part(partial, q, cache, 0, POSITIONS, heads, 0);
  k->attend_finish(y, partial, heads, WIDTH);
}

// The largest difference of a head from the formula.
static double difference(const float *y, const float *q) {
  double weights[POSITIONS], sum = 0, most = 0;
  for (int i = 0; i < POSITIONS; i++) {
    double score = 0;
    for (int j = 0; j < WIDTH; j++) score += (double)q[j] * keys[i][j];
    sum += weights[i] = exp(score);
  }
  for (int j = 0; j < WIDTH; j++) {
    double expected = 0;
    for (int i = 0; i < POSITIONS; i++) expected += weights[i] / sum * values[i][j];
    most = fmax(most, fabs(expected - y[j]));
  }
  return most;
}

int check_attention(const kernels_t *k, cache_type_t type) {
  const size_t bytes = cache_block_bytes(type, WIDTH);
  uint8_t *blocks = malloc(bytes * BLOCKS);
  int32_t table[BLOCKS];
  static float together[HEADS][WIDTH], alone[WIDTH];
  srand(1);
  fill(keys[0], POSITIONS * WIDTH), fill(values[0], POSITIONS * WIDTH), fill(queries[0], HEADS * WIDTH);
  for (int i = 0; i < BLOCKS; i++) table[i] = BLOCKS - 1 - i;
  for (size_t i = 0; i < POSITIONS; i++)
    k->cache_store(type, blocks + (size_t)table[i / CACHE_BLOCK] * bytes, keys[i], values[i], i, WIDTH);
  const cache_head_t cache = {blocks, bytes, table, WIDTH, type};
  attend(k, together[0], queries[0], &cache, HEADS);
  double error = 0;
  int same = 1;
  for (int h = 0; h < HEADS; h++) {
    attend(k, alone, queries[h], &cache, 1);
    same &= !memcmp(alone, together[h], sizeof alone);
    error = fmax(error, difference(alone, queries[h]));
  }
  free(blocks);
  const int passed = same && error < (type == CACHE_Q8_0 ? 3e-2 : 3e-3);
  if (!passed) printf("%s, cache %d: off by %g, heads alone %s\n", k->name, type, error, same ? "same" : "differ");
  return passed;
}
