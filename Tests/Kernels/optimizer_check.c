// Steps of optimisers.
#include "check.h"

static const adam_t adam = {0.8f, 0.9f, 1e-3f, 0.1f, 0.99f};
static float w[MOST], g[MOST];
static double expected[MOST], m[MOST], v[MOST];

// What w, m and v become; m and v are what they were.
static void step(size_t n) {
  for (size_t i = 0; i < n; i++) {
    m[i] = adam.beta1 * m[i] + (1 - (double)adam.beta1) * g[i];
    v[i] = adam.beta2 * v[i] + (1 - (double)adam.beta2) * g[i] * g[i];
    expected[i] = w[i] * (double)adam.kept - adam.rate * m[i] / (sqrt(v[i]) + adam.epsilon);
  }
}

static void check_adam(const kernels_t *k, size_t n) {
  float first[MOST], second[MOST];
  guard(first), guard(second), guard(w), fill(w, n, 1);
  for (size_t i = 0; i < n; i++) first[i] = second[i] = 0;
  for (int round = 0; round < 3; round++) {
    fill(g, n, 1);
    for (size_t i = 0; i < n; i++) m[i] = first[i], v[i] = second[i];
    step(n), k->adam_step(w, first, second, g, n, &adam);
    expect_row(k, "adam_step", w, expected, n, 1e-5);
    expect_row(k, "adam_step first", first, m, n, 1e-6);
    expect_row(k, "adam_step second", second, v, n, 1e-6);
  }
}

static void check_lion(const kernels_t *k, size_t n) {
  float average[MOST];
  guard(average), guard(w), fill(w, n, 1), fill(average, n, 1), fill(g, n, 1);
  for (size_t i = 0; i < n; i += 5) average[i] = g[i] = 0;  // no sign, no step
  for (size_t i = 0; i < n; i++) {
    const double way = average[i] * 0.9 + g[i] * 0.1;
    if (i % 5 && fabs(way) < 1e-4) average[i] = g[i] = 1;  // so near 0 that rounding could decide
    expected[i] = w[i] * 0.98 - 0.1 * (i % 5 == 0 ? 0 : average[i] * 0.9 + g[i] * 0.1 > 0 ? 1 : -1);
    m[i] = average[i] * 0.99 + g[i] * 0.01;
  }
  k->lion_step(w, average, g, n, 0.9f, 0.99f, 0.1f, 0.98f);
  expect_row(k, "lion_step", w, expected, n, 1e-6);
  expect_row(k, "lion_step average", average, m, n, 1e-6);
}

// What a code stands for: a float of 3 bits of mantissa, of which 0 is nothing.
static double value(const moments_t *block, size_t i, bool is_first) {
  const int code = block[i / MOMENT_BLOCK].codes[i % MOMENT_BLOCK], size = is_first ? code % 128 : code;
  const double share = ldexp(1 + size % 8 / 8.0, size / 8 - (is_first ? 15 : 31));
  return size ? (is_first && code > 127 ? -share : share) * block[i / MOMENT_BLOCK].scale : 0;
}

static void check_bytes(const kernels_t *k, size_t n) {
  moments_t first[MOST / MOMENT_BLOCK + 1], second[MOST / MOMENT_BLOCK + 1];
  memset(first, 0, sizeof first), memset(second, 0, sizeof second);
  guard(w), fill(w, n, 1);
  for (unsigned round = 0; round < 3; round++) {
    fill(g, n, 1);
    for (size_t i = 0; i < n; i++) m[i] = value(first, i, true), v[i] = value(second, i, false);
    step(n), k->adam_step_bytes(w, first, second, g, n, round * 7919, &adam);
    bool close = true;
    for (size_t i = 0; i < n; i++) {
      const double one = first[i / MOMENT_BLOCK].scale, two = second[i / MOMENT_BLOCK].scale;
      close &= fabs(value(first, i, true) - m[i]) <= fabs(m[i]) / 8 + one * 0x1.2p-15;
      close &= fabs(value(second, i, false) - v[i]) <= v[i] / 8 + two * 0x1.2p-31;
      close &= v[i] == 0 || value(second, i, false) > 0;
    }
    expect_row(k, "adam_step_bytes", w, expected, n, 1e-5);
    expect(k, "adam_step_bytes moments", n, close);
    keep(k, "adam_step_bytes moments", first, sizeof first), keep(k, "adam_step_bytes moments", second, sizeof second);
  }
}

void check_optimizers(const kernels_t *k) {
  for (size_t l = 0; l < LENGTHS; l++) check_adam(k, lengths[l]), check_lion(k, lengths[l]), check_bytes(k, lengths[l]);
}
