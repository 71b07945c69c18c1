#include "runtime/text/utf8.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "runtime/base/fingerprint.h"
#include "runtime/base/random.h"

namespace proto::text {
namespace {

constexpr uint64_t kSeed = 20240611;

char32_t random_code_point(Random& random) {
  constexpr char32_t kBounds[] = {0x80, 0x800, 0x10000, kMaxCodePoint + 1};
  for (;;) {
    const auto code_point = static_cast<char32_t>(random.below(kBounds[random.below(4)]));
    if (is_scalar(code_point)) return code_point;
  }
}

// What the standard says (table 3-7), byte by byte: an independent judge.
bool valid_by_decoding(std::string_view bytes) {
  for (size_t at = 0; at < bytes.size();) {
    const auto lead = static_cast<uint8_t>(bytes[at]);
    const size_t size = lead < 0x80 ? 1 : lead >> 5 == 6 ? 2 : lead >> 4 == 14 ? 3 : lead >> 3 == 30 ? 4 : 0;
    if (size == 0 || at + size > bytes.size()) return false;
    for (size_t i = 1; i < size; ++i) {
      if (!is_continuation(bytes[at + i])) return false;
    }
    const char32_t code_point = decode(bytes.data() + at);
    char again[4];
    if (!is_scalar(code_point) || encode(code_point, again) != size) return false;
    at += size;
  }
  return true;
}

TEST(Utf8, EveryCodePointGoesThere) {
  for (char32_t code_point = 0; code_point <= kMaxCodePoint; ++code_point) {
    if (!is_scalar(code_point)) continue;
    char bytes[4];
    const size_t size = encode(code_point, bytes);
    size_t length = 0;
    ASSERT_EQ(decode(bytes, &length), code_point);
    ASSERT_EQ(length, size);
    ASSERT_TRUE(is_valid({bytes, size})) << std::hex << static_cast<uint32_t>(code_point);
  }
}

TEST(Utf8, EveryShortSequenceIsJudgedRightInEveryForm) {
  // All sequences of three bytes from the values where the rules change, at the edges of vectors.
  const std::vector<uint8_t> edges = {0x00, 0x7F, 0x80, 0x8F, 0x90, 0x9F, 0xA0, 0xBF, 0xC0, 0xC1, 0xC2, 0xDF,
                                      0xE0, 0xE1, 0xEC, 0xED, 0xEE, 0xEF, 0xF0, 0xF1, 0xF3, 0xF4, 0xF5, 0xFF};
  for (size_t position : {0, 29, 30, 31, 32, 61, 62, 63, 92}) {
    std::string bytes(96, 'x');
    for (const uint8_t a : edges) {
      for (const uint8_t b : edges) {
        for (const uint8_t c : edges) {
          for (const uint8_t d : {0x41, 0x80, 0xBF, 0xC3}) {
            bytes[position] = static_cast<char>(a), bytes[position + 1] = static_cast<char>(b);
            bytes[position + 2] = static_cast<char>(c), bytes[position + 3] = static_cast<char>(d);
            const bool expected = valid_by_decoding(bytes);
            ASSERT_EQ(internal::find_invalid_scalar(bytes) == kNone, expected) << +a << ' ' << +b << ' ' << +c << ' ' << +d;
            ASSERT_EQ(is_valid(bytes), expected) << position << ": " << +a << ' ' << +b << ' ' << +c << ' ' << +d;
          }
        }
      }
    }
  }
}

TEST(Utf8, TheFirstBadByteIsNamed) {
  const std::string text = "h\xC3\xA9llo w\xC3\xB6rld, and so on until the vectors have something to do with it.";
  for (size_t at = 0; at <= text.size(); ++at) {
    if (!is_boundary(text, at)) continue;
    EXPECT_EQ(find_invalid(text.substr(0, at) + "\xED\xA0\x80" + text.substr(at)), at);
    EXPECT_EQ(find_invalid(text.substr(0, at) + "\xF0\x9F\x98"), at) << "cut off at the end";
  }
  EXPECT_EQ(find_invalid(""), kNone);
}

TEST(Utf8, PositionsAgreeWithDecoding) {
  Random random(kSeed);
  for (int round = 0; round < 300; ++round) {
    SCOPED_TRACE(testing::Message() << "seed " << kSeed << " round " << round);
    std::string text;
    std::vector<size_t> starts;
    const size_t count = random.below(3000);
    const bool ascii = random.one_in(4);
    for (size_t i = 0; i < count; ++i) {
      starts.push_back(text.size());
      append(text, ascii ? static_cast<char32_t>(random.below(128)) : random_code_point(random));
    }
    ASSERT_TRUE(is_valid(text));
    ASSERT_EQ(count_code_points(text), count);
    ASSERT_EQ(is_ascii(text), text.size() == count);
    ASSERT_EQ(offset_of(text, count), text.size());
    ASSERT_EQ(offset_of(text, count + 1), kNone);
    for (int i = 0; i < 20 && count > 0; ++i) {
      const size_t index = random.below(count);
      ASSERT_EQ(offset_of(text, index), starts[index]);
      if (index > 0) {
        ASSERT_EQ(previous(text, starts[index]), starts[index - 1]);
      }
    }
  }
}

TEST(Utf8, RandomDamageIsJudgedAlike) {
  Random random(kSeed + 1);
  for (int round = 0; round < 20000; ++round) {
    std::string text;
    while (text.size() < 70 + random.below(60)) append(text, random_code_point(random));
    for (uint64_t i = random.below(3); i > 0; --i) text[random.below(text.size())] = static_cast<char>(random.next());
    if (random.one_in(4)) text.resize(random.below(text.size()));
    ASSERT_EQ(is_valid(text), valid_by_decoding(text)) << "seed " << kSeed + 1 << " round " << round;
    ASSERT_EQ(find_invalid(text), internal::find_invalid_scalar(text));
    std::string repaired;
    append_repaired(text, repaired);
    ASSERT_TRUE(is_valid(repaired));
    if (is_valid(text)) {
      ASSERT_EQ(repaired, text);
    }
  }
}

TEST(Utf8, RepairReplacesMaximalParts) {
  const auto repaired = [](std::string_view bytes) {
    std::string out;
    append_repaired(bytes, out);
    return out;
  };
  EXPECT_EQ(repaired("a\xF0\x9F\x98z"), "a\uFFFDz");          // one for a sequence cut short
  EXPECT_EQ(repaired("a\xE0\x80z"), "a\uFFFD\uFFFDz");        // no sequence begins E0 80
  EXPECT_EQ(repaired("\xFF\xFF"), "\uFFFD\uFFFD");
  EXPECT_EQ(repaired("\xC3"), "\uFFFD");
}

TEST(Fingerprint, Composes) {
  Random random(kSeed + 2);
  for (int round = 0; round < 2000; ++round) {
    std::string text(random.below(round % 10 == 0 ? 100000 : 100), '\0');
    for (char& c : text) c = random.one_in(3) ? '\0' : static_cast<char>(random.next());
    const size_t cut = random.below(text.size() + 1);
    const std::string_view left = std::string_view(text).substr(0, cut), right = std::string_view(text).substr(cut);
    ASSERT_EQ(concatenate_fingerprints(fingerprint_of(left), fingerprint_of(right), right.size()), fingerprint_of(text))
        << "seed " << kSeed + 2 << " round " << round;
  }
  EXPECT_NE(fingerprint_of(std::string(1, '\0')), fingerprint_of(std::string(2, '\0')));
  EXPECT_NE(fingerprint_of("ab"), fingerprint_of("ba"));
}

}  // namespace
}  // namespace proto::text
