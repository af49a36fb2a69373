// A span of 64 positions, whatever the cache keeps: where its blocks lie, and one step of the running softmax of Milakov &
// Gimelshein 2018.
#pragma once
#include "vector.h"

enum { SPAN = ATTENTION_SPAN, SPAN_BLOCKS = SPAN / CACHE_BLOCK, MOST_HEADS = 6, BLOCK_VECTORS = CACHE_BLOCK / LANES };
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
