// The C interface from outside: every function, its errors, and handles freed in any order.
#include "db/protobase_c.h"

#include <gtest/gtest.h>

#include <cmath>
#include <cstring>
#include <string>
#include <vector>

namespace {

class CApi : public ::testing::Test {
 protected:
  void SetUp() override {
    ASSERT_EQ(pb_open(":memory:", nullptr, &database_), PB_OK) << pb_last_error(nullptr);
    ASSERT_EQ(pb_connect(database_, &connection_), PB_OK);
  }
  void TearDown() override {
    pb_disconnect(connection_);
    EXPECT_EQ(pb_close(database_), PB_OK) << pb_last_error(nullptr);
  }
  void execute(const char* text) {
    ASSERT_EQ(pb_execute(connection_, text, nullptr), PB_OK) << pb_last_error(connection_);
  }
  pb_statement* prepare(const char* text) {
    pb_statement* statement = nullptr;
    EXPECT_EQ(pb_prepare(connection_, text, -1, &statement, nullptr), PB_OK) << pb_last_error(connection_);
    return statement;
  }
  pb_database* database_ = nullptr;
  pb_connection* connection_ = nullptr;
};

TEST_F(CApi, BindsStepsAndReads) {
  execute("CREATE COLLECTION p; INSERT INTO p {name: 'Desk', price: 129.5}, {name: 'Stool', price: 45}");
  pb_statement* s = prepare("SELECT name, price FROM p WHERE price < ?1 ORDER BY price");
  ASSERT_NE(s, nullptr);
  EXPECT_EQ(pb_parameter_count(s), 1);
  EXPECT_EQ(pb_column_count(s), 2);
  EXPECT_STREQ(pb_column_name(s, 1), "price");
  EXPECT_EQ(pb_column_name(s, 2), nullptr);
  ASSERT_EQ(pb_bind_double(s, 1, 50), PB_OK);
  ASSERT_EQ(pb_step(s), PB_ROW);
  size_t length = 0;
  EXPECT_STREQ(pb_column_text(s, 0, &length), "Stool");
  EXPECT_EQ(length, 5u);
  EXPECT_EQ(pb_column_int64(s, 1), 45);
  EXPECT_EQ(pb_bind_double(s, 1, 1000), PB_INVALID_STATE) << "in the middle of rows";
  EXPECT_EQ(pb_step(s), PB_DONE);
  EXPECT_EQ(pb_column_type(s, 0), PB_KIND_NONE) << "no row any more";
  ASSERT_EQ(pb_bind_double(s, 1, 1000), PB_OK);
  int rows = 0;
  while (pb_step(s) == PB_ROW) ++rows;
  EXPECT_EQ(rows, 2);
  ASSERT_EQ(pb_step(s), PB_ROW) << "after PB_DONE it runs again";
  EXPECT_EQ(pb_reset(s), PB_OK);
  pb_finalize(s);
}

TEST_F(CApi, EveryKindOfValueGoesInAndOut) {
  pb_statement* s = prepare("SELECT ?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11");
  ASSERT_NE(s, nullptr);
  const float floats[] = {1, -2.5f, 3};
  EXPECT_EQ(pb_bind_null(s, 1), PB_OK);
  EXPECT_EQ(pb_bind_int64(s, 2, INT64_MIN), PB_OK);
  EXPECT_EQ(pb_bind_double(s, 3, 0.1), PB_OK);
  EXPECT_EQ(pb_bind_bool(s, 4, 7), PB_OK);
  EXPECT_EQ(pb_bind_text(s, 5, "héllo\0rest", 6), PB_OK);
  EXPECT_EQ(pb_bind_blob(s, 6, "\0\xff", 2), PB_OK);
  EXPECT_EQ(pb_bind_vector(s, 7, floats, 3), PB_OK);
  EXPECT_EQ(pb_bind_json(s, 8, R"({"a":[1,"x",null]})", -1), PB_OK);
  EXPECT_EQ(pb_bind_date(s, 9, 19782), PB_OK);
  EXPECT_EQ(pb_bind_timestamp(s, 10, 1'000'000), PB_OK);
  EXPECT_EQ(pb_bind_timespan(s, 11, 60'000'000), PB_OK);
  ASSERT_EQ(pb_step(s), PB_ROW) << pb_last_error(connection_);
  const pb_kind kinds[] = {PB_KIND_NONE, PB_KIND_INT,       PB_KIND_DOUBLE,  PB_KIND_BOOL,
                           PB_KIND_TEXT, PB_KIND_BLOB,      PB_KIND_VECTOR,  PB_KIND_OBJECT,
                           PB_KIND_DATE, PB_KIND_TIMESTAMP, PB_KIND_TIMESPAN};
  for (int i = 0; i < 11; ++i) EXPECT_EQ(pb_column_type(s, i), kinds[i]) << i;
  EXPECT_EQ(pb_column_text(s, 0, nullptr), nullptr);
  EXPECT_STREQ(pb_column_json(s, 0, nullptr), "null");
  EXPECT_EQ(pb_column_int64(s, 1), INT64_MIN);
  EXPECT_EQ(pb_column_double(s, 2), 0.1);
  EXPECT_EQ(pb_column_bool(s, 3), 1);
  EXPECT_STREQ(pb_column_text(s, 4, nullptr), "héllo");
  size_t size = 0;
  const void* blob = pb_column_blob(s, 5, &size);
  ASSERT_EQ(size, 2u);
  EXPECT_EQ(std::memcmp(blob, "\0\xff", 2), 0);
  const float* vector = pb_column_vector(s, 6, &size);
  ASSERT_EQ(size, 3u);
  EXPECT_EQ(vector[1], -2.5f);
  EXPECT_STREQ(pb_column_json(s, 7, &size), R"({"a":[1,"x",null]})");
  EXPECT_EQ(pb_column_int64(s, 8), 19782);
  EXPECT_STREQ(pb_column_text(s, 8, nullptr), "2024-02-29");
  EXPECT_EQ(pb_column_int64(s, 9), 1'000'000);
  EXPECT_EQ(pb_column_int64(s, 10), 60'000'000);
  EXPECT_EQ(pb_column_type(s, 11), PB_KIND_NONE);
  EXPECT_EQ(pb_column_type(s, -1), PB_KIND_NONE);
  pb_finalize(s);
}

TEST_F(CApi, ParametersHaveNamesAndLimits) {
  pb_statement* s = prepare("SELECT $a, :b");
  ASSERT_NE(s, nullptr);
  EXPECT_EQ(pb_parameter_index(s, "b"), 2);
  EXPECT_EQ(pb_parameter_index(s, "c"), 0);
  EXPECT_EQ(pb_bind_int64(s, 0, 1), PB_RANGE);
  EXPECT_EQ(pb_bind_int64(s, 3, 1), PB_RANGE);
  EXPECT_EQ(pb_bind_json(s, 1, "{", -1), PB_INVALID_ARGUMENT);
  EXPECT_EQ(pb_bind_int64(s, 1, 1), PB_OK);
  EXPECT_EQ(pb_clear_bindings(s), PB_OK);
  ASSERT_EQ(pb_step(s), PB_ROW);
  EXPECT_EQ(pb_column_type(s, 0), PB_KIND_NONE);
  pb_finalize(s);
}

TEST_F(CApi, ErrorsSayWhatAndWhere) {
  pb_statement* s = nullptr;
  EXPECT_EQ(pb_prepare(connection_, "SELECT 1 +", -1, &s, nullptr), PB_SYNTAX);
  EXPECT_EQ(s, nullptr);
  EXPECT_EQ(pb_error_code(connection_), PB_SYNTAX);
  EXPECT_NE(std::string(pb_error_message(connection_)), "");
  EXPECT_EQ(pb_execute(connection_, "SELECT nonsense FROM nowhere", nullptr), PB_BINDING);
  EXPECT_EQ(pb_error_code(connection_), PB_BINDING);
  EXPECT_GE(pb_error_position(connection_), 7);
  execute("SELECT 1");
  EXPECT_EQ(pb_error_code(connection_), PB_OK);
  EXPECT_STREQ(pb_error_message(connection_), "");
  EXPECT_EQ(pb_error_position(connection_), -1);
  EXPECT_STREQ(pb_code_name(PB_CONFLICT), "conflict");
  EXPECT_STREQ(pb_code_name(PB_ROW), "row");
}

TEST_F(CApi, TailRunsAScript) {
  const char* rest = "CREATE COLLECTION c; INSERT INTO c {a: 1}; -- done\n  INSERT INTO c {a: ';'} ; ";
  int statements = 0;
  while (*rest != '\0') {
    pb_statement* s = nullptr;
    ASSERT_EQ(pb_prepare(connection_, rest, -1, &s, &rest), PB_OK) << pb_last_error(connection_);
    if (s == nullptr) continue;
    EXPECT_EQ(pb_step(s), PB_DONE);
    pb_finalize(s);
    ++statements;
  }
  EXPECT_EQ(statements, 3);
  EXPECT_EQ(pb_changes(connection_), 1u);
}

TEST_F(CApi, TransactionsAndChanges) {
  uint64_t changes = 0;
  execute("CREATE COLLECTION c; BEGIN");
  EXPECT_EQ(pb_in_transaction(connection_), 1);
  ASSERT_EQ(pb_execute(connection_, "INSERT INTO c {a: 1}, {a: 2}", &changes), PB_OK);
  EXPECT_EQ(changes, 2u);
  execute("ROLLBACK");
  EXPECT_EQ(pb_in_transaction(connection_), 0);
  pb_statement* s = prepare("SELECT count(*) FROM c");
  ASSERT_EQ(pb_step(s), PB_ROW);
  EXPECT_EQ(pb_column_int64(s, 0), 0);
  pb_finalize(s);
}

TEST_F(CApi, DisconnectingRollsBackAndOutlivedStatementsAnswer) {
  execute("CREATE COLLECTION c");
  pb_connection* other = nullptr;
  ASSERT_EQ(pb_connect(database_, &other), PB_OK);
  pb_statement* s = nullptr;
  ASSERT_EQ(pb_prepare(other, "SELECT a FROM c", -1, &s, nullptr), PB_OK);
  ASSERT_EQ(pb_execute(other, "BEGIN; INSERT INTO c {a: 1}", nullptr), PB_OK);
  pb_disconnect(other);
  EXPECT_EQ(pb_step(s), PB_INVALID_STATE);
  EXPECT_EQ(pb_reset(s), PB_OK);
  pb_finalize(s);
  s = prepare("SELECT a FROM c");
  EXPECT_EQ(pb_step(s), PB_DONE);
  pb_finalize(s);
}

TEST_F(CApi, ResultsOutlivingTheDatabaseAnswer) {
  pb_database* database = nullptr;
  pb_connection* connection = nullptr;
  pb_statement* s = nullptr;
  ASSERT_EQ(pb_open(":memory:", nullptr, &database), PB_OK);
  ASSERT_EQ(pb_connect(database, &connection), PB_OK);
  ASSERT_EQ(pb_execute(connection, "CREATE COLLECTION c; INSERT INTO c {a: 1}", nullptr), PB_OK);
  ASSERT_EQ(pb_prepare(connection, "SELECT a FROM c", -1, &s, nullptr), PB_OK);
  ASSERT_EQ(pb_close(database), PB_OK);
  EXPECT_EQ(pb_execute(connection, "INSERT INTO c {a: 2}", nullptr), PB_INVALID_STATE);
  EXPECT_NE(pb_step(s), PB_ROW);
  pb_disconnect(connection);
  pb_finalize(s);
}

TEST(CApiHandles, NullsAreRefusedNotFollowed) {
  EXPECT_EQ(pb_open(nullptr, nullptr, nullptr), PB_INVALID_ARGUMENT);
  pb_database* database = nullptr;
  EXPECT_EQ(pb_open(nullptr, nullptr, &database), PB_INVALID_ARGUMENT);
  pb_connection* connection = nullptr;
  EXPECT_EQ(pb_connect(nullptr, &connection), PB_INVALID_ARGUMENT);
  EXPECT_EQ(pb_execute(nullptr, "SELECT 1", nullptr), PB_INVALID_ARGUMENT);
  EXPECT_EQ(pb_step(nullptr), PB_INVALID_ARGUMENT);
  EXPECT_EQ(pb_bind_int64(nullptr, 1, 1), PB_INVALID_ARGUMENT);
  EXPECT_EQ(pb_column_text(nullptr, 0, nullptr), nullptr);
  EXPECT_EQ(pb_column_count(nullptr), 0);
  EXPECT_EQ(pb_close(nullptr), PB_OK);
  pb_disconnect(nullptr);
  pb_finalize(nullptr);
  pb_interrupt(nullptr);
  EXPECT_EQ(std::string(pb_version()).find("0."), 0u);
}

TEST(CApiHandles, OpeningWhatIsNotThere) {
  pb_options options = {};
  options.must_exist = 1;
  pb_database* database = nullptr;
  EXPECT_EQ(pb_open("/nonexistent/folder/x.pdb", &options, &database), PB_NOT_FOUND);
  EXPECT_EQ(database, nullptr);
  EXPECT_NE(std::string(pb_last_error(nullptr)), "");
  EXPECT_EQ(pb_error_code(nullptr), PB_NOT_FOUND);
}

}  // namespace
