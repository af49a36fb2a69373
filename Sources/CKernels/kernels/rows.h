// Operations on rows of floats.
#pragma once
#include "vector.h"

// RMSNorm (Zhang & Sennrich 2019): y = x * weight / sqrt(mean(x^2) + epsilon).
static void rms_norm(float *y, const float *x, const float *weight, size_t n, float epsilon) {
  vf sum = {0};
  size_t i = 0;
  for (; i + LANES <= n; i += LANES) sum = fma_v(load(x + i), load(x + i), sum);
  float total = reduce_add(sum);
  for (; i < n; i++) total += x[i] * x[i];

  const float factor = 1.0f / sqrtf(total / (float)n + epsilon);
  for (i = 0; i + LANES <= n; i += LANES) store(y + i, load(x + i) * factor * load(weight + i));
  for (; i < n; i++) y[i] = x[i] * factor * weight[i];
}

static void add(float *y, const float *a, const float *b, size_t n) {
  size_t i = 0;
  for (; i + LANES <= n; i += LANES) store(y + i, load(a + i) + load(b + i));
  for (; i < n; i++) y[i] = a[i] + b[i];
}

static void multiply(float *y, const float *a, const float *b, size_t n) {
  size_t i = 0;
  for (; i + LANES <= n; i += LANES) store(y + i, load(a + i) * load(b + i));
  for (; i < n; i++) y[i] = a[i] * b[i];
}

static void scale(float *y, const float *x, float factor, size_t n) {
  size_t i = 0;
  for (; i + LANES <= n; i += LANES) store(y + i, load(x + i) * factor);
  for (; i < n; i++) y[i] = x[i] * factor;
}

// Rotary positions (Su et al. 2021), with the halves of a head paired as Hugging Face's models do.
static void rotate(float *y, const float *x, const float *cosine, const float *sine, size_t half) {
  size_t i = 0;
  for (; i + LANES <= half; i += LANES) {
    const vf a = load(x + i), b = load(x + half + i), c = load(cosine + i), s = load(sine + i);
    store(y + i, a * c - b * s);
    store(y + half + i, b * c + a * s);
  }
  for (; i < half; i++) {
    const float a = x[i], b = x[half + i];
    y[i] = a * cosine[i] - b * sine[i];
    y[half + i] = b * cosine[i] + a * sine[i];
  }
}
