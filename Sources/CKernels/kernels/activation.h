// Gated activations (Shazeer 2020).
#pragma once
#include "vector.h"

INLINE vf sigmoid_v(vf x) { return 1.0f / (1.0f + exp_v(-x)); }

// gelu(x) = x sigmoid(2 sqrt(2 / pi) (x + 0.044715 x^3)): the tanh approximation of Hendrycks & Gimpel 2016.
INLINE vf gelu_v(vf x) { return x * sigmoid_v(1.5957691216f * (x + 0.044715f * x * x * x)); }
INLINE vf silu_v(vf x) { return x * sigmoid_v(x); }

#define GATED(NAME, ACTIVATION)                                                          \
  static void NAME(float *y, const float *gate, const float *up, size_t n) {             \
    size_t i = 0;                                                                        \
    for (; i + LANES <= n; i += LANES) store(y + i, ACTIVATION(load(gate + i)) * load(up + i)); \
    if (i == n) return;                                                                  \
    float g[LANES] = {0}, u[LANES] = {0};                                                \
    memcpy(g, gate + i, (n - i) * 4);                                                    \
    memcpy(u, up + i, (n - i) * 4);                                                      \
    store(g, ACTIVATION(load(g)) * load(u));                                             \
    memcpy(y + i, g, (n - i) * 4);                                                       \
  }

GATED(swiglu, silu_v)
GATED(geglu, gelu_v)
#undef GATED
