#include "db/document.h"

#include <gtest/gtest.h>

#include "tests/db/random_values.h"

namespace protobase {
namespace {

TEST(Document, EveryValueRoundTrips) {
  const uint64_t seed = 77;
  SCOPED_TRACE(seed);
  proto::Random random(seed);
  for (int round = 0; round < 20000; ++round) {
    const Value value = random_value(random, 4);
    const std::string bytes = encode(value);
    auto back = decode(bytes);
    ASSERT_TRUE(back) << back.status().to_string();
    ASSERT_EQ(back->kind(), value.kind());
    ASSERT_EQ(*back, value.view());
    ASSERT_EQ(encode(*back), bytes);
  }
}

TEST(Document, FindsEachNameInSmallAndLargeObjects) {
  for (int count : {1, 8, 9, 300, 70000}) {
    DocumentWriter writer;
    writer.begin_object();
    for (int i = 0; i < count; ++i) {
      writer.key("name" + std::to_string(i * 7919 % count));
      writer.value(ValueView::of_int(i));
    }
    writer.end();
    ASSERT_TRUE(validate(writer.bytes()).ok());
    const ObjectReader object(writer.view().buffer());
    ASSERT_EQ(object.size(), static_cast<size_t>(count));
    for (int i = 0; i < count; ++i) {
      ASSERT_EQ(object["name" + std::to_string(i * 7919 % count)].as_int64(-1), i);
      ASSERT_EQ(object.value(static_cast<size_t>(i)).as_int64(-1), i);
    }
    EXPECT_EQ(object.find("absent"), ObjectReader::kNotFound);
    for (int rank = 1; rank < count; ++rank) {
      ASSERT_LT(object.name(object.by_name(static_cast<size_t>(rank - 1))),
                object.name(object.by_name(static_cast<size_t>(rank))));
    }
  }
}

TEST(Document, RepeatedNamesKeepTheFirstPlaceAndTheLastValue) {
  for (int extra : {0, 20}) {
    DocumentWriter writer;
    writer.begin_object();
    for (int i = 0; i < extra; ++i) writer.key("x" + std::to_string(i)), writer.value(ValueView::of_int(i));
    writer.key("a"), writer.value(ValueView::of_int(1));
    writer.key("b"), writer.begin_array(), writer.value(ValueView::of_string("deep")), writer.end();
    writer.key("a"), writer.value(ValueView::of_string("two"));
    writer.key("a"), writer.begin_object(), writer.end();
    writer.end();
    ASSERT_TRUE(validate(writer.bytes()).ok());
    const ObjectReader object(writer.view().buffer());
    ASSERT_EQ(object.size(), static_cast<size_t>(extra) + 2);
    EXPECT_EQ(object.name(static_cast<size_t>(extra)), "a");
    EXPECT_EQ(object["a"].kind(), Kind::kObject);
    EXPECT_EQ(object["b"][0].as_string(), "deep");
  }
}

TEST(Document, HostileBytesAreRefusedOrHarmless) {
  const uint64_t seed = 5;
  SCOPED_TRACE(seed);
  proto::Random random(seed);
  int accepted = 0;
  for (int round = 0; round < 60000; ++round) {
    std::string bytes = encode(random_value(random, 3));
    for (uint64_t flips = 1 + random.below(3); flips > 0 && !bytes.empty(); --flips) {
      bytes[random.below(bytes.size())] ^= static_cast<char>(1 << random.below(8));
    }
    if (random.one_in(4)) bytes.resize(random.below(bytes.size() + 1));
    // A copy of the exact size, so that a sanitizer sees a read beyond the end.
    const std::vector<char> exact(bytes.begin(), bytes.end());
    auto value = decode({exact.data(), exact.size()});
    if (!value) continue;
    ++accepted;
    EXPECT_EQ(encode(*value), bytes);
    EXPECT_TRUE(value->compare(*value) == 0);
    (void)value->to_json();
    (void)value->hash();
  }
  EXPECT_GT(accepted, 1000);
}

TEST(Document, NestingHasALimit) {
  const auto nested = [](int depth) {
    DocumentWriter writer;
    for (int i = 0; i < depth; ++i) writer.begin_array();
    writer.value(ValueView::of_int(1));
    for (int i = 0; i < depth; ++i) writer.end();
    return std::string(writer.bytes());
  };
  EXPECT_TRUE(validate(nested(kMaxDepth)).ok());
  EXPECT_EQ(validate(nested(kMaxDepth + 1)).code(), StatusCode::kCorruption);
}

TEST(Path, ParsesAndPrints) {
  for (std::string_view text : {"", "a", "a.b[0].c", "a[-1][2]", "\"odd. name\".x", "\"\"", "\"a\"\"b\"[3]", "[0].a"}) {
    auto path = Path::parse(text);
    ASSERT_TRUE(path) << text;
    EXPECT_EQ(path->to_string(), text);
  }
  for (std::string_view text : {".", "a.", ".a", "a..b", "a[", "a[]", "a[x]", "a[1", "\"a", "a]", "a\"b\"", "[1]a",
                                "a[99999999999999999999]"}) {
    auto path = Path::parse(text);
    EXPECT_FALSE(path) << text;
  }
  const Value value = Object{{"a\"b", Array{Object{{"x.y", 5}}}}};
  EXPECT_EQ(value.at("\"a\"\"b\"[0].\"x.y\"").as_int64(), 5);
}

std::string json_after_set(const Value& value, std::string_view path, const Value& to) {
  auto changed = set_path(encode(value), *Path::parse(path), to);
  if (!changed) return std::string(proto::status_code_name(changed.status().code()));
  EXPECT_TRUE(validate(*changed).ok());
  return decode_trusted(*changed).to_json();
}

TEST(Path, SetMakesReplacesAndAppends) {
  const Value base = Object{{"a", 1}, {"b", Object{{"c", Array{1, 2}}}}};
  EXPECT_EQ(json_after_set(base, "a", "x"), R"({"a":"x","b":{"c":[1,2]}})");
  EXPECT_EQ(json_after_set(base, "b.c[0]", nullptr), R"({"a":1,"b":{"c":[null,2]}})");
  EXPECT_EQ(json_after_set(base, "b.c[2].d", true), R"({"a":1,"b":{"c":[1,2,{"d":true}]}})");
  EXPECT_EQ(json_after_set(base, "n.m", 3), R"({"a":1,"b":{"c":[1,2]},"n":{"m":3}})");
  EXPECT_EQ(json_after_set(base, "", 3), "3");
  EXPECT_EQ(json_after_set(base, "a.x", 3), "type error");
  EXPECT_EQ(json_after_set(base, "b[0]", 3), "type error");
  EXPECT_EQ(json_after_set(base, "b.c[5]", 3), "out of range");
}

TEST(Path, RemoveLeavesTheRest) {
  const Value base = Object{{"a", 1}, {"b", Object{{"c", Array{1, 2, 3}}}}};
  const auto json = [&](std::string_view path) {
    const std::string bytes = remove_path(encode(base), *Path::parse(path));
    EXPECT_TRUE(validate(bytes).ok());
    return decode_trusted(bytes).to_json();
  };
  EXPECT_EQ(json("a"), R"({"b":{"c":[1,2,3]}})");
  EXPECT_EQ(json("b.c[1]"), R"({"a":1,"b":{"c":[1,3]}})");
  EXPECT_EQ(json("b.c"), R"({"a":1,"b":{}})");
  EXPECT_EQ(json("x.y"), base.to_json());
  EXPECT_EQ(json("a[0]"), base.to_json());
}

}  // namespace
}  // namespace protobase
