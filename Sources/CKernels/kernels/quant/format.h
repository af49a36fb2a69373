// How packed weights are laid out.
//
// A panel holds 32 output rows; it goes through k in steps of 32 columns, all strictly sequential. A step is
//
//   scales | low bits | high bits
//
// Four columns of the 32 rows form a group of 32 x 4 bytes, so that one vector lane is one row and an activation is a
// broadcast of four bytes. A step has eight groups. Their low bits (8, 4 or 2) share bytes: with 4 bits, byte group g
// holds groups g and g + 4; with 2 bits, g, g + 2, g + 4 and g + 6. The high bit, where there is one, is bit g of a 128-byte
// plane; two high bits are bits 2(g % 4) of plane g / 4. So every weight is unsigned, and `zero` is what it means by 0.
//
// Scales are halves for each row and step (and a minimum, in types ending in _1), or, for K types, 8-bit factors for each
// row and half step or step, under a header of halves for each 256 columns. MXFP4's powers of two are kept as bfloat16.
#pragma once
#include "CKernels.h"
#include <string.h>

#define INLINE static inline __attribute__((always_inline))

// DO(Q4_0) and so on, for every type that is not of floats.
#define EACH_QUANTIZED(DO) \
  DO(Q4_0) DO(Q4_1) DO(Q5_0) DO(Q5_1) DO(Q8_0) DO(Q2_K) DO(Q3_K) DO(Q4_K) DO(Q5_K) DO(Q6_K) \
  DO(IQ4_NL) DO(IQ4_XS) DO(MXFP4) DO(TQ2_0)

enum { SUPER = 8 };  // steps under one header of a K type

// Levels of four bits may stand for values that are not evenly spaced: those of IQ4 (ggml's kvalues_iq4nl), or twice those of
// E2M1 (OCP Microscaling Formats 1.0, section 5.3.3). Books hold them as unsigned weights, `zero` added.
typedef enum { BOOK_NONE, BOOK_IQ4, BOOK_E2M1 } book_t;

static const uint8_t books[3][16] = {
    [BOOK_IQ4] = {1, 24, 45, 63, 79, 93, 106, 118, 129, 141, 153, 166, 181, 197, 217, 241},
    [BOOK_E2M1] = {12, 13, 14, 15, 16, 18, 20, 24, 12, 11, 10, 9, 8, 6, 4, 0},
};

typedef struct {
  int low, high;    // bits
  int halves;       // factors per row and step: 1 or 2
  int zero;         // the unsigned weight that means 0, before the minimum
  bool minimum;     // value = scale * weight + minimum, or - minimum in K types
  bool super;       // K type: 8-bit factors under a header
  size_t block;     // bytes of one GGUF block
  book_t book;      // what levels stand for, where that is not themselves
  bool wide;        // scales are bfloat16, not halves
} format_t;

INLINE format_t format_of(const weight_t type) {
  switch (type) {
  case WEIGHT_Q4_0: return (format_t){4, 0, 1, 8, false, false, 18, BOOK_NONE, false};
  case WEIGHT_Q4_1: return (format_t){4, 0, 1, 0, true, false, 20, BOOK_NONE, false};
  case WEIGHT_Q5_0: return (format_t){4, 1, 1, 16, false, false, 22, BOOK_NONE, false};
  case WEIGHT_Q5_1: return (format_t){4, 1, 1, 0, true, false, 24, BOOK_NONE, false};
  case WEIGHT_Q8_0: return (format_t){8, 0, 1, 128, false, false, 34, BOOK_NONE, false};
  case WEIGHT_Q2_K: return (format_t){2, 0, 2, 0, true, true, 84, BOOK_NONE, false};
  case WEIGHT_Q3_K: return (format_t){2, 1, 2, 4, false, true, 110, BOOK_NONE, false};
  case WEIGHT_Q4_K: return (format_t){4, 0, 1, 0, true, true, 144, BOOK_NONE, false};
  case WEIGHT_Q5_K: return (format_t){4, 1, 1, 0, true, true, 176, BOOK_NONE, false};
  case WEIGHT_Q6_K: return (format_t){4, 2, 2, 32, false, true, 210, BOOK_NONE, false};
  case WEIGHT_IQ4_NL: return (format_t){4, 0, 1, 128, false, false, 18, BOOK_IQ4, false};
  case WEIGHT_IQ4_XS: return (format_t){4, 0, 1, 128, false, true, 136, BOOK_IQ4, false};
  case WEIGHT_MXFP4: return (format_t){4, 0, 1, 12, false, false, 17, BOOK_E2M1, true};
  case WEIGHT_TQ2_0: return (format_t){2, 0, 1, 1, false, true, 66, BOOK_NONE, false};
  default: return (format_t){0};
  }
}

