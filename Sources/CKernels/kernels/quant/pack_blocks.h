// One block of each of four rows into a panel, from row `row` of it on. What the blocks keep where is told by decode.h.
#pragma once
#include "decode.h"
#include "pack_fours.h"

enum { FLOAT_WORDS = 16 };

// 64 bytes of floats.
INLINE void pack_words(uint8_t *part, size_t row, rows_t rows) {
  UNROLL for (size_t word = 0; word < FLOAT_WORDS; word += 4) {
    four_t words[4];
    load_columns(words, rows, 4 * word);
    UNROLL for (size_t i = 0; i < 4; i++) put_words(part + (word + i) * WORD_BYTES + 4 * row, words[i]);
  }
}

// power_of, in every lane.
INLINE four_t powers_of(four_t e) {
  const four_t is_least = (four_t)(e < 2);
  return (is_least & (e + 1) << 5) | (~is_least & (e - 1) << 7);
}

// A block of 32 columns: scale, minimum, fifth bits, and low bits in the order that panels have as well.
INLINE void pack_step(const weight_t type, uint8_t *step, size_t row, rows_t rows) {
  const format_t f = format_of(type);
  const size_t low = f.block - 4 * (size_t)f.low;
  four_t first[4];
  load_columns(first, rows, 0);
  put_halves(step + 2 * row, type == WEIGHT_MXFP4 ? powers_of(first[0] & 0xff) : first[0]);
  if (f.minimum) put_halves(step + 64 + 2 * row, first[0] >> 16);
  uint8_t *bits = step + scale_bytes(f) + 4 * row;
  UNROLL for (size_t group = 0; group < (size_t)f.low; group += 4) {
    four_t words[4];
    load_columns(words, rows, low + 4 * group);
    UNROLL for (size_t i = 0; i < 4; i++)
      put_words(bits + (group + i) * WORD_BYTES, f.low == 8 ? words[i] ^ 0x80808080 : words[i]);
  }
  const four_t fifth = f.minimum ? first[1] : first[0] >> 16 | first[1] << 16;
  if (f.high) put_words(bits + f.low * WORD_BYTES, fifth_plane(fifth));
}

// The factors of a block of 256 columns in the order of its steps, or half steps, four in each lane.
typedef struct { four_t factor[4], offset[2]; } factors_t;

INLINE four_t less_32(four_t bytes) { return (four_t)((four_bytes_t)bytes - 32); }

INLINE factors_t factors_of(const weight_t type, rows_t rows) {
  factors_t s;
  four_t w[4];
  if (type == WEIGHT_Q2_K) return load_columns(s.factor, rows, 0), s;
  if (type == WEIGHT_Q6_K) return load_columns(s.factor, rows, 192), s;
  if (type == WEIGHT_TQ2_0) return s.factor[0] = s.factor[1] = (four_t){0} + 0x01010101, s;
  load_columns(w, rows, type == WEIGHT_Q3_K ? 92 : 0);
  if (type == WEIGHT_Q3_K) {
    UNROLL for (uint32_t i = 0; i < 4; i++)
      s.factor[i] = less_32((w[1 + i % 2] >> i / 2 * 4 & 0x0f0f0f0f) | (w[3] >> 2 * i & 0x03030303) << 4);
  } else if (type == WEIGHT_IQ4_XS) {
    s.factor[0] = s.factor[1] = (four_t){0};
    UNROLL for (uint32_t j = 0; j < SUPER; j++)
      s.factor[j / 4] |= ((w[1] >> 4 * j & 15) | (w[0] >> (16 + 2 * j) & 3) << 4) << j % 4 * 8;
    s.factor[0] = less_32(s.factor[0]), s.factor[1] = less_32(s.factor[1]);
  } else {
    s.factor[0] = w[1] & 0x3f3f3f3f, s.factor[1] = (w[3] & 0x0f0f0f0f) | (w[1] >> 2 & 0x30303030);
    s.offset[0] = w[2] & 0x3f3f3f3f, s.offset[1] = (w[3] >> 4 & 0x0f0f0f0f) | (w[2] >> 2 & 0x30303030);
  }
  return s;
}

