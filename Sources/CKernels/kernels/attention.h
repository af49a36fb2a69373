// Attention of query heads, of one row or several, over the blocks of one key-value head, with the running softmax of
// Milakov & Gimelshein 2018: spans of 64 positions, each at a multiple of 64, so that a head's sums never depend on others.
#pragma once
#include "vector.h"

enum { SPAN = ATTENTION_SPAN, SPAN_BLOCKS = SPAN / CACHE_BLOCK, MOST_HEADS = 6, BLOCK_VECTORS = CACHE_BLOCK / LANES };
enum { WIDE = LANES == 16 ? 4 : 2 };  // vectors of values at once: 6 heads fill the registers

INLINE const uint8_t *cache_keys(const cache_head_t *c, size_t position) {
  return c->base + (size_t)c->blocks[position / CACHE_BLOCK] * c->block_bytes;
}
INLINE const uint8_t *cache_values(const cache_head_t *c, size_t position) {
  return cache_keys(c, position) + c->width * CACHE_BLOCK * 2;
}

static void cache_store(void *block, const float *key, const float *value, size_t position, size_t width) {
  uint16_t *keys = block, *values = keys + width * CACHE_BLOCK;
  const size_t slot = position % CACHE_BLOCK;
  for (size_t i = 0; i < width; i++) {
    keys[i * CACHE_BLOCK + slot] = to_half(key[i]);
    values[slot * width + i] = to_half(value[i]);
  }
}

// Scores of `heads` queries against `blocks` whole blocks, the first at `position`.
INLINE void score(const int heads, const int blocks, float (*scores)[SPAN], const float *q, const cache_head_t *c,
                  size_t position) {
  vf sum[MOST_HEADS][SPAN_BLOCKS][BLOCK_VECTORS];
  const uint8_t *keys[SPAN_BLOCKS];
  UNROLL for (int b = 0; b < blocks; b++) {
    keys[b] = cache_keys(c, position + b * CACHE_BLOCK);
    UNROLL for (int h = 0; h < heads; h++) UNROLL for (int v = 0; v < BLOCK_VECTORS; v++) sum[h][b][v] = splat(0);
  }
  for (size_t i = 0; i < c->width; i++)
    UNROLL for (int b = 0; b < blocks; b++) UNROLL for (int v = 0; v < BLOCK_VECTORS; v++) {
      const vf k = load_halves(keys[b] + (i * CACHE_BLOCK + v * LANES) * 2);
      UNROLL for (int h = 0; h < heads; h++) sum[h][b][v] = fma_v(k, splat(q[h * c->width + i]), sum[h][b][v]);
    }
  UNROLL for (int h = 0; h < heads; h++) UNROLL for (int b = 0; b < blocks; b++)
    UNROLL for (int v = 0; v < BLOCK_VECTORS; v++)
      store(&scores[h][position % SPAN + b * CACHE_BLOCK + v * LANES], sum[h][b][v]);
}

INLINE vf capped(vf x, float softcap) {  // softcap * tanh(x / softcap)
  return softcap * (1.0f - 2.0f / (exp_v(x * (2.0f / softcap)) + 1.0f));
}

// Turns the scores of positions [low, high) of a span into weights; returns what earlier values must be scaled by.
INLINE float soften(float *scores, size_t low, size_t high, float softcap, float *maximum, float *sum) {
  vf largest = splat(*maximum);
  for (size_t i = 0; i < SPAN; i++)
    if (i < low || i >= high) scores[i] = -INFINITY;
  for (size_t i = 0; i < SPAN; i += LANES) {
    vf s = load(scores + i);
    if (softcap > 0) {
      s = choose(s == -INFINITY, s, capped(s, softcap));
      store(scores + i, s);
    }
    largest = larger(s, largest);
  }
  const float peak = reduce_max(largest);
  vf total = {0};
  for (size_t i = 0; i < SPAN; i += LANES) {
    const vf p = exp_v(load(scores + i) - peak);
    store(scores + i, p);
    total += p;
  }
  const float correction = *maximum == -INFINITY ? 0 : exp_v(splat(*maximum - peak))[0];
  *sum = *sum * correction + reduce_add(total);
  *maximum = peak;
  return correction;
}

