// Arithmetic without memory: how many products a second the int8 kernels could make at most.
#pragma once
#include "vector.h"

enum { PROBE_SUMS = 12 };  // as many independent sums as the kernels keep

// As many bytes as one instruction multiplies for each lane; with I8MM eight, two rows by two.
#if defined(I8MM)
enum { PROBE_BYTES = 8 };
INLINE vi probe_dot(vi sum, vb w, vi x) { return (vi)vmmlaq_s32((int32x4_t)sum, (int8x16_t)w, (int8x16_t)x); }
#else
enum { PROBE_BYTES = 4 };
INLINE vi probe_dot(vi sum, vb w, vi x) { return PAIRS_FIRST ? (vi)((vp)sum + dot2(w, x)) : dot4(sum, w, x); }
#endif

// `rounds` times PROBE_SUMS such products in each lane; returns how many multiplications and additions that is.
static size_t dot_through(size_t rounds) {
  vi sum[PROBE_SUMS] = {{0}}, x = splat_int(0x01010101);
  vb w = (vb)splat_int(0x02020202);
  for (size_t round = 0; round < rounds; round++) {
    __asm__ volatile("" : "+m"(*(char *)&round));  // the compiler must not foresee the sums
    UNROLL for (int i = 0; i < PROBE_SUMS; i++) {
      IN_ORDER(w);
      sum[i] = probe_dot(sum[i], w, x);
    }
  }
  vi all = {0};
  UNROLL for (int i = 0; i < PROBE_SUMS; i++) all += sum[i];
  __asm__ volatile("" ::"r"(&all) : "memory");
  return rounds * PROBE_SUMS * LANES * PROBE_BYTES * 2;
}

// The same of floats: `rounds` times PROBE_SUMS fused products in each lane.
static size_t fma_through(size_t rounds) {
  vf sum[PROBE_SUMS] = {{0}}, x = splat(1.0f), w = splat(0x1p-20f);
  for (size_t round = 0; round < rounds; round++) {
    __asm__ volatile("" : "+m"(*(char *)&round));
    UNROLL for (int i = 0; i < PROBE_SUMS; i++) sum[i] = fma_v(x, w, sum[i]);
  }
  vf all = {0};
  UNROLL for (int i = 0; i < PROBE_SUMS; i++) all += sum[i];
  __asm__ volatile("" ::"r"(&all) : "memory");
  return rounds * PROBE_SUMS * LANES * 2;
}
