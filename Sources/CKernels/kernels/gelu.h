// Gaussian error linear units (Hendrycks & Gimpel 2016): gelu(x) = x Phi(x), exactly and in the tanh approximation.
#pragma once
#include "gradient.h"

// Phi and its density, to 1e-7: Abramowitz & Stegun 1964, 7.1.26, which gives the smaller tail without cancellation.
INLINE void normal_v(vf x, vf *phi, vf *density) {
  const vf bell = exp_v(-0.5f * x * x), t = 1.0f / (1.0f + 0.23164189f * choose(x < 0.0f, -x, x));
  vf p = splat(1.061405429f);
  p = fma_v(p, t, splat(-1.453152027f));
  p = fma_v(p, t, splat(1.421413741f));
  p = fma_v(p, t, splat(-0.284496736f));
  p = fma_v(p, t, splat(0.254829592f));
  const vf tail = 0.5f * p * t * bell;
  *phi = choose(x < 0.0f, tail, 1.0f - tail);
  *density = 0.3989422804f * bell;
}

INLINE void gelu_erf_slope(vf x, vf *value, vf *slope) {
  vf phi, density;
  normal_v(x, &phi, &density);
  *value = x * phi;
  *slope = phi + x * density;
}

#define GELU(NAME, SLOPE)                                                                        \
  static void NAME(float *y, const float *x, size_t n) {                                         \
    vf value, slope;                                                                             \
    size_t i = 0;                                                                                \
    for (; i + LANES <= n; i += LANES) SLOPE(load(x + i), &value, &slope), store(y + i, value);  \
    if (i == n) return;                                                                          \
    float last[LANES] = {0};                                                                     \
    memcpy(last, x + i, (n - i) * 4);                                                            \
    SLOPE(load(last), &value, &slope);                                                           \
    store(last, value);                                                                          \
    memcpy(y + i, last, (n - i) * 4);                                                            \
  }                                                                                              \
  static void NAME##_back(float *dx, const float *x, const float *dy, size_t n) {                \
    vf value, slope;                                                                             \
    size_t i = 0;                                                                                \
    for (; i + LANES <= n; i += LANES) {                                                         \
      SLOPE(load(x + i), &value, &slope);                                                        \
      store(dx + i, load(dy + i) * slope);                                                       \
    }                                                                                            \
    if (i == n) return;                                                                          \
    float last[2][LANES] = {{0}};                                                                \
    memcpy(last[0], x + i, (n - i) * 4), memcpy(last[1], dy + i, (n - i) * 4);                   \
    SLOPE(load(last[0]), &value, &slope);                                                        \
    store(last[0], load(last[1]) * slope);                                                       \
    memcpy(dx + i, last[0], (n - i) * 4);                                                        \
  }

GELU(gelu_erf, gelu_erf_slope)
GELU(gelu_tanh, gelu_slope)
#undef GELU
