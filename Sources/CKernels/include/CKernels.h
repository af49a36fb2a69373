// The kernels: one table of functions per instruction set, and the few functions that need none.
//
// Rows are contiguous; pointers may be unaligned unless said otherwise. Kernels never allocate, lock, log or fail: whoever
// calls them has checked the shapes. Per row, every kernel accumulates in one fixed order, whatever the number of rows or
// threads, so a row's result never depends on its neighbours (DESIGN D3).
#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

// ---- Weights -------------------------------------------------------------------------------------------------------

typedef enum {
  WEIGHT_F32, WEIGHT_F16, WEIGHT_BF16,
  WEIGHT_Q4_0, WEIGHT_Q4_1, WEIGHT_Q5_0, WEIGHT_Q5_1, WEIGHT_Q8_0,
  WEIGHT_Q2_K, WEIGHT_Q3_K, WEIGHT_Q4_K, WEIGHT_Q5_K, WEIGHT_Q6_K,
  WEIGHT_IQ4_NL, WEIGHT_IQ4_XS, WEIGHT_MXFP4, WEIGHT_TQ2_0,
  WEIGHT_COUNT
} weight_t;

// A packed matrix is a sequence of panels of PANEL_ROWS output rows each. The last panel is filled up with zero rows.
enum { PANEL_ROWS = 32 };

// Bytes of one panel of a matrix with k columns; a multiple of 64. Panels must be aligned to 64 bytes.
size_t panel_bytes(weight_t type, size_t k);

// Rewrites `count` (1 to 32) rows of `row_bytes` bytes each, in GGUF's row-major blocks, into one panel.
void pack_panel(weight_t type, void *panel, const void *rows, size_t row_bytes, size_t count, size_t k);
// The same one value after another: what tests compare it with.
void pack_panel_plainly(weight_t type, void *panel, const void *rows, size_t row_bytes, size_t count, size_t k);

// Reads row `row` (0 to 31) of a panel back as floats.
void unpack_panel_row(weight_t type, float *y, const void *panel, size_t row, size_t k);

// Reads one row of GGUF's blocks as floats.
void dequantize_row(weight_t type, float *y, const void *row, size_t k);

// Writes a row of a float type, rounding to the nearest, ties to even.
void write_floats(weight_t type, void *row, const float *x, size_t k);

// ---- Attention -----------------------------------------------------------------------------------------------------

// The cache keeps 16 positions a block, keys so that a vector register holds one coordinate (or four) of several positions,
// then values position by position. A row attends in parts of 512 positions, each summed on its own and merged in order, so
// that parts may run on different threads with the same result; and within a part in spans of 64, each one step of the
// running softmax.
enum { CACHE_BLOCK = 16, ATTENTION_SPAN = 64, ATTENTION_PART = 512, ATTENTION_MOST_WIDTH = 512 };

// What keys and values are kept as: halves, or GGUF's Q8_0, int8 with a half as the scale of each 32 coordinates.
typedef enum { CACHE_F16, CACHE_Q8_0 } cache_type_t;

// Bytes of one head's block, keys and values.
static inline size_t cache_block_bytes(cache_type_t type, size_t width) {
  return 2 * CACHE_BLOCK * (type == CACHE_Q8_0 ? width + (width + 31) / 32 * 2 : width * 2);
}

typedef struct {
  const uint8_t *base;    // block 0 of this layer and head
  size_t block_bytes;     // from one block to the next
  const int32_t *blocks;  // which block keeps positions 16i to 16i+15
  size_t width;           // head width, a multiple of 16
  cache_type_t type;
} cache_head_t;

// ---- State spaces --------------------------------------------------------------------------------------------------

// One head at one place: after = decay * before + step * x * b, y = c . after + skip * x, with a state of [width][states].
typedef struct { float decay, step, skip; size_t width, states; } scan_t;
// Gradients: x [width] is written, the others are added to; b and c are [states].
typedef struct { float *x, *b, *c; float decay, step, skip; } scan_back_t;

// ---- Memory --------------------------------------------------------------------------------------------------------

// Gives pages that were freed back to the system, where the C library keeps them otherwise.
void return_freed_memory(void);

// ---- Optimisers ----------------------------------------------------------------------------------------------------

// w = w * kept - rate * first / (sqrt(second) + epsilon), after first and second have moved towards g and g^2.
typedef struct { float beta1, beta2, epsilon, rate, kept; } adam_t;

// Moments in 8 bits: a block's largest magnitude, and what share of it each is, in floats of 3 bits of mantissa: of a first
// moment a sign and 4 bits of exponent, down to 2^-15; of a second, which has no sign, 5 bits, down to 2^-31.
enum { MOMENT_BLOCK = 128 };
typedef struct { float scale; uint8_t codes[MOMENT_BLOCK]; } moments_t;

