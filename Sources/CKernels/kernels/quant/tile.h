// Activations as int8 with one scale per 32 values, in tiles of up to TILE rows. A tile of h rows is, for each 32 columns:
//
//   [h rows][32] int8 | [h] float scale | [2][h] int32 sums of each half's 16 values
//
// For squares (squares.h) two rows take turns every eight bytes; the last of an odd number is alone.
#pragma once
#include "../vector.h"

// The largest magnitude is found among the bits, which order as the magnitudes do; a NaN is the largest of all and stays.
INLINE void quantize_32(uint8_t *q, float *scale, int32_t *sum, int32_t *later_sum, const float *x) {
  vi largest = {0};
  UNROLL for (int i = 0; i < 32; i += LANES) {
    const vi magnitude = (vi)load(x + i) & 0x7fffffff;
    largest = __builtin_elementwise_max(largest, magnitude);
  }
  const float peak = ((union { int32_t bits; float value; }){__builtin_reduce_max(largest)}).value;
  const float inverse = peak > 0 ? 127.0f / peak : 0;
  *scale = peak / 127.0f;
  const vf magic = splat(12582912.0f);
  vi sums[2] = {{0}, {0}};
  UNROLL for (int i = 0; i < 32; i += LANES) {
    const vi rounded = (vi)fma_v(load(x + i), splat(inverse), magic) - (vi)magic;
    const signed_quarter bytes = __builtin_convertvector(rounded, signed_quarter);
    memcpy(q + i, &bytes, sizeof bytes);
    sums[i / 16] += rounded;
  }
  *sum = __builtin_reduce_add(sums[0]), *later_sum = __builtin_reduce_add(sums[1]);
}

INLINE void pair_rows(uint8_t *block, size_t rows) {
#if defined(I8MM)
  for (uint8_t *at = block; at + 64 <= block + rows * 32; at += 64) {
    const int64x2_t a = (int64x2_t)vld1q_u8(at), b = (int64x2_t)vld1q_u8(at + 16);
    const int64x2_t c = (int64x2_t)vld1q_u8(at + 32), d = (int64x2_t)vld1q_u8(at + 48);
    vst1q_u8(at, (uint8x16_t)vzip1q_s64(a, c)), vst1q_u8(at + 16, (uint8x16_t)vzip2q_s64(a, c));
    vst1q_u8(at + 32, (uint8x16_t)vzip1q_s64(b, d)), vst1q_u8(at + 48, (uint8x16_t)vzip2q_s64(b, d));
  }
#else
  (void)block, (void)rows;
#endif
}

static void quantize_tile(void *tile, const float *x, size_t stride, size_t rows, size_t k) {
  uint8_t *block = tile;
  for (size_t column = 0; column < k; column += 32, block += rows * 44) {
    float *scales = (float *)(block + rows * 32);
    int32_t *sums = (int32_t *)(scales + rows);
    for (size_t row = 0; row < rows; row++)
      quantize_32(block + row * 32, scales + row, sums + row, sums + rows + row, x + row * stride + column);
    pair_rows(block, rows);
  }
}
