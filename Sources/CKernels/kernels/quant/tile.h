// Activations as int8 with one scale per 32 values, in tiles of up to TILE rows. A tile of h rows is, for each 32 columns:
//
//   [8 groups][h rows][4] int8 | [h] float scale | [2][h] int32 sums of each half's 16 values
#pragma once
#include "../vector.h"

INLINE void quantize_32(int8_t *q, float *scale, int32_t *sums, const float *x) {
  vf largest = {0};
  UNROLL for (int i = 0; i < 32; i += LANES) {
    const vf v = load(x + i);
    largest = larger(choose(v < 0.0f, -v, v), largest);
  }
  const float peak = reduce_max(largest), inverse = peak > 0 ? 127.0f / peak : 0;
  *scale = peak / 127.0f;
  const vf magic = splat(12582912.0f);
  vi sum[2] = {{0}, {0}};
  UNROLL for (int i = 0; i < 32; i += LANES) {
    const vi rounded = (vi)fma_v(load(x + i), splat(inverse), magic) - (vi)magic;
    const signed_quarter bytes = __builtin_convertvector(rounded, signed_quarter);
    memcpy(q + i, &bytes, sizeof bytes);
    sum[i / 16] += rounded;
  }
  for (int h = 0; h < 2; h++) {
    sums[h] = 0;
    for (int i = 0; i < LANES; i++) sums[h] += sum[h][i];
  }
}

static void quantize_tile(void *tile, const float *x, size_t stride, size_t rows, size_t k) {
  uint8_t *block = tile;
  for (size_t column = 0; column < k; column += 32, block += rows * 44) {
    float *scales = (float *)(block + rows * 32);
    int32_t *sums = (int32_t *)(scales + rows);
    for (size_t row = 0; row < rows; row++) {
      int8_t q[32];
      int32_t halves[2];
      quantize_32(q, scales + row, halves, x + row * stride + column);
      for (int g = 0; g < 8; g++) memcpy(block + (g * rows + row) * 4, q + g * 4, 4);
      sums[row] = halves[0], sums[rows + row] = halves[1];
    }
  }
}
