// What is read next, fetched by threads that wait. A network reads its weights in the same order at each step, so a run tells what it
// reads, the pool learns what came after it the last time, and while one thread does what only one can do, the others bring the
// beginning of what they will read into their nearest caches. Fetching reads nothing: whatever has become of the memory, it
// cannot fail.
#pragma once
#include "CKernels.h"
#include <stdatomic.h>

enum { AHEAD_BYTES = 128 << 10, AHEAD_PLACES = 1024, AHEAD_LINES = 4 };

// What was read after the run that began with `key`.
typedef struct {
  const void *key;
  reading_t next;
} successor_t;

// The successor that waiting threads fetch. A thread that reads it while it changes fetches what nobody needs, once.
typedef struct {
  _Atomic uint32_t number;
  struct { _Atomic(const void *) start; _Atomic size_t panel_bytes, panels; } parts[READING_PARTS];
} ahead_t;

typedef struct {
  ahead_t ahead;
  successor_t *last;
  successor_t successors[AHEAD_PLACES];
} order_t;

// How far a thread has fetched of the successor with some number.
typedef struct {
  uint32_t number;
  const char *at, *end;
} fetching_t;

static inline successor_t *successor_of(order_t *order, const void *key) {
  const uint64_t hash = ((uint64_t)(uintptr_t)key >> 6) * 0x9e3779b97f4a7c15;
  successor_t *place = &order->successors[hash >> 54];
  if (place->key != key) *place = (successor_t){.key = key};
  return place;
}

// A run begins that reads `reading`.
static inline void order_follow(order_t *order, const reading_t *reading) {
  if (order->last) order->last->next = *reading;
  order->last = successor_of(order, reading->parts[0].start);
  const reading_t *next = &order->last->next;
  for (int i = 0; i < READING_PARTS; i++) {
    atomic_store_explicit(&order->ahead.parts[i].start, next->parts[i].start, memory_order_relaxed);
    atomic_store_explicit(&order->ahead.parts[i].panel_bytes, next->parts[i].panel_bytes, memory_order_relaxed);
    atomic_store_explicit(&order->ahead.parts[i].panels, next->parts[i].panels, memory_order_relaxed);
  }
  atomic_fetch_add_explicit(&order->ahead.number, 1, memory_order_release);
}

// Where a thread's share of the panels begins.
static inline void fetching_begin(fetching_t *f, const ahead_t *ahead, size_t thread, size_t threads) {
  size_t panels = 0, bytes[READING_PARTS], counts[READING_PARTS];
  for (int i = 0; i < READING_PARTS; i++) {
    counts[i] = atomic_load_explicit(&ahead->parts[i].panels, memory_order_relaxed);
    bytes[i] = atomic_load_explicit(&ahead->parts[i].panel_bytes, memory_order_relaxed);
    panels += counts[i];
  }
  size_t first = panels * thread / threads, wanted = panels * (thread + 1) / threads - first;
  f->at = f->end = NULL;
  for (int i = 0; i < READING_PARTS; first -= counts[i++]) {
    if (first >= counts[i]) continue;
    const size_t most = counts[i] - first < wanted ? counts[i] - first : wanted, size = most * bytes[i];
    f->at = (const char *)atomic_load_explicit(&ahead->parts[i].start, memory_order_relaxed) + first * bytes[i];
    f->end = f->at + (size < AHEAD_BYTES ? size : AHEAD_BYTES);
    return;
  }
}

// Fetches a few lines of the successor's share, as long as there are any.
static inline void fetch_ahead(fetching_t *f, const ahead_t *ahead, size_t thread, size_t threads) {
  const uint32_t number = atomic_load_explicit(&ahead->number, memory_order_acquire);
  if (f->number != number) f->number = number, fetching_begin(f, ahead, thread, threads);
  for (int line = 0; line < AHEAD_LINES && f->at < f->end; line++, f->at += 64) __builtin_prefetch(f->at, 0, 2);
}
