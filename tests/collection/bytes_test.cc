#include "runtime/collection/bytes.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <vector>

#include "runtime/base/random.h"
#include "runtime/heap/external.h"
#include "runtime/heap/root_list.h"
#include "runtime/value/operations.h"

namespace proto {
namespace {

struct Mode {
  const char* name;
  SpaceOptions options;
};

class BytesTest : public ::testing::TestWithParam<Mode> {
 protected:
  BytesTest() : space_(GetParam().options), self_(space_), ctx_(self_) {}
  bool hostile() const { return GetParam().options.collect_every != 0; }
  Bytes bytes(std::string_view content) { return Bytes::from(ctx_, content); }
  static std::string random_bytes(Random& random, size_t size) {
    std::string content(size, '\0');
    for (char& c : content) c = static_cast<char>(random.one_in(2) ? 0x80 : random.next());
    return content;
  }
  void expect_holds(const Bytes& value, std::string_view model) {
    ASSERT_TRUE(value.valid()) << ctx_.error().to_string();
    ASSERT_EQ(value.size(), model.size());
    ASSERT_EQ(value.to_std_string(), model);
    const Status status = value.check();
    ASSERT_TRUE(status.ok()) << status.to_string();
    ASSERT_EQ(value.is_cell_of(CellKind::kFlatBytes), model.size() <= Bytes::kMaxFlatBytes);
  }

