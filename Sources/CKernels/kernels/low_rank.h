// Products with the thin matrices of low-rank adapters (Hu et al. 2021), for rows picked out of a batch.
//
// Every sum is taken in one order whatever is worked out beside it: over the inputs lane by lane, over the ranks one by one.
#pragma once
#include "vector.h"

// Rows, and rows of the thin matrix, whose sums run side by side.
#if LANES == 16 || defined(NEON)
enum { THIN_ROWS = 2, THIN_RANKS = 8, THIN_VECTORS = 4 };
#else
enum { THIN_ROWS = 2, THIN_RANKS = 4, THIN_VECTORS = 4 };
#endif

// The last lanes of a row, filled up with zeros.
INLINE vf load_first(const float *x, size_t count) {
  float lanes[LANES] = {0};
  memcpy(lanes, x, count * 4);
  return load(lanes);
}

// t[m][k] = x[m] . a[k], for h rows of x and d of a.
INLINE void thin_dots(const int h, const int d, float *t, size_t t_stride, const float *a, const float *const *x, size_t n) {
  vf sum[THIN_ROWS][8] = {0};
  const size_t whole = n / LANES * LANES;
  for (size_t i = 0; i < whole; i += LANES) {
    vf value[THIN_ROWS];
    UNROLL for (int m = 0; m < h; m++) value[m] = load(x[m] + i);
    UNROLL for (int k = 0; k < d; k++) {
      const vf w = load(a + k * n + i);
      UNROLL for (int m = 0; m < h; m++) sum[m][k] = fma_v(w, value[m], sum[m][k]);
    }
  }
  if (whole < n)
    UNROLL for (int k = 0; k < d; k++)
      UNROLL for (int m = 0; m < h; m++)
        sum[m][k] = fma_v(load_first(a + k * n + whole, n - whole), load_first(x[m] + whole, n - whole), sum[m][k]);
  UNROLL for (int m = 0; m < h; m++) UNROLL for (int k = 0; k < d; k++) t[m * t_stride + k] = reduce_add(sum[m][k]);
}

INLINE void thin_rows(const int h, float *t, size_t t_stride, const float *a, size_t ranks, const float *const *x, size_t n) {
  size_t k = 0;
  for (; k + THIN_RANKS <= ranks; k += THIN_RANKS) thin_dots(h, THIN_RANKS, t + k, t_stride, a + k * n, x, n);
  for (; k + 4 <= ranks; k += 4) thin_dots(h, 4, t + k, t_stride, a + k * n, x, n);
  for (; k < ranks; k++) thin_dots(h, 1, t + k, t_stride, a + k * n, x, n);
}

static void low_rank_down(float *t, size_t t_stride, const float *a, size_t ranks, const float *x, size_t x_stride,
                          const int32_t *rows, size_t count, size_t n) {
  size_t i = 0;
  for (; i + THIN_ROWS <= count; i += THIN_ROWS) {
    const float *from[THIN_ROWS];
    UNROLL for (int m = 0; m < THIN_ROWS; m++) from[m] = x + rows[i + m] * x_stride;
    thin_rows(THIN_ROWS, t + i * t_stride, t_stride, a, ranks, from, n);
  }
  for (; i < count; i++) {
    const float *from[1] = {x + rows[i] * x_stride};
    thin_rows(1, t + i * t_stride, t_stride, a, ranks, from, n);
  }
}

typedef struct { const float *up; size_t stride, rank; const float *gain, *bias; } thin_t;

// What a sum makes of some columns of y.
INLINE vf thin_added(vf y, vf sum, const float *gain, const float *bias) {
  if (!gain) return y + sum;
  const vf shift = bias ? load(bias) : (vf){0};
  return fma_v(load(gain), y - shift + sum, shift);
}

// v vectors of columns of h rows.
INLINE void thin_sums(const int h, const int v, float *const *y, const float *t, size_t t_stride, const thin_t *thin, size_t c) {
  vf sum[THIN_ROWS][THIN_VECTORS] = {0};
  for (size_t k = 0; k < thin->rank; k++) {
    vf w[THIN_VECTORS];
    UNROLL for (int i = 0; i < v; i++) w[i] = load(thin->up + k * thin->stride + c + i * LANES);
    UNROLL for (int m = 0; m < h; m++) {
      const vf x = splat(t[m * t_stride + k]);
      UNROLL for (int i = 0; i < v; i++) sum[m][i] = fma_v(w[i], x, sum[m][i]);
    }
  }
  const float *gain = thin->gain ? thin->gain + c : NULL, *bias = thin->bias ? thin->bias + c : NULL;
  UNROLL for (int m = 0; m < h; m++) UNROLL for (int i = 0; i < v; i++) {
    float *at = y[m] + c + i * LANES;
    store(at, thin_added(load(at), sum[m][i], gain ? gain + i * LANES : NULL, bias ? bias + i * LANES : NULL));
  }
}

// The last columns, fewer than a vector has, of one row.
INLINE void thin_rest(float *y, const float *t, const thin_t *thin, size_t c, size_t columns) {
  vf sum = {0};
  for (size_t k = 0; k < thin->rank; k++)
    sum = fma_v(load_first(thin->up + k * thin->stride + c, columns), splat(t[k]), sum);
  float gain[LANES] = {0}, bias[LANES] = {0}, out[LANES];
  if (thin->gain) memcpy(gain, thin->gain + c, columns * 4);
  if (thin->bias) memcpy(bias, thin->bias + c, columns * 4);
  store(out, thin_added(load_first(y + c, columns), sum, thin->gain ? gain : NULL, thin->bias ? bias : NULL));
  memcpy(y + c, out, columns * 4);
}

INLINE void thin_columns(const int h, float *const *y, const float *t, size_t t_stride, const thin_t *thin, size_t columns) {
  size_t c = 0;
  for (; c + THIN_VECTORS * LANES <= columns; c += THIN_VECTORS * LANES) thin_sums(h, THIN_VECTORS, y, t, t_stride, thin, c);
  for (; c + LANES <= columns; c += LANES) thin_sums(h, 1, y, t, t_stride, thin, c);
  if (c < columns) for (int m = 0; m < h; m++) thin_rest(y[m], t + m * t_stride, thin, c, columns - c);
}

static void low_rank_up(float *y, size_t y_stride, const int32_t *rows, size_t count, const float *t, size_t t_stride,
                        size_t rank, const float *up, size_t up_stride, size_t columns, const float *gain, const float *bias) {
  const thin_t thin = {up, up_stride, rank, gain, bias};
  size_t i = 0;
  for (; i + THIN_ROWS <= count; i += THIN_ROWS) {
    float *at[THIN_ROWS];
    UNROLL for (int m = 0; m < THIN_ROWS; m++) at[m] = y + rows[i + m] * y_stride;
    thin_columns(THIN_ROWS, at, t + i * t_stride, t_stride, &thin, columns);
  }
  for (; i < count; i++) {
    float *at[1] = {y + rows[i] * y_stride};
    thin_columns(1, at, t + i * t_stride, t_stride, &thin, columns);
  }
}
