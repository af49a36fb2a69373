// Picks the best table this CPU can run, once; the only file that knows.
#include "CKernels.h"
#if defined(__aarch64__) && defined(__linux__)
#include <sys/auxv.h>
static bool multiplies_bytes(void) { return getauxval(AT_HWCAP) & 1 << 20; }     // HWCAP_ASIMDDP
static bool multiplies_squares(void) { return getauxval(AT_HWCAP2) & 1 << 13; }  // HWCAP2_I8MM
#elif defined(__APPLE__) && defined(__aarch64__)
#include <sys/sysctl.h>
static bool multiplies_bytes(void) { return true; }  // every Apple processor
static bool multiplies_squares(void) {
  int found = 0;
  size_t size = sizeof found;
  return !sysctlbyname("hw.optional.arm.FEAT_I8MM", &found, &size, NULL, 0) && found;
}
#elif defined(__aarch64__)
static bool multiplies_bytes(void) { return true; }
static bool multiplies_squares(void) { return false; }
#endif

extern const kernels_t kernels_baseline, kernels_avx2, kernels_avx_vnni, kernels_avx_vnni_evex, kernels_avx512, kernels_neon,
    kernels_neon_i8mm;

#if defined(__x86_64__)
void panel_bfloat_avx512(float *, size_t, const void *, const uint16_t *, size_t, size_t, size_t, size_t, const float *);
void round_to_bfloat_avx512(uint16_t *, const float *, size_t);
size_t pairs_through_avx512(size_t);
void pair_strip_avx512(uint32_t *, const float *, size_t);
void pair_tiles_avx512(uint32_t *, const float *, size_t, size_t, size_t, bool);
void pair_product_avx512(float *, size_t, const float *, size_t, const uint32_t *, const uint32_t *, size_t, size_t, size_t);
enum { PAIR_TILE = 12 };

static kernels_t kernels_avx512_bf16;

__attribute__((constructor)) static void complete_avx512_bf16(void) {
  kernels_avx512_bf16 = kernels_avx512;
  kernels_avx512_bf16.name = "kernels_avx512_bf16";
  kernels_avx512_bf16.panel_bfloat = panel_bfloat_avx512;
  kernels_avx512_bf16.round_to_bfloat = round_to_bfloat_avx512;
  kernels_avx512_bf16.pair_tile = PAIR_TILE;
  kernels_avx512_bf16.pair_strip = pair_strip_avx512;
  kernels_avx512_bf16.pair_tiles = pair_tiles_avx512;
  kernels_avx512_bf16.pair_product = pair_product_avx512;
  kernels_avx512_bf16.pairs_through = pairs_through_avx512;
}

static bool has_avx512(void) {
  return __builtin_cpu_supports("avx512bw") && __builtin_cpu_supports("avx512vl") &&
         __builtin_cpu_supports("avx512dq") && __builtin_cpu_supports("avx512vnni");
}

// Whether products of bfloat16 pairs outrun those of floats. AMD's cores do twice as many of them; Intel's without a matrix unit half
// (Emerald Rapids: 86 against 175 GFLOP/s a core, Zen 5: 512 against 257). By name, not by a trial: the same machine
// must always take the same way, for the bits depend on it.
static bool pairs_pay(void) { return __builtin_cpu_is("amd"); }

static bool has_avx2(void) {
  return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma") && __builtin_cpu_supports("f16c");
}
#endif

const kernels_t *kernels_for(isa_t isa) {
#if defined(__x86_64__)
  if (isa == ISA_AVX512_BF16)
    return has_avx512() && __builtin_cpu_supports("avx512bf16") ? &kernels_avx512_bf16 : NULL;
  if (isa == ISA_AVX512)
    return has_avx512() ? &kernels_avx512 : NULL;
  if (isa == ISA_AVX_VNNI && has_avx2())
    return __builtin_cpu_supports("avxvnni") ? &kernels_avx_vnni : has_avx512() ? &kernels_avx_vnni_evex : NULL;
  if (isa == ISA_AVX2)
    return has_avx2() ? &kernels_avx2 : NULL;
#elif defined(__aarch64__)
  if (isa == ISA_NEON_I8MM) return multiplies_bytes() && multiplies_squares() ? &kernels_neon_i8mm : NULL;
  if (isa == ISA_NEON) return multiplies_bytes() ? &kernels_neon : NULL;
#endif
  return isa == ISA_BASELINE ? &kernels_baseline : NULL;
}

const kernels_t *kernels(void) {
  static const kernels_t *best;
  for (int isa = ISA_COUNT - 1; !best; isa--) {
#if defined(__x86_64__)
    if (isa == ISA_AVX512_BF16 && !pairs_pay()) continue;
#endif
    best = kernels_for((isa_t)isa);
  }
  return best;
}
