// Arithmetic without memory: how many products a second the int8 kernels could make at most.
#pragma once
#include "vector.h"

enum { PROBE_SUMS = 12 };  // as many independent sums as the kernels keep

// `rounds` times PROBE_SUMS products of four bytes in each lane; returns how many multiplications and additions that is.
static size_t dot_through(size_t rounds) {
  vi sum[PROBE_SUMS] = {{0}}, x = splat_int(0x01010101);
  vb w = (vb)splat_int(0x02020202);
  for (size_t round = 0; round < rounds; round++) {
    __asm__ volatile("" : "+m"(*(char *)&round));  // the compiler must not foresee the sums
    UNROLL for (int i = 0; i < PROBE_SUMS; i++) {
      IN_ORDER(w);
      sum[i] = PAIRS_FIRST ? (vi)((vp)sum[i] + dot2(w, x)) : dot4(sum[i], w, x);
    }
  }
  vi all = {0};
  UNROLL for (int i = 0; i < PROBE_SUMS; i++) all += sum[i];
  __asm__ volatile("" ::"r"(&all) : "memory");
  return rounds * PROBE_SUMS * LANES * 8;
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
