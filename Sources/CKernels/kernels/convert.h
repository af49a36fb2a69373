// Floats of two bytes, from and to floats of four.
#pragma once
#include "vector.h"

// LANES weights of a float type, as floats.
INLINE vf weights_at(const weight_t type, const uint8_t *p) {
  if (type == WEIGHT_F32) return load(p);
  if (type == WEIGHT_F16) return load_halves(p);
  typedef uint16_t halves __attribute__((vector_size(LANES * 2)));
  halves h;
  memcpy(&h, p, sizeof h);
  return (vf)(__builtin_convertvector(h, vu) << 16);
}

// Fewer than LANES of them, the rest 0.
INLINE vf some_weights_at(const weight_t type, const uint8_t *p, size_t count) {
  uint8_t whole[LANES * 4] = {0};
  memcpy(whole, p, count * (type == WEIGHT_F32 ? 4 : 2));
  return weights_at(type, whole);
}

INLINE vf first_weights_at(const weight_t type, const uint8_t *p, size_t count) {
  return count >= LANES ? weights_at(type, p) : count ? some_weights_at(type, p, count) : splat(0);
}

// LANES floats as halves, rounded to the nearest, ties to even.
INLINE void store_halves_of(uint16_t *p, vf v) {
#if LANES == 16
  _mm256_storeu_si256((__m256i *)p, _mm512_cvtps_ph((__m512)v, 0));
#elif LANES == 8
  _mm_storeu_si128((__m128i *)p, _mm256_cvtps_ph((__m256)v, 0));
#else
  for (int i = 0; i < LANES; i++) p[i] = to_half(v[i]);
#endif
}

// The same as bfloats; a NaN stays one.
INLINE void store_bfloats_of(uint16_t *p, vf v) {
  typedef uint16_t halves __attribute__((vector_size(LANES * 2)));
  const vu bits = (vu)v, rounded = (bits + 0x7fff + (bits >> 16 & 1)) >> 16;
  const halves h = __builtin_convertvector((vu)choose(v == v, (vf)rounded, (vf)(bits >> 16 | 0x40)), halves);
  memcpy(p, &h, sizeof h);
}

static void narrow(weight_t type, void *row, const float *x, size_t k) {
  uint16_t *y = row;
  size_t i = 0;
  if (type == WEIGHT_F32) { memcpy(row, x, k * 4); return; }
  for (; i + LANES <= k; i += LANES)
    if (type == WEIGHT_F16) store_halves_of(y + i, load(x + i));
    else store_bfloats_of(y + i, load(x + i));
  if (i == k) return;
  float last[LANES] = {0};
  uint16_t halves[LANES];
  memcpy(last, x + i, (k - i) * 4);
  if (type == WEIGHT_F16) store_halves_of(halves, load(last));
  else store_bfloats_of(halves, load(last));
  memcpy(y + i, halves, (k - i) * 2);
}

static void widen(weight_t type, float *y, const void *row, size_t k) {
  const uint8_t *x = row;
  const size_t size = type == WEIGHT_F32 ? 4 : 2;
  for (size_t i = 0; i < k; i += LANES) {
    const size_t count = k - i < LANES ? k - i : LANES;
    const vf v = type == WEIGHT_F32   ? first_weights_at(WEIGHT_F32, x + i * size, count)
                 : type == WEIGHT_F16 ? first_weights_at(WEIGHT_F16, x + i * size, count)
                                      : first_weights_at(WEIGHT_BF16, x + i * size, count);
    memcpy(y + i, &v, count * 4);
  }
}
