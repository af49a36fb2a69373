// Integer sums of one step of a panel, group by group: a lane is an output row, an activation a broadcast of four bytes.
#pragma once
#include "tile.h"

// How many vectors of output rows go together. One or two rows of activations take the whole panel at once, where there are registers
// for it, so that its bytes are read in the order in which they lie.
#define STREAM_VECTORS(H) (LANES == 8 && H <= 2 ? PANEL_ROWS / LANES : VECTORS)
enum { MOST_VECTORS = STREAM_VECTORS(1), SUBTILE = LANES * VECTORS };

// The four unsigned weights of group g for LANES rows; `at` is the first row's offset inside a group.
INLINE vb group_of(const format_t f, const uint8_t *bits, size_t at, const int g) {
  const vb mask = (vb){0} + (uint8_t)((1 << f.low) - 1);
  vb w = load_bytes(bits + g % f.low * 128 + at);
  if (f.low < 8) w = (w >> (uint8_t)(g / f.low * f.low)) & mask;
  if (f.book) return look_up(books[f.book], w);
  if (f.high == 0) return w;
  const uint8_t *high = bits + f.low * 128;
  const int bit = f.high == 1 ? g : 2 * (g % 4);
  const vb h = load_bytes(high + (f.high == 2 ? g / 4 * 128 : 0) + at);
  const vb high_mask = (vb){0} + (uint8_t)(((1 << f.high) - 1) << f.low);
  return w | ((bit < f.low ? h << (uint8_t)(f.low - bit) : h >> (uint8_t)(bit - f.low)) & high_mask);
}

// How many groups' sums of two products fit 16 bits together, where the machine makes those first and activations are at most
// 127; 1 where it adds four products at once.
INLINE int groups_together(const format_t f) {
  const int bits = PAIRS_FIRST ? weight_bits(f) : 8;
  return bits == 8 ? 1 : bits == 6 ? 2 : bits == 5 ? 4 : 8;
}

INLINE int32_t read_int(const uint8_t *p) { int32_t v; memcpy(&v, p, 4); return v; }

// Adds the products of half step `half`, or of the whole step, of h rows.
INLINE void multiply_groups(const format_t f, const bool is_open, const int h, const int vectors, vi (*acc)[MOST_VECTORS],
                            const uint8_t *bits, size_t row, const int half, const uint8_t *tile) {
  const int end = f.halves == 2 ? half * 4 + 4 : 8, together = groups_together(f);
  UNROLL for (int first = half * 4; first < end; first += together) {
    vp pairs[TILE][MOST_VECTORS];
    UNROLL for (int g = first; g < first + together && g < end; g++) {
      vb w[MOST_VECTORS];
      UNROLL for (int v = 0; v < vectors; v++) {
        const size_t at = (row + v * LANES) * 4;
        w[v] = is_open ? load_bytes(bits + g * 128 + at) : group_of(f, bits, at, g);
      }
      UNROLL for (int m = 0; m < h; m++) {
        const vi x = splat_int(read_int(tile + m * 32 + g * 4));
        UNROLL for (int v = 0; v < vectors; v++) {
          if (together > 1) pairs[m][v] = g == first ? dot2(w[v], x) : pairs[m][v] + dot2(w[v], x);
          else acc[m][v] = weight_bits(f) == 8 ? dot4_byte(acc[m][v], w[v], x) : dot4(acc[m][v], w[v], x);
          if (together > 1) IN_ORDER(pairs[m][v]);
          else IN_ORDER(acc[m][v]);
        }
      }
    }
    if (together > 1)
      UNROLL for (int m = 0; m < h; m++)
        UNROLL for (int v = 0; v < vectors; v++) acc[m][v] += join_pairs(pairs[m][v]);
  }
}

// The bytes of every group of LANES output rows, one group after another: [8][32 rows][4].
INLINE void open_groups(const format_t f, uint8_t *open, const uint8_t *bits, size_t row) {
  UNROLL for (int g = 0; g < 8; g++) store(open + g * 128 + row * 4, (vf)group_of(f, bits, row * 4, g));
}
