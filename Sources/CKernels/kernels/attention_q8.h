// Keys and values as Q8_0: int8 with a half as the scale of each group of 32 coordinates (the last may have 16). A block is
//
//   keys [width / 4][16][4] | their scales [groups][16] | values [16][width] | their scales [groups][16]
//
// so that a register holds four coordinates of several positions, as dot4_byte wants them; keys are kept 128 too large for
// its sake, and turned first. Queries are turned and quantised in the same way, once a call.
#pragma once
#include "attention_span.h"
#include "quant/tile.h"

enum { GROUP = 32, MOST_GROUPS = ATTENTION_MOST_WIDTH / GROUP };
enum { GROUP_WIDE = WIDE * LANES < GROUP ? WIDE : GROUP / LANES };  // vectors of one group's values at once

typedef struct {
  uint8_t bytes[MOST_HEADS][ATTENTION_MOST_WIDTH];
  float scales[MOST_HEADS][MOST_GROUPS];
  int32_t sums[MOST_HEADS][MOST_GROUPS];
} q8_queries_t;

INLINE size_t group_count(size_t width) { return (width + GROUP - 1) / GROUP; }
INLINE size_t group_size(size_t width, size_t at) { return width - at < GROUP ? width - at : GROUP; }
// Bytes of a block's keys or of its values, scales included.
INLINE size_t q8_bytes(size_t width) { return CACHE_BLOCK * (width + group_count(width) * 2); }

// Quantises `size` values, 16 or 32, to 32 bytes; returns the sum of these.
INLINE int32_t quantize_group(uint8_t *bytes, float *scale, const float *x, size_t size) {
  float group[GROUP] = {0};
  int32_t sum, later;
  memcpy(group, x, size * 4);
  quantize_32(bytes, scale, &sum, &later, group);
  return sum + later;
}

// x = H x, H the Hadamard matrix of n, a power of two: n passes that leave the sum and the difference of neighbours in each
// half (Pease 1968). Keys and queries are both turned by it, which leaves their products as they are, n times as large, and
// spreads what a few coordinates have too much of over all of them (Ashkboos et al. 2024).
INLINE void turn(float *x, size_t n) {
  float y[ATTENTION_MOST_WIDTH];
  for (size_t pass = 1; pass < n; pass *= 2) {
    for (size_t i = 0; i < n / 2; i++) y[i] = x[2 * i] + x[2 * i + 1], y[i + n / 2] = x[2 * i] - x[2 * i + 1];
    memcpy(x, y, n * 4);
  }
}

// The stretches of a width that are turned: the largest power of two that divides it.
INLINE size_t stretch_of(size_t width) { return width & -width; }

// y = x, turned stretch by stretch.
INLINE void turn_all(float *y, const float *x, size_t width) {
  const size_t stretch = stretch_of(width);
  memcpy(y, x, width * 4);
  for (size_t at = 0; at < width; at += stretch) turn(y + at, stretch);
}

static void store_q8(void *block, const float *key, const float *value, size_t position, size_t width) {
  uint8_t *keys = block, *values = keys + q8_bytes(width), bytes[GROUP];
  float turned[ATTENTION_MOST_WIDTH];
  turn_all(turned, key, width);
  uint16_t *key_scales = (uint16_t *)(keys + CACHE_BLOCK * width);
  uint16_t *value_scales = (uint16_t *)(values + CACHE_BLOCK * width);
  const size_t slot = position % CACHE_BLOCK;
  for (size_t at = 0; at < width; at += GROUP) {
    const size_t size = group_size(width, at), scale_at = at / GROUP * CACHE_BLOCK + slot;
    float scale;
    quantize_group(bytes, &scale, turned + at, size);
    key_scales[scale_at] = to_half(scale);
    for (size_t i = 0; i < size; i++) keys[((at + i) / 4 * CACHE_BLOCK + slot) * 4 + i % 4] = bytes[i] ^ 0x80;
    quantize_group(bytes, &scale, value + at, size);
    value_scales[scale_at] = to_half(scale);
    memcpy(values + slot * width + at, bytes, size);
  }
}

INLINE void quantize_queries(q8_queries_t *y, const float *q, size_t heads, size_t width) {
  float turned[ATTENTION_MOST_WIDTH];
  for (size_t h = 0; h < heads; h++, q += width) {
    turn_all(turned, q, width);
    for (size_t at = 0; at < width; at += GROUP) {
      float *scale = &y->scales[h][at / GROUP];
      y->sums[h][at / GROUP] = quantize_group(y->bytes[h] + at, scale, turned + at, group_size(width, at));
      *scale /= (float)stretch_of(width);
    }
  }
}

