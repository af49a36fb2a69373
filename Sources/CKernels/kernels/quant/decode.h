// One step (32 columns) of one row of a GGUF block, taken apart. The formats are those of ggml's ggml-common.h.
#pragma once
#include "format.h"

typedef struct {
  uint8_t weight[32];      // unsigned, see format_t.zero; of types with a book the places in it
  uint16_t scale, minimum; // halves, or bfloat16: of the step, or of the block in K types
  int8_t factor[2];        // of each half step, in K types
  uint8_t offset[2];       // the minimum's factor
} step_t;

// The 6-bit scale and minimum of sub-block j of a Q4_K or Q5_K block.
INLINE void k_factors(const uint8_t *s, int j, step_t *step) {
  uint8_t scale = j < 4 ? s[j] & 63 : (s[j + 4] & 15) | (s[j - 4] >> 6) << 4;
  uint8_t offset = j < 4 ? s[j + 4] & 63 : s[j + 4] >> 4 | (s[j] >> 6) << 4;
  step->factor[0] = step->factor[1] = (int8_t)scale;
  step->offset[0] = step->offset[1] = offset;
}

INLINE void nibbles(step_t *s, const uint8_t *q) {
  for (int i = 0; i < 16; i++) s->weight[i] = q[i] & 15, s->weight[i + 16] = q[i] >> 4;
}

INLINE void fifth_bits(uint8_t *w, uint32_t bits) {
  uint32_t four;
  for (int g = 0; g < 8; g++) {  // the product spreads four bits over four bytes
    memcpy(&four, w + 4 * g, 4);
    four |= ((bits >> 4 * g & 15) * 0x00204081u & 0x01010101u) << 4;
    memcpy(w + 4 * g, &four, 4);
  }
}

INLINE void decode_q2_K(step_t *s, const uint8_t *b, int j) {
  const uint8_t *q = b + 16 + j / 4 * 32;
  for (int i = 0; i < 32; i++) s->weight[i] = q[i] >> 2 * (j % 4) & 3;
  for (int h = 0; h < 2; h++) s->factor[h] = b[2 * j + h] & 15, s->offset[h] = b[2 * j + h] >> 4;
  s->scale = read_half(b + 80), s->minimum = read_half(b + 82);
}

INLINE void decode_q3_K(step_t *s, const uint8_t *b, int j) {
  const uint8_t *q = b + 32 + j / 4 * 32, *packed = b + 96;
  for (int i = 0; i < 32; i++) s->weight[i] = (q[i] >> 2 * (j % 4) & 3) | (b[i] >> j & 1) << 2;
  for (int h = 0; h < 2; h++) {
    int i = 2 * j + h;
    int low = i < 8 ? packed[i] & 15 : packed[i - 8] >> 4;
    s->factor[h] = (int8_t)((low | (packed[8 + i % 4] >> 2 * (i / 4) & 3) << 4) - 32);
  }
  s->scale = read_half(b + 108);
}

INLINE void decode_q45_K(step_t *s, const uint8_t *b, int j, bool fifth) {
  const uint8_t *q = b + (fifth ? 48 : 16) + j / 2 * 32;
  for (int i = 0; i < 32; i++) {
    s->weight[i] = j % 2 ? q[i] >> 4 : q[i] & 15;
    if (fifth) s->weight[i] |= (b[16 + i] >> j & 1) << 4;
  }
  k_factors(b + 4, j, s);
  s->scale = read_half(b), s->minimum = read_half(b + 2);
}

INLINE void decode_q6_K(step_t *s, const uint8_t *b, int j) {
  const uint8_t *low = b + j / 4 * 64 + j % 2 * 32, *high = b + 128 + j / 4 * 32;
  for (int i = 0; i < 32; i++) {
    uint8_t four = j % 4 < 2 ? low[i] & 15 : low[i] >> 4;
    s->weight[i] = four | (high[i] >> 2 * (j % 4) & 3) << 4;
  }
  s->factor[0] = (int8_t)b[192 + 2 * j], s->factor[1] = (int8_t)b[193 + 2 * j];
  s->scale = read_half(b + 208);
}

INLINE void decode_iq4_XS(step_t *s, const uint8_t *b, int j) {
  const int low = b[4 + j / 2] >> 4 * (j % 2) & 15, high = read_half(b + 2) >> 2 * j & 3;
  nibbles(s, b + 8 + 16 * j);
  s->factor[0] = s->factor[1] = (int8_t)((low | high << 4) - 32);
  s->scale = read_half(b);
}

INLINE void decode_tq2_0(step_t *s, const uint8_t *b, int j) {
  const uint8_t *q = b + j / 4 * 32;
  for (int i = 0; i < 32; i++) s->weight[i] = q[i] >> 2 * (j % 4) & 3;
  s->factor[0] = s->factor[1] = 1;
  s->scale = read_half(b + 64);
}

// 2^(e - 128), half of E8M0's value since levels are doubled, as bfloat16; below 2^-126 it has no leading one.
INLINE uint16_t power_of(uint8_t e) { return e < 2 ? (uint16_t)(0x20 << e) : (uint16_t)((e - 1) << 7); }

INLINE uint32_t read_word(const uint8_t *p) { uint32_t word; memcpy(&word, p, 4); return word; }

// Takes step `index` of a row apart.
INLINE void decode_step(const weight_t type, step_t *s, const uint8_t *row, size_t index) {
  const format_t f = format_of(type);
  const uint8_t *b = row + (f.super ? index / SUPER : index) * f.block;
  const int j = (int)(index % SUPER);
  switch (type) {
  case WEIGHT_Q8_0:
    for (int i = 0; i < 32; i++) s->weight[i] = (uint8_t)(b[2 + i] ^ 0x80);
    break;
  case WEIGHT_Q4_0: nibbles(s, b + 2); break;
  case WEIGHT_Q4_1: nibbles(s, b + 4); break;
  case WEIGHT_Q5_0: nibbles(s, b + 6), fifth_bits(s->weight, read_word(b + 2)); break;
  case WEIGHT_Q5_1: nibbles(s, b + 8), fifth_bits(s->weight, read_word(b + 4)); break;
  case WEIGHT_IQ4_NL: nibbles(s, b + 2); break;
  case WEIGHT_MXFP4: nibbles(s, b + 1), s->scale = power_of(b[0]); return;
  case WEIGHT_IQ4_XS: decode_iq4_XS(s, b, j); return;
  case WEIGHT_TQ2_0: decode_tq2_0(s, b, j); return;
  case WEIGHT_Q2_K: decode_q2_K(s, b, j); return;
  case WEIGHT_Q3_K: decode_q3_K(s, b, j); return;
  case WEIGHT_Q4_K: decode_q45_K(s, b, j, false); return;
  case WEIGHT_Q5_K: decode_q45_K(s, b, j, true); return;
  case WEIGHT_Q6_K: decode_q6_K(s, b, j); return;
  default: return;
  }
  s->scale = read_half(b);
  if (f.minimum) s->minimum = read_half(b + 2);
}

// The floats of a step.
INLINE void step_floats(const format_t f, float *y, const step_t *s) {
  float scale = f.wide ? bfloat_to_float(s->scale) : half_to_float(s->scale), minimum = f.minimum ? half_to_float(s->minimum) : 0;
  for (int i = 0; i < 32; i++) {
    float d = scale, m = minimum;
    if (f.super) d *= s->factor[i / 16], m *= -(float)s->offset[i / 16];
    const int weight = f.book ? books[f.book][s->weight[i]] : s->weight[i];
    y[i] = d * (float)(weight - f.zero) + (f.minimum ? m : 0);
  }
}
