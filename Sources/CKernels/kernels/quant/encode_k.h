// Blocks of 256 columns: runs of 16 or 32 values whose scales are small multiples of a half, chosen with all of the block in
// view.
#pragma once
#include "search.h"

// A block's halves, its runs' factors of them, and the levels as unsigned numbers.
typedef struct {
  float scale, minimum;
  int factor[16], offset[16];
  uint8_t level[SUPER_COLUMNS];
} super_t;

INLINE float as_half(float x) { return half_to_float(to_half(x)); }

INLINE int within(float x, int lowest, int highest) {
  const int i = (int)lrintf(fminf(fmaxf(x, -1e6f), 1e6f));
  return i < lowest ? lowest : i > highest ? highest : i;
}

INLINE run_t run_at(const float *x, const float *weight, int run, int count) {
  return (run_t){x + run * count, weight + run * count, count};
}

// What a block errs by with given halves: each run takes the best factors near its own.
INLINE float settle_affine(super_t *b, const rule_t *rules, const float *x, const float *weight, const int count,
                           const int top, const int most) {
  float total = 0;
  for (int run = 0; run < SUPER_COLUMNS / count; run++) {
    const run_t r = run_at(x, weight, run, count);
    const int factor = b->scale > 0 ? within(rules[run].scale / b->scale, 0, most) : 0;
    const int offset = b->minimum > 0 ? within(-rules[run].minimum / b->minimum, 0, most) : 0;
    float scale[NEAR], minimum[NEAR], error[NEAR];
    int factors[NEAR], offsets[NEAR];
    for (int c = 0; c < NEAR; c++) {
      factors[c] = within((float)(factor + c % 4 - 1 - c / 15 * 3), 0, most);
      offsets[c] = within((float)(offset + c / 4 - 1), 0, most);
      scale[c] = b->scale * (float)factors[c], minimum[c] = -b->minimum * (float)offsets[c];
    }
    errors_of(r, scale, minimum, 0, (float)top, error);
    const int best = least_of(error, NEAR);
    b->factor[run] = factors[best], b->offset[run] = offsets[best], total += error[best];
    put_levels(b->level + run * count, r.x, count, (rule_t){scale[best], minimum[best], 0}, 0, (float)top);
  }
  return total;
}

INLINE float settle_symmetric(super_t *b, const rule_t *rules, const float *x, const float *weight, const int count,
                              const int lowest, const int most) {
  static const float none[NEAR];
  float total = 0;
  for (int run = 0; run < SUPER_COLUMNS / count; run++) {
    const run_t r = run_at(x, weight, run, count);
    const int factor = b->scale != 0 ? within(rules[run].scale / b->scale, -most, most - 1) : 0;
    float scale[NEAR], error[NEAR];
    int factors[NEAR];
    for (int c = 0; c < NEAR; c++) {
      factors[c] = within((float)(factor + c - NEAR / 2), -most, most - 1);
      scale[c] = b->scale * (float)factors[c];
    }
    errors_of(r, scale, none, (float)lowest, (float)-lowest - 1, error);
    const int best = least_of(error, NEAR);
    b->factor[run] = factors[best], b->offset[run] = 0, total += error[best];
    put_levels(b->level + run * count, r.x, count, (rule_t){scale[best], 0, 0}, (float)lowest, (float)-lowest - 1);
  }
  return total;
}

// The halves of least squares for given factors and levels: x = scale * factor * level - minimum * offset.
INLINE void refit(super_t *b, const float *x, const float *weight, const int count, const int lowest) {
  double aa = 0, ab = 0, bb = 0, ax = 0, bx = 0;
  for (int run = 0; run < SUPER_COLUMNS / count; run++) {
    double ll = 0, l1 = 0, w1 = 0, lx = 0, wx = 0;
    for (int i = run * count; i < (run + 1) * count; i++) {
      const double level = b->level[i] + lowest, w = weight[i];
      ll += w * level * level, l1 += w * level, w1 += w, lx += w * level * x[i], wx += w * x[i];
    }
    const double factor = b->factor[run], offset = -b->offset[run];
    aa += factor * factor * ll, ab += factor * offset * l1, bb += offset * offset * w1;
    ax += factor * lx, bx += offset * wx;
  }
  const double determinant = aa * bb - ab * ab;
  if (bb > 0 && determinant > 1e-9 * aa * bb) {
    b->scale = (float)((ax * bb - bx * ab) / determinant), b->minimum = (float)((bx * aa - ax * ab) / determinant);
  } else if (aa > 0) {
    b->scale = (float)(ax / aa);
  }
}

// Levels from 0 to `top` in runs of `count`, factors from 0 to `most`.
INLINE super_t super_affine(const float *x, const float *weight, const int count, const int top, const int most) {
  rule_t rules[16];
  super_t best = {0}, next = {0};
  for (int run = 0; run < SUPER_COLUMNS / count; run++) {
    rules[run] = affine_rule(run_at(x, weight, run, count), top, true);
    best.scale = fmaxf(best.scale, rules[run].scale), best.minimum = fmaxf(best.minimum, -rules[run].minimum);
  }
  best.scale = as_half(best.scale / (float)most), best.minimum = as_half(best.minimum / (float)most);
  float error = settle_affine(&best, rules, x, weight, count, top, most);
  for (int time = 0; time < 2; time++) {
    next = best;
    refit(&next, x, weight, count, 0);
    next.scale = as_half(next.scale), next.minimum = as_half(fmaxf(next.minimum, 0));
    if (!(next.scale > 0)) break;
    const float found = settle_affine(&next, rules, x, weight, count, top, most);
    if (!(found < error)) break;
    error = found, best = next;
  }
  return best;
}

