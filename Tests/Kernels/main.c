// Every kernel of every instruction set that this machine, or its emulation, runs, against plain loops. The Swift tests do much of
// the same; this one needs no more than a C compiler, so that it can be cross-compiled: see scripts/check-kernels.
#include "check.h"

static const char *const names[ISA_COUNT] = {
    [ISA_BASELINE] = "baseline", [ISA_NEON] = "neon",     [ISA_NEON_I8MM] = "neon_i8mm",     [ISA_AVX2] = "avx2",
    [ISA_AVX_VNNI] = "avx_vnni", [ISA_AVX512] = "avx512", [ISA_AVX512_BF16] = "avx512_bf16",
};

// Tables whose results are the same bits.
static const isa_t twins[][2] = {{ISA_NEON, ISA_NEON_I8MM}};

static void (*const checks[])(const kernels_t *) = {
    check_rows,     check_gradients,  check_sampling, check_conversions,  check_products, check_pairs,
    check_low_rank, check_optimizers, check_encoding, check_state_spaces, check_panels,   check_attention,
};

static void check_table(const kernels_t *k) {
  for (size_t i = 0; i < sizeof checks / sizeof *checks; i++) seed(1), checks[i](k);
  expect(k, "dot_through", 3, k->dot_through(3) > 0);
  expect(k, "fma_through", 3, k->fma_through(3) > 0);
  printf("%s checked\n", k->name);
}

int main(void) {
  for (int isa = 0; isa < ISA_COUNT; isa++) {
    const kernels_t *k = kernels_for((isa_t)isa);
    if (k) check_table(k);
    else printf("%s skipped: this processor lacks it\n", names[isa]);
  }
  check_packing(kernels_for(ISA_BASELINE));
  for (size_t i = 0; i < sizeof twins / sizeof *twins; i++) {
    const kernels_t *one = kernels_for(twins[i][0]), *other = kernels_for(twins[i][1]);
    if (one && other) expect_alike(one, other);
  }
  return report();
}
