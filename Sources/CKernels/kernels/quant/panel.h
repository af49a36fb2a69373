// One panel of 32 output rows against tiles of activations, for any number of rows: the first tile reads the packed weights
// as they stream by, later ones find them in the nearest caches. Unpacking them for many rows once and for all costs more
// than it saves: the vector units that take bits apart are not those that multiply.
#pragma once
#include "tile.h"

#define SUBTILE (LANES * VECTORS)

// The four unsigned weights of group g for LANES rows; `at` is the first row's offset inside a group.
INLINE vb group_of(const format_t f, const uint8_t *bits, size_t at, const int g) {
  const vb mask = (vb){0} + (uint8_t)((1 << f.low) - 1);
  vb w = load_bytes(bits + g % f.low * 128 + at);
  if (f.low < 8) w = (w >> (uint8_t)(g / f.low * f.low)) & mask;
  if (f.book) return look_up(books[f.book], w);
  if (f.high == 0) return w;
  const uint8_t *high = bits + f.low * 128;
  const int bit = f.high == 1 ? g : 2 * (g % 4);
  const vb h = load_bytes(high + (f.high == 2 ? g / 4 * 128 : 0) + at);
  const vb high_mask = (vb){0} + (uint8_t)(((1 << f.high) - 1) << f.low);
  return w | ((bit < f.low ? h << (uint8_t)(f.low - bit) : h >> (uint8_t)(bit - f.low)) & high_mask);
}

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

// How many groups' sums of two products fit 16 bits together, where the machine makes those first and activations are at most
// 127; 1 where it adds four products at once.
INLINE int groups_together(const format_t f) {
  const int bits = PAIRS_FIRST ? weight_bits(f) : 8;
  return bits == 8 ? 1 : bits == 6 ? 2 : bits == 5 ? 4 : 8;
}

INLINE int zero_of(const format_t f) { return weight_bits(f) == 8 ? BYTE_ZERO : f.zero; }

INLINE int32_t read_int(const uint8_t *p) { int32_t v; memcpy(&v, p, 4); return v; }

// Half step `half`, or the whole step, of h rows: integers, then one rounding into `sum`.
INLINE void accumulate(const format_t f, const int h, vf (*sum)[VECTORS], const uint8_t *bits, size_t row, const int half,
                       const pair_t *pair, const uint8_t *tile) {
  const float *scales = (const float *)(tile + h * 32);
  const int32_t *sums = (const int32_t *)(scales + h);
  vi acc[TILE][VECTORS];
  int32_t total[TILE];
  UNROLL for (int m = 0; m < h; m++) {
    total[m] = f.halves == 2 ? sums[half * h + m] : sums[m] + sums[h + m];
    UNROLL for (int v = 0; v < VECTORS; v++) acc[m][v] = splat_int(-zero_of(f) * total[m]);
  }
  const int end = f.halves == 2 ? half * 4 + 4 : 8, together = groups_together(f);
  UNROLL for (int first = half * 4; first < end; first += together) {
    vp pairs[TILE][VECTORS];
    UNROLL for (int g = first; g < first + together && g < end; g++) {
      vb w[VECTORS];
      UNROLL for (int v = 0; v < VECTORS; v++) w[v] = group_of(f, bits, (row + v * LANES) * 4, g);
      UNROLL for (int m = 0; m < h; m++) {
        const vi x = splat_int(read_int(tile + m * 32 + g * 4));
        UNROLL for (int v = 0; v < VECTORS; v++) {
          if (together > 1) pairs[m][v] = g == first ? dot2(w[v], x) : pairs[m][v] + dot2(w[v], x);
          else acc[m][v] = weight_bits(f) == 8 ? dot4_byte(acc[m][v], w[v], x) : dot4(acc[m][v], w[v], x);
        }
      }
    }
    if (together > 1)
      UNROLL for (int m = 0; m < h; m++)
        UNROLL for (int v = 0; v < VECTORS; v++) acc[m][v] += join_pairs(pairs[m][v]);
  }
  UNROLL for (int v = 0; v < VECTORS; v++)
    UNROLL for (int m = 0; m < h; m++) {
      sum[m][v] = fma_v(to_float(acc[m][v]), pair[v].scale * scales[m], sum[m][v]);
      if (f.minimum) sum[m][v] = fma_v(pair[v].minimum, splat(scales[m] * (float)total[m]), sum[m][v]);
    }
}

