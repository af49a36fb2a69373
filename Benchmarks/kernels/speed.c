// How fast the products of every weight type are on this machine: one row over weights that no cache holds, on two threads, beside
// reading the same bytes; and 512 rows on one thread, beside the products that the machine makes at most. See speed.py.
#include "CKernels.h"
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <time.h>

enum { K = 1024, ROWS = 512, PANELS = 48, BYTES = 200 << 20, ROUNDS = 7 };
static const char *const names[] = {"F32", "F16", "BF16", "Q4_0", "Q4_1", "Q5_0", "Q5_1", "Q8_0", "Q2_K", "Q3_K", "Q4_K", "Q5_K", "Q6_K"};
static const size_t block_size[] = {1, 1, 1, 32, 32, 32, 32, 32, 256, 256, 256, 256, 256};
static const size_t block_bytes[] = {4, 2, 2, 18, 20, 22, 24, 34, 84, 110, 144, 176, 210};

static const kernels_t *table;
static weight_t type;
static size_t size;
static uint8_t *weights, *tiles;
static float *x, *y;

static double seconds(void) {
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return (double)now.tv_sec + (double)now.tv_nsec * 1e-9;
}

static void multiply(size_t panel, size_t rows) {
  const size_t stride = rows == 1 ? 0 : PANELS * PANEL_ROWS;
  float *target = y + (rows == 1 ? panel % 64 : panel) * PANEL_ROWS;
  if (type < WEIGHT_Q4_0) table->panel_float(type, target, stride, weights + panel * size, x, K, rows, K, PANEL_ROWS, NULL);
  else table->panel_quantized(type, target, stride, weights + panel * size, tiles, rows, K, PANEL_ROWS, NULL);
}

static void multiply_all(void *context, claims_t *claims, int thread) {
  do multiply(claims_index(claims), 1);
  while (claims_next(claims));
}

static void read_all(void *context, claims_t *claims, int thread) {
  do read_through(weights + claims_index(claims) * size, size);
  while (claims_next(claims));
}

static double random_float(void) { return (double)rand() / RAND_MAX - 0.5; }

static void prepare(void) {
  const size_t bytes = K / block_size[type] * block_bytes[type];
  uint8_t *rows = malloc(PANEL_ROWS * bytes);
  float row[K];
  for (size_t r = 0; r < PANEL_ROWS; r++) {
    for (size_t i = 0; i < K; i++) row[i] = (float)random_float();
    if (type < WEIGHT_Q4_0) write_floats(type, rows + r * bytes, row, K);
    else table->encode(type, rows + r * bytes, row, NULL, K);
  }
  size = panel_bytes(type, K);
  for (size_t panel = 0; panel < BYTES / size; panel++) pack_panel(type, weights + panel * size, rows, bytes, PANEL_ROWS, K);
  free(rows);
}

static double least(double a, double b) { return a < b ? a : b; }

static void measure(pool_t *pool) {
  double one = 1e9, read = 1e9, many = 1e9, probe = 1e9, operations = 0;
  for (int round = 0; round < ROUNDS; round++) {
    double start = seconds();
    pool_run(pool, multiply_all, NULL, BYTES / size);
    one = least(one, seconds() - start), start = seconds();
    pool_run(pool, read_all, NULL, BYTES / size);
    read = least(read, seconds() - start), start = seconds();
    for (size_t panel = 0; panel < PANELS; panel++) multiply(panel, ROWS);
    many = least(many, seconds() - start), start = seconds();
    operations = (double)(type < WEIGHT_Q4_0 ? table->fma_through : table->dot_through)(1000000);
    probe = least(probe, seconds() - start);
  }
  const double products = 2.0 * ROWS * PANELS * PANEL_ROWS * K;
  printf("%s %.2f %.2f %.1f %.1f\n", names[type], BYTES / one / 1e9, BYTES / read / 1e9, products / many / 1e9, operations / probe / 1e9);
}

int main(void) {
  table = kernels();
  weights = aligned_alloc(2 << 20, BYTES + (2 << 20));
  madvise(weights, BYTES, MADV_HUGEPAGE);
  x = malloc(ROWS * K * 4), y = malloc(ROWS * PANELS * PANEL_ROWS * 4), tiles = aligned_alloc(64, ROWS * activation_bytes(K));
  for (size_t i = 0; i < ROWS * K; i++) x[i] = (float)random_float();
  for (size_t row = 0; row < ROWS; row += table->tile_rows) {
    const size_t height = ROWS - row < table->tile_rows ? ROWS - row : table->tile_rows;
    table->quantize_tile(tiles + row * activation_bytes(K), x + row * K, K, height, K);
  }
  pool_t *pool = pool_create(2, NULL);
  for (type = 0; type < WEIGHT_IQ4_NL; type++) prepare(), measure(pool);
  pool_destroy(pool);
}
