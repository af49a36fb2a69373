// Many rows against one panel of float weights: some columns at a time are made floats once and for all, as a strip of a
// product that stays in the nearest cache. Sums are added to in the same order as float_tile's, so they are the same.
#pragma once
#include "panel_float.h"

enum { BLOCK_COLUMNS = 256, ROWS_OF_BLOCKS = 2 * MOST_HEIGHT };

INLINE void float_strip(const weight_t type, float *strip, const uint8_t *panel, size_t row, size_t from, size_t count) {
  for (size_t i = 0; i < count; i += 2, strip += 2 * PRODUCT_WIDTH)
    UNROLL for (size_t v = 0; v < PRODUCT_WIDTH; v += LANES) {
      const columns_t w = float_weights(type, panel, from + i, row + v);
      store(strip + v, w.even), store(strip + PRODUCT_WIDTH + v, w.odd);
    }
}

INLINE void float_blocks(const weight_t type, float *y, size_t y_stride, start_t start, const uint8_t *panel, const float *x,
                         size_t x_stride, size_t rows, size_t k, size_t columns) {
  float strip[BLOCK_COLUMNS * PRODUCT_WIDTH];
  for (size_t first = 0; first < k; first += BLOCK_COLUMNS, start = (start_t){y, y_stride}) {
    const size_t count = k - first < BLOCK_COLUMNS ? k - first : BLOCK_COLUMNS;
    for (size_t row = 0; row < columns; row += PRODUCT_WIDTH) {
      const size_t width = columns - row < PRODUCT_WIDTH ? columns - row : PRODUCT_WIDTH;
      const start_t from = {start.at + row, start.stride};
      float_strip(type, strip, panel, row, first, count);
      product(y + row, y_stride, from, x + first, PRODUCT_ROWS * x_stride, x_stride, 1, strip, rows, count, width);
    }
  }
}

static void panel_float(weight_t type, float *y, size_t y_stride, const void *panel, const float *x, size_t x_stride,
                        size_t rows, size_t k, size_t columns, const float *bias) {
  if (rows < ROWS_OF_BLOCKS) return few_floats(type, y, y_stride, panel, x, x_stride, rows, k, columns, bias);
  const start_t start = start_of(bias);
  switch (type) {
    case WEIGHT_F32: return float_blocks(WEIGHT_F32, y, y_stride, start, panel, x, x_stride, rows, k, columns);
    case WEIGHT_F16: return float_blocks(WEIGHT_F16, y, y_stride, start, panel, x, x_stride, rows, k, columns);
    default: return float_blocks(WEIGHT_BF16, y, y_stride, start, panel, x, x_stride, rows, k, columns);
  }
}
