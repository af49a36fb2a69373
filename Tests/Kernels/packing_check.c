// Panels packed in vectors against panels packed plainly, byte for byte.
#include "CKernels.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { MARGIN = 64 };

static const size_t block_size[] = {1, 1, 1, 32, 32, 32, 32, 32, 256, 256, 256, 256, 256, 32, 256, 32, 256};
static const size_t block_bytes[] = {4, 2, 2, 18, 20, 22, 24, 34, 84, 110, 144, 176, 210, 18, 136, 17, 66};

int check_packing(weight_t type);

static uint8_t *untouched(size_t bytes) { return memset(aligned_alloc(64, bytes + MARGIN), 0xa5, bytes + MARGIN); }

static int check_panel(weight_t type, size_t blocks, size_t rows, size_t gap) {
  const size_t k = blocks * block_size[type], row_bytes = blocks * block_bytes[type] + gap;
  const size_t bytes = panel_bytes(type, k), source_bytes = row_bytes * rows - gap;
  uint8_t *source = malloc(source_bytes), *found = untouched(bytes), *expected = untouched(bytes);
  for (size_t i = 0; i < source_bytes; i++) source[i] = (uint8_t)(rand() >> 8);
  pack_panel(type, found, source, row_bytes, rows, k);
  pack_panel_plainly(type, expected, source, row_bytes, rows, k);
  const int is_same = !memcmp(found, expected, bytes + MARGIN);
  if (!is_same) printf("type %d: %zu rows of %zu are packed differently\n", type, rows, k);
  free(source), free(found), free(expected);
  return is_same;
}

int check_packing(weight_t type) {
  static const size_t heights[] = {32, 31, 17, 4, 1};
  const size_t most = block_size[type] == 1 ? 70 : 5;
  int is_same = 1;
  for (int i = 0; i < 5; i++)
    for (size_t blocks = 1; blocks <= most; blocks++)
      for (size_t gap = 0; gap < 3; gap++) is_same &= check_panel(type, blocks, heights[i], gap);
  return is_same;
}
