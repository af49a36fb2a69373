// Panels of weights of every type against plain sums in double precision, and every row alone against all together.
#include "check.h"

enum { K = 768, ROWS = 29 };  // enough rows for whole tiles of opened steps, and some that are left

static const size_t block_size[] = {1, 1, 1, 32, 32, 32, 32, 32, 256, 256, 256, 256, 256, 32, 256, 32, 256};
static const size_t block_bytes[] = {4, 2, 2, 18, 20, 22, 24, 34, 84, 110, 144, 176, 210, 18, 136, 17, 66};
static const size_t scale_at[][2] = {{0, 0}, {0, 0}, {0, 0}, {0, 0}, {0, 2}, {0, 0}, {0, 2},
                                     {0, 0}, {80, 82}, {108, 108}, {0, 2}, {0, 2}, {208, 208}, {0, 0}, {0, 0}, {0, 0}, {64, 64}};

size_t bytes_of_row(weight_t type, size_t k) { return k / block_size[type] * block_bytes[type]; }

void fill_weights(weight_t type, uint8_t *weights, size_t rows, size_t k) {
  const size_t bytes = rows * bytes_of_row(type, k);
  for (size_t i = 0; i < bytes; i++) weights[i] = (uint8_t)chance();
  for (size_t at = 0; at < bytes; at += block_bytes[type]) {
    float value;
    fill(&value, 1, 1);
    const uint16_t half = (uint16_t)(0x2000 + chance() % 0x400);  // about 0.01
    if (type == WEIGHT_F32) memcpy(weights + at, &value, 4);
    else if (type == WEIGHT_BF16) memcpy(weights + at, (const uint8_t *)&value + 2, 2);
    else if (type == WEIGHT_MXFP4) weights[at] = (uint8_t)(116 + chance() % 8);
    else for (int i = 0; i < 2; i++) memcpy(weights + at + scale_at[type][i], &half, 2);
  }
}

static void multiply(const kernels_t *k, weight_t type, float *y, const void *panel, const float *x, size_t rows,
                     size_t columns, const float *bias) {
  static uint8_t tiles[ROWS * K / 32 * 44] __attribute__((aligned(64)));
  if (type < WEIGHT_Q4_0) {
    k->panel_float(type, y, columns, panel, x, K, rows, K, columns, bias);
    return;
  }
  for (size_t row = 0; row < rows; row += k->tile_rows) {
    const size_t count = rows - row < k->tile_rows ? rows - row : k->tile_rows;
    k->quantize_tile(tiles + row * activation_bytes(K), x + row * K, K, count, K);
  }
  k->panel_quantized(type, y, columns, panel, tiles, rows, K, columns, bias);
}

// x as a kernel of that type sees it.
static double seen(weight_t type, const float *x, size_t column) {
  if (type < WEIGHT_Q4_0) return x[column];
  float peak = 0;
  for (size_t i = column / 32 * 32; i < column / 32 * 32 + 32; i++) peak = fmaxf(peak, fabsf(x[i]));
  return rintf(x[column] * (127 / peak)) * (double)(peak / 127);
}

static float x[ROWS * K], plain[PANEL_ROWS * K], together[ROWS * PANEL_ROWS];

// The largest difference from plain sums, as a share of the largest sum.
static double difference(weight_t type) {
  double error = 0, size = 0;
  for (size_t m = 0; m < ROWS; m++) {
    double exact[K];
    for (size_t i = 0; i < K; i++) exact[i] = seen(type, x + m * K, i);
    for (size_t row = 0; row < PANEL_ROWS; row++) {
      double sum = 0;
      for (size_t i = 0; i < K; i++) sum += exact[i] * plain[row * K + i];
      error = fmax(error, fabs(sum - together[m * PANEL_ROWS + row]));
      size = fmax(size, fabs(sum));
    }
  }
  return error / size;
}

// Every row alone, and tiles of every height and one more row.
static void check_few_rows(const kernels_t *k, weight_t type, const void *panel) {
  static float few[ROWS * PANEL_ROWS];
  for (size_t m = 0; m < ROWS; m++) {
    multiply(k, type, few, panel, x + m * K, 1, PANEL_ROWS, NULL);
    expect_bits(k, "a row alone", (size_t)type, few, together + m * PANEL_ROWS, PANEL_ROWS * 4);
  }
  for (size_t count = 2; count <= 7; count++) {
    multiply(k, type, few, panel, x, count, PANEL_ROWS, NULL);
    expect_bits(k, "a few rows", (size_t)type, few, together, count * PANEL_ROWS * 4);
  }
}

// Of a last panel some columns, on top of a bias: nothing else is written.
static void check_few_columns(const kernels_t *k, weight_t type, const void *panel) {
  static float few[ROWS * PANEL_ROWS];
  static double expected[ROWS * PANEL_ROWS];
  for (size_t columns = 1; columns < PANEL_ROWS; columns += 8) {
    float bias[PANEL_ROWS];
    fill(bias, PANEL_ROWS, 1), fill(few, ROWS * PANEL_ROWS, 1);
    const float after = few[ROWS * columns];
    for (size_t at = 0; at < ROWS * columns; at++)
      expected[at] = (double)together[at / columns * PANEL_ROWS + at % columns] + bias[at % columns];
    multiply(k, type, few, panel, x, ROWS, columns, bias);
    expect_close(k, "a few columns", (size_t)type, few, expected, ROWS * columns, 1e-4);
    expect(k, "what follows a few columns", (size_t)type, few[ROWS * columns] == after);
  }
}

static void check_panel(const kernels_t *k, weight_t type) {
  static uint8_t weights[PANEL_ROWS * K * 4], panel[PANEL_ROWS * K * 4 + 8192] __attribute__((aligned(64)));
  const size_t row_bytes = bytes_of_row(type, K);
  fill_weights(type, weights, PANEL_ROWS, K), fill(x, ROWS * K, 1);
  for (size_t row = 0; row < PANEL_ROWS; row++) dequantize_row(type, plain + row * K, weights + row * row_bytes, K);
  pack_panel(type, panel, weights, row_bytes, PANEL_ROWS, K);
  multiply(k, type, together, panel, x, ROWS, PANEL_ROWS, NULL);
  expect(k, "a panel", (size_t)type, difference(type) < 1e-3);
  keep(k, "a panel", together, sizeof together);
  check_few_rows(k, type, panel);
  check_few_columns(k, type, panel);
}

void check_panels(const kernels_t *k) {
  for (weight_t type = 0; type < WEIGHT_COUNT; type++) check_panel(k, type);
}
