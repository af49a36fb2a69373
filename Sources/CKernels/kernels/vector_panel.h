// What the kernels of all panels share: heights of tiles that are constants, results that start at the bias, and panels
// with fewer than 32 columns.
#pragma once
#include "quant/format.h"

#define UNROLL _Pragma("clang loop unroll(full)")
enum { MOST_HEIGHT = 6 };
#define EACH_HEIGHT(DO) switch (h) { DO(1) DO(2) DO(3) DO(4) DO(5) DO(6) }

// What the sums of some rows start from: the bias or nothing, the same for every row, or what earlier columns gave.
typedef struct { const float *at; size_t stride; } start_t;

static const float nothing[PANEL_ROWS];
INLINE start_t start_of(const float *bias) { return (start_t){bias ? bias : nothing, 0}; }

// Runs `body` on rows m to m + h, from `from` to 32 columns of `target`: in place, or in a copy where the panel has fewer.
#define WITH_WHOLE_PANEL(BODY)                                                                            \
  if (columns == PANEL_ROWS) {                                                                            \
    float *target = y + m * y_stride;                                                                     \
    const size_t target_stride = y_stride;                                                                \
    const start_t from = {start.at + m * start.stride, start.stride};                                     \
    BODY                                                                                                  \
  } else {                                                                                                \
    float target[MOST_HEIGHT * PANEL_ROWS] = {0};                                                                \
    const size_t target_stride = PANEL_ROWS;                                                              \
    const start_t from = {target, PANEL_ROWS};                                                            \
    for (size_t i = 0; i < h; i++)                                                                        \
      memcpy(target + i * PANEL_ROWS, start.at + (m + i) * start.stride, columns * 4);                    \
    BODY                                                                                                  \
    for (size_t i = 0; i < h; i++) memcpy(y + (m + i) * y_stride, target + i * PANEL_ROWS, columns * 4);  \
  }

// Hides from the compiler that a pointer was worked out from another: it would work it out again in every round of a loop.
#define APART(POINTER) __asm__("" : "+r"(POINTER))
