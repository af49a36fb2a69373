// The vector types of one instruction set, and the few operations on them that have no operator.
#pragma once
#include "vector_panel.h"

typedef float vf __attribute__((vector_size(LANES * 4)));
typedef int32_t vi __attribute__((vector_size(LANES * 4)));
typedef uint32_t vu __attribute__((vector_size(LANES * 4)));
typedef uint8_t vb __attribute__((vector_size(LANES * 4)));
typedef int8_t vc __attribute__((vector_size(LANES * 4)));
typedef uint8_t quarter __attribute__((vector_size(LANES)));
typedef int8_t signed_quarter __attribute__((vector_size(LANES)));

// Keeps a loop over sums in the order in which it is written, and small numbers where they can be read as vectors of one. With 16
// registers the compiler would move what is read forwards until nothing is left for the sums, and keep those in memory.
#if LANES == 8
#define IN_ORDER(SUM) __asm__ volatile("" : "+x"(SUM))
#define IN_MEMORY(NUMBERS) __asm__ volatile("" : "+m"(NUMBERS))
#else
#define IN_ORDER(SUM) ((void)0)
#define IN_MEMORY(NUMBERS) ((void)0)
#endif

INLINE vf load(const void *p) { vf v; memcpy(&v, p, sizeof v); return v; }
INLINE void store(void *p, vf v) { memcpy(p, &v, sizeof v); }
INLINE vb load_bytes(const void *p) { vb v; memcpy(&v, p, sizeof v); return v; }
INLINE vf splat(float x) { return x - (vf){0}; }  // 0 + x is not x: it would be an addition, for the sake of -0
INLINE vi splat_int(int32_t x) { return x - (vi){0}; }
INLINE vf choose(vi mask, vf a, vf b) { return (vf)(((vi)a & mask) | ((vi)b & ~mask)); }
INLINE vf larger(vf a, vf b) { return choose(a > b, a, b); }
INLINE vf to_float(vi v) { return __builtin_convertvector(v, vf); }

// a * b + c, rounded once where the machine can.
INLINE vf fma_v(vf a, vf b, vf c) {
#if LANES == 16
  return (vf)_mm512_fmadd_ps((__m512)a, (__m512)b, (__m512)c);
#elif LANES == 8
  return (vf)_mm256_fmadd_ps((__m256)a, (__m256)b, (__m256)c);
#elif defined(NEON)
  return (vf)vfmaq_f32((float32x4_t)c, (float32x4_t)a, (float32x4_t)b);
#else
  return a * b + c;
#endif
}

// LANES halves as floats.
INLINE vf load_halves(const void *p) {
#if LANES == 16
  return (vf)_mm512_cvtph_ps(_mm256_loadu_si256((const __m256i *)p));
#elif LANES == 8
  return (vf)_mm256_cvtph_ps(_mm_loadu_si128((const __m128i *)p));
#elif defined(NEON)
  return (vf)vcvt_f32_f16(vld1_f16((const __fp16 *)p));
#else
  vf v;
  for (int i = 0; i < LANES; i++) v[i] = half_to_float(read_half((const uint8_t *)p + 2 * i));
  return v;
#endif
}

// LANES bfloat16 as floats.
INLINE vf load_bfloats(const void *p) {
  typedef uint16_t half_v __attribute__((vector_size(LANES * 2)));
  half_v v;
  memcpy(&v, p, sizeof v);
  return (vf)(__builtin_convertvector(v, vu) << 16);
}

// The entry of a table for each byte, all of which are below 16.
INLINE vb look_up(const uint8_t *table, vb places) {
#if LANES == 16
  return (vb)_mm512_shuffle_epi8(_mm512_broadcast_i32x4(_mm_loadu_si128((const __m128i *)table)), (__m512i)places);
#elif LANES == 8
  return (vb)_mm256_shuffle_epi8(_mm256_broadcastsi128_si256(_mm_loadu_si128((const __m128i *)table)), (__m256i)places);
#elif defined(NEON)
  return (vb)vqtbl1q_u8(vld1q_u8(table), (uint8x16_t)places);
#else
  for (int i = 0; i < 4 * LANES; i++) places[i] = table[places[i]];
  return places;
#endif
}

INLINE uint16_t to_half(float x) {
#if LANES >= 8
  return _cvtss_sh(x, 0);
#else
  return float_to_half(x);
#endif
}

// LANES unsigned or signed bytes as floats.
INLINE vf load_factors(const void *p) { quarter v; memcpy(&v, p, sizeof v); return __builtin_convertvector(v, vf); }
INLINE vf load_signed_factors(const void *p) {
  signed_quarter v;
  memcpy(&v, p, sizeof v);
  return __builtin_convertvector(v, vf);
}

