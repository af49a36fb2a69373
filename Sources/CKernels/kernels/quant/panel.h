// One panel of 32 output rows against tiles of activations. Few rows read the packed weights as they stream by; many rows
// unpack a chunk of columns once and read it from the nearest cache. Both do the same float operations in the same order.
#pragma once
#include "tile.h"

#define SUBTILE (LANES * VECTORS)

// The four unsigned weights of group g for LANES rows; `at` is the first row's offset inside a group.
INLINE vb group_of(const format_t f, const uint8_t *bits, size_t at, const int g) {
  const vb mask = (vb){0} + (uint8_t)((1 << f.low) - 1);
  vb w = load_bytes(bits + g % f.low * 128 + at);
  if (f.low < 8) w = (w >> (uint8_t)(g / f.low * f.low)) & mask;
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
  p.scale = load_halves(halves + 2 * row);
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

INLINE int zero_of(const format_t f) { return f.low == 8 ? BYTE_ZERO : f.zero; }

INLINE int32_t read_int(const uint8_t *p) { int32_t v; memcpy(&v, p, 4); return v; }

// One half step or step (groups `first` to `last`) of h rows: integers, then one rounding into `sum`.
#define ACCUMULATE(WEIGHT, SCALE, MINIMUM)                                                                     \
  vi acc[TILE][VECTORS];                                                                                       \
  int32_t total[TILE];                                                                                         \
  UNROLL for (int m = 0; m < h; m++) {                                                                         \
    total[m] = f.halves == 2 ? sums[half * h + m] : sums[m] + sums[h + m];                                     \
    UNROLL for (int v = 0; v < VECTORS; v++) acc[m][v] = splat_int(-zero_of(f) * total[m]);                    \
  }                                                                                                            \
  UNROLL for (int g = half * 4; g < (f.halves == 2 ? half * 4 + 4 : 8); g++) {                                 \
    vb w[VECTORS];                                                                                             \
    UNROLL for (int v = 0; v < VECTORS; v++) w[v] = WEIGHT;                                                    \
    UNROLL for (int m = 0; m < h; m++) {                                                                       \
      const vi x = splat_int(read_int(tile + m * 32 + g * 4));                                                  \
      UNROLL for (int v = 0; v < VECTORS; v++)                                                                 \
        acc[m][v] = f.low == 8 ? dot4_byte(acc[m][v], w[v], x) : dot4(acc[m][v], w[v], x);                     \
    }                                                                                                          \
  }                                                                                                            \
  UNROLL for (int v = 0; v < VECTORS; v++) {                                                                   \
    const vf s = SCALE;                                                                                        \
    UNROLL for (int m = 0; m < h; m++) sum[m][v] = fma_v(to_float(acc[m][v]), s * scales[m], sum[m][v]);       \
    if (f.minimum) {                                                                                           \
      const vf low = MINIMUM;                                                                                  \
      UNROLL for (int m = 0; m < h; m++) sum[m][v] = fma_v(low, splat(scales[m] * (float)total[m]), sum[m][v]); \
    }                                                                                                          \
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
      const float *scales = (const float *)(tile + h * 32);
      const int32_t *sums = (const int32_t *)(scales + h);
      if (LANES == 16) UNROLL for (size_t line = 0; line < step_size; line += 64) __builtin_prefetch(panel + 4096 + line);
      pair_t pairs[2][VECTORS];
      UNROLL for (int half = 0; half < f.halves; half++)
        UNROLL for (int v = 0; v < VECTORS; v++) pairs[half][v] = pair_of(f, panel, header, row + v * LANES, half);
      UNROLL for (int half = 0; half < f.halves; half++) {
        ACCUMULATE(group_of(f, bits, (row + v * LANES) * 4, g), pairs[half][v].scale, pairs[half][v].minimum)
      }
    }
  }
  UNROLL for (int m = 0; m < h; m++)
    UNROLL for (int v = 0; v < VECTORS; v++) store(y + m * y_stride + v * LANES, sum[m][v]);
}

// A chunk of columns, unpacked: [steps][8 groups][32 rows][4], and floats [steps][halves][32] of scales and of minimums.
typedef struct { uint8_t *weights; float *scales, *minimums; } chunk_t;

INLINE void unpack_chunk(const weight_t type, chunk_t c, const uint8_t *panel, size_t first, size_t count) {
  const format_t f = format_of(type);
  const size_t steps = f.super ? SUPER : 1, size = header_bytes(f) + steps * step_bytes(f);
  for (size_t i = 0; i < count; i++) {
    const uint8_t *header = panel + (first + i) / steps * size;
    const uint8_t *step = header + header_bytes(f) + (first + i) % steps * step_bytes(f);
    for (int half = 0; half < f.halves; half++)
      for (size_t row = 0; row < PANEL_ROWS; row += LANES) {
        const pair_t p = pair_of(f, step, header, row, half);
        store(c.scales + (i * f.halves + half) * 32 + row, p.scale);
        if (f.minimum) store(c.minimums + (i * f.halves + half) * 32 + row, p.minimum);
      }
    UNROLL for (int g = 0; g < 8; g++)
      for (size_t at = 0; at < 128; at += 4 * LANES) {
        const vb w = group_of(f, step + scale_bytes(f), at, g);
        memcpy(c.weights + i * 1024 + g * 128 + at, &w, sizeof w);
      }
  }
}

