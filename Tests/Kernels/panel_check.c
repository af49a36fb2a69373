// The kernels of matrices, packing (packing_check.c) and attention (attention_check.c), of every instruction set that
// this machine (or its emulation) runs, against plain loops in double precision. The Swift tests do the same and more;
// this one exists to be cross-compiled: see scripts/check-arm64.
#include "CKernels.h"
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { K = 768, ROWS = 13 };

int check_attention(const kernels_t *k, cache_type_t type);
int check_packing(weight_t type);

static const size_t block_size[] = {1, 1, 1, 32, 32, 32, 32, 32, 256, 256, 256, 256, 256, 32, 256, 32, 256};
static const size_t block_bytes[] = {4, 2, 2, 18, 20, 22, 24, 34, 84, 110, 144, 176, 210, 18, 136, 17, 66};
static const size_t scale_at[][2] = {{0, 0}, {0, 0}, {0, 0}, {0, 0}, {0, 2}, {0, 0}, {0, 2},
                                     {0, 0}, {80, 82}, {108, 108}, {0, 2}, {0, 2}, {208, 208}, {0, 0}, {0, 0}, {0, 0}, {64, 64}};

static unsigned state = 1;
static unsigned next(void) { return (state = state * 1664525 + 1013904223) >> 8; }
static float unit(void) { return (float)(next() % 2001) / 1000 - 1; }

static void fill(weight_t type, uint8_t *weights, size_t row_bytes) {
  for (size_t i = 0; i < row_bytes * PANEL_ROWS; i++) weights[i] = (uint8_t)next();
  for (size_t at = 0; at < row_bytes * PANEL_ROWS; at += block_bytes[type]) {
    const float value = unit();
    const uint16_t half = (uint16_t)(0x2000 + next() % 0x400);  // about 0.01
    if (type == WEIGHT_F32) memcpy(weights + at, &value, 4);
    else if (type == WEIGHT_BF16) memcpy(weights + at, (const uint8_t *)&value + 2, 2);
    else if (type == WEIGHT_MXFP4) weights[at] = (uint8_t)(116 + next() % 8);
    else for (int i = 0; i < 2; i++) memcpy(weights + at + scale_at[type][i], &half, 2);
  }
}

static void multiply(const kernels_t *k, weight_t type, float *y, const void *panel, const float *x, size_t rows) {
  static uint8_t tiles[ROWS * K / 32 * 44] __attribute__((aligned(64)));
  if (type < WEIGHT_Q4_0) {
    k->panel_float(type, y, PANEL_ROWS, panel, x, K, rows, K, PANEL_ROWS, NULL);
    return;
  }
  for (size_t row = 0; row < rows; row += k->tile_rows) {
    const size_t count = rows - row < k->tile_rows ? rows - row : k->tile_rows;
    k->quantize_tile(tiles + row * activation_bytes(K), x + row * K, K, count, K);
  }
  k->panel_quantized(type, y, PANEL_ROWS, panel, tiles, rows, K, PANEL_ROWS, NULL);
}

// x as a kernel of that type sees it.
static double seen(weight_t type, const float *x, size_t column) {
  if (type < WEIGHT_Q4_0) return x[column];
  float peak = 0;
  for (size_t i = column / 32 * 32; i < column / 32 * 32 + 32; i++) peak = fmaxf(peak, fabsf(x[i]));
  return rintf(x[column] * (127 / peak)) * (double)(peak / 127);
}

static int check(const kernels_t *k, weight_t type) {
  const size_t row_bytes = K / block_size[type] * block_bytes[type];
  uint8_t *weights = malloc(row_bytes * PANEL_ROWS);
  void *panel = aligned_alloc(64, panel_bytes(type, K) + 8192);
  static float x[ROWS * K], plain[PANEL_ROWS * K], together[ROWS * PANEL_ROWS], alone[PANEL_ROWS];
  fill(type, weights, row_bytes);
  for (size_t i = 0; i < ROWS * K; i++) x[i] = unit();
  for (size_t row = 0; row < PANEL_ROWS; row++) dequantize_row(type, plain + row * K, weights + row * row_bytes, K);
  pack_panel(type, panel, weights, row_bytes, PANEL_ROWS, K);
  multiply(k, type, together, panel, x, ROWS);

  double error = 0, size = 0;
  int same = 1;
  for (size_t m = 0; m < ROWS; m++) {
    multiply(k, type, alone, panel, x + m * K, 1);
    same &= !memcmp(alone, together + m * PANEL_ROWS, sizeof alone);
    for (size_t row = 0; row < PANEL_ROWS; row++) {
      double sum = 0;
      for (size_t i = 0; i < K; i++) sum += seen(type, x + m * K, i) * plain[row * K + i];
      error = fmax(error, fabs(sum - together[m * PANEL_ROWS + row]));
      size = fmax(size, fabs(sum));
    }
  }
  free(weights), free(panel);
  const int passed = same && error < size * 1e-3;
  if (!passed) printf("%s, type %d: off by %g of %g, rows alone %s\n", k->name, type, error, size, same ? "same" : "differ");
  return passed;
}

int main(void) {
  int passed = 0, failed = 0;
  for (int type = 0; type < WEIGHT_COUNT; type++) check_packing((weight_t)type) ? passed++ : failed++;
  for (int isa = 0; isa < ISA_COUNT; isa++) {
    const kernels_t *k = kernels_for((isa_t)isa);
    for (int type = 0; k && type < WEIGHT_COUNT; type++) check(k, (weight_t)type) ? passed++ : failed++;
    for (cache_type_t type = CACHE_F16; k && type <= CACHE_Q8_0; type++) check_attention(k, type) ? passed++ : failed++;
    if (k) printf("%s checked\n", k->name);
  }
  printf("%d passed, %d failed\n", passed, failed);
  return failed > 0;
}
