// Arithmetic without memory: how many products of bfloat16 pairs a second there could be at most.
#pragma once
#include "vector_panel.h"

enum { PAIR_SUMS = 12 };  // as many independent sums as the kernels keep

// `rounds` times PAIR_SUMS products of two in each lane; returns how many multiplications and additions that is.
size_t pairs_through_avx512(size_t rounds) {
  __m512 sum[PAIR_SUMS] = {{0}};
  const __m512bh x = (__m512bh)_mm512_set1_epi32(0x3f803f80), w = (__m512bh)_mm512_set1_epi32(0x35803580);
  for (size_t round = 0; round < rounds; round++) {
    __asm__ volatile("" : "+m"(*(char *)&round));  // the compiler must not foresee the sums
    UNROLL for (int i = 0; i < PAIR_SUMS; i++) sum[i] = _mm512_dpbf16_ps(sum[i], x, w);
  }
  __m512 all = {0};
  UNROLL for (int i = 0; i < PAIR_SUMS; i++) all += sum[i];
  __asm__ volatile("" ::"r"(&all) : "memory");
  return rounds * PAIR_SUMS * LANES * 4;
}
