// Steps of optimisers, in place.
#pragma once
#include "vector.h"

INLINE vf square_root(vf x) {
#if LANES == 16
  return (vf)_mm512_sqrt_ps((__m512)x);
#elif LANES == 8
  return (vf)_mm256_sqrt_ps((__m256)x);
#else
  for (int i = 0; i < LANES; i++) x[i] = sqrtf(x[i]);
  return x;
#endif
}

INLINE void adam_lanes(vf *w, vf *first, vf *second, vf g, const adam_t *a) {
  *first = fma_v(*first, splat(a->beta1), g * (1 - a->beta1));
  *second = fma_v(*second, splat(a->beta2), g * g * (1 - a->beta2));
  *w = *w * a->kept - a->rate * *first / (square_root(*second) + a->epsilon);
}

static void adam_step(float *w, float *first, float *second, const float *gradient, size_t n, const adam_t *factors) {
  size_t i = 0;
  for (; i + LANES <= n; i += LANES) {
    vf v[3] = {load(w + i), load(first + i), load(second + i)};
    adam_lanes(&v[0], &v[1], &v[2], load(gradient + i), factors);
    store(w + i, v[0]), store(first + i, v[1]), store(second + i, v[2]);
  }
  if (i == n) return;
  const size_t bytes = (n - i) * 4;
  vf v[4] = {{0}};
  memcpy(&v[0], w + i, bytes), memcpy(&v[1], first + i, bytes), memcpy(&v[2], second + i, bytes), memcpy(&v[3], gradient + i, bytes);
  adam_lanes(&v[0], &v[1], &v[2], v[3], factors);
  memcpy(w + i, &v[0], bytes), memcpy(first + i, &v[1], bytes), memcpy(second + i, &v[2], bytes);
}

static void lion_step(float *w, float *average, const float *gradient, size_t n, float beta1, float beta2, float rate, float kept) {
  for (size_t i = 0; i < n; i++) {
    const float way = average[i] * beta1 + gradient[i] * (1 - beta1);
    w[i] = w[i] * kept - rate * (float)((way > 0) - (way < 0));
    average[i] = average[i] * beta2 + gradient[i] * (1 - beta2);
  }
}
