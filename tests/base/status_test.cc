#include "runtime/base/status.h"

#include <gtest/gtest.h>

#include "runtime/base/coding.h"

namespace proto {
namespace {

TEST(Status, RendersPositionWithCaretAndHint) {
  Status status = Status(StatusCode::kSyntax, "unexpected 'SELEC'").with_span({9, 5}).with_hint("did you mean SELECT?");
  EXPECT_EQ(status.render("SELECT 1\nSELEC 1;"),
            "syntax error at line 2, column 1: unexpected 'SELEC'\n  SELEC 1;\n  ^^^^^ did you mean SELECT?");
}

TEST(Status, CountsCharactersNotBytesInTheColumn) {
  Status status = Status(StatusCode::kBinding, "unknown attribute 'x'").with_span({4, 1});
  EXPECT_EQ(status.render("\xC3\xA9\xC3\xA9x"), "binding error at line 1, column 3: unknown attribute 'x'\n  \xC3\xA9\xC3\xA9x\n    ^");
}

TEST(Status, CopiesAreIndependentAndCarryTheirSource) {
  Status first(StatusCode::kConflict, "object changed");
  Status second = first;
  first = Status();
  EXPECT_TRUE(first.ok());
  EXPECT_TRUE(second.retryable());
  EXPECT_EQ(second.to_string(), "conflict: object changed");
  EXPECT_NE(std::string(second.where().file_name()).find("status_test.cc"), std::string::npos);
}

TEST(Result, HoldsAValueOrAnError) {
  Result<std::string> good = std::string("x");
  Result<std::string> bad = Status(StatusCode::kNotFound, "no");
  ASSERT_TRUE(good);
  EXPECT_EQ(*good, "x");
  ASSERT_FALSE(bad);
  EXPECT_EQ(bad.status().code(), StatusCode::kNotFound);
  bad = good;
  EXPECT_EQ(*bad, "x");
}

TEST(ByteReader, NeverReadsPastTheEnd) {
  std::string bytes;
  put_varint(bytes, 300);
  put_string(bytes, "abc");
  for (size_t cut = 0; cut <= bytes.size(); ++cut) {
    ByteReader reader(std::string_view(bytes).substr(0, cut));
    reader.varint();
    reader.string();
    EXPECT_EQ(reader.ok(), cut == bytes.size());
  }
}

}  // namespace
}  // namespace proto
