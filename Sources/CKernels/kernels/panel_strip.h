// A panel's rows as strips of the right operand of a product: the gradient with respect to what a packed weight is given.
#pragma once
#include "panel_float.h"

// What the strips of one panel are: the first of them, the floats from one to the next, and how many rows are wanted.
typedef struct { float *first; size_t stride, rows; } strips_t;

// Takes LANES columns from `column` on, of LANES rows.
INLINE void keep_square(strips_t to, vf *square, size_t column, size_t row) {
  turn_square(square);
  float *at = to.first + column / PRODUCT_WIDTH * to.stride + column % PRODUCT_WIDTH;
  const size_t rows = to.rows - row < LANES ? to.rows - row : LANES;
  for (size_t r = 0; r < rows; r++) store(at + (row + r) * PRODUCT_WIDTH, square[r]);
}

INLINE void strip_step(const format_t f, strips_t to, const uint8_t *step, const uint8_t *header, size_t column) {
  const uint8_t *bits = step + scale_bytes(f);
  for (size_t row = 0; row < to.rows; row += LANES) {
    pair_t pairs[2];
    UNROLL for (int half = 0; half < f.halves; half++) pairs[half] = pair_of(f, step, header, row, half);
    UNROLL for (int c = 0; c < 32; c += LANES) {
      vf square[LANES];
      UNROLL for (int i = 0; i < LANES; i += 4) {
        const int g = (c + i) / 4;
        const vu four = (vu)group_of(f, bits, row * 4, g);
        const pair_t pair = pairs[f.halves == 2 ? g / 4 : 0];
        UNROLL for (int j = 0; j < 4; j++) {
          square[i + j] = to_float((vi)(four >> (uint32_t)(8 * j) & 255u) - f.zero) * pair.scale;
          if (f.minimum) square[i + j] += pair.minimum;  // rounded twice, as step_floats does
        }
      }
      keep_square(to, square, column + (size_t)c, row);
    }
  }
}

INLINE void strip_quantized(const weight_t type, strips_t to, const uint8_t *panel, size_t from, size_t columns) {
  const format_t f = format_of(type);
  const size_t steps = f.super ? SUPER : 1, whole = header_bytes(f) + steps * step_bytes(f);
  for (size_t column = 0; column < columns; column += 32) {
    const size_t index = (from + column) / 32;
    const uint8_t *header = panel + index / steps * whole;
    strip_step(f, to, header + header_bytes(f) + index % steps * step_bytes(f), header, column);
  }
}

INLINE void strip_floats(const weight_t type, strips_t to, const uint8_t *panel, size_t from, size_t columns) {
  const size_t padded = (columns + PRODUCT_WIDTH - 1) / PRODUCT_WIDTH * PRODUCT_WIDTH;
  for (size_t column = 0; column < padded; column += LANES)
    for (size_t row = 0; row < to.rows; row += LANES) {
      vf square[LANES];
      UNROLL for (size_t i = 0; i < LANES; i++)
        square[i] = column + i < columns ? float_weight(type, panel, from + column + i, row) : splat(0);
      keep_square(to, square, column, row);
    }
}

static void product_strip_panel(weight_t type, float *strips, size_t stride, const void *panel, size_t from, size_t columns,
                                size_t rows) {
  const strips_t to = {strips, stride, rows};
  switch (type) {
#define CASE(T) case WEIGHT_##T: return strip_quantized(WEIGHT_##T, to, panel, from, columns);
    EACH_QUANTIZED(CASE)
#undef CASE
    case WEIGHT_F32: return strip_floats(WEIGHT_F32, to, panel, from, columns);
    case WEIGHT_F16: return strip_floats(WEIGHT_F16, to, panel, from, columns);
    default: return strip_floats(WEIGHT_BF16, to, panel, from, columns);
  }
}
