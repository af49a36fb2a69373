// Products of whole matrices in bfloat16 pairs, as product.h makes those of floats: both operands are rounded and packed, two
// steps of k side by side in each lane. Every sum begins at `start` and adds pair after pair in the order of k, as panel_bfloat
// does, so cutting k into blocks of an even number changes no bit.
#pragma once
#include "vector_panel.h"

enum { PAIR_ROWS = 12, PAIR_WIDTH = 32, PAIR_SQUARE = 16 };

// The words of two vectors of 16, one from each in turn.
INLINE __m512i interleaved(__m512 even, __m512 odd) {
  const __m512i order = _mm512_set_epi16(31, 15, 30, 14, 29, 13, 28, 12, 27, 11, 26, 10, 25, 9, 24, 8, 23, 7, 22, 6, 21, 5, 20,
                                         4, 19, 3, 18, 2, 17, 1, 16, 0);
  return _mm512_permutexvar_epi16(order, (__m512i)_mm512_cvtne2ps_pbh(odd, even));
}

// pairs[i][c] = strip[2 i][c], strip[2 i + 1][c]; what is beyond k is 0.
void pair_strip_avx512(uint32_t *pairs, const float *strip, size_t k) {
  for (size_t i = 0; i < k; i += 2, strip += 2 * PAIR_WIDTH, pairs += PAIR_WIDTH)
    UNROLL for (int v = 0; v < PAIR_WIDTH; v += LANES) {
      const __m512 odd = i + 1 < k ? _mm512_loadu_ps(strip + PAIR_WIDTH + v) : _mm512_setzero_ps();
      _mm512_storeu_si512(pairs + v, interleaved(_mm512_loadu_ps(strip + v), odd));
    }
}

INLINE __mmask16 first_lanes(size_t count) { return count < LANES ? (__mmask16)((1u << count) - 1) : (__mmask16)0xffff; }

// Rows become columns: each round deals the second half of the rows between the first.
INLINE void turn_pairs(__m512i *rows) {
  const __m512i low = _mm512_set_epi32(23, 7, 22, 6, 21, 5, 20, 4, 19, 3, 18, 2, 17, 1, 16, 0);
  const __m512i high = _mm512_set_epi32(31, 15, 30, 14, 29, 13, 28, 12, 27, 11, 26, 10, 25, 9, 24, 8);
  UNROLL for (int round = 1; round < PAIR_SQUARE; round *= 2) {
    __m512i dealt[PAIR_SQUARE];
    UNROLL for (int i = 0; i < PAIR_SQUARE / 2; i++) {
      dealt[2 * i] = _mm512_permutex2var_epi32(rows[i], low, rows[i + PAIR_SQUARE / 2]);
      dealt[2 * i + 1] = _mm512_permutex2var_epi32(rows[i], high, rows[i + PAIR_SQUARE / 2]);
    }
    UNROLL for (int i = 0; i < PAIR_SQUARE; i++) rows[i] = dealt[i];
  }
}

// tile[i][m] = x[m][2 i], x[m][2 i + 1] of h rows.
INLINE void pair_tile_rows(uint32_t *tile, const float *x, size_t stride, size_t k, size_t h) {
  for (size_t i = 0; i < k; i += 2 * PAIR_SQUARE, tile += PAIR_SQUARE * PAIR_ROWS) {
    const size_t left = k - i, pairs = left < 2 * PAIR_SQUARE ? (left + 1) / 2 : PAIR_SQUARE;
    __m512i square[PAIR_SQUARE];
    UNROLL for (size_t m = 0; m < PAIR_SQUARE; m++) {
      square[m] = _mm512_setzero_si512();
      if (m < h) {
        const float *at = x + m * stride + i;
        const __m512 first = _mm512_maskz_loadu_ps(first_lanes(left), at);
        const __m512 second = left > LANES ? _mm512_maskz_loadu_ps(first_lanes(left - LANES), at + LANES) : _mm512_setzero_ps();
        square[m] = (__m512i)_mm512_cvtne2ps_pbh(second, first);
      }
    }
    turn_pairs(square);
    UNROLL for (size_t p = 0; p < PAIR_SQUARE; p++)
      if (p < pairs) _mm512_mask_storeu_epi32(tile + p * PAIR_ROWS, first_lanes(PAIR_ROWS), square[p]);
  }
}