// Scales lie at the beginning of a block or at its end.
INLINE void pack_scales(const weight_t type, uint8_t *header, size_t row, rows_t rows) {
  const format_t f = format_of(type);
  const bool is_first = type == WEIGHT_Q4_K || type == WEIGHT_Q5_K || type == WEIGHT_IQ4_XS;
  const four_t halves = is_first ? load_column(rows, 0, 0) : load_column(rows, f.block - 16, 3);
  put_halves(header + 2 * row, is_first || f.minimum ? halves : halves >> 16);
  if (f.minimum) put_halves(header + 64 + 2 * row, halves >> 16);
  const factors_t s = factors_of(type, rows);
  UNROLL for (size_t i = 0; i < SUPER * (size_t)f.halves; i++) {
    uint8_t *step = header + header_bytes(f) + i / f.halves * step_bytes(f) + row;
    const uint32_t bits = i % 4 * 8;
    put_bytes(step + i % f.halves * 32, s.factor[i / 4] >> bits);
    if (f.minimum && f.halves == 1) put_bytes(step + 32, s.offset[i / 4] >> bits);
  }
}

// Each 32 bytes have a field of every weight of some steps.
INLINE void pack_low(const weight_t type, uint8_t *bits, size_t row, rows_t rows) {
  const format_t f = format_of(type);
  const bool is_first = type == WEIGHT_Q6_K || type == WEIGHT_TQ2_0;
  const size_t low = is_first ? 0 : type == WEIGHT_Q5_K ? 48 : type == WEIGHT_Q3_K ? 32 : 16;
  const int share = 8 / f.low;
  UNROLL for (int part = 0; part < f.low; part++) {
    four_t words[8], turned[4];
    load_eight(words, rows, low + 32 * (size_t)part);
    UNROLL for (int group = 0; group < f.low; group++) {
      UNROLL for (int i = 0; i < share; i++) turned[i] = words[group + i * f.low];
      turn_fields(turned, share);
      UNROLL for (int i = 0; i < share; i++) {
        const int step = type == WEIGHT_Q6_K ? part / 2 * 4 + part % 2 + 2 * i : part * share + i;
        put_words(bits + (size_t)step * step_bytes(f) + group * WORD_BYTES + 4 * row, turned[i]);
      }
    }
  }
}

INLINE void pack_high(const weight_t type, uint8_t *bits, size_t row, rows_t rows) {
  const format_t f = format_of(type);
  const size_t high = type == WEIGHT_Q5_K ? 16 : type == WEIGHT_Q6_K ? 128 : 0;
  const int share = 8 / f.high;
  UNROLL for (int part = 0; part < f.high; part++) {
    four_t words[8];
    load_eight(words, rows, high + 32 * (size_t)part);
    UNROLL for (int plane = 0; plane < f.high; plane++) {
      four_t *turned = words + plane * share;
      turn_fields(turned, share);
      UNROLL for (int i = 0; i < share; i++) {
        uint8_t *step = bits + (size_t)(part * share + i) * step_bytes(f);
        put_words(step + (f.low + plane) * WORD_BYTES + 4 * row, turned[i]);
      }
    }
  }
}

// IQ4_XS's steps lie one after another.
INLINE void pack_nibbles(const format_t f, uint8_t *bits, size_t row, rows_t rows) {
  UNROLL for (size_t step = 0; step < SUPER; step++) {
    four_t words[4];
    load_columns(words, rows, 8 + 16 * step);
    UNROLL for (size_t i = 0; i < 4; i++) put_words(bits + step * step_bytes(f) + i * WORD_BYTES + 4 * row, words[i]);
  }
}

// A block of 256 columns.
INLINE void pack_super(const weight_t type, uint8_t *header, size_t row, rows_t rows) {
  const format_t f = format_of(type);
  uint8_t *bits = header + header_bytes(f) + scale_bytes(f);
  pack_scales(type, header, row, rows);
  if (type == WEIGHT_IQ4_XS) pack_nibbles(f, bits, row, rows);
  else pack_low(type, bits, row, rows);
  if (f.high) pack_high(type, bits, row, rows);
}
