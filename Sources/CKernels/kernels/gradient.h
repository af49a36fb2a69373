// Gradients of the operations on rows.
#pragma once
#include "activation.h"

static float dot(const float *a, const float *b, size_t n) {
  vf sum = {0};
  size_t i = 0;
  for (; i + LANES <= n; i += LANES) sum = fma_v(load(a + i), load(b + i), sum);
  float total = reduce_add(sum);
  for (; i < n; i++) total += a[i] * b[i];
  return total;
}

static void add_scaled(float *y, const float *x, float factor, size_t n) {
  const vf f = splat(factor);
  size_t i = 0;
  for (; i + LANES <= n; i += LANES) store(y + i, fma_v(load(x + i), f, load(y + i)));
  for (; i < n; i++) y[i] += x[i] * factor;
}

// From dp, the gradient with respect to the weights p = softmax(s * factor), to that with respect to s; mean = sum(p * dp).
static void softmax_back(float *dp, const float *p, size_t n, float mean, float factor) {
  size_t i = 0;
  for (; i + LANES <= n; i += LANES) store(dp + i, load(p + i) * (load(dp + i) - mean) * factor);
  for (; i < n; i++) dp[i] = p[i] * (dp[i] - mean) * factor;
}

// y = x * weight * r with r = 1 / sqrt(mean(x^2) + epsilon):
// dx = r * weight * dy - x * r^3 / n * sum(dy * weight * x), dweight += dy * x * r.
static void rms_norm_back(float *dx, float *dweight, const float *x, const float *weight, const float *dy, size_t n,
                          float epsilon) {
  vf squares = {0}, products = {0};
  size_t i = 0;
  for (; i + LANES <= n; i += LANES) {
    squares = fma_v(load(x + i), load(x + i), squares);
    products = fma_v(load(dy + i) * load(weight + i), load(x + i), products);
  }
  float square = reduce_add(squares), product = reduce_add(products);
  for (; i < n; i++) square += x[i] * x[i], product += dy[i] * weight[i] * x[i];

  const float r = 1.0f / sqrtf(square / (float)n + epsilon), back = product * r * r * r / (float)n;
  for (i = 0; i + LANES <= n; i += LANES) {
    const vf share = load(dy + i) * r;
    store(dweight + i, fma_v(share, load(x + i), load(dweight + i)));
    store(dx + i, share * load(weight + i) - load(x + i) * back);
  }
  for (; i < n; i++) {
    dweight[i] += dy[i] * r * x[i];
    dx[i] = dy[i] * r * weight[i] - x[i] * back;
  }
}

// Values and slopes of the activations.
INLINE void silu_slope(vf x, vf *value, vf *slope) {
  const vf s = sigmoid_v(x);
  *value = x * s;
  *slope = s * (1.0f + x * (1.0f - s));
}

INLINE void gelu_slope(vf x, vf *value, vf *slope) {
  const vf s = sigmoid_v(1.5957691216f * (x + 0.044715f * x * x * x));
  *value = x * s;
  *slope = s + x * s * (1.0f - s) * 1.5957691216f * (1.0f + 0.134145f * x * x);
}

// y = activation(gate) * up: dgate = dy * up * slope(gate), dup = dy * activation(gate).
#define GATED_BACK(NAME, SLOPE)                                                                                     \
  static void NAME(float *dgate, float *dup, const float *gate, const float *up, const float *dy, size_t n) {       \
    vf value, slope;                                                                                                \
    size_t i = 0;                                                                                                   \
    for (; i + LANES <= n; i += LANES) {                                                                            \
      SLOPE(load(gate + i), &value, &slope);                                                                        \
      store(dgate + i, load(dy + i) * load(up + i) * slope);                                                        \
      store(dup + i, load(dy + i) * value);                                                                         \
    }                                                                                                               \
    if (i == n) return;                                                                                             \
    float last[3][LANES] = {{0}};                                                                                   \
    memcpy(last[0], gate + i, (n - i) * 4), memcpy(last[1], up + i, (n - i) * 4), memcpy(last[2], dy + i, (n - i) * 4); \
    SLOPE(load(last[0]), &value, &slope);                                                                           \
    store(last[0], load(last[2]) * load(last[1]) * slope);                                                          \
    store(last[1], load(last[2]) * value);                                                                          \
    memcpy(dgate + i, last[0], (n - i) * 4), memcpy(dup + i, last[1], (n - i) * 4);                                 \
  }

GATED_BACK(swiglu_back, silu_slope)
GATED_BACK(geglu_back, gelu_slope)
#undef GATED_BACK

// y[c][r] = x[r][c], in squares that stay in the nearest cache.
static void transpose(float *y, size_t y_stride, const float *x, size_t x_stride, size_t rows, size_t columns) {
  for (size_t c = 0; c < columns; c += 16)
    for (size_t r = 0; r < rows; r++)
      for (size_t i = c; i < c + 16 && i < columns; i++) y[i * y_stride + r] = x[r * x_stride + i];
}
