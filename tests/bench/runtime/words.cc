#include <algorithm>
#include <thread>
#include <vector>

#include "tests/bench/runtime/programs.h"

namespace proto::programs {
namespace {

Value count_part(Context& ctx, const String& text) {
  DictionaryBuilder counts(ctx);
  for (const Value word : text.split_words(ctx)) {
    const Value before = counts.get(word);
    counts.set(word, before.is_none() ? Value::integer(1) : add(ctx, before, Value::integer(1)));
  }
  return counts.finish();
}

/// Where the parts begin: after a space each.
std::vector<size_t> cuts_of(const std::string& text, int parts) {
  std::vector<size_t> cuts = {0};
  for (int part = 1; part < parts; ++part) cuts.push_back(text.find(' ', text.size() * part / parts) + 1);
  cuts.push_back(text.size());
  return cuts;
}

std::string answer(Context& ctx, const Dictionary& counts) {
  std::vector<std::pair<int64_t, std::string>> top;
  int64_t total = 0, squares = 0;
  for (const auto [word, count] : counts) {
    const int64_t number = count.as_small_integer();
    top.emplace_back(-number, String(word).to_std_string());
    total += number;
    squares = (squares + number * number) % 1000003;
  }
  std::sort(top.begin(), top.end());
  std::string text = std::to_string(counts.size()) + " " + std::to_string(total) + " " + std::to_string(squares);
  for (size_t i = 0; i < std::min<size_t>(3, top.size()); ++i)
    text += " " + top[i].second + "=" + std::to_string(-top[i].first);
  ctx.safepoint();
  return text;
}

}  // namespace

std::string make_words(int64_t count) {
  std::vector<std::string> syllables;
  for (const char consonant : std::string_view("bcdfghjklmnprstvwxyz")) {
    for (const char vowel : std::string_view("aeiou")) syllables.push_back({consonant, vowel});
  }
  std::string text;
  uint64_t seed = 42;
  const auto next = [&seed] { return seed = seed * 16807 % 2147483647; };
  for (int64_t i = 0; i < count; ++i) {
    const uint64_t first = next() % 5000;
    const uint64_t rank = first * (next() % 5000) / 5000;
    if (i > 0) text += ' ';
    text += syllables[rank % 100] + syllables[rank / 100];
    if (rank % 3 == 0) text += syllables[rank % 97];
  }
  return text;
}

std::string words(Context& caller, const std::string& text, int threads) {
  Context ctx(caller);
  Space& space = ctx.space();
  const String shared = String::from_utf8(ctx, text);
  const std::vector<size_t> cuts = cuts_of(text, threads);
  std::vector<Root> counted(threads);
  std::vector<std::thread> running;
  for (int part = 0; part < threads; ++part) {
    running.emplace_back([&, part] {
      Thread self(space);
      Context frame(self);
      counted[part] = Root(frame, count_part(frame, shared.slice_bytes(frame, cuts[part], cuts[part + 1])));
    });
  }
  {
    BlockingRegion waiting(ctx);
    for (std::thread& thread : running) thread.join();
  }
  DictionaryBuilder merged(ctx);
  for (const Root& part : counted) {
    for (const auto [word, count] : Dictionary(part.get())) {
      const Value before = merged.get(word);
      merged.set(word, before.is_none() ? count : add(ctx, before, count));
    }
  }
  return answer(ctx, merged.finish());
}

}  // namespace proto::programs
