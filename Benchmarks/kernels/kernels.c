// Calls every kernel once per shape, between marks that callgrind understands: see count.py. Valgrind knows AVX2 but not
// AVX-512, so the AVX2 table runs, which is made of the same sources.
#include "CKernels.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <valgrind/callgrind.h>

enum { K = 768, PANELS = 4, COLUMNS = PANELS * PANEL_ROWS, MOST_ROWS = 48, HEADS = 6, WIDTH = 64, POSITIONS = 512 };

static const char *const names[] = {"F32",  "F16",  "BF16", "Q4_0", "Q4_1", "Q5_0", "Q5_1",
                                    "Q8_0", "Q2_K", "Q3_K", "Q4_K", "Q5_K", "Q6_K", "IQ4_NL", "IQ4_XS", "MXFP4", "TQ2_0"};
static const size_t block_size[] = {1, 1, 1, 32, 32, 32, 32, 32, 256, 256, 256, 256, 256, 32, 256, 32, 256};
static const size_t block_bytes[] = {4, 2, 2, 18, 20, 22, 24, 34, 84, 110, 144, 176, 210, 18, 136, 17, 66};

static float x[MOST_ROWS * K], y[MOST_ROWS * COLUMNS];
static uint8_t rows[COLUMNS * K * 4], panels[COLUMNS * K * 4 + 65536] __attribute__((aligned(64)));
static uint8_t tiles[MOST_ROWS * K / 32 * 44] __attribute__((aligned(64)));

// What runs between two marks is one figure, under the name of the second.
#define COUNT(NAME, ...)                \
  CALLGRIND_ZERO_STATS;                 \
  __VA_ARGS__;                          \
  CALLGRIND_DUMP_STATS_AT(NAME);

static void products(const kernels_t *k, weight_t type, size_t count) {
  const size_t bytes = panel_bytes(type, K);
  for (size_t panel = 0; panel < PANELS; panel++) {
    float *target = y + panel * PANEL_ROWS;
    if (type < WEIGHT_Q4_0) k->panel_float(type, target, COLUMNS, panels + panel * bytes, x, K, count, K, PANEL_ROWS, NULL);
    else k->panel_quantized(type, target, COLUMNS, panels + panel * bytes, tiles, count, K, PANEL_ROWS, NULL);
  }
}

static void quantize(const kernels_t *k, size_t count) {
  for (size_t row = 0; row < count; row += k->tile_rows) {
    const size_t h = count - row < k->tile_rows ? count - row : k->tile_rows;
    k->quantize_tile(tiles + row * activation_bytes(K), x + row * K, K, h, K);
  }
}

static void weights(const kernels_t *k) {
  char name[32];
  for (weight_t type = 0; type < WEIGHT_COUNT; type++) {
    const size_t row_bytes = K / block_size[type] * block_bytes[type], bytes = panel_bytes(type, K);
    if (type >= WEIGHT_Q4_0 && type <= WEIGHT_Q6_K) {
      snprintf(name, sizeof name, "encode %s", names[type]);
      COUNT(name, k->encode(type, tiles, x, NULL, K))
    }
    snprintf(name, sizeof name, "pack %s", names[type]);
    COUNT(name, for (size_t panel = 0; panel < PANELS; panel++)
      pack_panel(type, panels + panel * bytes, rows + panel * PANEL_ROWS * row_bytes, row_bytes, PANEL_ROWS, K))
    for (size_t count = 1; count <= MOST_ROWS; count = count == 1 ? k->tile_rows : count == k->tile_rows ? MOST_ROWS : 99) {
      quantize(k, count);
      snprintf(name, sizeof name, "%s x %s", names[type], count == 1 ? "1" : count == MOST_ROWS ? "48" : "tile");
      COUNT(name, products(k, type, count))
    }
  }
}

static void attention(const kernels_t *k) {
  static uint8_t cache[POSITIONS * WIDTH * 4];
  static float partial[HEADS * (WIDTH + 2)], later[HEADS * (WIDTH + 2)];
  static int32_t blocks[POSITIONS / CACHE_BLOCK];
  for (int i = 0; i < POSITIONS / CACHE_BLOCK; i++) blocks[i] = i;
  for (cache_type_t type = CACHE_F16; type <= CACHE_Q8_0; type++) {
    const char *const suffix = type == CACHE_F16 ? "" : " Q8_0";
    const cache_head_t head = {cache, cache_block_bytes(type, WIDTH), blocks, WIDTH, type};
    char name[32];
    snprintf(name, sizeof name, "keep%s", suffix);
    COUNT(name, for (size_t i = 0; i < POSITIONS; i++)
      k->cache_store(type, cache + i / CACHE_BLOCK * head.block_bytes, x + i, x + 2 * i, i, WIDTH))
    snprintf(name, sizeof name, "attend%s", suffix);
    COUNT(name, k->attend_begin(partial, HEADS, WIDTH); k->attend_part(partial, x, &head, 0, POSITIONS, HEADS, 0))
    snprintf(name, sizeof name, "attend%s 1 head", suffix);
    COUNT(name, k->attend_begin(partial, 1, WIDTH); k->attend_part(partial, x, &head, 0, POSITIONS, 1, 0))
  }
  k->attend_begin(later, HEADS, WIDTH);
  COUNT("merge and finish", k->attend_merge(partial, later, HEADS, WIDTH); k->attend_finish(y, partial, HEADS, WIDTH))
}