// The products of one group, from coordinate `at` on; in each lane there is a position.
INLINE void multiply_group(const int heads, const int blocks, vi (*sum)[SPAN_BLOCKS][BLOCK_VECTORS], const q8_queries_t *q,
                           const uint8_t *const *keys, size_t at, size_t size) {
  UNROLL for (int h = 0; h < heads; h++) UNROLL for (int b = 0; b < blocks; b++)
    UNROLL for (int v = 0; v < BLOCK_VECTORS; v++) sum[h][b][v] = splat_int(-BYTE_ZERO * q->sums[h][at / GROUP]);
  for (size_t i = at; i < at + size; i += 4)
    UNROLL for (int b = 0; b < blocks; b++) UNROLL for (int v = 0; v < BLOCK_VECTORS; v++) {
      const vb k = load_bytes(keys[b] + (i / 4 * CACHE_BLOCK + v * LANES) * 4);
      UNROLL for (int h = 0; h < heads; h++) {
        int32_t four;
        memcpy(&four, q->bytes[h] + i, sizeof four);
        sum[h][b][v] = dot4_byte(sum[h][b][v], k, splat_int(four));
        if (heads > 3) IN_ORDER(sum[h][b][v]);
      }
    }
}

// Scores of `heads` queries against `blocks` whole blocks, the first at `position`.
INLINE void score_q8(const int heads, const int blocks, float (*scores)[SPAN], const q8_queries_t *q, const cache_head_t *c,
                     size_t position) {
  const uint8_t *keys[SPAN_BLOCKS];
  UNROLL for (int b = 0; b < blocks; b++) keys[b] = cache_block(c, position + b * CACHE_BLOCK);
  for (size_t at = 0; at < c->width; at += GROUP) {
    vi sum[MOST_HEADS][SPAN_BLOCKS][BLOCK_VECTORS];
    multiply_group(heads, blocks, sum, q, keys, at, group_size(c->width, at));
    UNROLL for (int b = 0; b < blocks; b++) UNROLL for (int v = 0; v < BLOCK_VECTORS; v++) {
      const vf scale = load_halves(keys[b] + (c->width + at / GROUP * 2) * CACHE_BLOCK + v * LANES * 2);
      UNROLL for (int h = 0; h < heads; h++) {
        float *score = &scores[h][position % SPAN + b * CACHE_BLOCK + v * LANES];
        const vf before = at ? load(score) : splat(0);
        store(score, fma_v(to_float(sum[h][b][v]), scale * q->scales[h][at / GROUP], before));
      }
    }
  }
}

// scaled = the weights of positions `from` to `to` times the scales of their values.
INLINE void scale_weights(const int heads, float (*scaled)[SPAN], float (*weights)[SPAN], const cache_head_t *c, size_t at,
                          size_t from, size_t to) {
  for (size_t j = from / CACHE_BLOCK * CACHE_BLOCK; j < to; j += CACHE_BLOCK) {
    const uint8_t *scales = cache_block(c, j) + q8_bytes(c->width) + (c->width + at / GROUP * 2) * CACHE_BLOCK;
    UNROLL for (int v = 0; v < BLOCK_VECTORS; v++) {
      const vf scale = load_halves(scales + v * LANES * 2);
      UNROLL for (int h = 0; h < heads; h++) {
        const size_t slot = j % SPAN + v * LANES;
        store(scaled[h] + slot, load(weights[h] + slot) * scale);
      }
    }
  }
}

// `vectors` vectors of one group's coordinates from `at` on.
INLINE void weigh_group(const int heads, const int vectors, float *values, size_t at, float (*weights)[SPAN],
                        const float *correction, const cache_head_t *c, size_t from, size_t to) {
  const size_t stride = c->width + 2;
  vf sum[MOST_HEADS][WIDE];
  UNROLL for (int h = 0; h < heads; h++) UNROLL for (int v = 0; v < vectors; v++)
    sum[h][v] = load(values + h * stride + at + v * LANES) * correction[h];
  for (size_t j = from; j < to;) {
    const uint8_t *block = cache_block(c, j) + q8_bytes(c->width);
    const size_t end = block_end(j, to);
    for (; j < end; j++) {
      vf x[WIDE];
      UNROLL for (int v = 0; v < vectors; v++) x[v] = load_signed_factors(block + j % CACHE_BLOCK * c->width + at + v * LANES);
      UNROLL for (int h = 0; h < heads; h++) {
        const vf weight = splat(weights[h][j % SPAN]);
        UNROLL for (int v = 0; v < vectors; v++) {
          sum[h][v] = fma_v(x[v], weight, sum[h][v]);
          if (heads > 3) IN_ORDER(sum[h][v]);
        }
      }
    }
  }
  UNROLL for (int h = 0; h < heads; h++) UNROLL for (int v = 0; v < vectors; v++)
    store(values + h * stride + at + v * LANES, sum[h][v]);
}

// values[h] = values[h] * correction[h] + sum of weights[h][j] * value[j], for positions `from` to `to` of one span.
INLINE void weigh_q8(const int heads, float *values, float (*weights)[SPAN], const float *correction, const cache_head_t *c,
                     size_t from, size_t to) {
  for (size_t group = 0; group < c->width; group += GROUP) {
    float scaled[MOST_HEADS][SPAN];
    const size_t end = group + group_size(c->width, group);
    size_t at = group;
    scale_weights(heads, scaled, weights, c, group, from, to);
    for (; at + GROUP_WIDE * LANES <= end; at += GROUP_WIDE * LANES)
      weigh_group(heads, GROUP_WIDE, values, at, scaled, correction, c, from, to);
    for (; at < end; at += LANES) weigh_group(heads, 1, values, at, scaled, correction, c, from, to);
  }
}