// values[h] = values[h] * correction[h] + sum of weights[h][j] * value[j], for `vectors` vectors of coordinates from `at`.
INLINE void weigh(const int heads, const int vectors, float *values, size_t stride, size_t at, float (*weights)[SPAN],
                  const float *correction, const cache_head_t *c, size_t from, size_t to) {
  vf sum[MOST_HEADS][WIDE];
  UNROLL for (int h = 0; h < heads; h++) UNROLL for (int v = 0; v < vectors; v++)
    sum[h][v] = load(values + h * stride + at + v * LANES) * correction[h];
  for (size_t j = from; j < to;) {
    const uint8_t *block = cache_values(c, j);
    const size_t end = (j / CACHE_BLOCK + 1) * CACHE_BLOCK < to ? (j / CACHE_BLOCK + 1) * CACHE_BLOCK : to;
    for (; j < end; j++)
      UNROLL for (int v = 0; v < vectors; v++) {
        const vf x = load_halves(block + (j % CACHE_BLOCK * c->width + at + v * LANES) * 2);
        UNROLL for (int h = 0; h < heads; h++) sum[h][v] = fma_v(x, splat(weights[h][j % SPAN]), sum[h][v]);
      }
  }
  UNROLL for (int h = 0; h < heads; h++) UNROLL for (int v = 0; v < vectors; v++)
    store(values + h * stride + at + v * LANES, sum[h][v]);
}

INLINE void attend(const int heads, float *partial, const float *q, const cache_head_t *c, size_t from, size_t to,
                   float softcap) {
  const size_t width = c->width, stride = width + 2;
  float scores[MOST_HEADS][SPAN], correction[MOST_HEADS];
  for (size_t span = from / SPAN * SPAN; span < to; span += SPAN) {
    const size_t low = from > span ? from : span, high = to < span + SPAN ? to : span + SPAN;
    if (LANES == 16 && low == span && high == span + SPAN) {
      score(heads, SPAN_BLOCKS, scores, q, c, span);
    } else {
      for (size_t block = low / CACHE_BLOCK * CACHE_BLOCK; block < high; block += CACHE_BLOCK) score(heads, 1, scores, q, c, block);
    }
    for (int h = 0; h < heads; h++) {
      float *state = partial + h * stride + width;
      correction[h] = soften(scores[h], low - span, high - span, softcap, state, state + 1);
    }
    size_t at = 0;
    for (; at + WIDE * LANES <= width; at += WIDE * LANES)
      weigh(heads, WIDE, partial, stride, at, scores, correction, c, low, high);
    for (; at < width; at += LANES) weigh(heads, 1, partial, stride, at, scores, correction, c, low, high);
  }
}

static void attend_begin(float *partial, size_t heads, size_t width) {
  for (; heads; heads--, partial += width + 2) {
    memset(partial, 0, width * 4);
    partial[width] = -INFINITY, partial[width + 1] = 0;
  }
}

#define ATTEND(H) case H: attend(H, partial, q, cache, from, to, softcap); break;

static void attend_part(float *partial, const float *q, const cache_head_t *cache, size_t from, size_t to, size_t heads,
                        float softcap) {
  while (heads) {
    const size_t h = heads < MOST_HEADS ? heads : MOST_HEADS;
    EACH_HEIGHT(ATTEND)
    partial += h * (cache->width + 2), q += h * cache->width, heads -= h;
  }
}

static void attend_merge(float *partial, const float *later, size_t heads, size_t width) {
  for (; heads; heads--, partial += width + 2, later += width + 2) {
    const float maximum = partial[width] > later[width] ? partial[width] : later[width];
    const float a = exp_v(splat(partial[width] - maximum))[0], b = exp_v(splat(later[width] - maximum))[0];
    for (size_t i = 0; i < width; i += LANES) store(partial + i, load(partial + i) * a + load(later + i) * b);
    partial[width] = maximum;
    partial[width + 1] = partial[width + 1] * a + later[width + 1] * b;
  }
}

static void attend_finish(float *out, const float *partial, size_t heads, size_t width) {
  for (; heads; heads--, partial += width + 2, out += width) {
    const float inverse = 1.0f / partial[width + 1];
    for (size_t i = 0; i < width; i += LANES) store(out + i, load(partial + i) * inverse);
  }
}
