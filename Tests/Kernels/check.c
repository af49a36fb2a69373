#include "check.h"

enum { MOST_KEPT = 1000 };

const size_t lengths[LENGTHS] = {1, 3, 4, 15, 17, 31, 64, 257, 1000};

static const float GUARD = 77;
static unsigned state;
static int passed, failed;
static struct { const kernels_t *k; const char *what; uint64_t digest; } kept[MOST_KEPT];
static size_t kept_count;

void seed(unsigned value) { state = value; }
unsigned chance(void) { return (state = state * 1664525 + 1013904223) >> 8; }

void fill(float *x, size_t n, float bound) {
  for (size_t i = 0; i < n; i++) x[i] = ((float)(chance() % 20001) / 10000 - 1) * bound;
}

void guard(float *y) {
  for (size_t i = 0; i < MOST; i++) y[i] = GUARD;
}

void expect(const kernels_t *k, const char *what, size_t n, bool holds) {
  if (holds) passed++;
  else failed++, printf("%s: %s is wrong at %zu\n", k->name, what, n);
}

void expect_close(const kernels_t *k, const char *what, size_t n, const float *y, const double *expected, size_t count,
                  double tolerance) {
  bool holds = true;
  for (size_t i = 0; i < count; i++) holds &= fabs(y[i] - expected[i]) <= tolerance * (1 + fabs(expected[i]));
  expect(k, what, n, holds);
  keep(k, what, y, count * 4);
}

void expect_row(const kernels_t *k, const char *what, const float *y, const double *expected, size_t n, double tolerance) {
  expect_close(k, what, n, y, expected, n, tolerance);
  if (y[n] != GUARD) expect(k, what, n, false);
}

void expect_bits(const kernels_t *k, const char *what, size_t n, const void *found, const void *expected, size_t bytes) {
  expect(k, what, n, !memcmp(found, expected, bytes));
  keep(k, what, found, bytes);
}

static uint64_t *digest_of(const kernels_t *k, const char *what) {
  for (size_t i = 0; i < kept_count; i++)
    if (kept[i].k == k && !strcmp(kept[i].what, what)) return &kept[i].digest;
  if (kept_count == MOST_KEPT) exit(2);
  kept[kept_count].k = k, kept[kept_count].what = what, kept[kept_count].digest = 14695981039346656037u;
  return &kept[kept_count++].digest;
}

void keep(const kernels_t *k, const char *what, const void *result, size_t bytes) {  // FNV-1a
  uint64_t *digest = digest_of(k, what);
  for (size_t i = 0; i < bytes; i++) *digest = (*digest ^ ((const uint8_t *)result)[i]) * 1099511628211u;
}

void expect_alike(const kernels_t *one, const kernels_t *other) {
  for (size_t i = 0, count = kept_count; i < count; i++) {
    if (kept[i].k != one) continue;
    const bool same = kept[i].digest == *digest_of(other, kept[i].what);
    if (!same) printf("%s and %s differ: ", one->name, other->name);
    expect(other, kept[i].what, 0, same);
  }
}

int report(void) {
  printf("%d passed, %d failed\n", passed, failed);
  return failed > 0;
}
