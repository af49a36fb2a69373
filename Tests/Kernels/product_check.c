// Products of whole matrices, and the strips and tiles they are made of.
#include "check.h"

enum { MOST_ROWS = 13, MOST_K = 70, MOST_COLUMNS = 40, ROOM = 64 * 64 };

static float a[MOST_ROWS * MOST_K], turned[MOST_ROWS * MOST_K], b[MOST_K * MOST_COLUMNS], start[MOST_ROWS * MOST_COLUMNS];
static float strip[MOST_K * 64], tiles[ROOM], y[2][MOST_ROWS * MOST_COLUMNS];
static double expected[MOST_ROWS * MOST_COLUMNS];

typedef struct { size_t rows, k, columns; } shape_t;

static void check_shape(const kernels_t *t, shape_t s) {
  fill(a, s.rows * s.k, 1), fill(b, s.k * s.columns, 1), fill(start, s.rows * s.columns, 1);
  for (size_t r = 0; r < s.rows; r++)
    for (size_t i = 0; i < s.k; i++) turned[i * s.rows + r] = a[r * s.k + i];
  for (size_t at = 0; at < s.rows * s.columns; at++) {
    expected[at] = start[at];
    for (size_t i = 0; i < s.k; i++) expected[at] += (double)a[at / s.columns * s.k + i] * b[i * s.columns + at % s.columns];
  }
  memcpy(y[0], start, sizeof start), memcpy(y[1], start, sizeof start);
  t->product_tile_columns(tiles, turned, s.rows, s.k, s.rows);
  for (size_t column = 0; column < s.columns; column += t->product_width) {
    const size_t some = s.columns - column < t->product_width ? s.columns - column : t->product_width, half = s.k / 2;
    float *whole = y[0] + column, *cut = y[1] + column;
    t->product_strip_rows(WEIGHT_F32, strip, b + column, s.columns * 4, s.k, some);
    t->product_rows(whole, s.columns, whole, s.columns, a, s.k, strip, s.rows, s.k, some);
    t->product_rows(cut, s.columns, cut, s.columns, a, s.k, strip, s.rows, half, some);
    t->product_rows(cut, s.columns, cut, s.columns, a + half, s.k, strip + half * t->product_width, s.rows, s.k - half, some);
  }
  expect_close(t, "product_rows", s.k, y[0], expected, s.rows * s.columns, 1e-5);
  expect_bits(t, "product_rows in two blocks", s.k, y[1], y[0], s.rows * s.columns * 4);
  memcpy(y[1], start, sizeof start);
  for (size_t column = 0; column < s.columns; column += t->product_width) {
    const size_t some = s.columns - column < t->product_width ? s.columns - column : t->product_width;
    float *at = y[1] + column;
    t->product_strip_rows(WEIGHT_F32, strip, b + column, s.columns * 4, s.k, some);
    t->product_tiles(at, s.columns, at, s.columns, tiles, strip, s.rows, s.k, some);
  }
  expect_bits(t, "product_tiles", s.k, y[1], y[0], s.rows * s.columns * 4);
}

static void check_tile_columns(const kernels_t *t, size_t k, size_t rows) {
  float plain[ROOM] = {0};
  fill(turned, rows * k, 1), fill(tiles, ROOM, 1);
  const size_t count = (rows + t->product_tile - 1) / t->product_tile * t->product_tile;
  for (size_t i = 0; i < k; i++)
    for (size_t r = 0; r < rows; r++)
      plain[r / t->product_tile * t->product_tile * k + i * t->product_tile + r % t->product_tile] = turned[i * rows + r];
  t->product_tile_columns(tiles, turned, rows, k, rows);
  expect_bits(t, "product_tile_columns", rows, tiles, plain, count * k * 4);
}

// A strip of `columns` columns, from rows of a float type and from rows of what is turned.
static void check_strips(const kernels_t *t, weight_t type, size_t k, size_t columns) {
  uint8_t rows[MOST_K * 64 * 4];
  float plain[MOST_K * 64] = {0}, one[MOST_K * 64];
  const size_t size = type == WEIGHT_F32 ? 4 : 2, width = t->product_width;
  fill(one, k * columns, 1), write_floats(type, rows, one, k * columns);
  dequantize_row(type, one, rows, k * columns);
  for (size_t i = 0; i < k; i++)
    for (size_t c = 0; c < columns; c++) plain[i * width + c] = one[i * columns + c];
  fill(strip, sizeof strip / 4, 1), t->product_strip_rows(type, strip, rows, columns * size, k, columns);
  expect_bits(t, "product_strip_rows", columns, strip, plain, k * width * 4);
  for (size_t i = 0; i < k; i++)
    for (size_t c = 0; c < columns; c++) plain[i * width + c] = one[c * k + i];
  fill(strip, sizeof strip / 4, 1), t->product_strip_columns(type, strip, rows, k * size, k, columns);
  expect_bits(t, "product_strip_columns", columns, strip, plain, k * width * 4);
}

// The columns `from` to `from + columns` of a panel's first rows, against the rows read back: the same numbers.
static void check_strip_panel(const kernels_t *t, weight_t type, size_t from, size_t columns, size_t rows) {
  enum { K = 512, MOST_STRIPS = 520 };
  static uint8_t weights[K * 4 * PANEL_ROWS], panel[K * 4 * PANEL_ROWS + 8192] __attribute__((aligned(64)));
  static float strips[MOST_STRIPS * PANEL_ROWS], row[K];
  static double plain[MOST_STRIPS * PANEL_ROWS];
  const size_t width = t->product_width, count = (columns + width - 1) / width;
  fill_weights(type, weights, PANEL_ROWS, K);
  pack_panel(type, panel, weights, bytes_of_row(type, K), PANEL_ROWS, K);
  memset(plain, 0, sizeof plain);
  for (size_t r = 0; r < rows; r++) {
    unpack_panel_row(type, row, panel, r, K);
    for (size_t c = 0; c < columns; c++) plain[(c / width * rows + r) * width + c % width] = row[from + c];
  }
  t->product_strip_panel(type, strips, rows * width, panel, from, columns, rows);
  expect_close(t, "product_strip_panel", (size_t)type, strips, plain, count * rows * width, 0);
}

void check_products(const kernels_t *t) {
  static const shape_t shapes[] = {{1, 1, 1}, {5, 7, 3}, {6, 64, 4}, {13, 33, 8}, {12, 40, 16}, {7, 16, 31}, {3, 17, 40}};
  static const size_t counts[] = {1, 3, 6, 7, 13};
  for (size_t i = 0; i < sizeof shapes / sizeof *shapes; i++) check_shape(t, shapes[i]);
  for (size_t i = 0; i < 5; i++) check_tile_columns(t, 17, counts[i]);
  for (weight_t type = WEIGHT_F32; type <= WEIGHT_BF16; type++)
    for (size_t columns = 1; columns <= t->product_width; columns += columns < 8 ? 2 : 7) {
      check_strips(t, type, 17, columns);
      check_strips(t, type, 64, columns);
    }
  for (weight_t type = 0; type < WEIGHT_COUNT; type++) {
    check_strip_panel(t, type, 0, 512, PANEL_ROWS);
    check_strip_panel(t, type, 64, 96, 17);
    if (type < WEIGHT_Q4_0) check_strip_panel(t, type, 64, 37, 5);
  }
}