// h rows against SUBTILE output rows of a packed panel.
INLINE void stream(const weight_t type, const int h, float *y, size_t y_stride, start_t start, const uint8_t *panel,
                   size_t row, const uint8_t *tile, size_t k) {
  const format_t f = format_of(type);
  const size_t steps = f.super ? SUPER : 1, header_size = header_bytes(f), step_size = step_bytes(f);
  vf sum[TILE][VECTORS];
  UNROLL for (int m = 0; m < h; m++)
    UNROLL for (int v = 0; v < VECTORS; v++) sum[m][v] = load(start.at + m * start.stride + row + v * LANES);
  for (size_t column = 0; column < k; column += 32 * steps) {
    const uint8_t *header = panel;
    panel += header_size;
    for (size_t j = 0; j < steps; j++, panel += step_size, tile += h * 44) {
      const uint8_t *bits = panel + scale_bytes(f);
      if (LANES == 16 && h > 1) UNROLL for (size_t line = 0; line < step_size; line += 64) __builtin_prefetch(panel + 4096 + line);
      pair_t pairs[2][VECTORS];
      UNROLL for (int half = 0; half < f.halves; half++)
        UNROLL for (int v = 0; v < VECTORS; v++) pairs[half][v] = pair_of(f, panel, header, row + v * LANES, half);
      UNROLL for (int half = 0; half < f.halves; half++) accumulate(f, h, sum, bits, row, half, pairs[half], tile);
    }
  }
  UNROLL for (int m = 0; m < h; m++)
    UNROLL for (int v = 0; v < VECTORS; v++) store(y + m * y_stride + v * LANES, sum[m][v]);
}

// What differs by type only is compiled once per type; the height of a tile is a constant in each.
#define QUANTIZED(T)                                                                                              \
  static void stream_##T(size_t h, float *y, size_t y_stride, start_t start, const uint8_t *panel,               \
                         const uint8_t *tile, size_t k) {                                                         \
    for (size_t row = 0; row < PANEL_ROWS; row += SUBTILE) {                                                      \
      EACH_HEIGHT(STREAM_##T)                                                                                     \
    }                                                                                                             \
  }
#define STREAM(T, H) case H: if (H <= TILE) stream(WEIGHT_##T, H <= TILE ? H : 1, y + row, y_stride, start, panel, row, tile, k); break;
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
QUANTIZED(Q4_0)
QUANTIZED(Q4_1)
QUANTIZED(Q5_0)
QUANTIZED(Q5_1)
QUANTIZED(Q8_0)
QUANTIZED(Q2_K)
QUANTIZED(Q3_K)
QUANTIZED(Q4_K)
QUANTIZED(Q5_K)
QUANTIZED(Q6_K)
QUANTIZED(IQ4_NL)
QUANTIZED(IQ4_XS)
QUANTIZED(MXFP4)
QUANTIZED(TQ2_0)

static void (*const streams[WEIGHT_COUNT])(size_t, float *, size_t, start_t, const uint8_t *, const uint8_t *, size_t) = {
    [WEIGHT_Q4_0] = stream_Q4_0, [WEIGHT_Q4_1] = stream_Q4_1, [WEIGHT_Q5_0] = stream_Q5_0, [WEIGHT_Q5_1] = stream_Q5_1,
    [WEIGHT_Q8_0] = stream_Q8_0, [WEIGHT_Q2_K] = stream_Q2_K, [WEIGHT_Q3_K] = stream_Q3_K, [WEIGHT_Q4_K] = stream_Q4_K,
    [WEIGHT_Q5_K] = stream_Q5_K, [WEIGHT_Q6_K] = stream_Q6_K, [WEIGHT_IQ4_NL] = stream_IQ4_NL,
    [WEIGHT_IQ4_XS] = stream_IQ4_XS, [WEIGHT_MXFP4] = stream_MXFP4, [WEIGHT_TQ2_0] = stream_TQ2_0,
};

static void panel_quantized(weight_t type, float *y, size_t y_stride, const void *panel, const void *tiles, size_t rows,
                            size_t k, size_t columns, const float *bias) {
  const size_t row_bytes = activation_bytes(k);
  const start_t start = start_of(bias);
  for (size_t m = 0; m < rows; m += TILE) {
    const size_t h = rows - m < TILE ? rows - m : TILE;
    WITH_WHOLE_PANEL(streams[type](h, target, target_stride, from, panel, (const uint8_t *)tiles + m * row_bytes, k);)
  }
}
