// Between a row's steps and a panel's, one after another; see format.h for the layout.
#pragma once
#include "decode.h"

INLINE uint8_t *step_at(const format_t f, uint8_t *panel, size_t index) {
  if (!f.super) return panel + index * step_bytes(f);
  return panel + index / SUPER * (header_bytes(f) + SUPER * step_bytes(f)) + header_bytes(f) + index % SUPER * step_bytes(f);
}

INLINE size_t float_bytes(weight_t type) { return type == WEIGHT_F32 ? 4 : 2; }

// Words of four bytes, a float or a pair of halves, go from rows to columns; what is missing of an odd row's last pair is 0.
INLINE void plain_floats(weight_t type, uint8_t *panel, const uint8_t *rows, size_t row_bytes, size_t count, size_t k) {
  const size_t bytes = k * float_bytes(type);
  for (size_t at = 0; at < bytes; at += 4)
    for (size_t row = 0; row < count; row++) {
      uint32_t word = 0;
      memcpy(&word, rows + row * row_bytes + at, bytes - at < 4 ? 2 : 4);
      memcpy(panel + (at / 4 * PANEL_ROWS + row) * 4, &word, 4);
    }
  if (type == WEIGHT_F32 && k % 2) memset(panel + k * PANEL_ROWS * 4, 0, PANEL_ROWS * 4);
}

INLINE void write_half(uint8_t *p, uint16_t h) { memcpy(p, &h, 2); }

INLINE void put_scales(const format_t f, uint8_t *step, uint8_t *header, int row, const step_t *s) {
  uint8_t *halves = f.super ? header : step;
  write_half(halves + 2 * row, s->scale);
  if (f.minimum) write_half(halves + 64 + 2 * row, s->minimum);
  if (!f.super) return;
  for (int h = 0; h < f.halves; h++) {
    if (f.low == 2 && f.minimum) {
      step[32 * h + row] = (uint8_t)(s->factor[h] | s->offset[h] << 4);
    } else {
      step[32 * h + row] = (uint8_t)s->factor[h];
      if (f.minimum) step[32 * (f.halves + h) + row] = s->offset[h];
    }
  }
}

INLINE uint32_t four_weights(const step_t *s, int group) { return read_word(s->weight + 4 * group); }

// Four weights at a time: `b` low bits of several groups share a word.
INLINE void put_weights(const format_t f, uint8_t *bits, int row, const step_t *s) {
  const uint32_t ones = 0x01010101, low_mask = ones * (uint32_t)((1 << f.low) - 1);
  const uint32_t high_mask = ones * (uint32_t)((1 << f.high) - 1);
  for (int byte_group = 0; byte_group < f.low; byte_group++) {
    uint32_t word = 0;
    for (int g = byte_group; g < 8; g += f.low) word |= (four_weights(s, g) & low_mask) << g / f.low * f.low;
    memcpy(bits + byte_group * 128 + row * 4, &word, 4);
  }
  for (int plane = 0; plane < f.high; plane++) {
    uint32_t word = 0;
    const int groups = 8 / f.high;
    for (int g = 0; g < groups; g++) word |= (four_weights(s, plane * groups + g) >> f.low & high_mask) << g * f.high;
    memcpy(bits + (f.low + plane) * 128 + row * 4, &word, 4);
  }
}

INLINE void plain_steps(const weight_t type, uint8_t *panel, const uint8_t *rows, size_t row_bytes, size_t count,
                        size_t k) {
  const format_t f = format_of(type);
  for (size_t index = 0; index < k / 32; index++) {
    uint8_t *step = step_at(f, panel, index), *header = step_at(f, panel, index / SUPER * SUPER) - header_bytes(f);
    for (size_t row = 0; row < count; row++) {
      step_t s;
      decode_step(type, &s, rows + row * row_bytes, index);
      put_scales(f, step, header, (int)row, &s);
      put_weights(f, step + scale_bytes(f), (int)row, &s);
    }
  }
}

INLINE void get_step(const format_t f, step_t *s, const uint8_t *step, const uint8_t *header, int row) {
  const uint8_t *halves = f.super ? header : step, *bits = step + scale_bytes(f), *high = bits + f.low * 128;
  s->scale = read_half(halves + 2 * row);
  if (f.minimum) s->minimum = read_half(halves + 64 + 2 * row);
  for (int h = 0; f.super && h < 2; h++) {
    const int which = f.halves == 2 ? h : 0;
    uint8_t factor = step[32 * which + row];
    const bool shared = f.low == 2 && f.minimum;
    s->factor[h] = (int8_t)(shared ? factor & 15 : factor);
    if (f.minimum) s->offset[h] = shared ? factor >> 4 : step[32 * (f.halves + which) + row];
  }
  for (int i = 0; i < 32; i++) {
    const int g = i / 4, at = row * 4 + i % 4;
    int w = bits[g % f.low * 128 + at] >> g / f.low * f.low & ((1 << f.low) - 1);
    if (f.high == 1) w |= (high[at] >> g & 1) << f.low;
    if (f.high == 2) w |= (high[g / 4 * 128 + at] >> 2 * (g % 4) & 3) << f.low;
    s->weight[i] = (uint8_t)w;
  }
}
