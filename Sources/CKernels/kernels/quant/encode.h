// Rows of floats into GGUF's blocks: what decode.h takes apart. The formats are those of ggml's ggml-common.h.
//
// Without weights, the types of 32 columns are rounded as ggml's reference does it, to the byte; it leaves no choice there.
#pragma once
#include "encode_k.h"

INLINE void put_nibbles(uint8_t *q, const uint8_t *level) {
  for (int i = 0; i < 16; i++) q[i] = (uint8_t)((level[i] & 15) | (level[i + 16] & 15) << 4);
}

INLINE void put_fifth(uint8_t *p, const uint8_t *level) {
  uint32_t bits = 0;
  for (int i = 0; i < 32; i++) bits |= (uint32_t)(level[i] >> 4) << i;
  memcpy(p, &bits, 4);
}

// The value of the greatest magnitude becomes the lowest level, so that it is met exactly.
INLINE float plain_symmetric(uint8_t *level, const float *x, const int lowest) {
  float extreme = 0;
  for (int i = 0; i < 32; i++)
    if (fabsf(x[i]) > fabsf(extreme)) extreme = x[i];
  const float scale = extreme / (float)lowest, inverse = scale != 0 ? 1 / scale : 0, half = (float)-lowest + 0.5f;
  for (int i = 0; i < 32; i++)  // one rounding for product and sum
    level[i] = (uint8_t)fminf(fmaxf(fmaf(x[i], inverse, half), 0), (float)(-2 * lowest - 1));
  return scale;
}

INLINE rule_t plain_affine(uint8_t *level, const float *x, const int top) {
#pragma clang fp contract(off)
  float least = x[0], most = x[0];
  for (int i = 1; i < 32; i++) least = x[i] < least ? x[i] : least, most = x[i] > most ? x[i] : most;
  const float scale = (most - least) / (float)top, inverse = scale != 0 ? 1 / scale : 0;
  for (int i = 0; i < 32; i++) {
    const float product = (x[i] - least) * inverse;
    level[i] = (uint8_t)fminf(fmaxf(product + 0.5f, 0), (float)top);
  }
  return (rule_t){scale, least, 0};
}

INLINE void encode_symmetric(uint8_t *row, const float *x, const float *weight, const int lowest) {
  uint8_t level[32];
  float scale;
  if (weight) {
    scale = as_half(symmetric_rule((run_t){x, weight, 32}, lowest).scale);
    put_levels(level, x, 32, (rule_t){scale, 0, 0}, (float)lowest, (float)-lowest - 1);
  } else {
    scale = plain_symmetric(level, x, lowest);
  }
  put_half(row, scale);
  if (lowest == -16) put_fifth(row + 2, level);
  put_nibbles(row + (lowest == -16 ? 6 : 2), level);
}

INLINE void encode_affine(uint8_t *row, const float *x, const float *weight, const int top) {
  uint8_t level[32];
  rule_t rule;
  if (weight) {
    rule = affine_rule((run_t){x, weight, 32}, top, false);
    rule.scale = as_half(rule.scale), rule.minimum = as_half(rule.minimum);
    put_levels(level, x, 32, rule, 0, (float)top);
  } else {
    rule = plain_affine(level, x, top);
  }
  put_half(row, rule.scale), put_half(row + 2, rule.minimum);
  if (top == 31) put_fifth(row + 4, level);
  put_nibbles(row + (top == 31 ? 8 : 4), level);
}

static void encode_q8_0(uint8_t *row, const float *x) {
  float peak = 0;
  for (int i = 0; i < 32; i++) peak = fmaxf(peak, fabsf(x[i]));
  const float scale = peak / 127, inverse = scale != 0 ? 1 / scale : 0;
  put_half(row, scale);
  for (int i = 0; i < 32; i++) row[2 + i] = (uint8_t)(int8_t)roundf(x[i] * inverse);
}

static const float each_alike[SUPER_COLUMNS] = {[0 ... SUPER_COLUMNS - 1] = 1};

static void encode_block(weight_t type, uint8_t *row, const float *x, const float *weight) {
  const float *all = weight ? weight : each_alike;
  switch (type) {
  case WEIGHT_Q4_0: return encode_symmetric(row, x, weight, -8);
  case WEIGHT_Q4_1: return encode_affine(row, x, weight, 15);
  case WEIGHT_Q5_0: return encode_symmetric(row, x, weight, -16);
  case WEIGHT_Q5_1: return encode_affine(row, x, weight, 31);
  case WEIGHT_Q8_0: return encode_q8_0(row, x);
  case WEIGHT_Q2_K: return encode_q2_K(row, x, all);
  case WEIGHT_Q3_K: return encode_q3_K(row, x, all);
  case WEIGHT_Q4_K: return encode_q4_K(row, x, all);
  case WEIGHT_Q5_K: return encode_q5_K(row, x, all);
  case WEIGHT_Q6_K: return encode_q6_K(row, x, all);
  default: return;
  }
}

static void encode(weight_t type, void *row, const float *x, const float *weight, size_t k) {
  const format_t f = format_of(type);
  const size_t columns = f.super ? SUPER_COLUMNS : 32;
  for (size_t i = 0; i < k; i += columns)
    encode_block(type, (uint8_t *)row + i / columns * f.block, x + i, weight ? weight + i : NULL);
}
