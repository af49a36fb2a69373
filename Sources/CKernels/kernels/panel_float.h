// One panel of float weights: products in column order, one fused addition each.
#pragma once
#include "product.h"

INLINE vf load_even_bfloats(const void *p) { return (vf)((vu)load(p) << 16); }
INLINE vf load_odd_bfloats(const void *p) { return (vf)((vu)load(p) & 0xffff0000u); }

// LANES halves, every second one: the even or the odd column of a pair.
INLINE vf load_half_of_pairs(const void *p, const int odd) {
  const vu pairs = (vu)load(p);
  typedef uint16_t halves __attribute__((vector_size(LANES * 2)));
  const halves h = __builtin_convertvector(odd ? pairs >> 16 : pairs & 0xffffu, halves);
  return load_halves(&h);
}

INLINE vf float_weight(const weight_t type, const uint8_t *panel, size_t column, size_t row) {
  if (type == WEIGHT_F32) return load(panel + (column * PANEL_ROWS + row) * 4);
  const uint8_t *pair = panel + (column / 2 * PANEL_ROWS + row) * 4;
  if (type == WEIGHT_F16) return load_half_of_pairs(pair, column % 2);
  return column % 2 ? load_odd_bfloats(pair) : load_even_bfloats(pair);
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
  for (size_t column = 0; column < k; column++)
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

static void panel_float(weight_t type, float *y, size_t y_stride, const void *panel, const float *x, size_t x_stride,
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
