#include "runtime/collection/string.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <thread>
#include <vector>

#include "runtime/base/fingerprint.h"
#include "runtime/base/random.h"
#include "runtime/heap/root_list.h"
#include "runtime/value/operations.h"

namespace proto {
namespace {

std::string utf8(std::u32string_view text) {
  std::string out;
  for (const char32_t c : text) text::append(out, c);
  return out;
}

struct Mode {
  const char* name;
  SpaceOptions options;
};

class StringTest : public ::testing::TestWithParam<Mode> {
 protected:
  StringTest() : space_(GetParam().options), self_(space_), ctx_(self_) {}
  bool hostile() const { return GetParam().options.collect_every != 0; }
  String str(std::string_view text) { return String::from_utf8(ctx_, text); }
  String str(std::u32string_view text) { return String::from_utf8(ctx_, utf8(text)); }
  static std::u32string random_text(Random& random, size_t size) {
    std::u32string text;
    const bool ascii = random.one_in(3);
    const char32_t kinds[] = {U'a', U'b', U' ', U'é', U'ж', U'世', U'\u00DF', U'\U0001F600'};
    while (text.size() < size) text += kinds[random.below(ascii ? 3 : 8)];
    return text;
  }
  void expect_holds(const String& string, std::u32string_view model) {
    ASSERT_TRUE(string.valid()) << ctx_.error().to_string();
    const std::string bytes = utf8(model);
    ASSERT_EQ(string.size(), model.size());
    ASSERT_EQ(string.size_bytes(), bytes.size());
    ASSERT_EQ(string.to_std_string(), bytes);
    const Status status = string.check();
    ASSERT_TRUE(status.ok()) << status.to_string();
    // The form follows from the length alone.
    ASSERT_EQ(string.is_short_string(), bytes.size() <= 7);
    ASSERT_EQ(string.is_cell_of(CellKind::kFlatString), bytes.size() > 7 && bytes.size() <= String::kMaxFlatBytes);
  }

