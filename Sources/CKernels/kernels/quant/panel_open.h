// One panel against many rows. Where taking bits apart and multiplying share the vector units, as with AVX2, or output rows are
// paired first, some steps of the panel are taken apart once for all rows; elsewhere that costs more than it saves. Sums are
// the same bits either way.
#pragma once
#include "panel.h"

enum { OPEN_STEPS = 8, ROWS_TO_OPEN_FOR = (SQUARES ? 2 : 4) * TILE };

// Steps of a panel: all bytes, as open_weights leaves them, and each half step's scales and minimums, as floats.
typedef struct {
  uint8_t weights[OPEN_STEPS][8 * 128];
  float scales[OPEN_STEPS][2][PANEL_ROWS], minimums[OPEN_STEPS][2][PANEL_ROWS];
} open_t;

INLINE void open_steps(const format_t f, open_t *open, const uint8_t *step, const uint8_t *header, size_t steps) {
  for (size_t j = 0; j < steps; j++, step += step_bytes(f))
    for (size_t row = 0; row < PANEL_ROWS; row += LANES) {
      open_weights(f, open->weights[j], step + scale_bytes(f), row);
      UNROLL for (int half = 0; half < f.halves; half++) {
        const pair_t pair = pair_of(f, step, header, row, half);
        store(open->scales[j][half] + row, pair.scale);
        if (f.minimum) store(open->minimums[j][half] + row, pair.minimum);
      }
    }
}

// A whole tile against SUBTILE output rows of opened steps.
INLINE void stream_open(const format_t f, float *y, size_t y_stride, start_t start, const open_t *open, size_t row,
                        const uint8_t *tile, size_t steps) {
  vf sum[TILE][MOST_VECTORS];
  UNROLL for (int m = 0; m < TILE; m++)
    UNROLL for (int v = 0; v < VECTORS; v++) sum[m][v] = load(start.at + m * start.stride + row + v * LANES);
  for (size_t j = 0; j < steps; j++, tile += TILE * 44)
    UNROLL for (int half = 0; half < f.halves; half++) {
      pair_t pairs[MOST_VECTORS];
      UNROLL for (int v = 0; v < VECTORS; v++) {
        pairs[v].scale = load(open->scales[j][half] + row + v * LANES);
        if (f.minimum) pairs[v].minimum = load(open->minimums[j][half] + row + v * LANES);
      }
      accumulate(f, true, TILE, VECTORS, sum, open->weights[j], row, half, pairs, tile);
    }
  UNROLL for (int m = 0; m < TILE; m++)
    UNROLL for (int v = 0; v < VECTORS; v++) store(y + m * y_stride + row + v * LANES, sum[m][v]);
}

// `rows` rows, a multiple of TILE, against a whole panel.
INLINE void multiply_open(const weight_t type, float *y, size_t y_stride, start_t start, const uint8_t *panel,
                          const uint8_t *tiles, size_t rows, size_t k) {
  const format_t f = format_of(type);
  open_t open __attribute__((aligned(64)));
  for (size_t first = 0; first < k / 32; first += OPEN_STEPS, start = (start_t){y, y_stride}) {
    const size_t steps = k / 32 - first < OPEN_STEPS ? k / 32 - first : OPEN_STEPS;
    open_steps(f, &open, panel + header_bytes(f), panel, steps);
    panel += header_bytes(f) + OPEN_STEPS * step_bytes(f);
    for (size_t m = 0; m < rows; m += TILE) {
      const uint8_t *tile = tiles + m * activation_bytes(k) + first * TILE * 44;
      const start_t from = {start.at + m * start.stride, start.stride};
      for (size_t row = 0; row < PANEL_ROWS; row += SUBTILE)
        stream_open(f, y + m * y_stride, y_stride, from, &open, row, tile, steps);
    }
  }
}

#define OPENED(T)                                                                                                       \
  static void open_##T(float *y, size_t y_stride, start_t start, const uint8_t *panel, const uint8_t *tiles, size_t rows, \
                       size_t k) {                                                                                      \
    multiply_open(WEIGHT_##T, y, y_stride, start, panel, tiles, rows, k);                                               \
  }
EACH_QUANTIZED(OPENED)

static void open_panel(weight_t type, float *y, size_t y_stride, start_t start, const void *panel, const void *tiles,
                       size_t rows, size_t k) {
#define CASE(T) case WEIGHT_##T: return open_##T(y, y_stride, start, panel, tiles, rows, k);
  switch (type) { EACH_QUANTIZED(CASE) default: return; }
#undef CASE
}

// Types of four or eight bits come apart by themselves, unless rows have to be paired.
INLINE bool is_opened(weight_t type) {
  const format_t f = format_of(type);
  return SQUARES || (PAIRS_FIRST && (f.high || f.super || f.book));
}

static void panel_quantized(weight_t type, float *y, size_t y_stride, const void *panel, const void *tiles, size_t rows,
                            size_t k, size_t columns, const float *bias) {
  const start_t start = start_of(bias);
  const bool opens = is_opened(type) && rows >= ROWS_TO_OPEN_FOR && columns == PANEL_ROWS;
  const size_t whole = opens ? rows - rows % TILE : 0;
  if (opens) open_panel(type, y, y_stride, start, panel, tiles, whole, k);
  stream_panel(type, y + whole * y_stride, y_stride, panel, (const uint8_t *)tiles + whole * activation_bytes(k), rows - whole,
               k, columns, start);
}
