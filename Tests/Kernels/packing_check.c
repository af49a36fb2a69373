// Panels packed in vectors against panels packed plainly, byte for byte: whole and short ones, of rows with and without gaps.
#include "check.h"

enum { MARGIN = 64 };

static uint8_t *untouched(size_t bytes) { return memset(aligned_alloc(64, bytes + MARGIN), 0xa5, bytes + MARGIN); }

static void check_panel(const kernels_t *k, weight_t type, size_t columns, size_t rows, size_t gap) {
  const size_t row_bytes = bytes_of_row(type, columns) + gap, source_bytes = row_bytes * rows - gap;
  const size_t bytes = panel_bytes(type, columns);
  uint8_t *source = malloc(source_bytes), *found = untouched(bytes), *expected = untouched(bytes);
  for (size_t i = 0; i < source_bytes; i++) source[i] = (uint8_t)(chance() >> 8);
  pack_panel(type, found, source, row_bytes, rows, columns);
  pack_panel_plainly(type, expected, source, row_bytes, rows, columns);
  expect_bits(k, "a packed panel", (size_t)type, found, expected, bytes + MARGIN);
  free(source), free(found), free(expected);
}

void check_packing(const kernels_t *k) {
  static const size_t heights[] = {32, 31, 17, 4, 1};
  for (weight_t type = 0; type < WEIGHT_COUNT; type++) {
    const size_t block = type <= WEIGHT_BF16 ? 1 : bytes_of_row(type, 32) == 0 ? 256 : 32, most = block == 1 ? 70 : 5;
    for (size_t i = 0; i < sizeof heights / sizeof *heights; i++)
      for (size_t blocks = 1; blocks <= most; blocks++)
        for (size_t gap = 0; gap < 3; gap++) check_panel(k, type, blocks * block, heights[i], gap);
  }
}
