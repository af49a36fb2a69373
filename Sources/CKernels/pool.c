// A fork-join pool whose threads claim indices one by one. Completion counts finished indices, not threads, so a thread
// that the system has put aside and that holds no index delays nobody. Waiting spins for a bounded time, then parks.
#define _GNU_SOURCE
#include "CKernels.h"
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <time.h>

#define LINE __attribute__((aligned(64)))
enum { SPIN_MICROSECONDS = 100 };

struct pool {
  // generation (24 bits) | count (20) | next index (20): one word, so that a claim is one compare-and-swap.
  LINE _Atomic uint64_t claim;
  void (*work)(void *, size_t, int);
  void *context;
  LINE _Atomic uint32_t done;
  LINE _Atomic uint32_t generation;
  _Atomic int parked_workers, parked_caller, stopping;
  LINE pthread_mutex_t mutex;
  pthread_cond_t wake_workers, wake_caller;
  int threads;
  pthread_t *handles;
};

struct seat {
  pool_t *pool;
  int thread;
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
static bool spun_out(_Atomic uint32_t *word, uint32_t value, bool until_equal) {
  uint64_t start = microseconds();
  for (int round = 1;; round++) {
    bool equal = atomic_load_explicit(word, memory_order_acquire) == value;
    if (equal == until_equal) return false;
    relax();
    if (round % 128 == 0 && microseconds() - start > SPIN_MICROSECONDS) return true;
  }
}

static void finish_one(pool_t *p, int thread) {
  atomic_fetch_add(&p->done, 1);
  if (thread == 0 || !atomic_load(&p->parked_caller)) return;
  pthread_mutex_lock(&p->mutex);
  pthread_cond_signal(&p->wake_caller);
  pthread_mutex_unlock(&p->mutex);
}

static void claim_all(pool_t *p, int thread) {
  uint64_t claim = atomic_load_explicit(&p->claim, memory_order_acquire);
  for (;;) {
    uint32_t next = claim & 0xfffff, count = (claim >> 20) & 0xfffff;
    if (next >= count) return;
    if (!atomic_compare_exchange_weak(&p->claim, &claim, claim + 1)) continue;
    p->work(p->context, next, thread);  // stays valid: the caller waits for this index
    finish_one(p, thread);
    claim = atomic_load_explicit(&p->claim, memory_order_acquire);
  }
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
  for (;;) {
    uint32_t seen = atomic_load_explicit(&p->generation, memory_order_acquire);
    if (atomic_load(&p->stopping)) return NULL;
    claim_all(p, seat.thread);
    if (spun_out(&p->generation, seen, false)) park_worker(p, seen);
  }
}

static void wake(pool_t *p) {
  if (!atomic_load(&p->parked_workers)) return;
  pthread_mutex_lock(&p->mutex);
  pthread_cond_broadcast(&p->wake_workers);
  pthread_mutex_unlock(&p->mutex);
}

static void wait_for(pool_t *p, uint32_t count) {
  if (!spun_out(&p->done, count, true)) return;
  pthread_mutex_lock(&p->mutex);
  atomic_store(&p->parked_caller, 1);
  while (atomic_load(&p->done) != count) pthread_cond_wait(&p->wake_caller, &p->mutex);
  atomic_store(&p->parked_caller, 0);
  pthread_mutex_unlock(&p->mutex);
}

pool_t *pool_create(int threads) {
  pool_t *p = aligned_alloc(64, (sizeof *p + 63) / 64 * 64);
  if (!p) abort();
  *p = (pool_t){.threads = threads};
  pthread_mutex_init(&p->mutex, NULL);
  pthread_cond_init(&p->wake_workers, NULL);
  pthread_cond_init(&p->wake_caller, NULL);
  p->handles = calloc((size_t)threads, sizeof *p->handles);
  for (int thread = 1; thread < threads; thread++) {
    struct seat *seat = malloc(sizeof *seat);
    *seat = (struct seat){p, thread};
    if (pthread_create(&p->handles[thread], NULL, worker, seat) != 0) abort();
  }
  return p;
}

void pool_run(pool_t *p, void (*work)(void *, size_t, int), void *context, size_t count) {
  if (p->threads == 1 || count <= 1 || count >= 1 << 20) {
    for (size_t index = 0; index < count; index++) work(context, index, 0);
    return;
  }
  p->work = work;
  p->context = context;
  atomic_store(&p->done, 0);
  uint64_t generation = (atomic_load(&p->generation) + 1) & 0xffffff;
  atomic_store(&p->claim, generation << 40 | (uint64_t)count << 20);
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
  free(p);
}
