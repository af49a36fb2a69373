// Unpacking of panels, and rows: seldom, so plain C on every machine.
#include "kernels/quant/pack.h"

static bool is_quantized(weight_t type) { return type >= WEIGHT_Q4_0; }

size_t panel_bytes(weight_t type, size_t k) {
  if (!is_quantized(type)) return (k + k % 2) * PANEL_ROWS * float_bytes(type);
  const format_t f = format_of(type);
  return k / 32 * step_bytes(f) + (f.super ? k / 256 * header_bytes(f) : 0);
}

// Float panels keep pairs of columns together, [k / 2][32 rows][2], except float32: [k][32 rows].
static size_t float_at(weight_t type, size_t row, size_t column) {
  return type == WEIGHT_F32 ? column * PANEL_ROWS + row : (column / 2 * PANEL_ROWS + row) * 2 + column % 2;
}

static float float_of(weight_t type, const uint8_t *p) {
  float value;
  if (type == WEIGHT_F32) return memcpy(&value, p, 4), value;
  return type == WEIGHT_F16 ? half_to_float(read_half(p)) : bfloat_to_float(read_half(p));
}

void unpack_panel_row(weight_t type, float *y, const void *panel, size_t row, size_t k) {
  if (!is_quantized(type)) {
    for (size_t i = 0; i < k; i++) y[i] = float_of(type, (const uint8_t *)panel + float_at(type, row, i) * float_bytes(type));
    return;
  }
  const format_t f = format_of(type);
  for (size_t index = 0; index < k / 32; index++) {
    uint8_t *step = step_at(f, (uint8_t *)panel, index);
    step_t s;
    get_step(f, &s, step, step_at(f, (uint8_t *)panel, index / SUPER * SUPER) - header_bytes(f), (int)row);
    step_floats(f, y + index * 32, &s);
  }
}

void write_floats(weight_t type, void *row, const float *x, size_t k) {
  uint16_t *halves = row;
  if (type == WEIGHT_F32) memcpy(row, x, k * 4);
  else if (type == WEIGHT_F16) for (size_t i = 0; i < k; i++) halves[i] = float_to_half(x[i]);
  else for (size_t i = 0; i < k; i++) halves[i] = float_to_bfloat(x[i]);
}

void dequantize_row(weight_t type, float *y, const void *row, size_t k) {
  if (!is_quantized(type)) {
    for (size_t i = 0; i < k; i++) y[i] = float_of(type, (const uint8_t *)row + i * float_bytes(type));
    return;
  }
  for (size_t index = 0; index < k / 32; index++) {
    step_t s;
    decode_step(type, &s, row, index);
    step_floats(format_of(type), y + index * 32, &s);
  }
}
