// Picks the best table this CPU can run, once; the only file that knows.
#include "CKernels.h"
#if defined(__aarch64__) && defined(__linux__)
#include <sys/auxv.h>
static bool multiplies_bytes(void) { return getauxval(AT_HWCAP) & 1 << 20; }  // HWCAP_ASIMDDP
#elif defined(__aarch64__)
static bool multiplies_bytes(void) { return true; }  // every Apple processor
#endif

extern const kernels_t kernels_baseline, kernels_avx2, kernels_avx512, kernels_neon;

const kernels_t *kernels_for(isa_t isa) {
#if defined(__x86_64__)
  if (isa == ISA_AVX512)
    return __builtin_cpu_supports("avx512bw") && __builtin_cpu_supports("avx512vl") &&
                   __builtin_cpu_supports("avx512dq") && __builtin_cpu_supports("avx512vnni")
               ? &kernels_avx512
               : NULL;
  if (isa == ISA_AVX2)
    return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma") && __builtin_cpu_supports("f16c")
               ? &kernels_avx2
               : NULL;
#elif defined(__aarch64__)
  if (isa == ISA_NEON) return multiplies_bytes() ? &kernels_neon : NULL;
#endif
  return isa == ISA_BASELINE ? &kernels_baseline : NULL;
}

const kernels_t *kernels(void) {
  static const kernels_t *best;
  for (int isa = ISA_COUNT - 1; !best; isa--) best = kernels_for((isa_t)isa);
  return best;
}