// What training multiplies: 48 rows, 256 deep, 128 columns.
static void whole_products(const kernels_t *k) {
  enum { DEPTH = 256 };
  static float strips[DEPTH * COLUMNS], tiles[DEPTH * MOST_ROWS];
  const size_t width = k->product_width;
  COUNT("strips of rows", for (size_t c = 0; c < COLUMNS; c += width)
    k->product_strip_rows(WEIGHT_F32, strips + c * DEPTH, x + c, COLUMNS * 4, DEPTH, width))
  COUNT("strips of columns", for (size_t c = 0; c < COLUMNS; c += width)
    k->product_strip_columns(WEIGHT_F32, strips + c * DEPTH, (const float *)rows + c * DEPTH, DEPTH * 4, DEPTH, width))
  COUNT("strips of a panel, Q4_K", k->product_strip_panel(WEIGHT_Q4_K, strips, width * PANEL_ROWS, panels, 0, 256, PANEL_ROWS))
  COUNT("tiles of columns", k->product_tile_columns(tiles, x, MOST_ROWS, DEPTH, MOST_ROWS))
  COUNT("product of rows", for (size_t c = 0; c < COLUMNS; c += width)
    k->product_rows(y + c, COLUMNS, NULL, 0, x, K, strips + c * DEPTH, MOST_ROWS, DEPTH, width))
  COUNT("product of tiles", for (size_t c = 0; c < COLUMNS; c += width)
    k->product_tiles(y + c, COLUMNS, y + c, COLUMNS, tiles, strips + c * DEPTH, MOST_ROWS, DEPTH, width))
}

static void learning(const kernels_t *k) {
  static float first[K], second[K];
  static uint16_t halves[K];
  static moments_t moments[2][(K + MOMENT_BLOCK - 1) / MOMENT_BLOCK];
  const adam_t adam = {0.9f, 0.95f, 1e-8f, 1e-3f, 0.9f};
  COUNT("softmax_back", k->softmax_back(y, x, K, 0.5f, 0.125f))
  COUNT("rms_norm_back", k->rms_norm_back(y, first, x, x + K, x + 2 * K, K, 1e-5f))
  COUNT("swiglu_back", k->swiglu_back(y, y + K, x, x + K, x + 2 * K, K))
  COUNT("adam_step", k->adam_step(y, first, second, x, K, &adam))
  COUNT("adam_step_bytes", k->adam_step_bytes(y, moments[0], moments[1], x, K, 7, &adam))
  COUNT("peak", k->peak(x, MOST_ROWS * K))
  COUNT("narrow", k->narrow(WEIGHT_BF16, halves, x, K))
  COUNT("largest", k->largest(x, MOST_ROWS * K))
}

// An adapter of rank 16 over 48 rows, and 8 heads of a state space of 64 by 128 (Mamba-2's) with its convolution.
static void thin_and_recurrent(const kernels_t *k) {
  enum { RANK = 16, STATES = 128, SCAN_HEADS = 8, TAPS = 4 };
  static float t[MOST_ROWS * RANK], state[SCAN_HEADS * WIDTH * STATES], gradient[WIDTH * STATES];
  static float dx[WIDTH], db[STATES], dc[STATES];
  static int32_t picked[MOST_ROWS];
  for (int i = 0; i < MOST_ROWS; i++) picked[i] = i;
  COUNT("low_rank_down", k->low_rank_down(t, RANK, (const float *)rows, RANK, x, K, picked, MOST_ROWS, K))
  COUNT("low_rank_up", k->low_rank_up(y, COLUMNS, picked, MOST_ROWS, t, RANK, RANK, x, COLUMNS, COLUMNS, NULL, NULL))
  const scan_t head = {0.9f, 0.1f, 1, WIDTH, STATES};
  COUNT("scan_step", for (size_t h = 0; h < SCAN_HEADS; h++)
    k->scan_step(y + h * WIDTH, state + h * WIDTH * STATES, x + h * WIDTH, x + K, x + 2 * K, &head))
  scan_back_t d = {dx, db, dc, 0, 0, 0};
  COUNT("scan_back", k->scan_back(gradient, &d, state, state + WIDTH * STATES, x, x + K, x + 2 * K, x + 3 * K, &head))
  const float *const before[TAPS] = {x, x + K, x + 2 * K, x + 3 * K};
  COUNT("convolve", k->convolve(y, before, x + 4 * K, x, TAPS, K))
}

static void elements(const kernels_t *k) {
  COUNT("quantize", quantize(k, MOST_ROWS))
  COUNT("rms_norm", k->rms_norm(y, x, x + K, K, 1e-5f))
  COUNT("rotate", k->rotate(y, x, x + K, x + 2 * K, K / 2))
  COUNT("swiglu", k->swiglu(y, x, x + K, K))
  COUNT("geglu", k->geglu(y, x, x + K, K))
  COUNT("argmax", k->argmax(x, MOST_ROWS * K))
  COUNT("exp_sum", k->exp_sum(NULL, x, MOST_ROWS * K, 1, 1))
}

int main(void) {
  const kernels_t *k = kernels_for(ISA_AVX2);
  if (!k) return fputs("this machine has no AVX2\n", stderr), 77;
  unsigned state = 1;
  for (size_t i = 0; i < sizeof x / sizeof *x; i++) x[i] = (float)((state = state * 1664525 + 1013904223) >> 8) * 0x1p-24f - 0.5f;
  memset(rows, 0x11, sizeof rows);
  weights(k);
  attention(k);
  elements(k);
  whole_products(k);
  learning(k);
  thin_and_recurrent(k);
}
