// Layer normalisation (Ba, Kiros & Hinton 2016): y = n(x) * weight + bias, n(x) = (x - mean) / sqrt(variance + epsilon).
#pragma once
#include "vector.h"

INLINE float mean_of(const float *x, size_t n) {
  vf sum = {0};
  size_t i = 0;
  for (; i + LANES <= n; i += LANES) sum += load(x + i);
  float total = reduce_add(sum);
  for (; i < n; i++) total += x[i];
  return total / (float)n;
}

// 1 / sqrt(variance + epsilon); squares of differences, for those of large values would cancel.
INLINE float inverse_deviation(const float *x, float mean, size_t n, float epsilon) {
  vf sum = {0};
  size_t i = 0;
  for (; i + LANES <= n; i += LANES) {
    const vf apart = load(x + i) - mean;
    sum = fma_v(apart, apart, sum);
  }
  float total = reduce_add(sum);
  for (; i < n; i++) total += (x[i] - mean) * (x[i] - mean);
  return 1.0f / sqrtf(total / (float)n + epsilon);
}

static void layer_norm(float *y, const float *x, const float *weight, const float *bias, size_t n, float epsilon) {
  const float mean = mean_of(x, n), r = inverse_deviation(x, mean, n, epsilon);
  size_t i = 0;
  for (; i + LANES <= n; i += LANES)
    store(y + i, fma_v((load(x + i) - mean) * r, load(weight + i), load(bias + i)));
  for (; i < n; i++) y[i] = (x[i] - mean) * r * weight[i] + bias[i];
}

// With g = dy * weight: dx = r * (g - mean(g) - n(x) * mean(g * n(x))), dweight += dy * n(x), dbias += dy.
static void layer_norm_back(float *dx, float *dweight, float *dbias, const float *x, const float *weight, const float *dy,
                            size_t n, float epsilon) {
  const float mean = mean_of(x, n), r = inverse_deviation(x, mean, n, epsilon);
  vf sums = {0}, products = {0};
  size_t i = 0;
  for (; i + LANES <= n; i += LANES) {
    const vf g = load(dy + i) * load(weight + i);
    sums += g;
    products = fma_v(g, (load(x + i) - mean) * r, products);
  }
  float sum = reduce_add(sums), product = reduce_add(products);
  for (; i < n; i++) sum += dy[i] * weight[i], product += dy[i] * weight[i] * (x[i] - mean) * r;

  const float level = sum / (float)n, slope = product / (float)n;
  for (i = 0; i + LANES <= n; i += LANES) {
    const vf d = load(dy + i), normal = (load(x + i) - mean) * r;
    store(dweight + i, fma_v(d, normal, load(dweight + i)));
    store(dbias + i, load(dbias + i) + d);
    store(dx + i, (d * load(weight + i) - level - normal * slope) * r);
  }
  for (; i < n; i++) {
    const float normal = (x[i] - mean) * r;
    dweight[i] += dy[i] * normal;
    dbias[i] += dy[i];
    dx[i] = (dy[i] * weight[i] - level - normal * slope) * r;
  }
}
