// What the checks of kernels share: numbers that look like chance, and comparisons that are counted.
#pragma once
#include "CKernels.h"
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

// Around each width of vectors and beyond; MOST has room for a guard behind the longest.
enum { LENGTHS = 9, MOST = 1040 };
extern const size_t lengths[LENGTHS];

// The same numbers after the same seed, between -bound and bound.
void seed(unsigned value);
unsigned chance(void);
void fill(float *x, size_t n, float bound);

// A result is guarded: what follows it must stay as it was.
void guard(float *y);
// n numbers, guarded, within tolerance * (1 + |expected|).
void expect_row(const kernels_t *k, const char *what, const float *y, const double *expected, size_t n, double tolerance);
// The same without a guard; `n` says what the case was.
void expect_close(const kernels_t *k, const char *what, size_t n, const float *y, const double *expected, size_t count,
                  double tolerance);
void expect_bits(const kernels_t *k, const char *what, size_t n, const void *found, const void *expected, size_t bytes);
void expect(const kernels_t *k, const char *what, size_t n, bool holds);

// Results under one name are put together, table by table: what two tables must make alike is compared in the end.
void keep(const kernels_t *k, const char *what, const void *result, size_t bytes);
void expect_alike(const kernels_t *one, const kernels_t *other);

int report(void);

void check_rows(const kernels_t *k);
void check_gradients(const kernels_t *k);
void check_sampling(const kernels_t *k);
void check_conversions(const kernels_t *k);
void check_products(const kernels_t *k);
void check_pairs(const kernels_t *k);
void check_low_rank(const kernels_t *k);
void check_optimizers(const kernels_t *k);
void check_encoding(const kernels_t *k);
void check_state_spaces(const kernels_t *k);
void check_panels(const kernels_t *k);
void check_packing(const kernels_t *k);
void check_attention(const kernels_t *k);

// The bytes of blocks that could be weights of a quantised or a float type, `rows` rows of k columns.
size_t bytes_of_row(weight_t type, size_t k);
void fill_weights(weight_t type, uint8_t *weights, size_t rows, size_t k);
