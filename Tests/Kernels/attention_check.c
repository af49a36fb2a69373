// Attention over caches of every type, against plain loops in double precision, and every head alone against all together.
#include "check.h"

enum { POSITIONS = 200, HEADS = 7, WIDTH = 80, BLOCKS = (POSITIONS + CACHE_BLOCK - 1) / CACHE_BLOCK };

static float keys[POSITIONS][WIDTH], values[POSITIONS][WIDTH], queries[HEADS][WIDTH];

static void attend(const kernels_t *k, float *y, const float *q, const cache_head_t *cache, size_t heads) {
  float partial[HEADS * (WIDTH + 2)];
  k->attend_begin(partial, heads, WIDTH);
  k->attend_part(partial, q, cache, 0, POSITIONS, heads, 0);
  k->attend_finish(y, partial, heads, WIDTH);
}

// The same in two parts.
static void attend_apart(const kernels_t *k, float *y, const float *q, const cache_head_t *cache, size_t heads) {
  float partial[HEADS * (WIDTH + 2)], later[HEADS * (WIDTH + 2)];
  k->attend_begin(partial, heads, WIDTH), k->attend_begin(later, heads, WIDTH);
  k->attend_part(partial, q, cache, 0, ATTENTION_SPAN, heads, 0);
  k->attend_part(later, q, cache, ATTENTION_SPAN, POSITIONS, heads, 0);
  k->attend_merge(partial, later, heads, WIDTH);
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

static void check_cache(const kernels_t *k, cache_type_t type) {
  const size_t bytes = cache_block_bytes(type, WIDTH);
  uint8_t *blocks = malloc(bytes * BLOCKS);
  int32_t table[BLOCKS];
  static float together[HEADS][WIDTH], alone[WIDTH];
  fill(keys[0], POSITIONS * WIDTH, 1), fill(values[0], POSITIONS * WIDTH, 1), fill(queries[0], HEADS * WIDTH, 1);
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
  double apart = 0;
  static float merged[HEADS][WIDTH];
  attend_apart(k, merged[0], queries[0], &cache, HEADS);
  for (int h = 0; h < HEADS; h++) apart = fmax(apart, difference(merged[h], queries[h]));
  free(blocks);
  const double tolerance = type == CACHE_Q8_0 ? 3e-2 : 3e-3;
  expect(k, "attention", type, error < tolerance);
  expect(k, "attention in parts", type, apart < tolerance);
  keep(k, "attention in parts", merged, sizeof merged);
  expect(k, "a head alone", type, same);
  keep(k, "attention", together, sizeof together);
}

void check_attention(const kernels_t *k) {
  for (cache_type_t type = CACHE_F16; type <= CACHE_Q8_0; type++) check_cache(k, type);
}
