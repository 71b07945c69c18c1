#include "db/value.h"

#include <gtest/gtest.h>

#include <cmath>

#include "tests/db/random_values.h"

namespace protobase {
namespace {

/// -1, 0 or 1: what can be printed.
int order(const ValueView& a, const ValueView& b) {
  const auto result = a.compare(b);
  return result < 0 ? -1 : result > 0 ? 1 : 0;
}

TEST(Value, ReadsWhatWasBuilt) {
  const Value desk = Object{{"name", "Desk"},
                            {"price", 129.0},
                            {"tags", Array{"office", "wood"}},
                            {"size", Object{{"w", 120}, {"h", 75}}},
                            {"none", nullptr}};
  EXPECT_EQ(desk["name"].as_string(), "Desk");
  EXPECT_EQ(desk["price"].as_double(), 129.0);
  EXPECT_EQ(desk.at("size.w").get<int64_t>(), 120);
  EXPECT_EQ(desk.at("tags[-1]").as_string(), "wood");
  EXPECT_EQ(desk["tags"].get<std::vector<std::string>>(), (std::vector<std::string>{"office", "wood"}));
  EXPECT_TRUE(desk["absent"].is_none());
  EXPECT_TRUE(desk.at("name.x").is_none());
  EXPECT_TRUE(desk.at("tags[2]").is_none());
  EXPECT_TRUE(desk.at("tags[").is_none());
  EXPECT_EQ(desk.size(), 5U);
  EXPECT_EQ(desk.view().attribute(1).first, "price");
  EXPECT_EQ(desk.to_json(),
            R"({"name":"Desk","price":129.0,"tags":["office","wood"],"size":{"w":120,"h":75},"none":null})");
}

TEST(Value, LaterValueOfANameReplacesTheEarlierInItsPlace) {
  EXPECT_EQ(Value(Object{{"a", 1}, {"b", 2}, {"a", 3}}).to_json(), R"({"a":3,"b":2})");
}

TEST(Value, CopiesShareAndOutliveTheOriginal) {
  Value copy;
  {
    Value text(std::string(1000, 'x'));
    copy = text;
    EXPECT_EQ(copy.as_string().data(), text.as_string().data());
    Value nested = Object{{"t", text}};
    copy = Value(nested["t"]);
    EXPECT_NE(copy.as_string().data(), text.as_string().data());
  }
  EXPECT_EQ(copy.as_string(), std::string(1000, 'x'));
  const Value& alias = copy;
  copy = alias;
  EXPECT_EQ(copy.as_string().size(), 1000U);
  EXPECT_EQ(Value("").as_string(), "");
  EXPECT_EQ(Value("").kind(), Kind::kString);
}

TEST(Value, NumbersCompareExactly) {
  const int64_t big = (int64_t{1} << 53) + 1;
  EXPECT_GT(order(ValueView::of_int(big), ValueView::of_double(9007199254740992.0)), 0);
  EXPECT_LT(order(ValueView::of_int(big), ValueView::of_double(9007199254740994.0)), 0);
  EXPECT_EQ(Value(1), Value(1.0));
  EXPECT_EQ(Value(0.0), Value(-0.0));
  EXPECT_EQ(Value(0.0).view().hash(), Value(-0.0).view().hash());
  EXPECT_GT(order(ValueView::of_double(std::nan("")), ValueView::of_double(INFINITY)), 0);
  EXPECT_EQ(Value(std::nan("")), Value(-std::nan("1")));
  EXPECT_LT(order(ValueView::of_int(std::numeric_limits<int64_t>::max()), ValueView::of_double(9223372036854775808.0)),
            0);
  EXPECT_EQ(order(ValueView::of_int(std::numeric_limits<int64_t>::min()), ValueView::of_double(-9223372036854775808.0)),
            0);
  EXPECT_GT(order(ValueView::of_int(-3), ValueView::of_double(-3.5)), 0);
}

TEST(Value, ObjectsCompareWhateverTheOrderOfAttributes) {
  const Value a = Object{{"x", 1}, {"y", Array{1, 2}}};
  const Value b = Object{{"y", Array{1.0, 2}}, {"x", 1.0}};
  EXPECT_EQ(a, b);
  EXPECT_EQ(a.view().hash(), b.view().hash());
  EXPECT_LT(order(Value(Object{{"x", 1}}), a), 0);
  EXPECT_LT(order(Value(Object{}), Value(Object{{"", nullptr}})), 0);
}

TEST(Value, ConversionsRefuseWhatDoesNotFit) {
  EXPECT_EQ(Value(300).get<uint8_t>(), std::nullopt);
  EXPECT_EQ(Value(-1).get<uint64_t>(), std::nullopt);
  EXPECT_EQ(Value(2.5).get<int>(), std::nullopt);
  EXPECT_EQ(Value(3).get<double>(), 3.0);
  EXPECT_EQ(Value(1e300).as_int64(-7), -7);
  EXPECT_EQ(Value(std::nan("")).as_int64(-7), -7);
  EXPECT_EQ(Value(std::vector<float>{1, 2}).get<std::vector<float>>(), (std::vector<float>{1, 2}));
  EXPECT_EQ(Value(std::vector<float>{1, 2})[-1].as_double(), 2.0);
}

TEST(Value, TextIsWhatAShellShows) {
  EXPECT_EQ(Value().to_text(), "");
  EXPECT_EQ(Value("a\"b").to_text(), "a\"b");
  EXPECT_EQ(Value(Date{0}).to_text(), "1970-01-01");
  EXPECT_EQ(Value::bytes("\x01\xFE").to_text(), "01fe");
  EXPECT_EQ(Value(Ref{CollectionId(2), ObjectId(7)}).to_json(), R"({"$ref":"2:7"})");
  EXPECT_EQ(Value(std::vector<float>{0.1F, 2}).to_json(), "[0.1,2.0]");
}

TEST(Value, OrderIsTotalAndEqualValuesHashAlike) {
  const uint64_t seed = 20240601;
  SCOPED_TRACE(seed);
  proto::Random random(seed);
  for (int round = 0; round < 20000; ++round) {
    const Value a = random_value(random), b = random_value(random), c = random_value(random);
    const int ab = order(a, b);
    ASSERT_EQ(order(a, a), 0);
    ASSERT_EQ(ab, -order(b, a));
    if (ab == 0) {
      ASSERT_EQ(a.view().hash(), b.view().hash()) << a.to_json() << ' ' << b.to_json();
    }
    if (ab <= 0 && order(b, c) <= 0) {
      ASSERT_LE(order(a, c), 0) << a.to_json() << ' ' << b.to_json() << ' ' << c.to_json();
    }
  }
}

}  // namespace
}  // namespace protobase