  Space space_;
  Thread self_;
  Context ctx_;
};

// Random operations against std::string, with old versions kept.
TEST_P(BytesTest, AgreesWithTheStandardLibrary) {
  constexpr uint64_t kSeed = 8088;
  Random random(kSeed);
  std::vector<std::string> models = {""};
  RootList values(ctx_);
  values.push_back(ctx_, Bytes::empty(ctx_));
  for (int round = 0; round < (hostile() ? 250 : 4000); ++round) {
    SCOPED_TRACE(testing::Message() << "seed " << kSeed << " round " << round);
    const size_t pick = random.below(models.size()), with = random.below(models.size());
    const std::string& model = models[pick];
    const Bytes value(values[pick]), other(values[with]);
    const size_t from = random.below(model.size() + 1), to = from + random.below(model.size() - from + 1);
    std::string result;
    Bytes made;
    switch (random.below(6)) {
      case 0:
        result = random_bytes(random, random.below(random.one_in(4) ? 20000 : 600));
        made = bytes(result);
        break;
      case 1:
        if (model.size() + models[with].size() > 200000) continue;
        result = model + models[with];
        made = value.concatenate(ctx_, other);
        break;
      case 2:
        result = model.substr(from, to - from);
        made = value.slice(ctx_, from, to);
        break;
      case 3: {
        const std::string piece = random_bytes(random, random.below(3000));
        result = model.substr(0, from) + piece + model.substr(to);
        made = value.splice(ctx_, from, to, bytes(piece));
        break;
      }
      case 4:
        result = model, made = value;
        for (uint64_t i = random.below(60); i > 0; --i) {
          result += static_cast<char>(i), made = made.append(ctx_, static_cast<uint8_t>(i));
        }
        break;
      default: {
        const uint64_t times = random.below(5);
        if (model.size() * times > 200000) continue;
        for (uint64_t i = 0; i < times; ++i) result += model;
        made = value.repeat(ctx_, times);
      }
    }
    expect_holds(made, result);
    if (HasFatalFailure()) return;
    const int order = result.compare(models[with]), found = made.compare(ctx_, other);
    ASSERT_EQ(found < 0, order < 0);
    ASSERT_EQ(found > 0, order > 0);
    ASSERT_EQ(equal(ctx_, made, other), order == 0);
    ASSERT_EQ(hash(ctx_, made) == hash(ctx_, other), order == 0);
    if (!result.empty()) {
      const std::string needle = result.substr(random.below(result.size()), random.below(40));
      const size_t start = random.below(result.size());
      const auto at = made.find(ctx_, bytes(needle), start), last = made.find_last(ctx_, bytes(needle), start);
      ASSERT_EQ(at ? *at : std::string::npos, result.find(needle, start));
      ASSERT_EQ(last ? *last : std::string::npos, result.rfind(needle, start));
      ASSERT_EQ(made.at(start), static_cast<uint8_t>(result[start]));
    }
    if (models.size() < 30) {
      models.push_back(result);
      values.push_back(ctx_, made);
    } else {
      const size_t slot = random.below(models.size());
      models[slot] = result;
      values.set(ctx_, slot, made);
    }
  }
  for (size_t i = 0; i < models.size(); ++i) expect_holds(Bytes(values[i]), models[i]);
}

TEST_P(BytesTest, HexAndBase64ThereAndBack) {
  Random random(3);
  for (const size_t size : {0, 1, 2, 3, 255, 257, 10000}) {
    const std::string content = random_bytes(random, size);
    const Bytes value = bytes(content);
    expect_holds(Bytes::from_hex(ctx_, value.to_hex(ctx_).to_std_string()), content);
    expect_holds(Bytes::from_base64(ctx_, value.to_base64(ctx_).to_std_string()), content);
    expect_holds(Bytes::from_base64(ctx_, value.to_base64(ctx_, text::Base64::kUrl).to_std_string()), content);
  }
  EXPECT_EQ(bytes("\x01\xab").to_hex(ctx_).to_std_string(), "01ab");
  EXPECT_FALSE(Bytes::from_hex(ctx_, "01x").valid());
  EXPECT_NE(ctx_.take_error().message().find("character 2"), std::string::npos);
  EXPECT_FALSE(Bytes::from_base64(ctx_, "Zg=x").valid());
  EXPECT_EQ(ctx_.take_error().code(), StatusCode::kInvalidArgument);
}

TEST_P(BytesTest, StringsAndBuffers) {
  const String text = String::from_utf8(ctx_, "ünïcödé").repeat(ctx_, 100);
  const Bytes of_text = Bytes::of_string(ctx_, text);
  expect_holds(of_text, text.to_std_string());
  EXPECT_TRUE(of_text.to_string(ctx_).equals(ctx_, text));
  EXPECT_FALSE(of_text.slice(ctx_, 1).to_string(ctx_).valid());
  EXPECT_EQ(ctx_.take_error().code(), StatusCode::kInvalidArgument);
  EXPECT_FALSE(equal(ctx_, of_text, text)) << "bytes are no string";

  const Value buffer = make_external_buffer(ctx_, 5000);
  EXPECT_TRUE(of_text.copy_to_buffer(ctx_, buffer, 100));
  const Bytes back = Bytes::from_buffer(ctx_, buffer, 100, 100 + of_text.size());
  EXPECT_TRUE(back.equals(ctx_, of_text));
  external_buffer(buffer)[100] = std::byte{0};
  EXPECT_TRUE(back.equals(ctx_, of_text)) << "a copy";
  EXPECT_FALSE(of_text.copy_to_buffer(ctx_, buffer, 4500));
  EXPECT_EQ(ctx_.take_error().code(), StatusCode::kRange);
  EXPECT_FALSE(Bytes::from_buffer(ctx_, buffer, 5001).valid());
  EXPECT_EQ(ctx_.take_error().code(), StatusCode::kRange);
  EXPECT_FALSE(Bytes::from_buffer(ctx_, text).valid());
  EXPECT_EQ(ctx_.take_error().code(), StatusCode::kInvalidArgument);
}

TEST_P(BytesTest, SlicesShareAndPrint) {
  BytesBuilder builder(ctx_);
  for (int i = 0; i < 100000; ++i) builder.append(static_cast<uint8_t>(i));
  const Bytes all = builder.finish();
  const Bytes part = all.slice(ctx_, 50001, 60001);
  EXPECT_EQ(part.at(0), static_cast<uint8_t>(50001));
  EXPECT_TRUE(all.starts_with(ctx_, all.slice(ctx_, 0, 3000)) && all.ends_with(ctx_, all.slice(ctx_, 97000)));
  EXPECT_FALSE(all.starts_with(ctx_, part));
  // The middle of the slice stands where it stood.
  EXPECT_EQ(part.block_at(5000).data(), all.block_at(55001).data());
  EXPECT_EQ(to_text(ctx_, bytes(std::string_view("\0\xff", 2))), "x'00ff'");
  EXPECT_FALSE(all.slice(ctx_, 100001).valid());
  EXPECT_EQ(ctx_.take_error().code(), StatusCode::kRange);
}

INSTANTIATE_TEST_SUITE_P(Modes, BytesTest,
                         ::testing::Values(Mode{"normal", {}}, Mode{"hostile", {.collect_every = 41, .poison = true, .verify = true}}),
                         [](const auto& info) { return info.param.name; });

}  // namespace
}  // namespace proto
