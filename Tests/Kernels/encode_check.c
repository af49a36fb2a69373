// Rows of floats into GGUF's blocks, and activations into tiles of bytes.
#include "check.h"

enum { K = 1024, ROWS = 6 };

static float x[ROWS * K], weight[K];

// Sums of three numbers look more like weights than one does.
static void fill_values(void) {
  static float more[ROWS * K];
  fill(x, ROWS * K, 0.02f);
  for (int time = 0; time < 2; time++) {
    fill(more, ROWS * K, 0.02f);
    for (size_t i = 0; i < ROWS * K; i++) x[i] += more[i];
  }
  for (size_t i = 0; i < K; i++) weight[i] = (float)(1 + chance() % 100) / 20;
}

static double error_of(weight_t type, const uint8_t *row, const float *weights) {
  float back[K];
  double sum = 0;
  dequantize_row(type, back, row, K);
  for (size_t i = 0; i < K; i++) sum += (weights ? weights[i] : 1) * ((double)back[i] - x[i]) * ((double)back[i] - x[i]);
  return sum;
}

// As good as the first table's; to the byte where the format leaves no choice.
static void check_type(const kernels_t *k, weight_t type, const float *weights) {
  static uint8_t found[K * 2], plain[K * 2];
  const size_t bytes = bytes_of_row(type, K);
  memset(found, 0xaa, sizeof found), memset(plain, 0xaa, sizeof plain);
  k->encode(type, found, x, weights, K), kernels_for(ISA_BASELINE)->encode(type, plain, x, weights, K);
  if (type <= WEIGHT_Q8_0 && !weights) expect_bits(k, "encode", (size_t)type, found, plain, sizeof found);
  else keep(k, "encode", found, bytes);
  const double one = error_of(type, found, weights), other = error_of(type, plain, weights);
  expect(k, "the error of encode", (size_t)type, fabs(one - other) <= other * 1e-3 && found[bytes] == 0xaa);
}

// Wherever a table puts the bytes of a tile's rows, they add up to the sums beside them; those and the scales are plain.
static bool holds_step(const uint8_t *block, size_t rows, size_t column) {
  const float *scales = (const float *)(block + rows * 32);
  const int32_t *sums = (const int32_t *)(scales + rows);
  bool holds = true;
  int32_t left = 0;
  for (size_t i = 0; i < rows * 32; i++) left += (int8_t)block[i];
  for (size_t row = 0; row < rows; row++) {
    const float *from = x + row * K + column;
    int32_t halves[2] = {0};
    float peak = 0;
    for (int i = 0; i < 32; i++) peak = fmaxf(peak, fabsf(from[i]));
    for (int i = 0; i < 32; i++) halves[i / 16] += (int32_t)rint(from[i] * 127.0 / peak);
    holds &= fabsf(scales[row] - peak / 127) <= peak * 1e-8f;
    holds &= abs(sums[row] - halves[0]) <= 1 && abs(sums[rows + row] - halves[1]) <= 1;  // a tie may fall either way
    left -= sums[row] + sums[rows + row];
  }
  return holds && left == 0;
}

static void check_tile(const kernels_t *k, size_t rows) {
  static uint8_t tile[ROWS * K / 32 * 44 + 64];
  memset(tile, 0xaa, sizeof tile);
  k->quantize_tile(tile, x, K, rows, K);
  bool holds = tile[rows * activation_bytes(K)] == 0xaa;
  for (size_t column = 0; column < K; column += 32) holds &= holds_step(tile + column / 32 * rows * 44, rows, column);
  expect(k, "quantize_tile", rows, holds);
}

void check_encoding(const kernels_t *k) {
  for (int time = 0; time < 3; time++) {
    fill_values();
    for (weight_t type = WEIGHT_Q4_0; type <= WEIGHT_Q6_K; type++) check_type(k, type, NULL), check_type(k, type, weight);
  }
  for (size_t rows = 1; rows <= k->tile_rows; rows++) check_tile(k, rows);
}
