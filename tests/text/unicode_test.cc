#include "runtime/text/unicode.h"

#include <gtest/gtest.h>

#include <string>

#include "runtime/base/random.h"
#include "runtime/text/byte_text.h"
#include "runtime/text/search.h"

namespace proto::text {
namespace {

template <class Append, class... More>
std::string made(Append append, std::string_view text, More... more) {
  std::string out = "<";
  append(text, more..., out);
  return out.substr(1);
}

TEST(Unicode, Case) {
  EXPECT_EQ(made(append_upper, "hello 9z{"), "HELLO 9Z{");
  EXPECT_EQ(made(append_lower, "HELLO 9Z["), "hello 9z[");
  EXPECT_EQ(made(append_upper, "straße αβγ ñ"), "STRAẞE ΑΒΓ Ñ");
  EXPECT_EQ(made(append_lower, "ÀÉÎ ЖУК"), "àéî жук");
  EXPECT_EQ(made(append_title, "o'neil's élan VITAL ǆ2x"), "O'neil's Élan Vital ǅ2X");
  EXPECT_EQ(made(append_folded, "STRASSE"), made(append_folded, "Straße"));
  EXPECT_EQ(made(append_folded, "ΣΊΣΥΦΟΣ"), made(append_folded, "σίσυφος"));
  EXPECT_EQ(made(append_folded, "MiXed"), "mixed");
}

TEST(Unicode, NormalForms) {
  const std::string composed = "caf\u00E9 \uFB01n \uAC00", decomposed = "cafe\u0301 \uFB01n \u1100\u1161";
  EXPECT_EQ(made(append_normal, decomposed, NormalForm::kNfc), composed);
  EXPECT_EQ(made(append_normal, composed, NormalForm::kNfd), decomposed);
  EXPECT_EQ(made(append_normal, composed, NormalForm::kNfkc), "caf\u00E9 fin \uAC00");
  EXPECT_EQ(made(append_normal, composed, NormalForm::kNfkd), "cafe\u0301 fin \u1100\u1161");
  EXPECT_EQ(made(append_normal, "a\u0323\u0307", NormalForm::kNfc), made(append_normal, "a\u0307\u0323", NormalForm::kNfc));
  // The text that grows most: one code point becomes eighteen.
  EXPECT_EQ(made(append_normal, "\uFDFA", NormalForm::kNfkd).size(), 33u);
  EXPECT_EQ(made(append_normal, std::string_view("a\0\xC3\xA9", 4), NormalForm::kNfd), std::string("a\0e\xCC\x81", 5));
}

TEST(Unicode, ClassesAndTrim) {
  EXPECT_TRUE(is_space(0x3000) && is_space('\v') && is_space(0x85) && !is_space(0x200B) && !is_space('x'));
  EXPECT_TRUE(is_letter(U'ж') && !is_letter('1') && is_digit(0x0663) && !is_digit(U'½'));
  EXPECT_TRUE(is_upper(U'É') && is_lower(U'é') && !is_lower('1'));
  EXPECT_EQ(display_width(U'世'), 2);
  EXPECT_EQ(trim(" \t\u3000 a b \u2003\n"), "a b");
  EXPECT_EQ(trim(" a ", true, false), "a ");
  EXPECT_EQ(trim(" a ", false, true), " a");
  EXPECT_EQ(trim(" \n "), "");
}

TEST(Search, AgreesWithTheLibrary) {
  constexpr uint64_t kSeed = 7;
  Random random(kSeed);
  for (int round = 0; round < 50000; ++round) {
    std::string hay(random.below(100), ' '), needle(random.below(6), ' ');
    for (char& c : hay) c = static_cast<char>('a' + random.below(2));
    for (char& c : needle) c = static_cast<char>('a' + random.below(2));
    const size_t from = random.one_in(5) ? std::string::npos : random.below(110);
    ASSERT_EQ(text::find(hay, needle, from), hay.find(needle, from)) << "seed " << kSeed << " round " << round;
    ASSERT_EQ(text::find_last(hay, needle, from), hay.rfind(needle, from)) << "seed " << kSeed << " round " << round;
  }
}

TEST(ByteText, HexAndBase64) {
  std::string out;
  append_hex(std::string_view("\x00\xfe\x10", 3), out);
  EXPECT_EQ(out, "00fe10");
  out.clear();
  EXPECT_EQ(decode_hex("00FE1a", out), std::string::npos);
  EXPECT_EQ(out, std::string_view("\x00\xfe\x1a", 3));
  EXPECT_EQ(decode_hex("00F", out), 3u);
  EXPECT_EQ(decode_hex("0g", out), 1u);
  out.clear();
  // RFC 4648, section 10.
  const std::pair<const char*, const char*> vectors[] = {{"", ""}, {"f", "Zg=="}, {"fo", "Zm8="}, {"foo", "Zm9v"},
                                                         {"foob", "Zm9vYg=="}, {"fooba", "Zm9vYmE="}, {"foobar", "Zm9vYmFy"}};
  for (const auto& [plain, coded] : vectors) {
    std::string there, back;
    append_base64(plain, there);
    EXPECT_EQ(there, coded);
    EXPECT_EQ(decode_base64(coded, back), std::string::npos);
    EXPECT_EQ(back, plain);
  }
  EXPECT_EQ(decode_base64("Zg", out), std::string::npos);
  EXPECT_EQ(out, "f");
  EXPECT_EQ(decode_base64("Zh", out), 1u) << "bits that stand for no byte";
  EXPECT_EQ(decode_base64("Z", out), 1u);
  EXPECT_EQ(decode_base64("Zm9v*", out), 4u);
  EXPECT_EQ(decode_base64("Z===", out), 1u);
}

TEST(ByteText, RandomBytesComeBack) {
  Random random(11);
  for (int round = 0; round < 500; ++round) {
    std::string bytes(random.below(200), ' ');
    for (char& c : bytes) c = static_cast<char>(random.next());
    std::string hex, base64, back;
    append_hex(bytes, hex);
    append_base64(bytes, base64, round % 2 == 0 ? Base64::kStandard : Base64::kUrl);
    ASSERT_EQ(decode_hex(hex, back), std::string::npos);
    ASSERT_EQ(back, bytes);
    back.clear();
    ASSERT_EQ(decode_base64(base64, back), std::string::npos);
    ASSERT_EQ(back, bytes);
  }
}

}  // namespace
}  // namespace proto::text
