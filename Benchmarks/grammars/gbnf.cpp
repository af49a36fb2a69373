// A JSON schema on standard input, as the grammar that llama.cpp makes of it on standard output. Built by llama_cpp.py.

#include <iostream>
#include <iterator>
#include <string>

#include "json-schema-to-grammar.h"

int main() {
  const std::string text{std::istreambuf_iterator<char>(std::cin), {}};
  std::cout << json_schema_to_grammar(common_json::parse(text), true);
}
