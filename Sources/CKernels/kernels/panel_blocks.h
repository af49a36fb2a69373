// Many rows against one panel of float weights: some columns at a time are made floats once and for all, as strips of a product
// that stay in the second cache, and a tile of rows meets all strips before the next one is read. Sums are added to in the same
// order as float_tile's, so they are the same.
#pragma once
#include "panel_float.h"

// The most columns of a block. With AVX2 a panel is two strips and rows come from afar oftener, so that larger blocks pay
// (Benchmarks/RESULTS.md).
enum { BLOCK_COLUMNS = LANES == 8 ? 768 : 256, ROWS_OF_BLOCKS = 2 * MOST_HEIGHT };

INLINE void float_strip(const weight_t type, float *strip, const uint8_t *panel, size_t row, size_t from, size_t count) {
  for (size_t i = 0; i < count; i += 2, strip += 2 * PRODUCT_WIDTH)
    UNROLL for (size_t v = 0; v < PRODUCT_WIDTH; v += LANES) {
      const columns_t w = float_weights(type, panel, from + i, row + v);
      store(strip + v, w.even), store(strip + PRODUCT_WIDTH + v, w.odd);
    }
}

// All rows against `count` columns of a panel in strips.
INLINE void strip_block(float *y, size_t y_stride, start_t start, const float *strips, const float *x, size_t x_stride,
                        size_t rows, size_t count, size_t columns) {
  for (size_t m = 0; m < rows; m += PRODUCT_ROWS, y += PRODUCT_ROWS * y_stride, x += PRODUCT_ROWS * x_stride) {
    const size_t height = rows - m < PRODUCT_ROWS ? rows - m : PRODUCT_ROWS;
    for (size_t row = 0; row < columns; row += PRODUCT_WIDTH) {
      const size_t width = columns - row < PRODUCT_WIDTH ? columns - row : PRODUCT_WIDTH;
      const start_t from = {start.at + m * start.stride + row, start.stride};
      product(y + row, y_stride, from, x, 0, x_stride, 1, strips + row * BLOCK_COLUMNS, height, count, width);
    }
  }
}

INLINE void float_blocks(const weight_t type, float *y, size_t y_stride, start_t start, const uint8_t *panel, const float *x,
                         size_t x_stride, size_t rows, size_t k, size_t columns) {
  float strips[BLOCK_COLUMNS * PANEL_ROWS];
  const size_t blocks = (k + BLOCK_COLUMNS - 1) / BLOCK_COLUMNS, share = ((k + blocks - 1) / blocks + 1) / 2 * 2;
  for (size_t first = 0; first < k; first += share, start = (start_t){y, y_stride}) {
    const size_t count = k - first < share ? k - first : share;
    for (size_t row = 0; row < columns; row += PRODUCT_WIDTH)
      float_strip(type, strips + row * BLOCK_COLUMNS, panel, row, first, count);
    strip_block(y, y_stride, start, strips, x + first, x_stride, rows, count, columns);
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
