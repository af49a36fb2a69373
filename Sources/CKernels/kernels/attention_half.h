// Keys and values as halves: how a block keeps, scores and weighs them. A block is keys as [width][16], values as [16][width].
#pragma once
#include "attention_span.h"

INLINE const uint8_t *half_values(const cache_head_t *c, size_t position) {
  return cache_block(c, position) + c->width * CACHE_BLOCK * 2;
}

static void store_halves(void *block, const float *key, const float *value, size_t position, size_t width) {
  uint16_t *keys = block, *values = keys + width * CACHE_BLOCK;
  const size_t slot = position % CACHE_BLOCK;
  for (size_t i = 0; i < width; i++) {
    keys[i * CACHE_BLOCK + slot] = to_half(key[i]);
    values[slot * width + i] = to_half(value[i]);
  }
}

// Scores of `heads` queries against `blocks` whole blocks, the first at `position`.
INLINE void score_halves(const int heads, const int blocks, float (*scores)[SPAN], const float *q, const cache_head_t *c,
                         size_t position) {
  vf sum[MOST_HEADS][SPAN_BLOCKS][BLOCK_VECTORS];
  const uint8_t *keys[SPAN_BLOCKS];
  UNROLL for (int b = 0; b < blocks; b++) {
    keys[b] = cache_block(c, position + b * CACHE_BLOCK);
    UNROLL for (int h = 0; h < heads; h++) UNROLL for (int v = 0; v < BLOCK_VECTORS; v++) sum[h][b][v] = splat(0);
  }
  for (size_t i = 0; i < c->width; i++) {
    vf k[SPAN_BLOCKS][BLOCK_VECTORS];
    UNROLL for (int b = 0; b < blocks; b++) UNROLL for (int v = 0; v < BLOCK_VECTORS; v++)
      k[b][v] = load_halves(keys[b] + (i * CACHE_BLOCK + v * LANES) * 2);
    UNROLL for (int h = 0; h < heads; h++) {
      const vf x = splat(q[h * c->width + i]);
      UNROLL for (int b = 0; b < blocks; b++) UNROLL for (int v = 0; v < BLOCK_VECTORS; v++) {
        sum[h][b][v] = fma_v(k[b][v], x, sum[h][b][v]);
        if (heads > 3) IN_ORDER(sum[h][b][v]);
      }
    }
  }
  UNROLL for (int h = 0; h < heads; h++) UNROLL for (int b = 0; b < blocks; b++)
    UNROLL for (int v = 0; v < BLOCK_VECTORS; v++)
      store(&scores[h][position % SPAN + b * CACHE_BLOCK + v * LANES], sum[h][b][v]);
}

// `vectors` vectors of coordinates from `at` on.
INLINE void weigh_vectors(const int heads, const int vectors, float *values, size_t at, float (*weights)[SPAN],
                          const float *correction, const cache_head_t *c, size_t from, size_t to) {
  const size_t stride = c->width + 2;
  vf sum[MOST_HEADS][WIDE];
  UNROLL for (int h = 0; h < heads; h++) UNROLL for (int v = 0; v < vectors; v++)
    sum[h][v] = load(values + h * stride + at + v * LANES) * correction[h];
  for (size_t j = from; j < to;) {
    const uint8_t *block = half_values(c, j);
    const size_t end = block_end(j, to);
    for (; j < end; j++) {
      vf x[WIDE];
      UNROLL for (int v = 0; v < vectors; v++) x[v] = load_halves(block + (j % CACHE_BLOCK * c->width + at + v * LANES) * 2);
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
INLINE void weigh_halves(const int heads, float *values, float (*weights)[SPAN], const float *correction,
                         const cache_head_t *c, size_t from, size_t to) {
  size_t at = 0;
  for (; at + WIDE * LANES <= c->width; at += WIDE * LANES)
    weigh_vectors(heads, WIDE, values, at, weights, correction, c, from, to);
  for (; at < c->width; at += LANES) weigh_vectors(heads, 1, values, at, weights, correction, c, from, to);
}
