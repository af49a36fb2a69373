// A state space that each place moves on (Dao & Gu 2024), and the convolution before it.
#pragma once
#include "vector.h"

static void convolve(float *y, const float *const *x, const float *weight, const float *bias, size_t taps, size_t n) {
  size_t i = 0;
  for (; i + LANES <= n; i += LANES) {
    vf sum = bias ? load(bias + i) : splat(0);
    for (size_t tap = 0; tap < taps; tap++) sum = fma_v(load(x[tap] + i), load(weight + tap * n + i), sum);
    store(y + i, sum);
  }
  for (; i < n; i++) {
    float sum = bias ? bias[i] : 0;
    for (size_t tap = 0; tap < taps; tap++) sum += x[tap][i] * weight[tap * n + i];
    y[i] = sum;
  }
}

static void scan_step(float *y, float *state, const float *x, const float *b, const float *c, const scan_t *s) {
  const size_t n = s->states;
  for (size_t row = 0; row < s->width; row++, state += n) {
    const float gain = s->step * x[row];
    const vf decay = splat(s->decay), gains = splat(gain);
    vf sum = {0};
    size_t i = 0;
    for (; i + LANES <= n; i += LANES) {
      const vf h = fma_v(load(state + i), decay, load(b + i) * gains);
      store(state + i, h);
      sum = fma_v(h, load(c + i), sum);
    }
    float total = reduce_add(sum);
    for (; i < n; i++) {
      state[i] = state[i] * s->decay + b[i] * gain;
      total += state[i] * c[i];
    }
    y[row] = total + s->skip * x[row];
  }
}

// Through y = c · after + skip x and after = decay before + step x b.
static void scan_back(float *dstate, scan_back_t *d, const float *before, const float *after, const float *x,
                      const float *dy, const float *b, const float *c, const scan_t *s) {
  const size_t n = s->states;
  vf decays = {0};
  float tail = 0;
  for (size_t row = 0; row < s->width; row++, dstate += n, before += n, after += n) {
    const float gain = s->step * x[row], slope = dy[row];
    const vf gains = splat(gain), slopes = splat(slope), decay = splat(s->decay);
    vf through = {0};
    size_t i = 0;
    for (; i + LANES <= n; i += LANES) {
      const vf g = fma_v(slopes, load(c + i), load(dstate + i));
      store(d->c + i, fma_v(slopes, load(after + i), load(d->c + i)));
      store(d->b + i, fma_v(g, gains, load(d->b + i)));
      decays = fma_v(g, load(before + i), decays);
      through = fma_v(g, load(b + i), through);
      store(dstate + i, g * decay);
    }
    float sum = reduce_add(through);
    for (; i < n; i++) {
      const float g = dstate[i] + slope * c[i];
      d->c[i] += slope * after[i];
      d->b[i] += g * gain;
      tail += g * before[i];
      sum += g * b[i];
      dstate[i] = g * s->decay;
    }
    d->x[row] = s->step * sum + s->skip * slope;
    d->step += x[row] * sum;
    d->skip += slope * x[row];
  }
  d->decay += reduce_add(decays) + tail;
}