// h rows against SUBTILE output rows of an unpacked chunk.
INLINE void multiply_chunk(const format_t f, const int h, float *y, size_t y_stride, start_t start, chunk_t c,
                           size_t row, const uint8_t *tile, size_t count) {
  vf sum[TILE][VECTORS];
  UNROLL for (int m = 0; m < h; m++)
    UNROLL for (int v = 0; v < VECTORS; v++) sum[m][v] = load(start.at + m * start.stride + row + v * LANES);
  for (size_t i = 0; i < count; i++, tile += h * 44) {
    const uint8_t *weights = c.weights + i * 1024 + row * 4;
    const float *scales = (const float *)(tile + h * 32);
    const int32_t *sums = (const int32_t *)(scales + h);
    UNROLL for (int half = 0; half < f.halves; half++) {
      const size_t at = (i * f.halves + half) * 32 + row;
      ACCUMULATE(load_bytes(weights + g * 128 + v * LANES * 4), load(c.scales + at + v * LANES),
                 load(c.minimums + at + v * LANES))
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
  }                                                                                                               \
  static void unpack_##T(chunk_t c, const uint8_t *panel, size_t first, size_t count) {                           \
    unpack_chunk(WEIGHT_##T, c, panel, first, count);                                                             \
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

// An unpacked chunk knows no type, only these four things.
#define SHAPED(NAME, LOW, HALVES, ZERO, MINIMUM)                                                                 \
  static void NAME(size_t h, float *y, size_t y_stride, start_t start, chunk_t c, const uint8_t *tile,           \
                   size_t count) {                                                                               \
    const format_t f = {LOW, 0, HALVES, ZERO, MINIMUM, false, 0};                                                \
    for (size_t row = 0; row < PANEL_ROWS; row += SUBTILE) { EACH_HEIGHT(MULTIPLY) }                             \
  }
#define MULTIPLY(H) case H: if (H <= TILE) multiply_chunk(f, H <= TILE ? H : 1, y + row, y_stride, start, c, row, tile, count); break;
SHAPED(chunk_zero_8, 4, 1, 8, false)      // Q4_0
SHAPED(chunk_zero_16, 4, 1, 16, false)    // Q5_0
SHAPED(chunk_byte, 8, 1, 128, false)      // Q8_0
SHAPED(chunk_minimum, 4, 1, 0, true)      // Q4_1, Q5_1, Q4_K, Q5_K
SHAPED(chunk_halves, 4, 2, 0, true)       // Q2_K
SHAPED(chunk_halves_4, 4, 2, 4, false)    // Q3_K
SHAPED(chunk_halves_32, 4, 2, 32, false)  // Q6_K

typedef struct {
  void (*stream)(size_t, float *, size_t, start_t, const uint8_t *, const uint8_t *, size_t);
  void (*unpack)(chunk_t, const uint8_t *, size_t, size_t);
  void (*multiply)(size_t, float *, size_t, start_t, chunk_t, const uint8_t *, size_t);
  int halves;
} quantized_t;

static const quantized_t quantized[WEIGHT_COUNT] = {
    [WEIGHT_Q4_0] = {stream_Q4_0, unpack_Q4_0, chunk_zero_8, 1},
    [WEIGHT_Q4_1] = {stream_Q4_1, unpack_Q4_1, chunk_minimum, 1},
    [WEIGHT_Q5_0] = {stream_Q5_0, unpack_Q5_0, chunk_zero_16, 1},
    [WEIGHT_Q5_1] = {stream_Q5_1, unpack_Q5_1, chunk_minimum, 1},
    [WEIGHT_Q8_0] = {stream_Q8_0, unpack_Q8_0, chunk_byte, 1},
    [WEIGHT_Q2_K] = {stream_Q2_K, unpack_Q2_K, chunk_halves, 2},
    [WEIGHT_Q3_K] = {stream_Q3_K, unpack_Q3_K, chunk_halves_4, 2},
    [WEIGHT_Q4_K] = {stream_Q4_K, unpack_Q4_K, chunk_minimum, 1},
    [WEIGHT_Q5_K] = {stream_Q5_K, unpack_Q5_K, chunk_minimum, 1},
    [WEIGHT_Q6_K] = {stream_Q6_K, unpack_Q6_K, chunk_halves_32, 2},
};

static void panel_quantized(weight_t type, float *y, size_t y_stride, const void *panel, const void *tiles, size_t rows,
                            size_t k, size_t columns, const float *bias, void *scratch) {
  const quantized_t *q = &quantized[type];
  const size_t row_bytes = activation_bytes(k);
  start_t start = start_of(bias);
  if (rows <= 2 * TILE) {
    for (size_t m = 0; m < rows; m += TILE) {
      const size_t h = rows - m < TILE ? rows - m : TILE;
      WITH_WHOLE_PANEL(q->stream(h, target, target_stride, from, panel, (const uint8_t *)tiles + m * row_bytes, k);)
    }
    return;
  }
  chunk_t c = {.weights = scratch, .scales = (float *)((uint8_t *)scratch + PANEL_CHUNK * 32)};
  c.minimums = c.scales + PANEL_CHUNK / 32 * q->halves * 32;
  const size_t steps = k / 32, chunks = (steps * 32 + PANEL_CHUNK - 1) / PANEL_CHUNK;
  for (size_t chunk = 0; chunk < chunks; chunk++) {
    const size_t first = steps * chunk / chunks, count = steps * (chunk + 1) / chunks - first;
    q->unpack(c, panel, first, count);
    for (size_t m = 0; m < rows; m += TILE) {
      const size_t h = rows - m < TILE ? rows - m : TILE;
      const uint8_t *tile = (const uint8_t *)tiles + m * row_bytes + first * h * 44;
      WITH_WHOLE_PANEL(q->multiply(h, target, target_stride, from, c, tile, count);)
    }
    start = (start_t){y, y_stride};
  }
}
