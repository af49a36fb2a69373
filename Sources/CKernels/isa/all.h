// Compiled once per instruction set: see avx512.c. LANES, VECTORS, TILE and TABLE are the only inputs.
#include "CKernels.h"
#include <math.h>
#include <string.h>
#include "../kernels/vector.h"
#include "../kernels/rows.h"
#include "../kernels/low_rank.h"
#include "../kernels/activation.h"
#include "../kernels/gradient.h"
#include "../kernels/gelu.h"
#include "../kernels/layer_norm.h"
#include "../kernels/optimizer.h"
#include "../kernels/sampling.h"
#include "../kernels/attention.h"
#include "../kernels/quant/tile.h"
#include "../kernels/quant/panel_open.h"
#include "../kernels/quant/encode.h"
#include "../kernels/product.h"
#include "../kernels/panel_float.h"
#include "../kernels/panel_blocks.h"
#include "../kernels/panel_strip.h"
#include "../kernels/state_space.h"
#include "../kernels/probe.h"

#define STRING_OF(x) #x
#define STRING(x) STRING_OF(x)

const kernels_t TABLE = {
    .name = STRING(TABLE),
    .rms_norm = rms_norm,
    .layer_norm = layer_norm,
    .add = add,
    .multiply = multiply,
    .scale = scale,
    .swiglu = swiglu,
    .geglu = geglu,
    .gelu_erf = gelu_erf,
    .gelu_tanh = gelu_tanh,
    .rotate = rotate,
    .rms_norm_back = rms_norm_back,
    .layer_norm_back = layer_norm_back,
    .gelu_erf_back = gelu_erf_back,
    .gelu_tanh_back = gelu_tanh_back,
    .swiglu_back = swiglu_back,
    .geglu_back = geglu_back,
    .softmax_back = softmax_back,
    .dot = dot,
    .low_rank_down = low_rank_down,
    .low_rank_up = low_rank_up,
    .add_scaled = add_scaled,
    .transpose = transpose,
    .adam_step = adam_step,
    .adam_step_bytes = adam_step_bytes,
    .lion_step = lion_step,
    .largest = largest,
    .peak = peak,
    .argmax = argmax,
    .exp_sum = exp_sum,
    .quantize_tile = quantize_tile,
    .tile_rows = TILE,
    .encode = encode,
    .panel_quantized = panel_quantized,
    .panel_float = panel_float,
    .narrow = narrow,
    .widen = widen,
    .product_width = PRODUCT_WIDTH,
    .product_tile = PRODUCT_ROWS,
    .product_strip_rows = product_strip_rows,
    .product_strip_columns = product_strip_columns,
    .product_strip_panel = product_strip_panel,
    .product_tile_columns = product_tile_columns,
    .product_rows = product_rows,
    .product_tiles = product_tiles,
    .cache_store = cache_store,
    .attend_begin = attend_begin,
    .attend_part = attend_part,
    .attend_merge = attend_merge,
    .attend_finish = attend_finish,
    .convolve = convolve,
    .scan_step = scan_step,
    .scan_back = scan_back,
    .dot_through = dot_through,
    .fma_through = fma_through,
};
