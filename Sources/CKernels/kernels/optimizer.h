// Steps of optimisers, in place.
#pragma once
#include "vector.h"

INLINE vf square_root(vf x) {
#if LANES == 16
  return (vf)_mm512_sqrt_ps((__m512)x);
#elif LANES == 8
  return (vf)_mm256_sqrt_ps((__m256)x);
#else
  for (int i = 0; i < LANES; i++) x[i] = sqrtf(x[i]);
  return x;
#endif
}

INLINE void adam_lanes(vf *w, vf *first, vf *second, vf g, const adam_t *a) {
  *first = fma_v(*first, splat(a->beta1), g * (1 - a->beta1));
  *second = fma_v(*second, splat(a->beta2), g * g * (1 - a->beta2));
  *w = *w * a->kept - a->rate * *first / (square_root(*second) + a->epsilon);
}

static void adam_step(float *w, float *first, float *second, const float *gradient, size_t n, const adam_t *factors) {
  size_t i = 0;
  for (; i + LANES <= n; i += LANES) {
    vf v[3] = {load(w + i), load(first + i), load(second + i)};
    adam_lanes(&v[0], &v[1], &v[2], load(gradient + i), factors);
    store(w + i, v[0]), store(first + i, v[1]), store(second + i, v[2]);
  }
  if (i == n) return;
  const size_t bytes = (n - i) * 4;
  vf v[4] = {{0}};
  memcpy(&v[0], w + i, bytes), memcpy(&v[1], first + i, bytes), memcpy(&v[2], second + i, bytes), memcpy(&v[3], gradient + i, bytes);
  adam_lanes(&v[0], &v[1], &v[2], v[3], factors);
  memcpy(w + i, &v[0], bytes), memcpy(first + i, &v[1], bytes), memcpy(second + i, &v[2], bytes);
}

static void lion_step(float *w, float *average, const float *gradient, size_t n, float beta1, float beta2, float rate, float kept) {
  for (size_t i = 0; i < n; i++) {
    const float way = average[i] * beta1 + gradient[i] * (1 - beta1);
    w[i] = w[i] * kept - rate * (float)((way > 0) - (way < 0));
    average[i] = average[i] * beta2 + gradient[i] * (1 - beta2);
  }
}

// ---- Moments in 8 bits ---------------------------------------------------------------------------------------------

// The exponents of the smallest codes, as floats have them.
enum { FIRST_LOWEST = 127 - 15, SECOND_LOWEST = 127 - 31 };

// Different for each step and element, the same on every machine: 32 bits that look like chance (MurmurHash3's last mixing).
INLINE vu noise_at(uint32_t salt) {
  vu h;
  for (int i = 0; i < LANES; i++) h[i] = salt + (uint32_t)i;
  h *= 0x9e3779b1u;
  h ^= h >> 16, h *= 0x85ebca6bu;
  h ^= h >> 13, h *= 0xc2b2ae35u;
  return h ^ h >> 16;
}

INLINE vf decode_moments(const uint8_t *codes, uint32_t lowest, uint32_t sign, float scale) {
  quarter bytes;
  memcpy(&bytes, codes, sizeof bytes);
  const vu code = __builtin_convertvector(bytes, vu), size = code & ~sign;
  const vf value = (vf)((size << 20) + (lowest << 23)) * scale;
  return (vf)((vu)choose((vi)(size == 0), splat(0), value) | (code & sign) << 24);
}

// The codes of magnitudes, none above 1: up with the chance that makes the mean right, by `noise` of 16 bits.
INLINE vu encode_moments(vf x, vu noise, uint32_t lowest) {
  x = choose(x > 1.0f, splat(1), x);
  const vf smallest = (vf)splat_int((int32_t)((lowest << 23) + (1u << 20)));
  const vu code = (((vu)x + (noise << 4)) >> 20) - (lowest << 3);
  const vi low = x < smallest, one = x > smallest * (to_float((vi)noise) * (1.0f / 65536));
  return (vu)((low & (one & 1)) | (~low & (vi)code));
}

INLINE void store_codes(uint8_t *codes, vu code) {
  const quarter bytes = __builtin_convertvector(code, quarter);
  memcpy(codes, &bytes, sizeof bytes);
}

INLINE vf magnitude(vf x) { return (vf)((vu)x & 0x7fffffffu); }
INLINE float inverse_scale(float scale) { return scale > 1e-37f ? 1 / scale : 0; }

static void adam_block(float *w, moments_t *first, moments_t *second, const float *g, uint32_t salt, const adam_t *a) {
  float m[MOMENT_BLOCK], v[MOMENT_BLOCK];
  vf most[2] = {{0}};
  for (int i = 0; i < MOMENT_BLOCK; i += LANES) {
    vf x = load(w + i), one = decode_moments(first->codes + i, FIRST_LOWEST, 128, first->scale);
    vf two = decode_moments(second->codes + i, SECOND_LOWEST, 0, second->scale);
    adam_lanes(&x, &one, &two, load(g + i), a);
    store(w + i, x), store(m + i, one), store(v + i, two);
    most[0] = larger(magnitude(one), most[0]), most[1] = larger(two, most[1]);
  }
  first->scale = reduce_max(most[0]), second->scale = reduce_max(most[1]);
  const float share[2] = {inverse_scale(first->scale), inverse_scale(second->scale)};
  for (int i = 0; i < MOMENT_BLOCK; i += LANES) {
    const vf one = load(m + i), two = load(v + i) * share[1];
    const vu noise = noise_at(salt + (uint32_t)i);
    const vu code = encode_moments(two, noise >> 16, SECOND_LOWEST), some = (vu)((two > 0.0f) & 1);
    store_codes(first->codes + i, encode_moments(magnitude(one) * share[0], noise & 0xffff, FIRST_LOWEST) | ((vu)one >> 31) << 7);
    store_codes(second->codes + i, code | (some & (vu)(vi)(code == 0)));
  }
}

static void adam_step_bytes(float *w, moments_t *first, moments_t *second, const float *gradient, size_t n, uint32_t salt, const adam_t *factors) {
  for (size_t i = 0; i < n; i += MOMENT_BLOCK, first++, second++) {
    if (i + MOMENT_BLOCK <= n) {
      adam_block(w + i, first, second, gradient + i, salt + (uint32_t)i, factors);
      continue;
    }
    float rest[2][MOMENT_BLOCK] = {{0}};
    memcpy(rest[0], w + i, (n - i) * 4), memcpy(rest[1], gradient + i, (n - i) * 4);
    adam_block(rest[0], first, second, rest[1], salt + (uint32_t)i, factors);
    memcpy(w + i, rest[0], (n - i) * 4);
  }
}