// ---- One table per instruction set ---------------------------------------------------------------------------------

typedef enum { ISA_BASELINE, ISA_NEON, ISA_NEON_I8MM, ISA_AVX2, ISA_AVX_VNNI, ISA_AVX512, ISA_AVX512_BF16, ISA_COUNT } isa_t;

typedef struct {
  const char *name;

  // y = x * weight / sqrt(mean(x^2) + epsilon)
  void (*rms_norm)(float *y, const float *x, const float *weight, size_t n, float epsilon);
  // y = (x - mean(x)) / sqrt(variance(x) + epsilon) * weight + bias
  void (*layer_norm)(float *y, const float *x, const float *weight, const float *bias, size_t n, float epsilon);
  void (*add)(float *y, const float *a, const float *b, size_t n);
  void (*multiply)(float *y, const float *a, const float *b, size_t n);
  void (*scale)(float *y, const float *x, float factor, size_t n);
  // y = gate * sigmoid(gate) * up
  void (*swiglu)(float *y, const float *gate, const float *up, size_t n);
  // y = gelu(gate) * up, with the tanh approximation
  void (*geglu)(float *y, const float *gate, const float *up, size_t n);
  // y = x * Phi(x), with the normal distribution's Phi to 1e-7, and the same with the tanh approximation
  void (*gelu_erf)(float *y, const float *x, size_t n);
  void (*gelu_tanh)(float *y, const float *x, size_t n);
  // Turns (x[i], x[i + half]) by the angle whose cosine and sine are given, for i < half.
  void (*rotate)(float *y, const float *x, const float *cosine, const float *sine, size_t half);
  // Gradients, from dy, that with respect to a result. Those of norms add to dweight and dbias.
  void (*rms_norm_back)(float *dx, float *dweight, const float *x, const float *weight, const float *dy, size_t n, float epsilon);
  void (*layer_norm_back)(float *dx, float *dweight, float *dbias, const float *x, const float *weight, const float *dy,
                          size_t n, float epsilon);
  void (*gelu_erf_back)(float *dx, const float *x, const float *dy, size_t n);
  void (*gelu_tanh_back)(float *dx, const float *x, const float *dy, size_t n);
  void (*swiglu_back)(float *dgate, float *dup, const float *gate, const float *up, const float *dy, size_t n);
  void (*geglu_back)(float *dgate, float *dup, const float *gate, const float *up, const float *dy, size_t n);
  // dp = p * (dp - mean) * factor: from the gradient with respect to p = softmax(s * factor) to that with respect to s.
  void (*softmax_back)(float *dp, const float *p, size_t n, float mean, float factor);
  float (*dot)(const float *a, const float *b, size_t n);
  // y += x * factor
  void (*add_scaled)(float *y, const float *x, float factor, size_t n);
  // The thin products of a low-rank adapter, for `count` rows picked out of a batch. t[i][k] = a[k] . x[rows[i]], for `ranks`
  // rows of a; every row has n floats.
  void (*low_rank_down)(float *t, size_t t_stride, const float *a, size_t ranks, const float *x, size_t x_stride,
                        const int32_t *rows, size_t count, size_t n);
  // y[rows[i]][c] += sum_k t[i][k] * up[k][c], for some columns; with a gain y = gain * (y - bias + sum) + bias. `gain` and
  // `bias` may be NULL.
  void (*low_rank_up)(float *y, size_t y_stride, const int32_t *rows, size_t count, const float *t, size_t t_stride,
                      size_t rank, const float *up, size_t up_stride, size_t columns, const float *gain, const float *bias);
  // y[c][r] = x[r][c]
  void (*transpose)(float *y, size_t y_stride, const float *x, size_t x_stride, size_t rows, size_t columns);
  void (*adam_step)(float *w, float *first, float *second, const float *gradient, size_t n, const adam_t *factors);
  // The same with moments in 8 bits, which are rounded up or down at random, so that small changes add up as they should; a
  // second moment never down to nothing. `salt` differs from step to step, and is that of the first element.
  void (*adam_step_bytes)(float *w, moments_t *first, moments_t *second, const float *gradient, size_t n, uint32_t salt, const adam_t *factors);
  // w = w * kept - rate * sign(beta1 * average + (1 - beta1) * g), then average = beta2 * average + (1 - beta2) * g
  void (*lion_step)(float *w, float *average, const float *gradient, size_t n, float beta1, float beta2, float rate, float kept);
  // The largest value; NaN never wins. Minus infinity if there is none.
  float (*largest)(const float *x, size_t n);
  // The largest magnitude; NaN always wins. 0 if there is none.
  float (*peak)(const float *x, size_t n);
  // The index of the first largest value; NaN never wins. n if there is none.
  size_t (*argmax)(const float *x, size_t n);
  // y = exp((x - shift) * factor); returns the sum. y may be NULL.
  float (*exp_sum)(float *y, const float *x, size_t n, float shift, float factor);

  // Rounds a row of k floats into GGUF's blocks of a quantised type. `weight` says what an error in each column weighs; NULL
  // where all weigh the same.
  void (*encode)(weight_t type, void *row, const float *x, const float *weight, size_t k);

  // Quantises `rows` rows (at most tile_rows) of k floats into one tile of int8 with a scale per 32 values.
  void (*quantize_tile)(void *tile, const float *x, size_t stride, size_t rows, size_t k);
  // The most rows in one tile. A row takes activation_bytes(k) bytes of its tile.
  size_t tile_rows;
  // y[r][c] = sum_k x[r][k] * panel[c][k] + bias[c], for `columns` (1 to 32) columns of one panel of a quantised type.
  // `tiles` are all rows, tile after tile. `bias` may be NULL.
  void (*panel_quantized)(weight_t type, float *y, size_t y_stride, const void *panel, const void *tiles, size_t rows,
                          size_t k, size_t columns, const float *bias);
  // The same for float types; x is plain rows.
  void (*panel_float)(weight_t type, float *y, size_t y_stride, const void *panel, const float *x, size_t x_stride,
                      size_t rows, size_t k, size_t columns, const float *bias);
  // The same for bfloat16 weights and rows rounded to bfloat16 by round_to_bfloat, each padded with a zero to an even k;
  // both NULL where the machine has no such products, and panel_float does the work.
  void (*panel_bfloat)(float *y, size_t y_stride, const void *panel, const uint16_t *x, size_t x_stride, size_t rows,
                       size_t k, size_t columns, const float *bias);
  void (*round_to_bfloat)(uint16_t *y, const float *x, size_t k);

  // Rows of a float type from floats, rounded to the nearest, ties to even; and back.
  void (*narrow)(weight_t type, void *row, const float *x, size_t k);
  void (*widen)(weight_t type, float *y, const void *row, size_t k);

  // Products of whole matrices. A strip is product_width columns of the right operand, [k][product_width] floats, taken
  // from rows of a float type: strip[i][c] = rows[i][c], or rows[c][i]. What is beyond `columns` is 0.
  size_t product_width, product_tile;
  void (*product_strip_rows)(weight_t type, float *strip, const void *rows, size_t row_bytes, size_t k, size_t columns);
  void (*product_strip_columns)(weight_t type, float *strip, const void *rows, size_t row_bytes, size_t k, size_t columns);
  // Strips, `stride` floats from one to the next, of some columns from `from` on of the first rows of a packed panel of any
  // type. `from` and `columns` are multiples of 32 for quantised types, `from` of product_width for others.
  void (*product_strip_panel)(weight_t type, float *strips, size_t stride, const void *panel, size_t from, size_t columns,
                              size_t rows);
  // Tiles of product_tile columns of x, [k][product_tile] each; what is beyond `rows` is 0.
  void (*product_tile_columns)(float *tiles, const float *x, size_t stride, size_t k, size_t rows);
  // y[r][c] = start[r][c] + sum_i a[r][i] * strip[i][c], in the order of i; `start` may be y, or NULL for 0.
  void (*product_rows)(float *y, size_t y_stride, const float *start, size_t start_stride, const float *a, size_t a_stride,
                       const float *strip, size_t rows, size_t k, size_t columns);
  // The same, a's rows being in tiles.
  void (*product_tiles)(float *y, size_t y_stride, const float *start, size_t start_stride, const float *tiles,
                        const float *strip, size_t rows, size_t k, size_t columns);
  // The same in pairs of bfloat16, steps 2 i and 2 i + 1 of k side by side, all NULL where the machine has no such products:
  // a strip of floats in pairs; tiles of pair_tile rows, or columns if turned, of x, [(k + 1) / 2][pair_tile] each; the sums.
  size_t pair_tile;
  void (*pair_strip)(uint32_t *pairs, const float *strip, size_t k);
  void (*pair_tiles)(uint32_t *tiles, const float *x, size_t stride, size_t k, size_t rows, bool is_turned);
  void (*pair_product)(float *y, size_t y_stride, const float *start, size_t start_stride, const uint32_t *tiles,
                       const uint32_t *strip, size_t rows, size_t k, size_t columns);

  // Keeps one position's key and value ([width] floats each) in its block.
  void (*cache_store)(cache_type_t type, void *block, const float *key, const float *value, size_t position, size_t width);
  // `partial` is [heads][width + 2] floats: weighted values, maximum, sum. This is what they are before any position.
  void (*attend_begin)(float *partial, size_t heads, size_t width);
  // Adds positions `from` to `to` of one part, seen by some query heads ([heads][width], already scaled). Calls for the
  // same heads go upwards and meet at multiples of ATTENTION_SPAN. softcap 0 means none.
  void (*attend_part)(float *partial, const float *q, const cache_head_t *cache, size_t from, size_t to, size_t heads,
                      float softcap);
  // Merges a later part into an earlier one.
  void (*attend_merge)(float *partial, const float *later, size_t heads, size_t width);
  // out = values / sum
  void (*attend_finish)(float *out, const float *partial, size_t heads, size_t width);

  // y = bias + sum_i weight[i] * x[i] for `taps` rows x, weight being [taps][n]; `bias` may be y, or NULL for 0.
  void (*convolve)(float *y, const float *const *x, const float *weight, const float *bias, size_t taps, size_t n);
  // Moves a head's state on by one place; y and x are [width], b and c [states].
  void (*scan_step)(float *y, float *state, const float *x, const float *b, const float *c, const scan_t *head);
  // The way back: dstate, the gradient with respect to what later places make of the state after, becomes that with respect to
  // the state before.
  void (*scan_back)(float *dstate, scan_back_t *gradient, const float *before, const float *after, const float *x,
                    const float *dy, const float *b, const float *c, const scan_t *head);

  // Makes int8 products in registers and forgets them; returns how many operations they were, a product counting as two.
  size_t (*dot_through)(size_t rounds);
  size_t (*fma_through)(size_t rounds);  // the same of floats
  size_t (*pairs_through)(size_t rounds);  // of pairs of bfloat16; NULL where the machine has no such products
} kernels_t;