// tile[i][m] = x[2 i][m], x[2 i + 1][m] of h columns.
INLINE void pair_tile_columns(uint32_t *tile, const float *x, size_t stride, size_t k, size_t h) {
  const __mmask16 lanes = first_lanes(h);
  for (size_t i = 0; i < k; i += 2, tile += PAIR_ROWS) {
    const __m512 even = _mm512_maskz_loadu_ps(lanes, x + i * stride);
    const __m512 odd = i + 1 < k ? _mm512_maskz_loadu_ps(lanes, x + (i + 1) * stride) : _mm512_setzero_ps();
    _mm512_mask_storeu_epi32(tile, first_lanes(PAIR_ROWS), interleaved(even, odd));
  }
}

void pair_tiles_avx512(uint32_t *tiles, const float *x, size_t stride, size_t k, size_t rows, bool is_turned) {
  for (size_t row = 0; row < rows; row += PAIR_ROWS, tiles += (k + 1) / 2 * PAIR_ROWS) {
    const size_t h = rows - row < PAIR_ROWS ? rows - row : PAIR_ROWS;
    if (is_turned) pair_tile_columns(tiles, x + row, stride, k, h);
    else pair_tile_rows(tiles, x + row * stride, stride, k, h);
  }
}

// h of a tile's rows are worked out, those below `rows` begin at `start` and are kept.
INLINE void pair_tile(const int h, float *y, size_t y_stride, start_t start, const uint32_t *tile, const uint32_t *strip,
                      size_t pairs, size_t rows, const __mmask16 *lanes) {
  __m512 sum[PAIR_ROWS][2];
  UNROLL for (int m = 0; m < h; m++)
    UNROLL for (int v = 0; v < 2; v++)
      sum[m][v] = (size_t)m < rows ? _mm512_maskz_loadu_ps(lanes[v], start.at + m * start.stride + v * LANES) : _mm512_setzero_ps();
  for (size_t i = 0; i < pairs; i++, tile += PAIR_ROWS, strip += PAIR_WIDTH) {
    const __m512bh w0 = (__m512bh)_mm512_loadu_si512(strip), w1 = (__m512bh)_mm512_loadu_si512(strip + LANES);
    UNROLL for (int m = 0; m < h; m++) {
      const __m512bh x = (__m512bh)_mm512_set1_epi32((int)tile[m]);
      sum[m][0] = _mm512_dpbf16_ps(sum[m][0], w0, x);
      sum[m][1] = _mm512_dpbf16_ps(sum[m][1], w1, x);
    }
  }
  UNROLL for (int m = 0; m < h; m++)
    if ((size_t)m < rows)
      UNROLL for (int v = 0; v < 2; v++) _mm512_mask_storeu_ps(y + m * y_stride + v * LANES, lanes[v], sum[m][v]);
}

void pair_product_avx512(float *y, size_t y_stride, const float *start, size_t start_stride, const uint32_t *tiles,
                         const uint32_t *strip, size_t rows, size_t k, size_t columns) {
  const start_t first = start ? (start_t){start, start_stride} : start_of(NULL);
  const size_t pairs = (k + 1) / 2;
  const __mmask16 lanes[2] = {first_lanes(columns), columns > LANES ? first_lanes(columns - LANES) : 0};
  const __mmask16 all[2] = {0xffff, 0xffff};
  for (size_t row = 0; row < rows; row += PAIR_ROWS, y += PAIR_ROWS * y_stride, tiles += PAIR_ROWS * pairs) {
    const size_t h = rows - row < PAIR_ROWS ? rows - row : PAIR_ROWS;
    const start_t from = {first.at + row * first.stride, first.stride};
    for (size_t m = PAIR_ROWS; m < 2 * PAIR_ROWS; m++) __builtin_prefetch(y + m * y_stride, 1);  // the next tile's
    if (h == PAIR_ROWS && columns == PAIR_WIDTH) pair_tile(PAIR_ROWS, y, y_stride, from, tiles, strip, pairs, PAIR_ROWS, all);
    else if (h > PAIR_ROWS / 2) pair_tile(PAIR_ROWS, y, y_stride, from, tiles, strip, pairs, h, lanes);
    else pair_tile(PAIR_ROWS / 2, y, y_stride, from, tiles, strip, pairs, h, lanes);
  }
}
