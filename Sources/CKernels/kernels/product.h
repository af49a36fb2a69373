// Products of whole matrices: blocks of packed operands, in the tiles that fill the registers (Goto & van de Geijn 2008).
//
// A strip is PRODUCT_WIDTH columns of the right operand, [k][PRODUCT_WIDTH]. The left operand is plain rows, or, where it is
// read down its columns, tiles of PRODUCT_ROWS rows, [k][PRODUCT_ROWS]. Every sum begins at `start` and adds its products in
// the order of k, so cutting k into blocks changes no bit.
#pragma once
#include "convert.h"

#if LANES == 4 && defined(NEON)
enum { PRODUCT_VECTORS = 4 };
#else
enum { PRODUCT_VECTORS = 2 };
#endif
enum { PRODUCT_ROWS = 6, PRODUCT_WIDTH = LANES * PRODUCT_VECTORS };

INLINE void product_tile(const int h, float *y, size_t y_stride, start_t start, const float *a, size_t a_row,
                         const size_t a_step, const float *strip, size_t k) {
  vf sum[PRODUCT_ROWS][PRODUCT_VECTORS];
  UNROLL for (int m = 0; m < h; m++)
    UNROLL for (int v = 0; v < PRODUCT_VECTORS; v++) sum[m][v] = load(start.at + m * start.stride + v * LANES);
  const float *from[PRODUCT_ROWS];
  UNROLL for (int m = 0; m < h; m++) {
    from[m] = a + m * a_row;
    if (a_step == 1) APART(from[m]);
  }
  for (size_t i = 0; i < k; i++, strip += PRODUCT_WIDTH) {
    vf b[PRODUCT_VECTORS];
    UNROLL for (int v = 0; v < PRODUCT_VECTORS; v++) b[v] = load(strip + v * LANES);
    UNROLL for (int m = 0; m < h; m++) {
      const vf x = splat(from[m][i * a_step]);
      UNROLL for (int v = 0; v < PRODUCT_VECTORS; v++) {
        sum[m][v] = fma_v(b[v], x, sum[m][v]);
        IN_ORDER(sum[m][v]);
      }
    }
  }
  UNROLL for (int m = 0; m < h; m++)
    UNROLL for (int v = 0; v < PRODUCT_VECTORS; v++) store(y + m * y_stride + v * LANES, sum[m][v]);
}

// A tile of h rows, whose last columns may be missing.
INLINE void product_part(const int h, float *y, size_t y_stride, start_t start, const float *a, size_t a_row,
                         const size_t a_step, const float *strip, size_t k, size_t columns) {
  if (columns == PRODUCT_WIDTH) return product_tile(h, y, y_stride, start, a, a_row, a_step, strip, k);
  float whole[PRODUCT_ROWS * PRODUCT_WIDTH] = {0};
  for (int m = 0; m < h; m++) memcpy(whole + m * PRODUCT_WIDTH, start.at + m * start.stride, columns * 4);
  product_tile(h, whole, PRODUCT_WIDTH, (start_t){whole, PRODUCT_WIDTH}, a, a_row, a_step, strip, k);
  for (int m = 0; m < h; m++) memcpy(y + m * y_stride, whole + m * PRODUCT_WIDTH, columns * 4);
}

#define PRODUCT_HEIGHT(H) case H: product_part(H, y, y_stride, from, a, a_row, a_step, strip, k, columns); break;

INLINE void product(float *y, size_t y_stride, start_t start, const float *a, size_t a_tile, size_t a_row,
                    const size_t a_step, const float *strip, size_t rows, size_t k, size_t columns) {
  for (size_t row = 0; row < rows; row += PRODUCT_ROWS, y += PRODUCT_ROWS * y_stride, a += a_tile) {
    const size_t h = rows - row < PRODUCT_ROWS ? rows - row : PRODUCT_ROWS;
    const start_t from = {start.at + row * start.stride, start.stride};
    for (size_t m = PRODUCT_ROWS; m < 2 * PRODUCT_ROWS; m++) __builtin_prefetch(y + m * y_stride, 1);  // the next tile's
    EACH_HEIGHT(PRODUCT_HEIGHT)
  }
}

static void product_rows(float *y, size_t y_stride, const float *start, size_t start_stride, const float *a, size_t a_stride,
                         const float *strip, size_t rows, size_t k, size_t columns) {
  const start_t from = start ? (start_t){start, start_stride} : start_of(NULL);
  product(y, y_stride, from, a, PRODUCT_ROWS * a_stride, a_stride, 1, strip, rows, k, columns);
}