// Bytes that one row of k activations takes in a quantised tile.
static inline size_t activation_bytes(size_t k) { return k / 32 * 44; }

const kernels_t *kernels(void);           // the best this CPU runs
const kernels_t *kernels_for(isa_t isa);  // NULL if this CPU cannot run it

// Reads n bytes (a multiple of 64) and forgets them: how fast memory can be read.
void read_through(const void *bytes, size_t n);

// ---- Threads -------------------------------------------------------------------------------------------------------

typedef struct pool pool_t;

// A pool of `threads` threads, the caller of pool_run included. Where there are `processors`, one for each, all but the caller stay on theirs.
pool_t *pool_create(int threads, const int *processors);
void pool_destroy(pool_t *pool);
// What a thread has claimed of a run: claims_index, and after claims_next another, until that is false.
typedef struct claims claims_t;
size_t claims_index(const claims_t *claims);
bool claims_next(claims_t *claims);
// Has every index below count worked on, by all threads, and returns when all are done: work(context, claims, thread) is called on a
// thread that has claimed an index, and goes on as long as there is a next. One caller at a time. Each thread begins with a
// stretch of the indices and then helps the others, so a thread that is held up holds up nobody else.
void pool_run(pool_t *pool, void (*work)(void *context, claims_t *claims, int thread), void *context, size_t count);

