// A fork-join pool. Every thread has a stretch of the indices and claims them one by one from its front, so that it reads
// memory in order; a thread that is done claims from the back of the others' stretches. Completion counts finished indices,
// not threads, so a thread that the system has put aside and that holds no index delays nobody. Waiting spins for a
// bounded time, in which what is read next is fetched (ahead.h), then parks.
#define _GNU_SOURCE
#include "ahead.h"
#include <pthread.h>
#include <stdlib.h>
#include <time.h>

#define LINE __attribute__((aligned(64)))
enum { SPIN_MICROSECONDS = 100 };

// generation (24 bits) | end (20) | next index (20): one word, so that a claim is one compare-and-swap.
typedef struct { LINE _Atomic uint64_t word; } stretch_t;

struct pool {
  stretch_t *stretches;  // one for each thread
  void (*work)(void *, claims_t *, int);
  void *context;
  LINE _Atomic uint32_t done;
  LINE _Atomic uint32_t generation;
  _Atomic int parked_workers, parked_caller, stopping;
  LINE pthread_mutex_t mutex;
  pthread_cond_t wake_workers, wake_caller;
  int threads;
  pthread_t *handles;
  order_t order;
  fetching_t fetching;  // the caller's
};

struct seat {
  pool_t *pool;
  int thread, processor;  // -1: wherever the system likes
};

static inline void relax(void) {
#if defined(__x86_64__)
  __builtin_ia32_pause();
#elif defined(__aarch64__)
  __asm__ volatile("yield");
#endif
}

static uint64_t microseconds(void) {
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return (uint64_t)now.tv_sec * 1000000 + (uint64_t)now.tv_nsec / 1000;
}

// Whether `word` stayed at `value` for the whole spin.
static bool spun_out(pool_t *p, _Atomic uint32_t *word, uint32_t value, bool until_equal, fetching_t *fetching, int thread) {
  uint64_t start = microseconds();
  for (int round = 1;; round++) {
    bool equal = atomic_load_explicit(word, memory_order_acquire) == value;
    if (equal == until_equal) return false;
    fetch_ahead(fetching, &p->order.ahead, (size_t)thread, (size_t)p->threads);
    relax();
    if (round % 128 == 0 && microseconds() - start > SPIN_MICROSECONDS) return true;
  }
}

static void report(pool_t *p, int thread, uint32_t finished) {
  atomic_fetch_add(&p->done, finished);
  if (thread == 0 || !atomic_load(&p->parked_caller)) return;
  pthread_mutex_lock(&p->mutex);
  pthread_cond_signal(&p->wake_caller);
  pthread_mutex_unlock(&p->mutex);
}

// The next index of a stretch, from its front or its back; -1 when there is none left.
static int64_t claim(stretch_t *stretch, bool front) {
  uint64_t word = atomic_load_explicit(&stretch->word, memory_order_acquire);
  for (;;) {
    const uint32_t next = word & 0xfffff, end = (word >> 20) & 0xfffff;
    if (next >= end) return -1;
    if (atomic_compare_exchange_weak(&stretch->word, &word, front ? word + 1 : word - (1 << 20))) return front ? next : end - 1;
  }
}

// What one thread takes of a run: from its own stretch first, then from the others'.
struct claims {
  pool_t *pool;
  int thread, visited;
  uint32_t finished;
  size_t index, count;
};

static bool find_next(claims_t *c) {
  if (!c->pool) return ++c->index < c->count;
  for (; c->visited < c->pool->threads; c->visited++) {
    const int64_t index = claim(&c->pool->stretches[(c->thread + c->visited) % c->pool->threads], c->visited == 0);
    if (index >= 0) return c->index = (size_t)index, true;
  }
  return false;
}

size_t claims_index(const claims_t *claims) { return claims->index; }

bool claims_next(claims_t *claims) { return claims->finished++, find_next(claims); }

// What is claimed is reported at the end only, and the caller waits for it: until then work and context stay valid.
static void claim_all(pool_t *p, int thread) {
  claims_t claims = {.pool = p, .thread = thread};
  if (!find_next(&claims)) return;
  p->work(p->context, &claims, thread);
  report(p, thread, claims.finished);
}

