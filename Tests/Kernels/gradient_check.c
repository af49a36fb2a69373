// Gradients of the operations on rows, and the products and copies that gradients need.
#include "check.h"

static float x[MOST], w[MOST], dy[MOST], dx[MOST], dw[MOST], db[MOST], start[MOST];
static double expected[MOST], also[MOST], last[MOST];

static void begin(size_t n) {
  guard(dx), guard(dw), guard(db);
  memcpy(dw, start, n * 4), memcpy(db, start, n * 4);
}

static void check_rms_norm(const kernels_t *k, size_t n) {
  double square = 0, product = 0;
  for (size_t i = 0; i < n; i++) square += (double)x[i] * x[i], product += (double)dy[i] * w[i] * x[i];
  const double r = 1 / sqrt(square / (double)n + 1e-5);
  for (size_t i = 0; i < n; i++) {
    expected[i] = dy[i] * r * w[i] - x[i] * product * r * r * r / (double)n;
    also[i] = start[i] + dy[i] * r * x[i];
  }
  begin(n), k->rms_norm_back(dx, dw, x, w, dy, n, 1e-5f);
  expect_row(k, "rms_norm_back", dx, expected, n, 1e-5);
  expect_row(k, "rms_norm_back weight", dw, also, n, 1e-5);
}

// A row of one value has no deviation but epsilon's, which magnifies rounding.
static void check_layer_norm(const kernels_t *k, size_t n) {
  double mean = 0, variance = 0, level = 0, slope = 0;
  for (size_t i = 0; i < n; i++) mean += x[i] / (double)n;
  for (size_t i = 0; i < n; i++) variance += (x[i] - mean) * (x[i] - mean) / (double)n;
  const double r = 1 / sqrt(variance + 1e-5);
  for (size_t i = 0; i < n; i++) {
    level += (double)dy[i] * w[i] / (double)n;
    slope += (double)dy[i] * w[i] * (x[i] - mean) * r / (double)n;
  }
  for (size_t i = 0; i < n; i++) {
    const double normal = (x[i] - mean) * r;
    expected[i] = ((double)dy[i] * w[i] - level - normal * slope) * r;
    also[i] = start[i] + dy[i] * normal, last[i] = (double)start[i] + dy[i];
  }
  begin(n), k->layer_norm_back(dx, dw, db, x, w, dy, n, 1e-5f);
  expect_row(k, "layer_norm_back", dx, expected, n, 1e-5 * fmax(1, r));
  expect_row(k, "layer_norm_back weight", dw, also, n, 1e-4);
  expect_row(k, "layer_norm_back bias", db, last, n, 1e-6);
}

static double sigmoid(double v) { return 1 / (1 + exp(-v)); }
static double inner(double v) { return tanh(sqrt(2 / M_PI) * (v + 0.044715 * v * v * v)); }
static double gelu_slope(double v) {
  const double t = inner(v);
  return 0.5 * (1 + t) + 0.5 * v * (1 - t * t) * sqrt(2 / M_PI) * (1 + 3 * 0.044715 * v * v);
}
static double erf_slope(double v) { return 0.5 * erfc(-v / sqrt(2)) + v * exp(-v * v / 2) / sqrt(2 * M_PI); }

static void check_gated(const kernels_t *k, size_t n) {
  for (size_t i = 0; i < n; i++) {
    const double v = x[i], s = sigmoid(v);
    expected[i] = dy[i] * w[i] * s * (1 + v * (1 - s)), also[i] = dy[i] * v * s;
  }
  begin(n), k->swiglu_back(dx, db, x, w, dy, n);
  expect_row(k, "swiglu_back", dx, expected, n, 1e-5);
  expect_close(k, "swiglu_back up", n, db, also, n, 1e-5);
  for (size_t i = 0; i < n; i++) {
    const double v = x[i];
    expected[i] = dy[i] * w[i] * gelu_slope(v), also[i] = dy[i] * 0.5 * v * (1 + inner(v));
  }
  begin(n), k->geglu_back(dx, db, x, w, dy, n);
  expect_row(k, "geglu_back", dx, expected, n, 1e-5);
  expect_close(k, "geglu_back up", n, db, also, n, 1e-5);
}

static void check_gelus(const kernels_t *k, size_t n) {
  for (size_t i = 0; i < n; i++) expected[i] = dy[i] * erf_slope(x[i]), also[i] = dy[i] * gelu_slope(x[i]);
  begin(n), k->gelu_erf_back(dx, x, dy, n);
  expect_row(k, "gelu_erf_back", dx, expected, n, 1e-6);
  begin(n), k->gelu_tanh_back(dx, x, dy, n);
  expect_row(k, "gelu_tanh_back", dx, also, n, 4e-6);
}

static void check_sums(const kernels_t *k, size_t n) {
  double product = 0;
  for (size_t i = 0; i < n; i++) {
    product += (double)x[i] * w[i];
    expected[i] = w[i] * (dy[i] - 0.25) * 0.5, also[i] = start[i] + (double)x[i] * 0.7f;
  }
  const float found = k->dot(x, w, n);
  expect_close(k, "dot", n, &found, &product, 1, 1e-4);
  begin(n), memcpy(dx, dy, n * 4), k->softmax_back(dx, w, n, 0.25f, 0.5f);
  expect_row(k, "softmax_back", dx, expected, n, 1e-5);
  begin(n), k->add_scaled(dw, x, 0.7f, n);
  expect_row(k, "add_scaled", dw, also, n, 1e-6);
}

// `rows` rows of `columns`, with strides of their own.
static void check_transpose(const kernels_t *k, size_t rows, size_t columns) {
  enum { WIDE = 70 };
  static float from[WIDE * WIDE], to[WIDE * WIDE], plain[WIDE * WIDE];
  fill(from, WIDE * WIDE, 1), fill(to, WIDE * WIDE, 1), memcpy(plain, to, sizeof to);
  for (size_t r = 0; r < rows; r++)
    for (size_t c = 0; c < columns; c++) plain[c * WIDE + r] = from[r * WIDE + c];
  k->transpose(to, WIDE, from, WIDE, rows, columns);
  expect_bits(k, "transpose", rows * 100 + columns, to, plain, sizeof to);
}

void check_gradients(const kernels_t *k) {
  static const size_t sides[] = {1, 3, 16, 17, 64};
  for (size_t l = 0; l < LENGTHS; l++) {
    const size_t n = lengths[l];
    fill(x, MOST, 5), fill(w, MOST, 1), fill(dy, MOST, 1), fill(start, MOST, 1);
    check_rms_norm(k, n), check_layer_norm(k, n), check_gated(k, n), check_gelus(k, n), check_sums(k, n);
  }
  for (int i = 0; i < 5; i++)
    for (int j = 0; j < 5; j++) check_transpose(k, sides[i], sides[j]);
}
