// What the kernels of all panels share: heights of tiles that are constants, results that start at the bias, and panels
// with fewer than 32 columns.
#pragma once
#include "quant/format.h"

#define UNROLL _Pragma("clang loop unroll(full)")
#define EACH_HEIGHT(DO) switch (h) { DO(1) DO(2) DO(3) DO(4) DO(5) DO(6) }

// Starts h rows of results at the bias.
static void begin(float *y, size_t y_stride, size_t h, size_t columns, const float *bias) {
  for (size_t m = 0; m < h; m++) {
    if (bias) memcpy(y + m * y_stride, bias, columns * 4);
    else memset(y + m * y_stride, 0, columns * 4);
  }
}

// Runs `body` on h rows of 32 results: in place, or in a copy where the panel has fewer columns.
#define WITH_WHOLE_PANEL(BODY)                                                         \
  if (columns == PANEL_ROWS) {                                                         \
    float *target = y + m * y_stride;                                                  \
    const size_t target_stride = y_stride;                                             \
    BODY                                                                               \
  } else {                                                                             \
    float target[TILE * PANEL_ROWS] = {0};                                             \
    const size_t target_stride = PANEL_ROWS;                                           \
    for (size_t i = 0; i < h; i++) memcpy(target + i * PANEL_ROWS, y + (m + i) * y_stride, columns * 4); \
    BODY                                                                               \
    for (size_t i = 0; i < h; i++) memcpy(y + (m + i) * y_stride, target + i * PANEL_ROWS, columns * 4); \
  }
