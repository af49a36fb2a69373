// Operations on rows.
#include "check.h"

static float x[MOST], w[MOST], b[MOST], y[MOST];
static double expected[MOST];

// expected[i] = FORMULA; v and u are the numbers of two rows.
#define EACH(FORMULA)                      \
  for (size_t i = 0; i < n; i++) {         \
    const double v = x[i], u = w[i];       \
    (void)v, (void)u, expected[i] = FORMULA; \
  }

static void check_norms(const kernels_t *k, size_t n) {
  double square = 0, mean = 0, variance = 0;
  for (size_t i = 0; i < n; i++) square += (double)x[i] * x[i] / (double)n, mean += x[i] / (double)n;
  for (size_t i = 0; i < n; i++) variance += (x[i] - mean) * (x[i] - mean) / (double)n;
  EACH(v / sqrt(square + 1e-5) * u)
  guard(y), k->rms_norm(y, x, w, n, 1e-5f);
  expect_row(k, "rms_norm", y, expected, n, 1e-5);
  EACH((v - mean) / sqrt(variance + 1e-5) * u + b[i])
  guard(y), k->layer_norm(y, x, w, b, n, 1e-5f);
  expect_row(k, "layer_norm", y, expected, n, 1e-4);
}

// One operation for each number, so the bits are known.
static void check_arithmetic(const kernels_t *k, size_t n) {
  float plain[3][MOST];
  for (size_t i = 0; i < n; i++) plain[0][i] = x[i] + w[i], plain[1][i] = x[i] * w[i], plain[2][i] = x[i] * 0.3f;
  k->add(y, x, w, n), expect_bits(k, "add", n, y, plain[0], n * 4);
  k->multiply(y, x, w, n), expect_bits(k, "multiply", n, y, plain[1], n * 4);
  k->scale(y, x, 0.3f, n), expect_bits(k, "scale", n, y, plain[2], n * 4);
  memcpy(y, x, sizeof y), k->add(y, y, w, n);
  expect_bits(k, "add in place", n, y, plain[0], n * 4);
}

static double gelu(double v) { return 0.5 * v * (1 + tanh(sqrt(2 / M_PI) * (v + 0.044715 * v * v * v))); }

static void check_activations(const kernels_t *k, size_t n) {
  EACH(v / (1 + exp(-v)) * u)
  guard(y), k->swiglu(y, x, w, n);
  expect_row(k, "swiglu", y, expected, n, 1e-5);
  EACH(gelu(v) * u)
  guard(y), k->geglu(y, x, w, n);
  expect_row(k, "geglu", y, expected, n, 1e-5);
  EACH(0.5 * v * erfc(-v / sqrt(2)))
  guard(y), k->gelu_erf(y, x, n);
  expect_row(k, "gelu_erf", y, expected, n, 1e-6);
  EACH(gelu(v))
  guard(y), k->gelu_tanh(y, x, n);
  expect_row(k, "gelu_tanh", y, expected, n, 2e-6);
}

static void check_rotation(const kernels_t *k, size_t half) {
  float cosine[MOST], sine[MOST];
  for (size_t i = 0; i < half; i++) {
    cosine[i] = cosf(b[i] * 3), sine[i] = sinf(b[i] * 3);
    expected[i] = (double)x[i] * cosine[i] - (double)x[half + i] * sine[i];
    expected[half + i] = (double)x[half + i] * cosine[i] + (double)x[i] * sine[i];
  }
  guard(y), k->rotate(y, x, cosine, sine, half);
  expect_row(k, "rotate", y, expected, 2 * half, 1e-5);
}

void check_rows(const kernels_t *k) {
  for (size_t l = 0; l < LENGTHS; l++) {
    fill(x, MOST, 9), fill(w, MOST, 1), fill(b, MOST, 1);
    check_norms(k, lengths[l]);
    check_arithmetic(k, lengths[l]);
    check_activations(k, lengths[l]);
    check_rotation(k, (lengths[l] + 1) / 2);
  }
}
