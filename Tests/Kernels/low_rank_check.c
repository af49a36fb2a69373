// The thin products of adapters.
#include "check.h"

enum { BATCH = 7, PICKED = 5, RANKS = 13, WIDTH = 260 };

static const int32_t rows[PICKED] = {6, 0, 3, 5, 2};
static float a[RANKS * WIDTH], x[BATCH * WIDTH], t[PICKED * RANKS], y[BATCH * WIDTH], begun[BATCH * WIDTH];
static float gain[WIDTH], bias[WIDTH];
static double expected[BATCH * WIDTH];

static void check_down(const kernels_t *k, size_t n, size_t ranks, size_t count) {
  float alone[RANKS], together[PICKED * RANKS];
  for (size_t i = 0; i < count; i++)
    for (size_t rank = 0; rank < ranks; rank++) {
      double sum = 0;
      for (size_t j = 0; j < n; j++) sum += (double)a[rank * n + j] * x[(size_t)rows[i] * n + j];
      expected[i * ranks + rank] = sum;
    }
  k->low_rank_down(together, ranks, a, ranks, x, n, rows, count, n);
  expect_close(k, "low_rank_down", n, together, expected, count * ranks, 1e-5);
  for (size_t i = 0; i < count; i++) {
    k->low_rank_down(alone, ranks, a, ranks, x, n, rows + i, 1, n);
    expect_bits(k, "low_rank_down alone", n, alone, together + i * ranks, ranks * 4);
  }
}

static void check_up(const kernels_t *k, size_t n, size_t rank, bool is_scaled) {
  for (size_t i = 0; i < BATCH * n; i++) expected[i] = begun[i];
  for (size_t i = 0; i < PICKED; i++)
    for (size_t c = 0; c < n; c++) {
      double sum = 0;
      for (size_t j = 0; j < rank; j++) sum += (double)t[i * rank + j] * a[j * n + c];
      double *at = &expected[(size_t)rows[i] * n + c];
      *at = is_scaled ? gain[c] * (*at - bias[c] + sum) + bias[c] : *at + sum;
    }
  memcpy(y, begun, sizeof y);
  k->low_rank_up(y, n, rows, PICKED, t, rank, rank, a, n, n, is_scaled ? gain : NULL, is_scaled ? bias : NULL);
  expect_close(k, is_scaled ? "low_rank_up with a gain" : "low_rank_up", n, y, expected, BATCH * n, 1e-5);
  float alone[BATCH * WIDTH];
  memcpy(alone, begun, sizeof alone);
  for (size_t i = 0; i < PICKED; i++)
    k->low_rank_up(alone, n, rows + i, 1, t + i * rank, rank, rank, a, n, n, is_scaled ? gain : NULL, is_scaled ? bias : NULL);
  expect_bits(k, "low_rank_up alone", n, alone, y, BATCH * n * 4);
}

void check_low_rank(const kernels_t *k) {
  static const size_t widths[] = {1, 3, 17, 64, 257}, ranks[] = {1, 3, 4, 8, 13};
  for (int i = 0; i < 5; i++)
    for (int j = 0; j < 5; j++) {
      fill(a, RANKS * WIDTH, 1), fill(x, BATCH * WIDTH, 1), fill(t, PICKED * RANKS, 1), fill(begun, BATCH * WIDTH, 1);
      fill(gain, WIDTH, 1), fill(bias, WIDTH, 1);
      for (size_t count = 1; count <= PICKED; count++) check_down(k, widths[i], ranks[j], count);
      check_up(k, widths[i], ranks[j], false), check_up(k, widths[i], ranks[j], true);
    }
}
