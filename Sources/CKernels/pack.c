// Packing of panels: whole ones in vectors; others, and what tests compare those with, plainly.
#include "kernels/quant/pack.h"
#include "kernels/quant/pack_blocks.h"

// How far ahead each row is asked for: 32 rows are more streams than a processor follows by itself.
enum { AHEAD = 256, LINE = 64, MOST_PART = 64 + SUPER * (64 + 6 * WORD_BYTES) };

void pack_panel_plainly(weight_t type, void *panel, const void *rows, size_t row_bytes, size_t count, size_t k) {
  if (count < PANEL_ROWS) memset(panel, 0, panel_bytes(type, k));
  switch (type) {
#define CASE(T) case WEIGHT_##T: plain_steps(WEIGHT_##T, panel, rows, row_bytes, count, k); break;
    EACH_QUANTIZED(CASE)
#undef CASE
  default: plain_floats(type, panel, rows, row_bytes, count, k);
  }
}

// Whole lines past the caches: nobody reads a panel soon, and they need not be read before they are written.
static void write_past(uint8_t *panel, const uint8_t *part, size_t bytes) {
  for (size_t i = 0; i < bytes; i += sizeof(four_t))
    __builtin_nontemporal_store(load_four(part + i), (four_t *)(panel + i));
}

INLINE void fetch(rows_t rows, size_t bytes) {
  UNROLL for (size_t row = 0; row < LANES; row++)
    UNROLL for (size_t line = 0; line < bytes; line += LINE)
      __builtin_prefetch(rows.at + row * rows.stride + AHEAD + line);
}

INLINE void pack_quantized(const weight_t type, uint8_t *panel, const uint8_t *rows, size_t row_bytes, size_t k) {
  const format_t f = format_of(type);
  const size_t steps = f.super ? SUPER : 1, bytes = header_bytes(f) + steps * step_bytes(f);
  uint8_t part[MOST_PART] __attribute__((aligned(LINE)));
  for (size_t index = 0; index < k / 32; index += steps, rows += f.block, panel += bytes) {
    for (size_t row = 0; row < PANEL_ROWS; row += LANES) {
      const rows_t four = {rows + row * row_bytes, row_bytes};
      fetch(four, f.block);
      if (f.super) pack_super(type, part, row, four);
      else pack_step(type, part, row, four);
    }
    write_past(panel, part, bytes);
  }
}

static void pack_floats(weight_t type, uint8_t *panel, const uint8_t *rows, size_t row_bytes, size_t k) {
  const size_t bytes = k * float_bytes(type), step = 4 * FLOAT_WORDS, whole = bytes - bytes % step;
  uint8_t part[FLOAT_WORDS * WORD_BYTES] __attribute__((aligned(LINE)));
  for (size_t at = 0; at < whole; at += step, panel += sizeof part) {
    for (size_t row = 0; row < PANEL_ROWS; row += LANES) {
      const rows_t four = {rows + row * row_bytes + at, row_bytes};
      fetch(four, step);
      pack_words(part, row, four);
    }
    write_past(panel, part, sizeof part);
  }
  plain_floats(type, panel, rows + whole, row_bytes, PANEL_ROWS, k - whole / float_bytes(type));
}

void pack_panel(weight_t type, void *panel, const void *rows, size_t row_bytes, size_t count, size_t k) {
  if (count < PANEL_ROWS) return pack_panel_plainly(type, panel, rows, row_bytes, count, k);
  switch (type) {
#define CASE(T) case WEIGHT_##T: pack_quantized(WEIGHT_##T, panel, rows, row_bytes, k); break;
    EACH_QUANTIZED(CASE)
#undef CASE
  default: pack_floats(type, panel, rows, row_bytes, k);
  }
#if defined(__x86_64__)
  __builtin_ia32_sfence();  // such writes are not in order with what tells other threads of them
#endif
}
