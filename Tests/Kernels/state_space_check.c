// State spaces and the convolution before them.
#include "check.h"

enum { WIDTH = 3, TAPS = 4 };

static float taps[TAPS][MOST], weight[TAPS * MOST], bias[MOST], y[MOST];
static float before[WIDTH * MOST], later[WIDTH * MOST], after[WIDTH * MOST], b[MOST], c[MOST], start[MOST], x[WIDTH], dy[WIDTH];
static double expected[WIDTH * MOST], also[MOST], last[MOST];
static const scan_t head = {0.8f, 0.3f, 1.5f, WIDTH, 0};

static void check_convolution(const kernels_t *k, size_t n) {
  const float *rows[TAPS] = {taps[0], taps[1], taps[2], taps[3]};
  for (size_t i = 0; i < n; i++) {
    expected[i] = bias[i], also[i] = (double)taps[0][i] * weight[i];
    for (size_t tap = 0; tap < TAPS; tap++) expected[i] += (double)taps[tap][i] * weight[tap * n + i];
  }
  guard(y), k->convolve(y, rows, weight, bias, TAPS, n);
  expect_row(k, "convolve", y, expected, n, 1e-6);
  guard(y), k->convolve(y, rows, weight, NULL, 1, n);
  expect_row(k, "convolve without a bias", y, also, n, 1e-6);
}

static double state(size_t n, size_t row, size_t i) {
  return (double)head.decay * before[row * n + i] + (double)head.step * x[row] * b[i];
}

static void check_step(const kernels_t *k, size_t n) {
  scan_t scan = head;
  double sums[WIDTH];
  for (size_t row = 0; row < WIDTH; row++) {
    sums[row] = head.skip * x[row];
    for (size_t i = 0; i < n; i++) expected[row * n + i] = state(n, row, i), sums[row] += expected[row * n + i] * c[i];
  }
  scan.states = n, memcpy(after, before, sizeof after);
  k->scan_step(y, after, x, b, c, &scan);
  expect_close(k, "scan_step", n, y, sums, WIDTH, 1e-4);
  expect_close(k, "scan_step state", n, after, expected, WIDTH * n, 1e-6);
}

// What later places, and the result, make of a number of the state.
static double slope(size_t n, size_t row, size_t i) { return later[row * n + i] + (double)dy[row] * c[i]; }

static void check_back(const kernels_t *k, size_t n) {
  static float dstate[WIDTH * MOST];
  float dx[WIDTH], db[MOST], dc[MOST];
  double dxs[WIDTH], all[3] = {0};
  for (size_t i = 0; i < n; i++) also[i] = last[i] = start[i];
  for (size_t row = 0; row < WIDTH; row++) {
    double through = 0;
    for (size_t i = 0; i < n; i++) {
      const double s = slope(n, row, i);
      expected[row * n + i] = head.decay * s, through += s * b[i], all[0] += s * before[row * n + i];
      also[i] += s * head.step * x[row], last[i] += (double)dy[row] * after[row * n + i];
    }
    dxs[row] = head.step * through + head.skip * (double)dy[row];
    all[1] += through * x[row], all[2] += (double)dy[row] * x[row];
  }
  scan_t scan = head;
  scan_back_t back = {dx, db, dc, 0, 0, 0};
  scan.states = n, memcpy(dstate, later, sizeof dstate), memcpy(db, start, sizeof db), memcpy(dc, start, sizeof dc);
  k->scan_back(dstate, &back, before, after, x, dy, b, c, &scan);
  const float found[3] = {back.decay, back.step, back.skip};
  expect_close(k, "scan_back", n, dstate, expected, WIDTH * n, 1e-6);
  expect_close(k, "scan_back of x", n, dx, dxs, WIDTH, 1e-4);
  expect_close(k, "scan_back of b", n, db, also, n, 1e-5);
  expect_close(k, "scan_back of c", n, dc, last, n, 1e-5);
  expect_close(k, "scan_back of the head", n, found, all, 3, 1e-4);
}

void check_state_spaces(const kernels_t *k) {
  for (size_t l = 0; l < LENGTHS; l++) {
    fill(taps[0], TAPS * MOST, 2), fill(weight, TAPS * MOST, 1), fill(bias, MOST, 1);
    fill(before, WIDTH * MOST, 1), fill(later, WIDTH * MOST, 1), fill(b, MOST, 1), fill(c, MOST, 1), fill(start, MOST, 1);
    fill(x, WIDTH, 1), fill(dy, WIDTH, 1);
    check_convolution(k, lengths[l]), check_step(k, lengths[l]), check_back(k, lengths[l]);
  }
}
