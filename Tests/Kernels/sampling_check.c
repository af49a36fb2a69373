// What choosing a token needs of the logits, and floats of two bytes.
#include "check.h"

static float x[MOST], y[MOST];

static void check_extremes(const kernels_t *k, size_t n) {
  size_t best = 0;
  float most = 0;
  for (size_t i = 0; i < n; i++) {
    if (x[i] > x[best]) best = i;
    most = fmaxf(most, fabsf(x[i]));
  }
  const float found[2] = {k->largest(x, n), k->peak(x, n)};
  expect_bits(k, "largest", n, found, &x[best], 4);
  expect_bits(k, "peak", n, found + 1, &most, 4);
  expect(k, "argmax", n, k->argmax(x, n) == best);
}

static void check_no_numbers(const kernels_t *k, size_t n) {
  x[n / 2] = NAN;
  float most = -INFINITY;
  size_t best = n;
  for (size_t i = 0; i < n; i++)
    if (x[i] > most) most = x[i], best = i;
  expect(k, "largest beside NaN", n, k->largest(x, n) == most);
  expect(k, "argmax beside NaN", n, k->argmax(x, n) == best);
  expect(k, "peak of NaN", n, isnan(k->peak(x, n)));
  for (size_t i = 0; i < n; i++) x[i] = NAN;
  expect(k, "argmax of NaN", n, k->argmax(x, n) == n);
}

// Of 2 (1 + |x|) units in the last place, as the shift and the factor round too.
static void check_exponentials(const kernels_t *k, size_t n) {
  double sum = 0;
  bool close = true;
  guard(y);
  const float found = k->exp_sum(y, x, n, 1.5f, 0.7f), again = k->exp_sum(NULL, x, n, 1.5f, 0.7f);
  for (size_t i = 0; i < n; i++) {
    const double exact = exp((x[i] - 1.5) * (double)0.7f);
    close &= fabs(y[i] / exact - 1) < 2e-6 * (1 + fabs(x[i]));
    sum += exact;
  }
  expect(k, "exp_sum", n, close && y[n] == 77 && fabs(found / sum - 1) < 5e-5 && found == again);
  keep(k, "exp_sum", y, n * 4), keep(k, "exp_sum", &found, 4);
}

static void check_far_exponents(const kernels_t *k) {
  const float far[] = {-INFINITY, -1e30f, -88, 0, 88, 200, INFINITY};
  k->exp_sum(y, far, 7, 0, 1);
  bool finite = y[0] == 0 && y[1] == 0 && y[3] == 1;
  for (int i = 0; i < 7; i++) finite &= isfinite(y[i]) && y[i] >= 0;
  expect(k, "exp_sum of extremes", 7, finite);
}

void check_sampling(const kernels_t *k) {
  for (size_t l = 0; l < LENGTHS; l++) {
    fill(x, MOST, 40);
    check_exponentials(k, lengths[l]);
    check_extremes(k, lengths[l]);
    check_no_numbers(k, lengths[l]);
  }
  check_far_exponents(k);
  expect(k, "argmax of nothing", 0, k->argmax(x, 0) == 0 && k->largest(x, 0) == -INFINITY && k->peak(x, 0) == 0);
}

void check_conversions(const kernels_t *k) {
  static const float special[] = {NAN, INFINITY, -INFINITY, -0.0f, 1 + 0x1p-8f, 1 + 0x3p-8f, 1e-6f, 65520, 0x1p-25f};
  static uint8_t found[MOST * 4], plain[MOST * 4];
  for (weight_t type = WEIGHT_F32; type <= WEIGHT_BF16; type++)
    for (size_t l = 0; l < LENGTHS; l++) {
      const size_t n = lengths[l], bytes = n * (type == WEIGHT_F32 ? 4 : 2);
      float back[MOST], expected[MOST];
      fill(x, MOST, 100), memset(found, 1, sizeof found), memset(plain, 1, sizeof plain);
      for (size_t i = 0; i < n && i < 9; i++) x[n - 1 - i] = special[i];
      k->narrow(type, found, x, n), write_floats(type, plain, x, n);
      expect_bits(k, "narrow", n, found, plain, bytes + 4);
      memset(back, 1, sizeof back), memset(expected, 1, sizeof expected);
      k->widen(type, back, plain, n), dequantize_row(type, expected, plain, n);
      expect_bits(k, "widen", n, back, expected, n * 4 + 4);
    }
}
