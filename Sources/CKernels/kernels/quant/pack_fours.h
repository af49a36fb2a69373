// Four rows of GGUF's blocks at a time, in vectors that every machine has. Four bytes of a row are a lane, so that a
// panel's groups are whole vectors, and what changes within a lane is only which fields share a byte. Wider vectors
// would wait for the same memory (Benchmarks/RESULTS.md).
#pragma once
#include "format.h"

#define UNROLL _Pragma("clang loop unroll(full)")

enum { LANES = 4, WORD_BYTES = 4 * PANEL_ROWS };

typedef uint32_t four_t __attribute__((vector_size(16)));
typedef uint8_t four_bytes_t __attribute__((vector_size(16)));

// Four rows from some place on.
typedef struct { const uint8_t *at; size_t stride; } rows_t;

INLINE four_t load_four(const uint8_t *p) { four_t v; memcpy(&v, p, sizeof v); return v; }

// 16 bytes of each row: columns[i] has word i of every row.
INLINE void load_columns(four_t *columns, rows_t rows, size_t at) {
  const uint8_t *p = rows.at + at, *later = p + 2 * rows.stride;
  const four_t a = load_four(p), b = load_four(p + rows.stride);
  const four_t c = load_four(later), d = load_four(later + rows.stride);
  const four_t ab = __builtin_shufflevector(a, b, 0, 4, 1, 5), later_ab = __builtin_shufflevector(a, b, 2, 6, 3, 7);
  const four_t cd = __builtin_shufflevector(c, d, 0, 4, 1, 5), later_cd = __builtin_shufflevector(c, d, 2, 6, 3, 7);
  columns[0] = __builtin_shufflevector(ab, cd, 0, 1, 4, 5), columns[1] = __builtin_shufflevector(ab, cd, 2, 3, 6, 7);
  columns[2] = __builtin_shufflevector(later_ab, later_cd, 0, 1, 4, 5);
  columns[3] = __builtin_shufflevector(later_ab, later_cd, 2, 3, 6, 7);
}

INLINE void load_eight(four_t *columns, rows_t rows, size_t at) {
  load_columns(columns, rows, at), load_columns(columns + 4, rows, at + 16);
}

INLINE four_t load_column(rows_t rows, size_t at, int word) {
  four_t columns[4];
  load_columns(columns, rows, at);
  return columns[word];
}

// All of each lane, or its lowest 16 or 8 bits.
INLINE void put_words(uint8_t *p, four_t v) { memcpy(p, &v, sizeof v); }

INLINE void put_halves(uint8_t *p, four_t v) {
  typedef uint16_t halves_t __attribute__((vector_size(8)));
  const halves_t halves = __builtin_convertvector(v, halves_t);
  memcpy(p, &halves, sizeof halves);
}

INLINE void put_bytes(uint8_t *p, four_t v) {
  typedef uint8_t bytes_t __attribute__((vector_size(4)));
  const bytes_t bytes = __builtin_convertvector(v, bytes_t);
  memcpy(p, &bytes, sizeof bytes);
}

// Bytes of `count` fields each, in `count` words: field i of word j becomes field j of word i (Warren, Hacker's
// Delight, 7-3).
INLINE void turn_fields(four_t *words, const int count) {
  static const uint32_t masks[] = {[1] = 0x55555555, [2] = 0x33333333, [4] = 0x0f0f0f0f};
  uint32_t bits = 4;
  UNROLL for (int apart = count / 2; apart; apart /= 2, bits /= 2)
    UNROLL for (int i = 0; i < count; i++) {
      if (i & apart) continue;
      const four_t swapped = (words[i] >> bits ^ words[i + apart]) & masks[bits];
      words[i] ^= swapped << bits, words[i + apart] ^= swapped;
    }
}

INLINE four_t swap_bits(four_t x, uint32_t mask, uint32_t distance) {
  const four_t swapped = (x ^ x >> distance) & mask;
  return x ^ swapped ^ swapped << distance;
}

// Bit 4g + i goes to bit 8i + g: of the five bits of a place, a rotation, which is four exchanges of two (Warren, 7-4).
INLINE four_t fifth_plane(four_t x) {
  x = swap_bits(x, 0x0000cccc, 14), x = swap_bits(x, 0x00aa00aa, 7);
  return swap_bits(swap_bits(x, 0x0c0c0c0c, 2), 0x22222222, 1);
}
