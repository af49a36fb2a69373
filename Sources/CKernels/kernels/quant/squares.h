// Integer sums of one step where the machine multiplies two rows by two rows, eight columns at once (Arm's I8MM): squares of
// four sums, two rows of activations by two output rows. They are the integers that multiply_groups makes.
#pragma once
#include "groups.h"

#if defined(I8MM)
enum { SQUARES = 1 };

// Groups g and g + 1 of LANES output rows as signed bytes, the first two rows' and the last two's, eight columns of each.
typedef struct { int8x16_t first, last; } rows_t;

INLINE rows_t rows_of(const format_t f, const uint8_t *bits, size_t at, const int g) {
  vb even = group_of(f, bits, at, g), odd = group_of(f, bits, at, g + 1);
  if (weight_bits(f) == 8) even ^= 0x80, odd ^= 0x80;
  const int32x4_t a = (int32x4_t)even, b = (int32x4_t)odd;
  return (rows_t){(int8x16_t)vzip1q_s32(a, b), (int8x16_t)vzip2q_s32(a, b)};
}

// Where open_weights keeps them: [4][32 rows][8].
INLINE rows_t open_rows(const uint8_t *open, size_t row, const int g) {
  const int8_t *at = (const int8_t *)open + g * 128 + row * 8;
  return (rows_t){vld1q_s8(at), vld1q_s8(at + 16)};
}

INLINE void open_weights(const format_t f, uint8_t *open, const uint8_t *bits, size_t row) {
  UNROLL for (int g = 0; g < 8; g += 2) {
    const rows_t rows = rows_of(f, bits, row * 4, g);
    int8_t *at = (int8_t *)open + g * 128 + row * 8;
    vst1q_s8(at, rows.first), vst1q_s8(at + 16, rows.last);
  }
}

// Eight columns of activations of rows m and m + 1, as pair_rows left them; of the last of an odd number twice the same.
INLINE int8x16_t two_rows(const int h, const uint8_t *tile, const int m, const int g) {
  if (m + 1 < h) return vld1q_s8((const int8_t *)tile + m * 32 + g * 8);
  const int8x8_t alone = vld1_s8((const int8_t *)tile + m * 32 + g * 4);
  return vcombine_s8(alone, alone);
}

INLINE void multiply_squares(const format_t f, const bool is_open, const int h, const int vectors, vi (*acc)[MOST_VECTORS],
                             const uint8_t *bits, size_t row, const int half, const uint8_t *tile) {
  int32x4_t square[(TILE + 1) / 2][MOST_VECTORS][2] = {0};
  const int end = f.halves == 2 ? half * 4 + 4 : 8;
  UNROLL for (int g = half * 4; g < end; g += 2) {
    rows_t w[MOST_VECTORS];
    UNROLL for (int v = 0; v < vectors; v++)
      w[v] = is_open ? open_rows(bits, row + v * LANES, g) : rows_of(f, bits, (row + v * LANES) * 4, g);
    UNROLL for (int m = 0; m < h; m += 2) {
      const int8x16_t x = two_rows(h, tile, m, g);
      UNROLL for (int v = 0; v < vectors; v++) {
        square[m / 2][v][0] = vmmlaq_s32(square[m / 2][v][0], x, w[v].first);
        square[m / 2][v][1] = vmmlaq_s32(square[m / 2][v][1], x, w[v].last);
      }
    }
  }
  UNROLL for (int m = 0; m < h; m++)
    UNROLL for (int v = 0; v < vectors; v++) {
      const int64x2_t first = (int64x2_t)square[m / 2][v][0], last = (int64x2_t)square[m / 2][v][1];
      acc[m][v] += (vi)(m % 2 ? vzip2q_s64(first, last) : vzip1q_s64(first, last));
    }
}
#else
enum { SQUARES = 0 };
#define open_weights open_groups
#define multiply_squares multiply_groups
#endif

// A single row has no other to make squares with.
INLINE void multiply_rows(const format_t f, const bool is_open, const int h, const int vectors, vi (*acc)[MOST_VECTORS],
                          const uint8_t *bits, size_t row, const int half, const uint8_t *tile) {
  if (h > 1) multiply_squares(f, is_open, h, vectors, acc, bits, row, half, tile);
  else multiply_groups(f, is_open, h, vectors, acc, bits, row, half, tile);
}
