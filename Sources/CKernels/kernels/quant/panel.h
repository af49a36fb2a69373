// One panel of 32 output rows against tiles of activations, for any number of rows: the first tile reads the packed weights
// as they stream by, later ones find them in the nearest caches.
#pragma once
#include "squares.h"

// How far ahead packed weights are asked for: by the first tile, which reads them from memory. A single row on AVX-512 is better off
// without (Benchmarks/RESULTS.md).
enum { AHEAD = LANES == 16 ? 4096 : 2048 };

// The scale and the minimum of half step `half`, for LANES rows from `row` on.
typedef struct { vf scale, minimum; } pair_t;

INLINE pair_t pair_of(const format_t f, const uint8_t *step, const uint8_t *header, size_t row, const int half) {
  pair_t p = {{0}, {0}};
  const uint8_t *halves = f.super ? header : step;
  p.scale = f.wide ? load_bfloats(halves + 2 * row) : load_halves(halves + 2 * row);
  if (f.minimum) p.minimum = load_halves(halves + 64 + 2 * row);
  if (!f.super) return p;
  if (f.low == 2 && f.minimum) {
    quarter q, low;
    memcpy(&q, step + 32 * half + row, sizeof q);
    low = q & 15, q >>= 4;
    p.scale *= __builtin_convertvector(low, vf);
    p.minimum *= -__builtin_convertvector(q, vf);
    return p;
  }
  p.scale *= load_signed_factors(step + 32 * half + row);
  if (f.minimum) p.minimum *= -load_factors(step + 32 * (f.halves + half) + row);
  return p;
}

INLINE int zero_of(const format_t f) { return weight_bits(f) == 8 ? BYTE_ZERO : f.zero; }

// Of each row the sum of its activations in a step or half step: what the integers begin at, so that `zero` means 0, and what a
// minimum of 1 would add.
typedef struct { int32_t start[TILE]; float shift[TILE]; } offsets_t;

INLINE offsets_t offsets_of(const format_t f, const int h, const int half, const float *scales, const int32_t *sums) {
  offsets_t offsets;
  for (int m = 0; m < h; m++) {
    const int32_t total = f.halves == 2 ? sums[half * h + m] : sums[m] + sums[h + m];
    offsets.start[m] = -zero_of(f) * total;
    offsets.shift[m] = scales[m] * (float)total;
  }
  return offsets;
}

// Half step `half`, or the whole step, of h rows: integers, then one rounding into `sum`. `bits` are those of a packed step, or
// what open_weights made of them.
INLINE void accumulate(const format_t f, const bool is_open, const int h, const int vectors, vf (*sum)[MOST_VECTORS],
                       const uint8_t *bits, size_t row, const int half, const pair_t *pair, const uint8_t *tile) {
  const float *scales = (const float *)(tile + h * 32);
  vi acc[TILE][MOST_VECTORS];
  offsets_t offsets = offsets_of(f, h, half, scales, (const int32_t *)(scales + h));
  IN_MEMORY(offsets);
  UNROLL for (int m = 0; m < h; m++)
    UNROLL for (int v = 0; v < vectors; v++) acc[m][v] = zero_of(f) ? splat_int(offsets.start[m]) : (vi){0};
  multiply_rows(f, is_open, h, vectors, acc, bits, row, half, tile);
  UNROLL for (int v = 0; v < vectors; v++)
    UNROLL for (int m = 0; m < h; m++) {
      sum[m][v] = fma_v(to_float(acc[m][v]), pair[v].scale * scales[m], sum[m][v]);
      if (f.minimum) sum[m][v] = fma_v(pair[v].minimum, splat(offsets.shift[m]), sum[m][v]);
    }
}

