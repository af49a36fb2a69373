// Products of bfloat16 pairs, where a table has them: against bfloats multiplied plainly.
#include "check.h"

enum { ROWS = 29, K = 77, COLUMNS = 32 };

static float rounded(float x) {
  uint16_t half;
  write_floats(WEIGHT_BF16, &half, &x, 1), dequantize_row(WEIGHT_BF16, &x, &half, 1);
  return x;
}

static float x[ROWS * K], strip[(K + 1) * COLUMNS], y[ROWS * COLUMNS];
static double expected[ROWS * COLUMNS];

static void sums(size_t rows, size_t k) {
  for (size_t at = 0; at < rows * COLUMNS; at++) {
    expected[at] = 0;
    for (size_t i = 0; i < k; i++)
      expected[at] += (double)rounded(x[at / COLUMNS * k + i]) * rounded(strip[i * COLUMNS + at % COLUMNS]);
  }
}

static void check_pair_product(const kernels_t *t, size_t rows, size_t k) {
  static uint32_t pairs[K * COLUMNS], tiles[48 * K], turned[48 * K];
  static float columns[ROWS * K];
  for (size_t r = 0; r < rows; r++)
    for (size_t i = 0; i < k; i++) columns[i * rows + r] = x[r * k + i];
  t->pair_strip(pairs, strip, k);
  t->pair_tiles(tiles, x, k, k, rows, false), t->pair_tiles(turned, columns, rows, k, rows, true);
  sums(rows, k);
  t->pair_product(y, COLUMNS, NULL, 0, tiles, pairs, rows, k, COLUMNS);
  expect_close(t, "pair_product", k, y, expected, rows * COLUMNS, 1e-4);
  t->pair_product(y, COLUMNS, NULL, 0, turned, pairs, rows, k, COLUMNS);
  expect_close(t, "pair_product of columns", k, y, expected, rows * COLUMNS, 1e-4);
}

static void check_panel_bfloat(const kernels_t *t, size_t rows, size_t k) {
  static uint16_t weights[PANEL_ROWS * K], halves[ROWS * (K + 1)];
  static uint8_t panel[(K + 1) * PANEL_ROWS * 2 + 8192] __attribute__((aligned(64)));
  for (size_t c = 0; c < PANEL_ROWS; c++)
    for (size_t i = 0; i < k; i++) write_floats(WEIGHT_BF16, weights + c * k + i, strip + i * COLUMNS + c, 1);
  pack_panel(WEIGHT_BF16, panel, weights, k * 2, PANEL_ROWS, k);
  for (size_t r = 0; r < rows; r++) t->round_to_bfloat(halves + r * (k + k % 2), x + r * k, k);
  sums(rows, k);
  t->panel_bfloat(y, COLUMNS, panel, halves, k + k % 2, rows, k, COLUMNS, NULL);
  expect_close(t, "panel_bfloat", k, y, expected, rows * COLUMNS, 1e-4);
}

void check_pairs(const kernels_t *t) {
  static const size_t rows[] = {1, 3, 12, 17, 29}, widths[] = {1, 3, 17, 64, 77};
  for (int i = 0; t->pair_tile && i < 5; i++)
    for (int j = 0; j < 5; j++) {
      fill(x, ROWS * K, 1), fill(strip, sizeof strip / 4, 1);
      check_pair_product(t, rows[i], widths[j]);
      check_panel_bfloat(t, rows[i], widths[j]);
    }
}