// Bits of the unsigned weights that are multiplied.
INLINE int weight_bits(const format_t f) {
  return f.book == BOOK_IQ4 ? 8 : f.book == BOOK_E2M1 ? 5 : f.low + f.high;
}

// Bytes of the header of eight steps: a half for each row, and another for the minimum.
INLINE size_t header_bytes(const format_t f) { return f.super ? (f.minimum ? 128 : 64) : 0; }

// Bytes of a step's scales. Q2_K's scale and minimum are four bits each and share a byte.
INLINE size_t scale_bytes(const format_t f) {
  if (!f.super) return f.minimum ? 128 : 64;
  return f.low == 2 && f.minimum ? 64 : (size_t)32 * f.halves * (f.minimum ? 2 : 1);
}

INLINE size_t step_bytes(const format_t f) { return scale_bytes(f) + (size_t)f.low * 128 + (size_t)f.high * 128; }

INLINE float half_to_float(uint16_t h) {
  uint32_t sign = (uint32_t)(h & 0x8000) << 16, exponent = (h >> 10) & 31, mantissa = h & 0x3ff, bits;
  if (exponent == 31) {
    bits = sign | 0x7f800000 | mantissa << 13;
  } else if (exponent) {
    bits = sign | (exponent + 112) << 23 | mantissa << 13;
  } else {
    float value = (float)mantissa * 0x1p-24f;
    memcpy(&bits, &value, 4);
    bits |= sign;
  }
  float value;
  memcpy(&value, &bits, 4);
  return value;
}

INLINE uint16_t float_to_half(float value) {
  uint32_t bits;
  memcpy(&bits, &value, 4);
  uint16_t sign = (uint16_t)(bits >> 16 & 0x8000);
  bits &= 0x7fffffff;
  if (bits > 0x7f800000) return sign | 0x7e00;
  if (bits >= 0x477ff000) return sign | 0x7c00;  // rounds to infinity
  if (bits < 0x38800000) {                       // subnormal: let the adder round
    float magnitude;
    memcpy(&magnitude, &bits, 4);
    magnitude += 0.5f;
    memcpy(&bits, &magnitude, 4);
    return sign | (uint16_t)(bits - 0x3f000000);
  }
  return sign | (uint16_t)((bits - 0x38000000 + 0xfff + (bits >> 13 & 1)) >> 13);
}

INLINE float bfloat_to_float(uint16_t b) {
  uint32_t bits = (uint32_t)b << 16;
  float value;
  memcpy(&value, &bits, 4);
  return value;
}

INLINE uint16_t float_to_bfloat(float value) {
  uint32_t bits;
  memcpy(&bits, &value, 4);
  if ((bits & 0x7fffffff) > 0x7f800000) return (uint16_t)(bits >> 16 | 0x40);  // stays no number
  return (uint16_t)((bits + 0x7fff + (bits >> 16 & 1)) >> 16);
}

INLINE uint16_t read_half(const uint8_t *p) {
  uint16_t h;
  memcpy(&h, p, 2);
  return h;
}
