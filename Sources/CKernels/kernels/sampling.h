// What choosing a token needs of the logits.
#pragma once
#include "vector.h"

static float largest(const float *x, size_t n) {
  vf best = splat(-INFINITY);
  size_t i = 0;
  for (; i + LANES <= n; i += LANES) best = larger(load(x + i), best);
  float found = reduce_max(best);
  for (; i < n; i++) found = x[i] > found ? x[i] : found;
  return found;
}

// Magnitudes are ordered as their bits are, and what is no number is the largest of all.
static float peak(const float *x, size_t n) {
  vi best = {0};
  size_t i = 0;
  for (; i + LANES <= n; i += LANES) best = __builtin_elementwise_max(best, (vi)load(x + i) & 0x7fffffff);
  int32_t found = __builtin_reduce_max(best);
  for (; i < n; i++) {
    int32_t bits;
    memcpy(&bits, x + i, 4);
    if ((bits & 0x7fffffff) > found) found = bits & 0x7fffffff;
  }
  float value;
  memcpy(&value, &found, 4);
  return value;
}

static size_t argmax(const float *x, size_t n) {
  const float found = largest(x, n);
  for (size_t i = 0; i < n; i++)
    if (x[i] == found) return i;
  return n;
}

static float exp_sum(float *y, const float *x, size_t n, float shift, float factor) {
  vf sum = {0};
  size_t i = 0;
  for (; i + LANES <= n; i += LANES) {
    const vf e = exp_v((load(x + i) - shift) * factor);
    if (y) store(y + i, e);
    sum += e;
  }
  float last[LANES] = {0};
  for (size_t j = i; j < n; j++) last[j - i] = (x[j] - shift) * factor;
  store(last, exp_v(load(last)));
  float total = reduce_add(sum);
  for (; i < n; i++) {
    const float e = last[i % LANES];
    if (y) y[i] = e;
    total += e;
  }
  return total;
}