INLINE float reduce_add(vf v) {
  float lane[LANES];
  memcpy(lane, &v, sizeof v);
  UNROLL for (int width = LANES / 2; width; width /= 2)
    UNROLL for (int i = 0; i < width; i++) lane[i] += lane[i + width];
  return lane[0];
}

INLINE float reduce_max(vf v) {
  float lane[LANES];
  memcpy(lane, &v, sizeof v);
  UNROLL for (int width = LANES / 2; width; width /= 2)
    UNROLL for (int i = 0; i < width; i++) lane[i] = lane[i + width] > lane[i] ? lane[i + width] : lane[i];
  return lane[0];
}

// e^x, x <= 88, to within 2 units in the last place: x = n ln 2 + r, and the Taylor polynomial of e^r, |r| <= ln 2 / 2.
// Below -87 the result is 0.
INLINE vf exp_below(vf x) {
  const vi tiny = x < -87.0f;
  x = choose(tiny, splat(-87.0f), x);
  const vf magic = splat(12582912.0f);  // 1.5 * 2^23: adding it rounds to an integer
  const vf shifted = fma_v(x, splat(1.44269504f), magic), n = shifted - magic;
  vf r = fma_v(n, splat(-0.693359375f), x);
  r = fma_v(n, splat(2.12194440e-4f), r);
  vf p = splat(1.0f / 5040);
  p = fma_v(p, r, splat(1.0f / 720));
  p = fma_v(p, r, splat(1.0f / 120));
  p = fma_v(p, r, splat(1.0f / 24));
  p = fma_v(p, r, splat(1.0f / 6));
  p = fma_v(p, r, splat(0.5f));
  p = fma_v(p, r, splat(1.0f));
  p = fma_v(p, r, splat(1.0f));
  const vi exponent = ((vi)shifted - (vi)magic) << 23;
  return choose(tiny, splat(0), (vf)((vi)p + exponent));
}

// The same for any x; above 88 the result is large but finite.
INLINE vf exp_v(vf x) { return exp_below(choose(x > 88.0f, splat(88.0f), x)); }

// Sums of products of four unsigned and four signed bytes, added to each lane. `w` is below 128.
INLINE vi dot4(vi sum, vb w, vi x) {
#if LANES == 16
  return (vi)_mm512_dpbusd_epi32((__m512i)sum, (__m512i)w, (__m512i)x);
#elif defined(DOT_256)
  return (vi)DOT_256((__m256i)sum, (__m256i)w, (__m256i)x);
#elif LANES == 8
  const __m256i pairs = _mm256_maddubs_epi16((__m256i)w, (__m256i)x);
  return sum + (vi)_mm256_madd_epi16(pairs, _mm256_set1_epi16(1));
#elif defined(NEON)
  return (vi)vdotq_s32((int32x4_t)sum, (int8x16_t)w, (int8x16_t)x);
#else
  const vc a = (vc)x;
  for (int i = 0; i < 4 * LANES; i++) sum[i / 4] += (int32_t)w[i] * a[i];
  return sum;
#endif
}

// Sums of two such products in 16 bits, and four of them from two.
typedef int16_t vp __attribute__((vector_size(LANES * 4)));
#if LANES == 8 && !defined(DOT_256)
enum { PAIRS_FIRST = 1 };
INLINE vp dot2(vb w, vi x) { return (vp)_mm256_maddubs_epi16((__m256i)w, (__m256i)x); }
INLINE vi join_pairs(vp pairs) { return (vi)_mm256_madd_epi16((__m256i)pairs, _mm256_set1_epi16(1)); }
#else
enum { PAIRS_FIRST = 0 };
INLINE vp dot2(vb w, vi x) { return (vp)w + (vp)x; }  // never called
INLINE vi join_pairs(vp pairs) { return (vi)pairs; }
#endif

// The same for weights of all eight bits. Where the machine multiplies signed bytes only, 128 is taken off each weight:
// BYTE_ZERO is the weight that means 0 afterwards.
#if LANES == 16 || defined(DOT_256)
enum { BYTE_ZERO = 128 };
INLINE vi dot4_byte(vi sum, vb w, vi x) { return dot4(sum, w, x); }
#else
enum { BYTE_ZERO = 0 };
INLINE vi dot4_byte(vi sum, vb w, vi x) {
  w ^= 0x80;
#if LANES == 8
  return dot4(sum, (vb)_mm256_abs_epi8((__m256i)w), (vi)_mm256_sign_epi8((__m256i)x, (__m256i)w));
#elif defined(NEON)
  return dot4(sum, w, x);
#else
  const vc a = (vc)x, signed_w = (vc)w;
  for (int i = 0; i < 4 * LANES; i++) sum[i / 4] += (int32_t)signed_w[i] * a[i];
  return sum;
#endif
}
#endif
