// A span of 64 positions, whatever the cache keeps: where its blocks lie, and one step of the running softmax of Milakov &
// Gimelshein 2018.
#pragma once
#include "vector.h"

enum { SPAN = ATTENTION_SPAN, SPAN_BLOCKS = SPAN / CACHE_BLOCK, MOST_HEADS = 6, BLOCK_VECTORS = CACHE_BLOCK / LANES };
enum { CORRECTIONS = 16 };  // one for each head, and whole vectors of them
enum { WIDE = LANES == 16 ? 4 : 2 };  // vectors of values at once: 6 heads fill the registers

INLINE const uint8_t *cache_block(const cache_head_t *c, size_t position) {
  return c->base + (size_t)c->blocks[position / CACHE_BLOCK] * c->block_bytes;
}

// The end of `position`'s block, or `to` if that comes first.
INLINE size_t block_end(size_t position, size_t to) {
  const size_t end = (position / CACHE_BLOCK + 1) * CACHE_BLOCK;
  return end < to ? end : to;
}

INLINE vf capped(vf x, float softcap) {  // softcap * tanh(x / softcap)
  return softcap * (1.0f - 2.0f / (exp_v(x * (2.0f / softcap)) + 1.0f));
}

// Positions that a row does not see have no score.
INLINE void hide(float *scores, size_t low, size_t high) {
  for (size_t i = 0; i < low; i++) scores[i] = -INFINITY;
  for (size_t i = high; i < SPAN; i++) scores[i] = -INFINITY;
}

INLINE void cap(float *scores, float softcap) {
  for (size_t i = 0; i < SPAN; i += LANES) {
    const vf s = load(scores + i);
    store(scores + i, choose(s == -INFINITY, s, capped(s, softcap)));
  }
}

// Turns the scores of positions [low, high) of a span into weights, for each head: `states` has its maximum and its sum, one head's
// `stride` after another's. `correction` is what earlier values must be scaled by. Heads wait for each other's maxima, not for each
// other's weights, so that none of the long sums of one stands in the way of the next.
INLINE void soften(const int heads, float (*scores)[SPAN], size_t low, size_t high, float softcap, float *states, size_t stride,
                   float *correction) {
  float before[CORRECTIONS] = {0}, peaks[CORRECTIONS] = {0};
  for (int h = 0; h < heads; h++) {
    if (low > 0 || high < SPAN) hide(scores[h], low, high);
    if (softcap > 0) cap(scores[h], softcap);
    vf largest = splat(before[h] = states[h * stride]);
    UNROLL for (size_t i = 0; i < SPAN; i += LANES) largest = larger(load(scores[h] + i), largest);
    states[h * stride] = peaks[h] = reduce_max(largest);
  }
  for (int h = 0; h < heads; h += LANES) {
    const vf old = load(before + h);
    store(correction + h, choose(old == -INFINITY, splat(0), exp_below(old - load(peaks + h))));
  }
  for (int h = 0; h < heads; h++) {
    vf total = {0};
    UNROLL for (size_t i = 0; i < SPAN; i += LANES) {
      const vf p = exp_below(load(scores[h] + i) - peaks[h]);
      store(scores[h] + i, p);
      total += p;
    }
    float *sum = states + h * stride + 1;
    *sum = *sum * correction[h] + reduce_add(total);
  }
}
