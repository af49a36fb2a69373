// One panel of bfloat16 weights against rows rounded to bfloat16, two columns at a time.
#pragma once
#include "vector_panel.h"

void round_to_bfloat_avx512(uint16_t *y, const float *x, size_t k) {
  size_t i = 0;
  for (; i + 16 <= k; i += 16) {
    const __m256bh rounded = _mm512_cvtneps_pbh(_mm512_loadu_ps(x + i));
    memcpy(y + i, &rounded, 32);
  }
  if (i == k) return;
  float last[16] = {0};
  memcpy(last, x + i, (k - i) * 4);
  const __m256bh rounded = _mm512_cvtneps_pbh(_mm512_loadu_ps(last));
  memcpy(y + i, &rounded, (k - i + k % 2) * 2);
}

INLINE void bfloat_tile(const int h, float *y, size_t y_stride, start_t start, const uint8_t *panel, const uint16_t *x,
                        size_t x_stride, size_t pairs) {
  __m512 sum[TILE][VECTORS];
  UNROLL for (int m = 0; m < h; m++)
    UNROLL for (int v = 0; v < VECTORS; v++) sum[m][v] = _mm512_loadu_ps(start.at + m * start.stride + v * LANES);
  for (size_t pair = 0; pair < pairs; pair++, panel += PANEL_ROWS * 4) {
    __m512bh w[VECTORS];
    UNROLL for (int v = 0; v < VECTORS; v++) w[v] = (__m512bh)_mm512_loadu_si512(panel + v * 64);
    UNROLL for (int m = 0; m < h; m++) {
      int both;
      memcpy(&both, x + m * x_stride + 2 * pair, 4);
      const __m512bh broadcast = (__m512bh)_mm512_set1_epi32(both);
      UNROLL for (int v = 0; v < VECTORS; v++) sum[m][v] = _mm512_dpbf16_ps(sum[m][v], w[v], broadcast);
    }
  }
  UNROLL for (int m = 0; m < h; m++)
    UNROLL for (int v = 0; v < VECTORS; v++) _mm512_storeu_ps(y + m * y_stride + v * LANES, sum[m][v]);
}

#define BFLOAT_HEIGHT(H) case H: bfloat_tile(H, target, target_stride, from, panel, rows_of_x, x_stride, (k + 1) / 2); break;

void panel_bfloat_avx512(float *y, size_t y_stride, const void *panel, const uint16_t *x, size_t x_stride, size_t rows,
                         size_t k, size_t columns, const float *bias) {
  const start_t start = start_of(bias);
  for (size_t m = 0; m < rows; m += TILE) {
    const size_t h = rows - m < TILE ? rows - m : TILE;
    const uint16_t *rows_of_x = x + m * x_stride;
    WITH_WHOLE_PANEL(EACH_HEIGHT(BFLOAT_HEIGHT))
  }
}
