// One panel of float weights: products in column order, one fused addition each.
#pragma once
#include "product.h"

INLINE vf load_even_bfloats(const void *p) { return (vf)((vu)load(p) << 16); }
INLINE vf load_odd_bfloats(const void *p) { return (vf)((vu)load(p) & 0xffff0000u); }

// Of LANES pairs of halves those of the even or of the odd column.
INLINE vf half_of_pairs(vu pairs, const int odd) {
  typedef uint16_t halves __attribute__((vector_size(LANES * 2)));
  const halves h = __builtin_convertvector(odd ? pairs >> 16 : pairs & 0xffffu, halves);
  return load_halves(&h);
}

// The weights of LANES rows in two columns, the first of which is even; a last column alone has a pair of its own.
typedef struct { vf even, odd; } columns_t;

INLINE columns_t float_weights(const weight_t type, const uint8_t *panel, size_t column, size_t row) {
  if (type == WEIGHT_F32) {
    const float *at = (const float *)panel + column * PANEL_ROWS + row;
    return (columns_t){load(at), load(at + PANEL_ROWS)};
  }
  const uint8_t *pair = panel + (column / 2 * PANEL_ROWS + row) * 4;
  if (type == WEIGHT_BF16) return (columns_t){load_even_bfloats(pair), load_odd_bfloats(pair)};
#if LANES == 8
  const __m256i order = _mm256_setr_epi8(0, 1, 4, 5, 8, 9, 12, 13, 2, 3, 6, 7, 10, 11, 14, 15, 0, 1, 4, 5, 8, 9, 12, 13, 2, 3, 6, 7, 10, 11, 14, 15);
  const __m256i dealt = _mm256_permute4x64_epi64(_mm256_shuffle_epi8((__m256i)load(pair), order), 0xd8);
  return (columns_t){(vf)_mm256_cvtph_ps(_mm256_castsi256_si128(dealt)), (vf)_mm256_cvtph_ps(_mm256_extracti128_si256(dealt, 1))};
#else
  return (columns_t){half_of_pairs((vu)load(pair), 0), half_of_pairs((vu)load(pair), 1)};
#endif
}

// The same of one column.
INLINE vf float_weight(const weight_t type, const uint8_t *panel, size_t column, size_t row) {
  if (type == WEIGHT_F32) return load(panel + (column * PANEL_ROWS + row) * 4);
  const columns_t both = float_weights(type, panel, column / 2 * 2, row);
  return column % 2 ? both.odd : both.even;
}

// Asks for two columns of a whole panel.
INLINE void fetch_columns(const weight_t type, const uint8_t *panel, size_t column) {
  const size_t bytes = PANEL_ROWS * (type == WEIGHT_F32 ? 4 : 2);
  UNROLL for (size_t line = 0; line < 2 * bytes; line += 64) __builtin_prefetch(panel + column * bytes + line);
}

// Few rows take a whole panel's columns at once, so that enough sums run side by side.
#define FLOAT_VECTORS(H) (H <= 3 && (LANES > 4 || PRODUCT_VECTORS > 2) ? PANEL_ROWS / LANES : PRODUCT_VECTORS)

INLINE void float_tile(const weight_t type, const int h, float *y, size_t y_stride, start_t start, const uint8_t *panel,
                       size_t row, const float *x, size_t x_stride, size_t k) {
  const int vectors = FLOAT_VECTORS(h);
  const float *from[MOST_HEIGHT];
  UNROLL for (int m = 0; m < h; m++) {
    from[m] = x + m * x_stride;
    APART(from[m]);
  }
  vf sum[MOST_HEIGHT][PANEL_ROWS / LANES];
  UNROLL for (int m = 0; m < h; m++)
    UNROLL for (int v = 0; v < vectors; v++) sum[m][v] = load(start.at + m * start.stride + row + v * LANES);
  size_t column = 0;
  for (; column + 2 <= k; column += 2) {
    if (LANES == 8 && h <= 3 && type != WEIGHT_F32) fetch_columns(type, panel, column + 32);
    UNROLL for (int v = 0; v < vectors; v++) {
      const columns_t w = float_weights(type, panel, column, row + v * LANES);
      UNROLL for (int m = 0; m < h; m++) sum[m][v] = fma_v(w.even, splat(from[m][column]), sum[m][v]);
      UNROLL for (int m = 0; m < h; m++) sum[m][v] = fma_v(w.odd, splat(from[m][column + 1]), sum[m][v]);
    }
  }
  if (column < k)
    UNROLL for (int v = 0; v < vectors; v++) {
      const vf w = float_weight(type, panel, column, row + v * LANES);
      UNROLL for (int m = 0; m < h; m++) sum[m][v] = fma_v(w, splat(from[m][column]), sum[m][v]);
    }
  UNROLL for (int m = 0; m < h; m++)
    UNROLL for (int v = 0; v < vectors; v++) store(y + m * y_stride + row + v * LANES, sum[m][v]);
}

#define FLOAT_HEIGHT(H)                                                       \
  case H:                                                                     \
    for (size_t row = 0; row < PANEL_ROWS; row += FLOAT_VECTORS(H) * LANES)   \
      float_tile(type, H, y, y_stride, start, panel, row, x, x_stride, k);    \
    break;
#define FLOATS(T)                                                                                                   \
  static void float_##T(size_t h, float *y, size_t y_stride, start_t start, const uint8_t *panel, const float *x,   \
                        size_t x_stride, size_t k) {                                                                \
    const weight_t type = WEIGHT_##T;                                                                               \
    EACH_HEIGHT(FLOAT_HEIGHT)                                                                                       \
  }
FLOATS(F32)
FLOATS(F16)
FLOATS(BF16)

static void few_floats(weight_t type, float *y, size_t y_stride, const void *panel, const float *x, size_t x_stride,
                       size_t rows, size_t k, size_t columns, const float *bias) {
  const start_t start = start_of(bias);
  for (size_t m = 0; m < rows; m += MOST_HEIGHT) {
    const size_t h = rows - m < MOST_HEIGHT ? rows - m : MOST_HEIGHT;
    const float *rows_of_x = x + m * x_stride;
    WITH_WHOLE_PANEL(switch (type) {
      case WEIGHT_F32: float_F32(h, target, target_stride, from, panel, rows_of_x, x_stride, k); break;
      case WEIGHT_F16: float_F16(h, target, target_stride, from, panel, rows_of_x, x_stride, k); break;
      default: float_BF16(h, target, target_stride, from, panel, rows_of_x, x_stride, k);
    })
  }
}
