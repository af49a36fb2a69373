// Asks llama.cpp what our tests want to know of a real model; answers JSON. Built by peer.py against its libraries.
//
//   reference MODEL tokens FILE                 the ids of a text
//   reference MODEL nll FILE CONTEXT CHUNKS     log-likelihood per chunk, by the method of llama-perplexity
//   reference MODEL greedy COUNT < PROMPT       ids of the prompt and of its greedy continuation
//
// It runs on 2 threads, or on as many as THREADS says.

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <iostream>
#include <iterator>
#include <string>
#include <vector>

#include "llama.h"

using Ids = std::vector<llama_token>;

static llama_model *model;
static const llama_vocab *vocab;

static std::string read(std::istream &stream) {
  return {std::istreambuf_iterator<char>(stream), {}};
}

static std::string file(const char *path) {
  std::ifstream stream(path, std::ios::binary);
  return read(stream);
}

static Ids tokens(const std::string &text) {
  Ids ids(text.size() + 16);
  ids.resize(llama_tokenize(vocab, text.data(), text.size(), ids.data(), ids.size(), true, true));
  return ids;
}

static void print(const char *name, const Ids &ids) {
  printf("\"%s\": [", name);
  for (size_t i = 0; i < ids.size(); i++) printf("%s%d", i ? ", " : "", ids[i]);
  printf("]");
}

static llama_context *context(uint32_t length) {
  auto parameters = llama_context_default_params();
  parameters.n_ctx = parameters.n_batch = parameters.n_ubatch = length;
  const char *threads = getenv("THREADS");
  parameters.n_threads = parameters.n_threads_batch = threads ? atoi(threads) : 2;
  return llama_init_from_model(model, parameters);
}

// Runs `ids` from position `start`; logits are kept from position `first` on.
static void run(llama_context *context, const Ids &ids, size_t start, size_t first) {
  auto batch = llama_batch_init(ids.size(), 0, 1);
  batch.n_tokens = ids.size();
  for (size_t i = 0; i < ids.size(); i++) {
    batch.token[i] = ids[i];
    batch.pos[i] = start + i;
    batch.n_seq_id[i] = 1;
    batch.seq_id[i][0] = 0;
    batch.logits[i] = start + i >= first;
  }
  if (llama_decode(context, batch)) exit(1);
  llama_batch_free(batch);
}

static double negative_log_likelihood(const float *logits, int count, llama_token token) {
  const float best = *std::max_element(logits, logits + count);
  double sum = 0;
  for (int i = 0; i < count; i++) sum += expf(logits[i] - best);
  return std::log(sum) + best - logits[token];
}

// Each chunk stands alone and begins with the text's first token replaced by BOS where the model wants one;
// of its second half every token but the first is scored.
static void nll(const Ids &ids, size_t length, size_t chunks) {
  auto *c = context(length);
  const bool bos = llama_vocab_get_add_bos(vocab);
  const size_t first = length / 2;
  chunks = std::min(chunks, ids.size() / length);
  printf("\"bos\": %s, ", bos ? std::to_string(llama_vocab_bos(vocab)).c_str() : "null");
  printf("\"scored\": %zu, \"nll\": [", chunks * (length - 1 - first));
  for (size_t chunk = 0; chunk < chunks; chunk++) {
    Ids part(ids.begin() + chunk * length, ids.begin() + (chunk + 1) * length);
    const Ids whole = part;
    if (bos) part[0] = llama_vocab_bos(vocab);
    llama_memory_clear(llama_get_memory(c), true);
    run(c, part, 0, first);
    double sum = 0;
    for (size_t i = first; i + 1 < length; i++)
      sum += negative_log_likelihood(llama_get_logits_ith(c, i), llama_vocab_n_tokens(vocab), whole[i + 1]);
    printf("%s%.9g", chunk ? ", " : "", sum);
    fflush(stdout);
  }
  printf("]");
}

static void greedy(const Ids &prompt, size_t count) {
  auto *c = context(prompt.size() + count);
  const int vocabulary = llama_vocab_n_tokens(vocab);
  Ids found, next = prompt;
  for (size_t position = 0; found.size() < count; position += next.size(), next = {found.back()}) {
    if (!found.empty() && llama_vocab_is_eog(vocab, found.back())) break;
    run(c, next, position, position + next.size() - 1);
    const float *logits = llama_get_logits_ith(c, -1);
    found.push_back(std::max_element(logits, logits + vocabulary) - logits);
  }
  print("prompt", prompt);
  printf(", ");
  print("continuation", found);
}

int main(int count, char **arguments) {
  if (count < 4) return 64;
  llama_log_set([](ggml_log_level, const char *, void *) {}, nullptr);
  llama_backend_init();
  model = llama_model_load_from_file(arguments[1], llama_model_default_params());
  if (!model) return 1;
  vocab = llama_model_get_vocab(model);
  const std::string what = arguments[2];
  printf("{");
  if (what == "tokens") print("ids", tokens(file(arguments[3])));
  if (what == "nll") nll(tokens(file(arguments[3])), atoi(arguments[4]), atoi(arguments[5]));
  if (what == "greedy") greedy(tokens(read(std::cin)), atoi(arguments[3]));
  printf("}\n");
}
