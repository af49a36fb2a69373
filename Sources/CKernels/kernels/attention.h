// Attention of query heads, of one row or several, over the blocks of one key-value head: spans of 64 positions, each at a
// multiple of 64, so that a head's sums never depend on others.
#pragma once
#include "attention_half.h"
#include "attention_q8.h"

static void cache_store(cache_type_t type, void *block, const float *key, const float *value, size_t position,
                        size_t width) {
  (type == CACHE_Q8_0 ? store_q8 : store_halves)(block, key, value, position, width);
}

// What scores are made with; `quantized` is there for Q8_0 only.
typedef struct {
  const float *plain;
  const q8_queries_t *quantized;
} queries_t;

INLINE void score(const cache_type_t type, const int heads, const int blocks, float (*scores)[SPAN], queries_t q,
                  const cache_head_t *c, size_t position) {
  if (type == CACHE_Q8_0) score_q8(heads, blocks, scores, q.quantized, c, position);
  else score_halves(heads, blocks, scores, q.plain, c, position);
}

// Scores of the blocks that hold positions `low` to `high` of the span that begins at `span`.
INLINE void score_span(const cache_type_t type, const int heads, float (*scores)[SPAN], queries_t q, const cache_head_t *c,
                       size_t span, size_t low, size_t high) {
  if (LANES == 16 && low == span && high == span + SPAN) return score(type, heads, SPAN_BLOCKS, scores, q, c, span);
  for (size_t block = low / CACHE_BLOCK * CACHE_BLOCK; block < high; block += CACHE_BLOCK)
    score(type, heads, 1, scores, q, c, block);
}

INLINE void attend(const cache_type_t type, const int heads, float *partial, queries_t q, const cache_head_t *c, size_t from,
                   size_t to, float softcap) {
  float scores[MOST_HEADS][SPAN], correction[CORRECTIONS];
  for (size_t span = from / SPAN * SPAN; span < to; span += SPAN) {
    const size_t low = from > span ? from : span, high = to < span + SPAN ? to : span + SPAN;
    score_span(type, heads, scores, q, c, span, low, high);
    soften(heads, scores, low - span, high - span, softcap, partial + c->width, c->width + 2, correction);
    if (type == CACHE_Q8_0) weigh_q8(heads, partial, scores, correction, c, low, high);
    else weigh_halves(heads, partial, scores, correction, c, low, high);
  }
}

static void attend_begin(float *partial, size_t heads, size_t width) {
  for (; heads; heads--, partial += width + 2) {
    memset(partial, 0, width * 4);
    partial[width] = -INFINITY, partial[width + 1] = 0;
  }
}

#define ATTEND_HALVES(H) case H: attend(CACHE_F16, H, partial, queries, cache, from, to, softcap); break;
#define ATTEND_Q8(H) case H: attend(CACHE_Q8_0, H, partial, queries, cache, from, to, softcap); break;

static void attend_halves(size_t h, float *partial, const float *q, const cache_head_t *cache, size_t from, size_t to,
                          float softcap) {
  const queries_t queries = {q, NULL};
  EACH_HEIGHT(ATTEND_HALVES)
}

static void attend_q8(size_t h, float *partial, const float *q, const cache_head_t *cache, size_t from, size_t to,
                      float softcap) {
  q8_queries_t quantized;
  const queries_t queries = {q, &quantized};
  quantize_queries(&quantized, q, h, cache->width);
  EACH_HEIGHT(ATTEND_Q8)
}

static void attend_part(float *partial, const float *q, const cache_head_t *cache, size_t from, size_t to, size_t heads,
                        float softcap) {
  while (heads) {
    const size_t h = heads < MOST_HEADS ? heads : MOST_HEADS;
    (cache->type == CACHE_Q8_0 ? attend_q8 : attend_halves)(h, partial, q, cache, from, to, softcap);
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