  Space space_;
  Thread self_;
  Context ctx_;
};

TEST_P(StringTest, FormsAndReading) {
  const std::string texts[] = {"", "a", "1234567", "12345678", std::string(256, 'x'), std::string(257, 'x'),
                               utf8(U"häß世"), utf8(std::u32string(100, U'é')), utf8(std::u32string(5000, U'世'))};
  for (const std::string& text : texts) {
    const String string = str(text);
    ASSERT_TRUE(string.valid());
    EXPECT_EQ(string.to_std_string(), text);
    EXPECT_EQ(string.is_empty(), text.empty());
    EXPECT_EQ(string.is_ascii(), text::is_ascii(text));
    EXPECT_TRUE(string.equals(ctx_, text));
    EXPECT_FALSE(string.equals(ctx_, text + "x"));
    EXPECT_FALSE(string.at(string.size()).has_value());
    uint64_t index = 0;
    for (const char32_t c : string) {
      ASSERT_EQ(string.at(index), c);
      ++index;
    }
    EXPECT_EQ(index, string.size());
    EXPECT_EQ(string.offset_of(string.size()), text.size());
    char room[600];
    const size_t copied = string.copy(room, sizeof(room), text.size() / 2);
    EXPECT_EQ(std::string_view(room, copied), std::string_view(text).substr(text.size() / 2, sizeof(room)));
  }
}

TEST_P(StringTest, EqualContentsAreOneObjectUpTo256Bytes) {
  const std::string text(256, 'q');
  EXPECT_EQ(str(text), str(text));
  EXPECT_EQ(str(text.substr(0, 200)).concatenate(ctx_, str(text.substr(0, 56))), str(text));
  EXPECT_EQ(str(text + text).slice(ctx_, 100, 356), str(text));
  Space other;
  Thread there(other);
  Context ctx(there);
  EXPECT_EQ(String::from_utf8(ctx, text), str(text)) << "in every space";
}

TEST_P(StringTest, WhatIsNotUtf8IsRefusedWithItsPlace) {
  const String bad = String::from_utf8(ctx_, "abc\xFFz");
  EXPECT_FALSE(bad.valid());
  const Status error = ctx_.take_error();
  EXPECT_EQ(error.code(), StatusCode::kInvalidArgument);
  EXPECT_NE(error.message().find("byte 3"), std::string::npos) << error.message();
  EXPECT_EQ(String::from_utf8_lossy(ctx_, "abc\xFFz").to_std_string(), "abc\uFFFDz");
  EXPECT_FALSE(String::from_code_point(ctx_, 0xD800).valid());
  EXPECT_EQ(ctx_.take_error().code(), StatusCode::kInvalidArgument);
  EXPECT_EQ(String::from_code_points(ctx_, U"x世").to_std_string(), "x世");
}

TEST_P(StringTest, PositionsOutsideAreErrors) {
  const String text = str("aéb");
  EXPECT_FALSE(text.slice(ctx_, 4).valid());
  EXPECT_EQ(ctx_.take_error().code(), StatusCode::kRange);
  EXPECT_FALSE(text.slice_bytes(ctx_, 2).valid()) << "within a code point";
  EXPECT_EQ(ctx_.take_error().code(), StatusCode::kRange);
  EXPECT_FALSE(text.splice(ctx_, 2, 1, text).valid());
  EXPECT_EQ(ctx_.take_error().code(), StatusCode::kRange);
  EXPECT_EQ(text.slice(ctx_, 1, 100).to_std_string(), "éb");
  EXPECT_EQ(text.index_of_offset(2), 1u);
  EXPECT_EQ(text.index_of_offset(3), 2u);
  EXPECT_FALSE(str("x").repeat(ctx_, uint64_t{1} << 60).valid());
  EXPECT_EQ(ctx_.take_error().code(), StatusCode::kRange);
}

TEST_P(StringTest, AppendSharesTheTailAndOldVersionsStay) {
  RootList versions(ctx_);
  std::u32string model;
  String text = String::empty();
  const size_t count = hostile() ? 800 : 6000;
  for (size_t i = 0; i < count; ++i) {
    versions.push_back(ctx_, text);
    const char32_t c = i % 7 == 0 ? U'世' : static_cast<char32_t>(U'a' + i % 26);
    text = text.append(ctx_, c);
    model += c;
  }
  expect_holds(text, model);
  for (size_t i = 0; i < count; i += 13) expect_holds(String(versions[i]), std::u32string_view(model).substr(0, i));
  // Two successors of one version do not see each other.
  const String base(versions[count - 5]);
  const String a = base.append(ctx_, U'A'), b = base.append(ctx_, U'B');
  EXPECT_EQ(a.at(a.size() - 1), U'A');
  EXPECT_EQ(b.at(b.size() - 1), U'B');
  expect_holds(text, model);
}

// Random operations against std::u32string, with old versions kept.
TEST_P(StringTest, AgreesWithTheStandardLibrary) {
  constexpr uint64_t kSeed = 90125;
  Random random(kSeed);
  std::vector<std::u32string> models = {U""};
  RootList strings(ctx_);
  strings.push_back(ctx_, String::empty());
  const int rounds = hostile() ? 250 : 4000;
  for (int round = 0; round < rounds; ++round) {
    SCOPED_TRACE(testing::Message() << "seed " << kSeed << " round " << round);
    const size_t pick = random.below(models.size()), with = random.below(models.size());
    const std::u32string& model = models[pick];
    const String text(strings[pick]);
    const size_t from = random.below(model.size() + 1), to = from + random.below(model.size() - from + 1);
    std::u32string result;
    String made;
    switch (random.below(7)) {
      case 0: {
        result = random_text(random, random.below(random.one_in(4) ? 5000 : 300));
        made = str(result);
        break;
      }
      case 1:
        if (model.size() + models[with].size() > 60000) continue;
        result = model + models[with];
        made = text.concatenate(ctx_, String(strings[with]));
        break;
      case 2:
        result = model.substr(from, to - from);
        made = text.slice(ctx_, from, to);
        break;
      case 3: {
        if (model.size() > 60000) continue;
        const std::u32string piece = random_text(random, random.below(30));
        result = model.substr(0, from) + piece + model.substr(to);
        made = text.splice(ctx_, from, to, str(piece));
        break;
      }
      case 4: {
        result = model, made = text;
        for (uint64_t i = random.below(50); i > 0; --i) {
          const char32_t c = random.one_in(2) ? U'é' : U'z';
          result += c, made = made.append(ctx_, c);
        }
        break;
      }
      case 5: {
        const uint64_t times = random.below(6);
        if (model.size() * times > 60000) continue;
        for (uint64_t i = 0; i < times; ++i) result += model;
        made = text.repeat(ctx_, times);
        break;
      }
      default:
        result = {model.rbegin(), model.rend()};
        made = text.reverse(ctx_);
    }
    expect_holds(made, result);
    if (HasFatalFailure()) return;
    if (!result.empty()) {
      const size_t at = random.below(result.size());
      ASSERT_EQ(made.at(at), result[at]);
      ASSERT_EQ(made.offset_of(at), utf8(result.substr(0, at)).size());
      ASSERT_EQ(made.index_of_offset(made.offset_of(at)), at);
    }
    // Order and equality with another version.
    const String other(strings[with]);
    const int order = utf8(result).compare(utf8(models[with]));
    const int found = made.compare(ctx_, other);
    ASSERT_EQ(found < 0, order < 0);
    ASSERT_EQ(found > 0, order > 0);
    ASSERT_EQ(made.equals(ctx_, other), order == 0);
    if (models.size() < 40) {
      models.push_back(result);
      strings.push_back(ctx_, made);
    } else {
      const size_t slot = random.below(models.size());
      models[slot] = result;
      strings.set(ctx_, slot, made);
    }
  }
  for (size_t i = 0; i < models.size(); ++i) expect_holds(String(strings[i]), models[i]);
}

TEST_P(StringTest, SearchAgreesWithTheStandardLibrary) {
  constexpr uint64_t kSeed = 4711;
  Random random(kSeed);
  for (int round = 0; round < (hostile() ? 10 : 150); ++round) {
    SCOPED_TRACE(testing::Message() << "seed " << kSeed << " round " << round);
    std::u32string model;
    const size_t size = random.below(12000);
    while (model.size() < size) model += random.one_in(200) ? U'ж' : static_cast<char32_t>(U'a' + random.below(2));
    // Odd leaves: put together of slices.
    const size_t cut = random.below(model.size() + 1);
    const String text = str(model.substr(0, cut)).concatenate(ctx_, str(model.substr(cut)));
    for (int i = 0; i < 10; ++i) {
      std::u32string needle;
      if (random.one_in(2)) {
        const size_t length = random.one_in(5) ? random.below(4000) : random.below(20);
        needle = model.substr(random.below(model.size() + 1), length);
        if (!needle.empty() && random.one_in(3)) needle.back() = U'b';
      } else {
        needle = random.one_in(2) ? U"ж" : U"abba";
      }
      const size_t from = random.below(model.size() + 2);
      const auto expected = model.find(needle, from), last = model.rfind(needle, from);
      const auto found = text.find(ctx_, str(needle), from);
      ASSERT_EQ(found ? *found : std::u32string::npos, expected) << utf8(needle) << " from " << from;
      const auto found_last = text.find_last(ctx_, str(needle), from);
      ASSERT_EQ(found_last ? *found_last : std::u32string::npos, last) << utf8(needle) << " from " << from;
      ASSERT_EQ(text.starts_with(ctx_, str(needle)), model.rfind(needle, 0) == 0);
      const bool ends = needle.size() <= model.size() && model.compare(model.size() - needle.size(), needle.size(), needle) == 0;
      ASSERT_EQ(text.ends_with(ctx_, str(needle)), ends);
      ASSERT_EQ(text.contains(ctx_, str(needle)), model.find(needle) != std::u32string::npos);
    }
  }
}

TEST_P(StringTest, ReplaceSplitJoin) {
  const auto split = [&](std::string_view text, std::string_view separator, uint64_t limit = UINT64_MAX) {
    std::vector<std::string> parts;
    for (const Value part : str(text).split(ctx_, str(separator), limit)) parts.push_back(String(part).to_std_string());
    return parts;
  };
  using Parts = std::vector<std::string>;
  EXPECT_EQ(split("a,b,,c", ","), (Parts{"a", "b", "", "c"}));
  EXPECT_EQ(split("a,b,,c", ",", 1), (Parts{"a", "b,,c"}));
  EXPECT_EQ(split("", ","), (Parts{""}));
  EXPECT_EQ(split(",", ","), (Parts{"", ""}));
  EXPECT_EQ(split("a→b", "→"), (Parts{"a", "b"}));
  EXPECT_FALSE(str("x").split(ctx_, String::empty()).valid());
  EXPECT_EQ(ctx_.take_error().code(), StatusCode::kInvalidArgument);

  EXPECT_EQ(str("banana").replace(ctx_, str("an"), str("ÖL")).to_std_string(), "bÖLÖLa");
  EXPECT_EQ(str("banana").replace(ctx_, str("an"), str(""), 1).to_std_string(), "bana");
  EXPECT_EQ(str("aaa").replace(ctx_, str("aa"), str("b")).to_std_string(), "ba");
  EXPECT_EQ(str("ab").replace(ctx_, str(""), str("-")).to_std_string(), "-a-b-");
  EXPECT_EQ(str("ab").replace(ctx_, str(""), str("-"), 2).to_std_string(), "-a-b");
  EXPECT_EQ(str("ab").replace(ctx_, str("x"), str("-")), str("ab"));
  EXPECT_EQ(str("banana").count(ctx_, str("ana")), 1u);
  EXPECT_EQ(str("bäh").count(ctx_, str("")), 4u);

  const List words = str("  two\twörds\u3000and more \n").split_words(ctx_);
  EXPECT_EQ(to_text(ctx_, words), R"(["two", "wörds", "and", "more"])");
  EXPECT_EQ(to_text(ctx_, str("a\nb\r\nc\rd\n\ne").split_lines(ctx_)), R"(["a", "b", "c", "d", "", "e"])");
  EXPECT_EQ(to_text(ctx_, str("a\n").split_lines(ctx_)), R"(["a"])");
  EXPECT_EQ(str(", ").join(ctx_, words).to_std_string(), "two, wörds, and, more");
  EXPECT_EQ(str(",").join(ctx_, List::empty(ctx_)), String::empty());
  EXPECT_FALSE(str(",").join(ctx_, List::of(ctx_, Value::integer(1))).valid());
  EXPECT_EQ(ctx_.take_error().code(), StatusCode::kInvalidArgument);

  // Through many leaves, there and back.
  const String line = str("a line of a long text, ünïcödé\n");
  const String all = line.repeat(ctx_, 500);
  const List lines = all.split(ctx_, str("\n"));
  EXPECT_EQ(lines.size(), 501u);
  EXPECT_TRUE(str("\n").join(ctx_, lines).equals(ctx_, all));
  const String replaced = all.replace(ctx_, str("long"), str("very long"));
  EXPECT_EQ(replaced.size(), all.size() + 500 * 5);
  EXPECT_TRUE(replaced.replace(ctx_, str("very "), str("")).equals(ctx_, all));
  EXPECT_TRUE(replaced.check().ok());
}

TEST_P(StringTest, CaseTrimAndNormalForms) {
  EXPECT_EQ(str("hÉllo").upper(ctx_).to_std_string(), "HÉLLO");
  EXPECT_EQ(str("hÉLLO").lower(ctx_).to_std_string(), "héllo");
  EXPECT_EQ(str("the élan").title(ctx_).to_std_string(), "The Élan");
  EXPECT_EQ(str("Straße").fold(ctx_), str("STRASSE").fold(ctx_));
  EXPECT_EQ(str("cafe\u0301").normalize(ctx_).to_std_string(), "caf\u00E9");
  EXPECT_EQ(str("ﬁ").normalize(ctx_, text::NormalForm::kNfkc).to_std_string(), "fi");
  EXPECT_EQ(str(" \t x \u2003").trim(ctx_).to_std_string(), "x");
  EXPECT_EQ(str(" x ").trim_start(ctx_).to_std_string(), "x ");
  EXPECT_EQ(str(" x ").trim_end(ctx_).to_std_string(), " x");
  EXPECT_EQ(str(" ").repeat(ctx_, 5000).trim(ctx_), String::empty());
  const String padded = str("\u3000").repeat(ctx_, 3000).append(ctx_, U'x').concatenate(ctx_, str(" ").repeat(ctx_, 3000));
  EXPECT_EQ(padded.trim(ctx_).to_std_string(), "x");
  EXPECT_EQ(str("ab").repeat(ctx_, 2000).upper(ctx_).to_std_string(), str("AB").repeat(ctx_, 2000).to_std_string());
}

TEST_P(StringTest, HashesAgreeWhateverTheForm) {
  const std::u32string long_text(3000, U'é');
  String appended = String::empty();
  for (const char32_t c : long_text.substr(0, 300)) appended = appended.append(ctx_, c);
  const String whole = str(std::u32string_view(long_text).substr(0, 300));
  EXPECT_EQ(appended.hash(ctx_), whole.hash(ctx_));
  EXPECT_EQ(hash(ctx_, appended), hash_of_utf8(whole.to_std_string()));
  EXPECT_NE(whole.hash(ctx_), str(std::u32string_view(long_text).substr(0, 301)).hash(ctx_));
  // A symbol is flat whatever its size, and still equals the rope.
  const String symbol(intern_string(ctx_, utf8(long_text)));
  const String rope = str(long_text);
  EXPECT_TRUE(equal(ctx_, symbol, rope));
  EXPECT_TRUE(equal(ctx_, rope, symbol));
  EXPECT_EQ(hash(ctx_, symbol), hash(ctx_, rope));
  EXPECT_EQ(compare(ctx_, symbol, rope), 0);
  EXPECT_EQ(symbol.slice(ctx_, 10, 2000).size(), 1990u);
  for (const char* text : {"", "abc", "longer than seven"}) EXPECT_EQ(hash(ctx_, str(text)), hash_of_utf8(text));
}

TEST_P(StringTest, RopesThatProveEqualShareFromThenOn) {
  const std::string text = utf8(std::u32string(4000, U'ж'));
  const String a = str(text), b = str("ж").repeat(ctx_, 4000), c = str(text.substr(0, 2)).concatenate(ctx_, str(text.substr(2)));
  EXPECT_NE(a, b);
  EXPECT_TRUE(a.equals(ctx_, b));
  EXPECT_TRUE(b.equals(ctx_, c));
  const internal::RopeParts of_a(a), of_b(b), of_c(c);
  EXPECT_EQ(of_a.cell, of_b.cell);
  EXPECT_EQ(of_a.cell, of_c.cell);
  EXPECT_EQ(of_a.root, of_c.root);
  for (const String& string : {a, b, c}) {
    EXPECT_EQ(string.to_std_string(), text);
    EXPECT_EQ(string.append(ctx_, U'!').size(), 4001u);
    EXPECT_TRUE(string.check().ok());
  }
  space_.collect(ctx_);
  for (const String& string : {a, b, c}) EXPECT_EQ(string.to_std_string(), text);
  // In a frame that ends, with one of the two from outside.
  for (int i = 0; i < 4; ++i) {
    Context frame(ctx_);
    const String fresh = String::from_utf8(frame, text);
    EXPECT_TRUE(i % 2 == 0 ? fresh.equals(frame, a) : a.equals(frame, fresh));
    frame.leave(Value());
    EXPECT_EQ(a.to_std_string(), text);
  }
}

TEST_P(StringTest, BuilderAndPrinting) {
  constexpr uint64_t kSeed = 5;
  Random random(kSeed);
  for (int round = 0; round < 30; ++round) {
    StringBuilder builder(ctx_);
    std::u32string model;
    const size_t target = random.below(9000);
    while (model.size() < target) {
      const std::u32string piece = random_text(random, random.below(random.one_in(9) ? 5000 : 9));
      if (random.one_in(4)) {
        builder.append(str(piece));
      } else if (random.one_in(4) && !piece.empty()) {
        for (const char32_t c : piece) builder.append(c);
      } else {
        builder.append(utf8(piece));
      }
      model += piece;
    }
    ASSERT_EQ(builder.size_bytes(), utf8(model).size());
    expect_holds(builder.finish(), model);
    if (HasFatalFailure()) {
      ADD_FAILURE() << "seed " << kSeed << " round " << round;
      return;
    }
  }
  EXPECT_EQ(to_text(ctx_, str("plain \"text\"")), "plain \"text\"");
  EXPECT_EQ(to_text(ctx_, List::of(ctx_, str("q\"\\\n\x01é"))), "[\"q\\\"\\\\\\n\\u0001é\"]");
}

INSTANTIATE_TEST_SUITE_P(Modes, StringTest,
                         ::testing::Values(Mode{"normal", {}}, Mode{"hostile", {.collect_every = 37, .poison = true, .verify = true}}),
                         [](const auto& info) { return info.param.name; });

// Threads that compare, read and append ropes of equal contents while collections run.
TEST(StringThreads, RopesAreSharedWhileOthersReadThem) {
  Space space({.budget_bytes = 1 << 20});
  Thread self(space);
  Context ctx(self);
  const std::string text(20000, 'k');
  RootList ropes(ctx);
  for (int i = 0; i < 64; ++i) ropes.push_back(ctx, String::from_utf8(ctx, text));
  std::atomic<int> failures{0};
  std::vector<std::thread> threads;
  for (uint64_t seed = 1; seed <= 3; ++seed) {
    threads.emplace_back([&, seed] {
      Thread thread(space);
      Random random(seed);
      for (int round = 0; round < 3000; ++round) {
        Context frame(thread);
        const String a(ropes[random.below(64)]), b(ropes[random.below(64)]);
        const String longer = a.append(frame, U'x');
        const bool right = a.equals(frame, b) && longer.size() == 20001 && longer.at(20000) == U'x' &&
                           b.slice(frame, 5000, 15000).to_std_string() == text.substr(5000, 10000) &&
                           !longer.equals(frame, b) && b.to_std_string() == text;
        if (!right) ++failures;
      }
    });
  }
  {
    BlockingRegion waiting(ctx);
    for (std::thread& thread : threads) thread.join();
  }
  EXPECT_EQ(failures, 0);
  EXPECT_GT(space.statistics().cycles, 0u);
}

}  // namespace
}  // namespace proto