static void park_worker(pool_t *p, uint32_t seen) {
  pthread_mutex_lock(&p->mutex);
  atomic_fetch_add(&p->parked_workers, 1);
  while (atomic_load(&p->generation) == seen) pthread_cond_wait(&p->wake_workers, &p->mutex);
  atomic_fetch_sub(&p->parked_workers, 1);
  pthread_mutex_unlock(&p->mutex);
}

static void *worker(void *argument) {
  struct seat seat = *(struct seat *)argument;
  free(argument);
  pool_t *p = seat.pool;
  affinity_t anywhere;
  fetching_t fetching = {0};
  if (seat.processor >= 0) place_on(seat.processor, &anywhere);
  for (;;) {
    uint32_t seen = atomic_load_explicit(&p->generation, memory_order_acquire);
    if (atomic_load(&p->stopping)) return NULL;
    claim_all(p, seat.thread);
    if (spun_out(p, &p->generation, seen, false, &fetching, seat.thread)) park_worker(p, seen);
  }
}

static void wake(pool_t *p) {
  if (!atomic_load(&p->parked_workers)) return;
  pthread_mutex_lock(&p->mutex);
  pthread_cond_broadcast(&p->wake_workers);
  pthread_mutex_unlock(&p->mutex);
}

static void wait_for(pool_t *p, uint32_t count) {
  if (!spun_out(p, &p->done, count, true, &p->fetching, 0)) return;
  pthread_mutex_lock(&p->mutex);
  atomic_store(&p->parked_caller, 1);
  while (atomic_load(&p->done) != count) pthread_cond_wait(&p->wake_caller, &p->mutex);
  atomic_store(&p->parked_caller, 0);
  pthread_mutex_unlock(&p->mutex);
}

pool_t *pool_create(int threads, const int *processors) {
  pool_t *p = aligned_alloc(64, (sizeof *p + 63) / 64 * 64);
  if (!p) abort();
  *p = (pool_t){.threads = threads, .stretches = aligned_alloc(64, sizeof(stretch_t) * (size_t)threads)};
  if (!p->stretches) abort();
  for (int thread = 0; thread < threads; thread++) p->stretches[thread] = (stretch_t){0};
  pthread_mutex_init(&p->mutex, NULL);
  pthread_cond_init(&p->wake_workers, NULL);
  pthread_cond_init(&p->wake_caller, NULL);
  p->handles = calloc((size_t)threads, sizeof *p->handles);
  for (int thread = 1; thread < threads; thread++) {
    struct seat *seat = malloc(sizeof *seat);
    *seat = (struct seat){p, thread, processors ? processors[thread] : -1};
    if (pthread_create(&p->handles[thread], NULL, worker, seat) != 0) abort();
  }
  return p;
}

void pool_reads(pool_t *p, const reading_t *reading) {
  if (p->threads > 1) order_follow(&p->order, reading);
}

const void *pool_fetches(pool_t *p, int thread, size_t *bytes) {
  fetching_t fetching;
  fetching_begin(&fetching, &p->order.ahead, (size_t)thread, (size_t)p->threads);
  *bytes = (size_t)(fetching.end - fetching.at);
  return fetching.at;
}

void pool_run(pool_t *p, void (*work)(void *, claims_t *, int), void *context, size_t count) {
  if (p->threads == 1 || count <= 1 || count >= 1 << 20) {
    claims_t all = {.count = count};
    if (count) work(context, &all, 0);
    return;
  }
  p->work = work;
  p->context = context;
  atomic_store(&p->done, 0);
  const uint64_t generation = (atomic_load(&p->generation) + 1) & 0xffffff, threads = (uint64_t)p->threads;
  for (uint64_t thread = 0; thread < threads; thread++) {
    const uint64_t next = count * thread / threads, end = count * (thread + 1) / threads;
    atomic_store(&p->stretches[thread].word, generation << 40 | end << 20 | next);
  }
  atomic_fetch_add(&p->generation, 1);
  wake(p);
  claim_all(p, 0);
  wait_for(p, (uint32_t)count);
}

void pool_destroy(pool_t *p) {
  atomic_store(&p->stopping, 1);
  atomic_fetch_add(&p->generation, 1);
  wake(p);
  for (int thread = 1; thread < p->threads; thread++) pthread_join(p->handles[thread], NULL);
  free(p->handles);
  free(p->stretches);
  free(p);
}
