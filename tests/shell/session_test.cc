// Runs the built protosh with pipes and files, as a script would.
#include <fcntl.h>
#include <gtest/gtest.h>
#include <poll.h>
#include <sys/wait.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

namespace protobase::shell {
namespace {

const char* const kProgram = PROTOBASE_BINARY_DIR "/protosh";

std::string read_all(int fd) {
  std::string text;
  char buffer[4096];
  for (ssize_t n; (n = ::read(fd, buffer, sizeof buffer)) > 0;) text.append(buffer, static_cast<size_t>(n));
  ::close(fd);
  return text;
}

// A running protosh with pipes at its three streams.
class Process {
 public:
  explicit Process(const std::vector<std::string>& arguments) {
    int in[2], out[2], err[2];
    EXPECT_EQ(::pipe2(in, O_CLOEXEC) | ::pipe2(out, O_CLOEXEC) | ::pipe2(err, O_CLOEXEC), 0);
    pid_ = ::fork();
    if (pid_ == 0) {
      ::dup2(in[0], 0);
      ::dup2(out[1], 1);
      ::dup2(err[1], 2);
      std::vector<char*> words{const_cast<char*>(kProgram)};
      for (const std::string& argument : arguments) words.push_back(const_cast<char*>(argument.c_str()));
      words.push_back(nullptr);
      ::execv(kProgram, words.data());
      ::_exit(127);
    }
    ::close(in[0]);
    ::close(out[1]);
    ::close(err[1]);
    input_ = in[1];
    output_ = out[0];
    errors_ = err[0];
  }
  void write(std::string_view text) {
    EXPECT_EQ(::write(input_, text.data(), text.size()), static_cast<ssize_t>(text.size()));
  }
  /// Output up to and with a line end, without closing the input. Empty when none comes within ten seconds.
  std::string read_line() {
    std::string line;
    pollfd ready{output_, POLLIN, 0};
    while (!line.ends_with('\n') && ::poll(&ready, 1, 10'000) == 1) {
      char c;
      if (::read(output_, &c, 1) != 1) break;
      line.push_back(c);
    }
    return line;
  }
  int finish() {
    ::close(input_);
    out = read_all(output_);
    err = read_all(errors_);
    int status = 0;
    ::waitpid(pid_, &status, 0);
    return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
  }
  std::string out, err;

 private:
  pid_t pid_;
  int input_, output_, errors_;
};

struct Outcome {
  int status;
  std::string out, err;
};

Outcome protosh(const std::vector<std::string>& arguments, const std::string& input = "") {
  Process process(arguments);
  process.write(input);
  const int status = process.finish();
  return {status, process.out, process.err};
}

class Session : public ::testing::Test {
 protected:
  void SetUp() override {
    std::string pattern = (std::filesystem::temp_directory_path() / "protosh-XXXXXX").string();
    ASSERT_NE(::mkdtemp(pattern.data()), nullptr);
    folder_ = pattern;
  }
  void TearDown() override { std::filesystem::remove_all(folder_); }
  std::string path(const std::string& name) const { return (folder_ / name).string(); }
  std::string write(const std::string& name, const std::string& text) const {
    std::ofstream(path(name), std::ios::binary) << text;
    return path(name);
  }
  std::string read(const std::string& name) const {
    std::ifstream file(path(name), std::ios::binary);
    return std::string(std::istreambuf_iterator<char>(file), {});
  }
  std::filesystem::path folder_;
};

TEST_F(Session, RunsStatementsOfTheCommandLine) {
  const Outcome outcome = protosh({"-c", "SELECT 1 AS a, 'x' AS b; SELECT 2 AS c"});
  EXPECT_EQ(outcome.out, "a,b\n1,x\nc\n2\n");
  EXPECT_EQ(outcome.err, "");
  EXPECT_EQ(outcome.status, 0);
}

TEST_F(Session, RunsStatementsOfAPipe) {
  const Outcome outcome = protosh({}, "SELECT 1\n AS a; SELECT 2 AS b; -- done\n/* and */ SELECT 3 AS c");
  EXPECT_EQ(outcome.out, "a\n1\nb\n2\nc\n3\n");
  EXPECT_EQ(outcome.status, 0);
}

TEST_F(Session, FlushesEachResultBeforeItReadsOn) {
  Process process({});
  process.write("SELECT 41 + 1 AS x;\n");
  EXPECT_EQ(process.read_line(), "x\n");
  EXPECT_EQ(process.read_line(), "42\n");
  process.write("SELECT 7 AS y;\n");
  EXPECT_EQ(process.read_line(), "y\n");
  EXPECT_EQ(process.read_line(), "7\n");
  EXPECT_EQ(process.finish(), 0);
}

TEST_F(Session, GoesOnAfterAnErrorAndSaysSoAtTheEnd) {
  const Outcome outcome = protosh({}, "SELEC 1;\nSELECT 2 AS a;\n");
  EXPECT_EQ(outcome.out, "a\n2\n");
  EXPECT_NE(outcome.err.find("error: syntax error at line 1, column 1"), std::string::npos) << outcome.err;
  EXPECT_NE(outcome.err.find("^^^^^"), std::string::npos) << outcome.err;
  EXPECT_EQ(outcome.status, 1);
}

TEST_F(Session, BailStopsAtTheFirstError) {
  const Outcome outcome = protosh({"--bail", "-c", "SELEC 1; SELECT 2 AS a", "-c", "SELECT 3 AS b"});
  EXPECT_EQ(outcome.out, "");
  EXPECT_EQ(outcome.status, 1);
}

TEST_F(Session, ScriptsNameFileAndLine) {
  const std::string script = write("bad.sql", "SELECT 1 AS a;\n\nSELEC 2;\n");
  const Outcome outcome = protosh({"-f", script});
  EXPECT_EQ(outcome.out, "a\n1\n");
  EXPECT_EQ(outcome.err.find(script + ":3: error: "), 0u) << outcome.err;
  EXPECT_EQ(outcome.status, 1);
  EXPECT_EQ(protosh({"-f", path("missing.sql")}).status, 1);
}

TEST_F(Session, WrongUsageIsTwo) {
  EXPECT_EQ(protosh({"--nonsense"}).status, 2);
  EXPECT_EQ(protosh({"--mode", "nonsense"}).status, 2);
  EXPECT_EQ(protosh({"--help"}).status, 0);
  EXPECT_EQ(protosh({"--version"}).out.find("protosh "), 0u);
}

TEST_F(Session, ModesAndOutput) {
  const std::string file = path("out.txt");
  const Outcome outcome = protosh({"--mode", "json"}, "SELECT 1 AS a;\n.mode table\n.output " + file +
                                                          "\nSELECT 2 AS b;\n.output\nSELECT 3 AS c;\n");
  EXPECT_EQ(outcome.out, "[\n  {\"a\": 1}\n]\n+---+\n| c |\n+---+\n| 3 |\n+---+\n");
  EXPECT_EQ(read("out.txt"), "+---+\n| b |\n+---+\n| 2 |\n+---+\n");
  EXPECT_EQ(outcome.status, 0);
}

TEST_F(Session, UnknownCommandsAreErrorsWithAHint) {
  const Outcome outcome = protosh({}, ".tabels\n.mode\n");
  EXPECT_NE(outcome.err.find("did you mean .tables?"), std::string::npos) << outcome.err;
  EXPECT_EQ(outcome.out, "csv\n");
  EXPECT_EQ(outcome.status, 1);
}

TEST_F(Session, TransactionsSpanStatementsAndDataStays) {
  const std::string shop = path("shop.pdb");
  EXPECT_EQ(
      protosh({shop},
              "CREATE COLLECTION p; BEGIN; INSERT INTO p {name: 'Desk'}; ROLLBACK; INSERT INTO p {name: 'Stool'};\n")
          .status,
      0);
  const Outcome outcome = protosh({shop, "-c", "SELECT name FROM p"});
  EXPECT_EQ(outcome.out, "name\nStool\n");
  EXPECT_EQ(protosh({shop, "--read-only", "-c", "INSERT INTO p {name: 'x'}"}).status, 1);
}

TEST_F(Session, ImportsAFileOrNothingOfIt) {
  const std::string good = write("good.csv", "id,name,price\n1,Desk,129\n2,\"Coat, hook\",\n");
  const std::string bad = write("bad.csv", "id,name,price\n3,Shelf,1\n4,short\n5,Lamp,2\n");
  const std::string shop = path("shop.pdb");
  Outcome outcome = protosh({shop}, ".import " + good + " p\n.import " + bad + " p\nSELECT count(*) AS n FROM p;\n");
  EXPECT_EQ(outcome.out, "n\n2\n");
  EXPECT_NE(outcome.err.find("bad.csv:3: expected 3 fields, found 2"), std::string::npos) << outcome.err;
  EXPECT_EQ(outcome.status, 1);
  outcome = protosh({shop}, ".import " + bad + " p --keep-going\nSELECT id, name, price FROM p ORDER BY id;\n");
  EXPECT_EQ(outcome.out, "id,name,price\n1,Desk,129\n2,\"Coat, hook\",\n3,Shelf,1\n5,Lamp,2\n");
  EXPECT_NE(outcome.err.find("1 bad records left out"), std::string::npos) << outcome.err;
  EXPECT_EQ(outcome.status, 0);
}

TEST_F(Session, ImportRefusesWhatAUniqueIndexForbids) {
  const std::string csv = write("p.csv", "id\n1\n2\n1\n3\n");
  const Outcome outcome = protosh({}, "CREATE COLLECTION p; CREATE UNIQUE INDEX ON p (id);\n.import " + csv +
                                          " p\nSELECT count(*) AS n FROM p;\n.import --keep-going " + csv +
                                          " p\nSELECT count(*) AS n FROM p;\n");
  EXPECT_EQ(outcome.out, "n\n0\nn\n3\n");
  EXPECT_NE(outcome.err.find("p.csv:4: "), std::string::npos) << outcome.err;
}

TEST_F(Session, ExportsWhatItImported) {
  const std::string csv = write("p.csv", "id,name\n1,\"a \"\"b\"\"\"\n2,\n");
  const Outcome outcome =
      protosh({}, ".import " + csv + " p\n.export " + path("out.csv") + " SELECT id, name FROM p ORDER BY id\n" +
                      ".export " + path("out.jsonl") + " p\n");
  EXPECT_EQ(outcome.err, "");
  EXPECT_EQ(read("out.csv"), read("p.csv"));
  EXPECT_EQ(read("out.jsonl"), "{\"id\":1,\"name\":\"a \\\"b\\\"\"}\n{\"id\":2,\"name\":null}\n");
}

TEST_F(Session, ADumpBuildsTheSameDatabase) {
  const std::string setup =
      "CREATE COLLECTION m (name TEXT PRIMARY KEY);\n"
      "CREATE COLLECTION p (embedding VECTOR(3));\n"
      "INSERT INTO m {name: 'Oak'}, {name: 'Pine', \"odd name\": 'it''s'};\n"
      "DELETE FROM m WHERE name = 'Oak';\n"
      "INSERT INTO p {maker: ref('m', 2), embedding: [1, 2.5, -3], d: DATE '2024-02-29', n: NULL, nested: {a: [1, 'x', "
      "true]}};\n"
      "INSERT INTO p {t: TIMESTAMP '2024-01-02 03:04:05.5', b: x'00ff', i: 9223372036854775807, f: 0.1, e: {}};\n"
      "CREATE INDEX by_maker ON p (maker);\n"
      "CREATE COLLECTION a (part REF(p), whole REF(m));\n"  // stands before what it refers to, by name
      "INSERT INTO a {part: ref('p', 1)};\n";
  const std::string query =
      "SELECT _id, p FROM p ORDER BY _id; SELECT _id, m FROM m ORDER BY _id; SELECT p.maker.name AS maker FROM p ORDER "
      "BY p._id;\n"
      ".indexes\n";
  const Outcome first = protosh({path("a.pdb")}, setup + ".output " + path("dump.sql") + "\n.dump\n.output\n" + query);
  EXPECT_EQ(first.err, "");
  const Outcome second = protosh({path("b.pdb")}, ".read " + path("dump.sql") + "\n" + query);
  EXPECT_EQ(second.err, "") << read("dump.sql");
  EXPECT_EQ(first.out, second.out) << read("dump.sql");
  EXPECT_NE(second.out.find("Pine"), std::string::npos);
}

TEST_F(Session, SchemaAndPlansReadPlainly) {
  const Outcome outcome = protosh({":memory:", "--mode", "box"}, "CREATE TABLE t (a INTEGER PRIMARY KEY, b TEXT);\nCREATE INDEX by_b ON t (b);\n"
                                                                 ".schema\nEXPLAIN SELECT a FROM t WHERE b = 'x';\n");
  EXPECT_EQ(outcome.err, "");
  EXPECT_NE(outcome.out.find("PRIMARY KEY"), std::string::npos) << outcome.out;
  EXPECT_EQ(outcome.out.find("t_pkey"), std::string::npos) << outcome.out;  // said by PRIMARY KEY already
  EXPECT_NE(outcome.out.find("INDEX by_b"), std::string::npos) << outcome.out;
  EXPECT_EQ(outcome.out.find("│"), std::string::npos) << outcome.out;
  EXPECT_NE(outcome.out.find("\nIdFetch t [a]\n  IndexedSearch by_b"), std::string::npos) << outcome.out;
}

TEST_F(Session, AScriptThatFailsInATransactionLeavesNothingOpen) {
  const Outcome outcome =
      protosh({path("a.pdb"), "--bail"}, "CREATE TABLE t (a INTEGER);\nBEGIN;\nINSERT INTO t VALUES (1);\nSELEC;\n");
  EXPECT_EQ(outcome.err.find("still open"), std::string::npos) << outcome.err;
  EXPECT_EQ(protosh({path("a.pdb")}, "SELECT count(*) AS n FROM t;\n").out, "n\n0\n");
}

TEST_F(Session, AFileThatIsNoDatabaseIsRefused) {
  const std::string file = write("text.pdb", std::string(10'000, 'x'));
  const Outcome outcome = protosh({file, "-c", "SELECT 1"});
  EXPECT_EQ(outcome.status, 1);
  EXPECT_NE(outcome.err.find("error: "), std::string::npos);
  EXPECT_EQ(read("text.pdb"), std::string(10'000, 'x'));
}

}  // namespace
}  // namespace protobase::shell