// Levels from `lowest` to -lowest - 1 in runs of 16, factors from -most to most - 1.
INLINE super_t super_symmetric(const float *x, const float *weight, const int lowest, const int most) {
  rule_t rules[16];
  super_t best = {0}, next = {0};
  for (int run = 0; run < 16; run++) {
    rules[run] = symmetric_rule(run_at(x, weight, run, 16), lowest);
    if (fabsf(rules[run].scale) > fabsf(best.scale)) best.scale = rules[run].scale;
  }
  best.scale = as_half(best.scale / (float)-most);
  float error = settle_symmetric(&best, rules, x, weight, 16, lowest, most);
  for (int time = 0; time < 2; time++) {
    next = best;
    refit(&next, x, weight, 16, lowest);
    next.scale = as_half(next.scale);
    if (next.scale == 0) break;
    const float found = settle_symmetric(&next, rules, x, weight, 16, lowest, most);
    if (!(found < error)) break;
    error = found, best = next;
  }
  return best;
}

INLINE void put_half(uint8_t *p, float x) { const uint16_t h = to_half(x); memcpy(p, &h, 2); }

// Six bits each of a factor and an offset for each of eight runs.
INLINE void put_k_factors(uint8_t *s, const super_t *b) {
  for (int j = 0; j < 4; j++) {
    s[j] = (uint8_t)(b->factor[j] | b->factor[j + 4] >> 4 << 6);
    s[j + 4] = (uint8_t)(b->offset[j] | b->offset[j + 4] >> 4 << 6);
    s[j + 8] = (uint8_t)((b->factor[j + 4] & 15) | (b->offset[j + 4] & 15) << 4);
  }
}

static void encode_q2_K(uint8_t *row, const float *x, const float *weight) {
  const super_t b = super_affine(x, weight, 16, 3, 15);
  for (int j = 0; j < 16; j++) row[j] = (uint8_t)(b.factor[j] | b.offset[j] << 4);
  memset(row + 16, 0, 64);
  for (int i = 0; i < SUPER_COLUMNS; i++) row[16 + i / 128 * 32 + i % 32] |= (uint8_t)(b.level[i] << i % 128 / 32 * 2);
  put_half(row + 80, b.scale), put_half(row + 82, b.minimum);
}

static void encode_q3_K(uint8_t *row, const float *x, const float *weight) {
  const super_t b = super_symmetric(x, weight, -4, 32);
  memset(row, 0, 108);
  for (int i = 0; i < SUPER_COLUMNS; i++) {
    row[i % 32] |= (uint8_t)(b.level[i] >> 2 << i / 32);
    row[32 + i / 128 * 32 + i % 32] |= (uint8_t)((b.level[i] & 3) << i % 128 / 32 * 2);
  }
  for (int j = 0; j < 16; j++) {
    const int factor = b.factor[j] + 32;
    row[96 + j % 8] |= (uint8_t)((factor & 15) << j / 8 * 4), row[104 + j % 4] |= (uint8_t)(factor >> 4 << j / 4 * 2);
  }
  put_half(row + 108, b.scale);
}

static void encode_q4_K(uint8_t *row, const float *x, const float *weight) {
  const super_t b = super_affine(x, weight, 32, 15, 63);
  put_half(row, b.scale), put_half(row + 2, b.minimum), put_k_factors(row + 4, &b);
  for (int i = 0; i < 128; i++) {
    const int at = i / 32 * 64 + i % 32;
    row[16 + i] = (uint8_t)(b.level[at] | b.level[at + 32] << 4);
  }
}

static void encode_q5_K(uint8_t *row, const float *x, const float *weight) {
  const super_t b = super_affine(x, weight, 32, 31, 63);
  put_half(row, b.scale), put_half(row + 2, b.minimum), put_k_factors(row + 4, &b);
  memset(row + 16, 0, 32);
  for (int i = 0; i < SUPER_COLUMNS; i++) row[16 + i % 32] |= (uint8_t)(b.level[i] >> 4 << i / 32);
  for (int i = 0; i < 128; i++) {
    const int at = i / 32 * 64 + i % 32;
    row[48 + i] = (uint8_t)((b.level[at] & 15) | (b.level[at + 32] & 15) << 4);
  }
}

static void encode_q6_K(uint8_t *row, const float *x, const float *weight) {
  const super_t b = super_symmetric(x, weight, -32, 128);
  memset(row, 0, 192);
  for (int i = 0; i < SUPER_COLUMNS; i++) {
    const int half = i / 128, at = i % 128;
    row[half * 64 + at % 64] |= (uint8_t)((b.level[i] & 15) << at / 64 * 4);
    row[128 + half * 32 + at % 32] |= (uint8_t)(b.level[i] >> 4 << at / 32 * 2);
  }
  for (int j = 0; j < 16; j++) row[192 + j] = (uint8_t)b.factor[j];
  put_half(row + 208, b.scale);
}
