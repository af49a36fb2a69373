// Looks for the rule that rounds a run of values with the least error. Every lane tries another rule, so that nothing is
// summed across lanes and each rule's sums are in the order of the values, whatever the vectors' width.
#pragma once
#include "../vector.h"

enum { CANDIDATES = 32, NEAR = 16, SUPER_COLUMNS = 256 };

// 16 or 32 values of a row, and what an error at each of them weighs.
typedef struct { const float *x, *weight; int count; } run_t;

// value = scale * level + minimum
typedef struct { float scale, minimum, error; } rule_t;

// What a run's values sum to with some rule's levels, weighted.
typedef struct { vf level, square, product; } sums_t;

static const float ramp[CANDIDATES] = {0,  1,  2,  3,  4,  5,  6,  7,  8,  9,  10, 11, 12, 13, 14, 15,
                                       16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29, 30, 31};

// Below this, scales are no numbers that a half can tell from 0.
#define LEAST_SPREAD 1e-20f

INLINE vf level_of(vf x, float lowest, float highest) {
  const vf magic = splat(12582912.0f);  // 1.5 * 2^23: adding it rounds to an integer
  x = __builtin_elementwise_min(__builtin_elementwise_max(x, splat(lowest)), splat(highest));
  return (x + magic) - magic;
}

INLINE sums_t sums_of(const run_t r, float shift, vf inverse, float lowest, float highest) {
  sums_t s = {{0}, {0}, {0}};
  for (int i = 0; i < r.count; i++) {
    const vf x = splat(r.x[i] - shift), level = level_of(x * inverse, lowest, highest), weighted = level * splat(r.weight[i]);
    s.level += weighted;
    s.square = fma_v(weighted, level, s.square);
    s.product = fma_v(weighted, x, s.product);
  }
  return s;
}

// The place of the least of `count` errors.
INLINE int least_of(const float *error, int count) {
  int best = 0;
  for (int i = 1; i < count; i++)
    if (error[i] < error[best]) best = i;
  return best;
}

typedef struct { float weight, sum, square, least, most; } totals_t;

INLINE totals_t totals_of(const run_t r, bool below) {
  totals_t t = {0, 0, 0, r.x[0], r.x[0]};
  for (int i = 1; i < r.count; i++) {
    if (r.x[i] < t.least) t.least = r.x[i];
    if (r.x[i] > t.most) t.most = r.x[i];
  }
  if (below && t.least > 0) t.least = 0;
  for (int i = 0; i < r.count; i++) {
    const float x = r.x[i] - t.least;
    t.weight += r.weight[i], t.sum += r.weight[i] * x, t.square += r.weight[i] * x * x;
  }
  return t;
}

// The rules of least squares for levels from 0 to `top`, as rounding with the inverse scales finds them; relative to t.least.
INLINE void fit_affine(const run_t r, const totals_t t, vf inverse, float top, bool below, vf *scale, vf *minimum, vf *error) {
  const sums_t s = sums_of(r, t.least, inverse, 0, top);
  const vf determinant = t.weight * s.square - s.level * s.level;
  const vi flat = determinant <= 1e-12f * t.weight * s.square;
  const vf divisor = choose(flat, splat(1), determinant);
  *scale = choose(flat, splat(0), (t.weight * s.product - t.sum * s.level) / divisor);
  *minimum = choose(flat, splat(t.sum / t.weight), (s.square * t.sum - s.level * s.product) / divisor);
  const vi above = *minimum > -t.least;
  if (below) {
    const vf some = choose(s.square > 0, s.square, splat(1));
    *scale = choose(above, (s.product + t.least * s.level) / some, *scale);
    *minimum = choose(above, splat(-t.least), *minimum);
  }
  const vf a = *scale, b = *minimum;
  *error = t.square - 2 * a * s.product - 2 * b * t.sum + a * a * s.square + 2 * a * b * s.level + b * b * t.weight;
}

// The best scale and minimum for levels from 0 to `top`; `below` says that the minimum is at most 0.
//
// Ranges are tried from a little wider than the values' to one that cuts their ends; the best is rounded with once more.
INLINE rule_t affine_rule(const run_t r, const int top, const bool below) {
  const totals_t t = totals_of(r, below);
  const float spread = t.most - t.least;
  if (!(spread > LEAST_SPREAD)) return (rule_t){0, t.least, 0};
  float scale[CANDIDATES], minimum[CANDIDATES], error[CANDIDATES];
  const float from = (float)top - (top > 3 ? 1.0f : 0.6f), step = (top > 15 ? 2.5f : top > 3 ? 3.0f : 2.4f) / CANDIDATES;
  for (int c = 0; c < CANDIDATES; c += LANES) {
    vf a, b, e;
    fit_affine(r, t, (load(ramp + c) * step + from) / spread, (float)top, below, &a, &b, &e);
    store(scale + c, a), store(minimum + c, b), store(error + c, e);
  }
  const int best = least_of(error, CANDIDATES);
  return (rule_t){scale[best], t.least + minimum[best], error[best]};
}

// The best scale for levels from `lowest` to -lowest - 1; it may be negative.
INLINE rule_t symmetric_rule(const run_t r, const int lowest) {
  float extreme = 0, square = 0;
  for (int i = 0; i < r.count; i++) {
    if (fabsf(r.x[i]) > fabsf(extreme)) extreme = r.x[i];
    square += r.weight[i] * r.x[i] * r.x[i];
  }
  if (!(fabsf(extreme) > LEAST_SPREAD)) return (rule_t){0, 0, 0};
  float scale[2 * CANDIDATES], error[2 * CANDIDATES];
  const float room = lowest < -8 ? 1.6f : 2.0f, step = 2 * room / CANDIDATES;
  for (int c = 0; c < 2 * CANDIDATES; c += LANES) {  // the extreme at the lowest level, or at its opposite
    const float end = c < CANDIDATES ? (float)lowest : (float)-lowest - 1, sign = c < CANDIDATES ? -1 : 1;
    const vf inverse = (end + sign * (load(ramp + c % CANDIDATES) * step - room)) / extreme;
    const sums_t s = sums_of(r, 0, inverse, (float)lowest, (float)-lowest - 1);
    const vf some = choose(s.square > 0, s.square, splat(1));
    store(scale + c, s.product / some), store(error + c, square - s.product * s.product / some);
  }
  const int best = least_of(error, 2 * CANDIDATES);
  return (rule_t){scale[best], 0, error[best]};
}

// The error of rounding by NEAR rules.
INLINE void errors_of(const run_t r, const float *scale, const float *minimum, float lowest, float highest, float *error) {
  for (int c = 0; c < NEAR; c += LANES) {
    const vf a = load(scale + c), b = load(minimum + c);
    const vf inverse = 1 / choose(a == 0, splat(1), a);
    vf sum = {0};
    for (int i = 0; i < r.count; i++) {
      const vf x = splat(r.x[i]) - b, off = a * level_of(x * inverse, lowest, highest) - x;
      sum = fma_v(off * off, splat(r.weight[i]), sum);
    }
    store(error + c, sum);
  }
}

// A run's levels by a rule, counted from `lowest`.
INLINE void put_levels(uint8_t *level, const float *x, int count, rule_t rule, float lowest, float highest) {
  const float inverse = rule.scale != 0 ? 1 / rule.scale : 0;
  for (int i = 0; i < count; i += LANES) {
    const vf l = level_of((load(x + i) - rule.minimum) * inverse, lowest, highest) - lowest;
    const quarter bytes = __builtin_convertvector(__builtin_convertvector(l, vi), quarter);
    memcpy(level + i, &bytes, sizeof bytes);
  }
}