// h rows against some vectors of output rows of a packed panel.
INLINE void stream(const weight_t type, const int h, const int vectors, float *y, size_t y_stride, start_t start,
                   const uint8_t *panel, size_t row, const uint8_t *tile, size_t k, bool is_first) {
  const format_t f = format_of(type);
  const size_t steps = f.super ? SUPER : 1, header_size = header_bytes(f), step_size = step_bytes(f);
  const bool fetches = LANES == 16 ? h > 1 && (is_first || f.minimum || f.high) : LANES == 8 && is_first && row == 0;
  vf sum[TILE][MOST_VECTORS];
  UNROLL for (int m = 0; m < h; m++)
    UNROLL for (int v = 0; v < vectors; v++) sum[m][v] = load(start.at + m * start.stride + row + v * LANES);
  for (size_t column = 0; column < k; column += 32 * steps) {
    const uint8_t *header = panel;
    panel += header_size;
    for (size_t j = 0; j < steps; j++, panel += step_size, tile += h * 44) {
      const uint8_t *bits = panel + scale_bytes(f);
      if (fetches) UNROLL for (size_t line = 0; line < step_size; line += 64) __builtin_prefetch(panel + AHEAD + line);
      pair_t pairs[2][MOST_VECTORS];
      UNROLL for (int half = 0; half < f.halves; half++)
        UNROLL for (int v = 0; v < vectors; v++) pairs[half][v] = pair_of(f, panel, header, row + v * LANES, half);
      UNROLL for (int half = 0; half < f.halves; half++) accumulate(f, false, h, vectors, sum, bits, row, half, pairs[half], tile);
    }
  }
  UNROLL for (int m = 0; m < h; m++)
    UNROLL for (int v = 0; v < vectors; v++) store(y + m * y_stride + v * LANES, sum[m][v]);
}

// What differs by type only is compiled once per type; the height of a tile is a constant in each.
#define QUANTIZED(T)                                                                                              \
  static void stream_##T(size_t h, float *y, size_t y_stride, start_t start, const uint8_t *panel,               \
                         const uint8_t *tile, size_t k, bool is_first) {                                          \
    EACH_HEIGHT(STREAM_##T)                                                                                       \
  }
#define STREAM(T, H)                                                                                              \
  case H:                                                                                                         \
    for (size_t row = 0; H <= TILE && row < PANEL_ROWS; row += LANES * STREAM_VECTORS(H))                         \
      stream(WEIGHT_##T, H <= TILE ? H : 1, STREAM_VECTORS(H), y + row, y_stride, start, panel, row, tile, k,      \
             is_first);                                                                                           \
    break;
#define STREAM_Q4_0(H) STREAM(Q4_0, H)
#define STREAM_Q4_1(H) STREAM(Q4_1, H)
#define STREAM_Q5_0(H) STREAM(Q5_0, H)
#define STREAM_Q5_1(H) STREAM(Q5_1, H)
#define STREAM_Q8_0(H) STREAM(Q8_0, H)
#define STREAM_Q2_K(H) STREAM(Q2_K, H)
#define STREAM_Q3_K(H) STREAM(Q3_K, H)
#define STREAM_Q4_K(H) STREAM(Q4_K, H)
#define STREAM_Q5_K(H) STREAM(Q5_K, H)
#define STREAM_Q6_K(H) STREAM(Q6_K, H)
#define STREAM_IQ4_NL(H) STREAM(IQ4_NL, H)
#define STREAM_IQ4_XS(H) STREAM(IQ4_XS, H)
#define STREAM_MXFP4(H) STREAM(MXFP4, H)
#define STREAM_TQ2_0(H) STREAM(TQ2_0, H)
EACH_QUANTIZED(QUANTIZED)

static void (*const streams[WEIGHT_COUNT])(size_t, float *, size_t, start_t, const uint8_t *, const uint8_t *, size_t, bool) = {
#define ENTRY(T) [WEIGHT_##T] = stream_##T,
    EACH_QUANTIZED(ENTRY)
#undef ENTRY
};

static void stream_panel(weight_t type, float *y, size_t y_stride, const void *panel, const void *tiles, size_t rows,
                         size_t k, size_t columns, start_t start) {
  const size_t row_bytes = activation_bytes(k);
  for (size_t m = 0; m < rows; m += TILE) {
    const size_t h = rows - m < TILE ? rows - m : TILE;
    WITH_WHOLE_PANEL(streams[type](h, target, target_stride, from, panel, (const uint8_t *)tiles + m * row_bytes, k, m == 0);)
  }
}