static void product_tiles(float *y, size_t y_stride, const float *start, size_t start_stride, const float *tiles,
                          const float *strip, size_t rows, size_t k, size_t columns) {
  const start_t from = start ? (start_t){start, start_stride} : start_of(NULL);
  product(y, y_stride, from, tiles, PRODUCT_ROWS * k, 1, PRODUCT_ROWS, strip, rows, k, columns);
}

// strip[i][c] = row i, column c.
INLINE void strip_rows(const weight_t type, float *strip, const uint8_t *rows, size_t row_bytes, size_t k, size_t columns) {
  const size_t size = type == WEIGHT_F32 ? 4 : 2;
  for (size_t i = 0; i < k; i++, strip += PRODUCT_WIDTH, rows += row_bytes)
    UNROLL for (size_t v = 0; v < PRODUCT_WIDTH; v += LANES)
      store(strip + v, first_weights_at(type, rows + v * size, columns > v ? columns - v : 0));
}

#if LANES == 16
#define EVEN_HALVES(a, b) __builtin_shufflevector(a, b, 0, 16, 1, 17, 2, 18, 3, 19, 4, 20, 5, 21, 6, 22, 7, 23)
#define ODD_HALVES(a, b) __builtin_shufflevector(a, b, 8, 24, 9, 25, 10, 26, 11, 27, 12, 28, 13, 29, 14, 30, 15, 31)
#elif LANES == 8
#define EVEN_HALVES(a, b) __builtin_shufflevector(a, b, 0, 8, 1, 9, 2, 10, 3, 11)
#define ODD_HALVES(a, b) __builtin_shufflevector(a, b, 4, 12, 5, 13, 6, 14, 7, 15)
#else
#define EVEN_HALVES(a, b) __builtin_shufflevector(a, b, 0, 4, 1, 5)
#define ODD_HALVES(a, b) __builtin_shufflevector(a, b, 2, 6, 3, 7)
#endif

// Rows become columns: each round deals the second half of the rows between the first.
INLINE void turn_square(vf *rows) {
  UNROLL for (int round = 1; round < LANES; round *= 2) {
    vf dealt[LANES];
    UNROLL for (int i = 0; i < LANES / 2; i++) {
      dealt[2 * i] = EVEN_HALVES(rows[i], rows[i + LANES / 2]);
      dealt[2 * i + 1] = ODD_HALVES(rows[i], rows[i + LANES / 2]);
    }
    UNROLL for (int i = 0; i < LANES; i++) rows[i] = dealt[i];
  }
}

// strip[i][c] = row c, column i.
INLINE void strip_columns(const weight_t type, float *strip, const uint8_t *rows, size_t row_bytes, size_t k, size_t columns) {
  const size_t size = type == WEIGHT_F32 ? 4 : 2;
  for (size_t i = 0; i < k; i += LANES)
    for (size_t v = 0; v < PRODUCT_WIDTH; v += LANES) {
      vf square[LANES];
      const size_t count = k - i < LANES ? k - i : LANES;
      UNROLL for (size_t c = 0; c < LANES; c++)
        square[c] = v + c < columns ? first_weights_at(type, rows + (v + c) * row_bytes + i * size, count) : splat(0);
      turn_square(square);
      for (size_t c = 0; c < count; c++) store(strip + (i + c) * PRODUCT_WIDTH + v, square[c]);
    }
}

#define STRIPS(NAME)                                                                                              \
  static void product_##NAME(weight_t type, float *strip, const void *rows, size_t row_bytes, size_t k, size_t columns) { \
    switch (type) {                                                                                               \
      case WEIGHT_F32: return NAME(WEIGHT_F32, strip, rows, row_bytes, k, columns);                               \
      case WEIGHT_F16: return NAME(WEIGHT_F16, strip, rows, row_bytes, k, columns);                               \
      default: return NAME(WEIGHT_BF16, strip, rows, row_bytes, k, columns);                                      \
    }                                                                                                             \
  }
STRIPS(strip_rows)
STRIPS(strip_columns)

// tiles[t][i][m] = x[i][PRODUCT_ROWS * t + m], for `rows` columns of x; what is beyond them is 0.
static void product_tile_columns(float *tiles, const float *x, size_t stride, size_t k, size_t rows) {
  for (size_t row = 0; row < rows; row += PRODUCT_ROWS, tiles += PRODUCT_ROWS * k) {
    const size_t h = rows - row < PRODUCT_ROWS ? rows - row : PRODUCT_ROWS;
    if (h < PRODUCT_ROWS) memset(tiles, 0, PRODUCT_ROWS * k * 4);
    for (size_t i = 0; i < k; i++) {
      if (h == PRODUCT_ROWS) memcpy(tiles + i * PRODUCT_ROWS, x + i * stride + row, PRODUCT_ROWS * 4);
      else memcpy(tiles + i * PRODUCT_ROWS, x + i * stride + row, h * 4);
    }
  }
}