// Panels that lie one after another; a run's indices are the panels of all its parts, in order, or even stretches of them.
#define READING_PARTS 3
typedef struct { struct { const void *start; size_t panel_bytes, panels; } parts[READING_PARTS]; } reading_t;
// Says what the next run reads, of which it may be the beginning only. What was read after the same run before is fetched by threads
// that wait, each the beginning of its stretch, until there is something for them to do.
void pool_reads(pool_t *pool, const reading_t *reading);
// Where waiting thread `thread` begins to fetch just now, and how many bytes; NULL where nothing is known yet.
const void *pool_fetches(pool_t *pool, int thread, size_t *bytes);
static inline void reading_add(reading_t *reading, int part, const void *start, size_t panel_bytes, size_t panels) {
  if (part >= READING_PARTS) return;
  reading->parts[part].start = start, reading->parts[part].panel_bytes = panel_bytes, reading->parts[part].panels = panels;
}

// Where a thread may run, of as many processors as Linux knows.
typedef struct { uint64_t words[128]; } affinity_t;
// Puts the calling thread on one processor, and says where it could run before; false where the system does not let it. Threads that it
// starts inherit its place.
bool place_on(int processor, affinity_t *before);
// Lets the calling thread run where it could before.
void place_back(const affinity_t *before);
int processor_now(void);  // where the calling thread runs; -1 if unknown
