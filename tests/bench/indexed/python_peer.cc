#include <sys/wait.h>
#include <unistd.h>

#include <cinttypes>
#include <csignal>
#include <filesystem>

#include "runtime/base/check.h"
#include "tests/bench/indexed/peers.h"

namespace protobase::bench {
namespace {

/// Reads the rows and queries, then answers each line "set limit" with "queries wall cpu" and one line of rows a query.
constexpr const char* kProgram = R"(
import json, sys, time
with open(sys.argv[1]) as file:
    rows = [json.loads(line) for line in file]
with open(sys.argv[2]) as file:
    sets = json.load(file)

def select(query):
    if 'id' in query:
        wanted = query['id']
        return [row for row in rows if row['id'] == wanted]
    category, status, low, high = query['category'], query['status'], query['low'], query['high']
    return [row for row in rows if row['category'] == category and row['status'] == status and low < row['value'] < high]

for line in sys.stdin:
    name, limit = line.split()
    limit = float(limit)
    answers = []
    wall, cpu = time.perf_counter(), time.process_time()
    for query in sets[name]:
        answers.append(select(query))
        if time.perf_counter() - wall > limit:
            break
    wall, cpu = time.perf_counter() - wall, time.process_time() - cpu
    print(len(answers), wall, cpu)
    for answer in answers:
        contents = sum(row['value'] + sum(len(row[c]) for c in ('id', 'name', 'category', 'status', 'created_at')) for row in answer)
        print(contents, len(answer), *(row['name'][5:] for row in answer))
    sys.stdout.flush()
)";

/// A file under the system's folder for temporary files, removed when it leaves scope.
class TemporaryFile {
 public:
  TemporaryFile() {
    path_ = (std::filesystem::temp_directory_path() / "indexed_benchmark_XXXXXX").string();
    const int descriptor = mkstemp(path_.data());
    PROTO_CHECK(descriptor >= 0);
    file_ = fdopen(descriptor, "w");
  }
  ~TemporaryFile() { std::filesystem::remove(path_); }
  void write(const std::string& text) { PROTO_CHECK(std::fwrite(text.data(), 1, text.size(), file_) == text.size()); }
  void close() { PROTO_CHECK(std::fclose(file_) == 0); }
  const std::string& path() const { return path_; }

 private:
  std::string path_;
  FILE* file_ = nullptr;
};

void write_items(const std::vector<Item>& items, TemporaryFile& file) {
  for (const Item& item : items) {
    std::string tags;
    for (const std::string& tag : item.tags) tags += (tags.empty() ? "\"" : ",\"") + tag + "\"";
    file.write(fmt::format(
        R"({{"id":"{}","name":"{}","value":{},"category":"{}","status":"{}","created_at":"{}","tags":[{}]}})"
        "\n",
        item.id, item.name, item.value, category_text(item.category), status_text(item.status), item.created_at, tags));
  }
  file.close();
}

void write_queries(const std::vector<QuerySet>& sets, TemporaryFile& file) {
  std::string text = "{";
  for (const QuerySet& set : sets) {
    text += fmt::format("{}\"{}\":[", text.size() > 1 ? "," : "", set.name);
    for (const Query& query : set.queries) {
      if (&query != &set.queries.front()) text += ",";
      text += query.by_id ? fmt::format(R"({{"id":"{}"}})", query.id)
                          : fmt::format(R"({{"category":"{}","status":"{}","low":{},"high":{}}})", query.category,
                                        query.status, query.low, query.high);
    }
    text += "]";
  }
  file.write(text + "}");
  file.close();
}

/// Starts python3 with the program, its ends of the pipes as standard input and output.
pid_t start_python(const std::string& items, const std::string& queries, FILE*& to_child, FILE*& from_child) {
  int down[2], up[2];
  PROTO_CHECK(pipe(down) == 0 && pipe(up) == 0);
  const pid_t child = fork();
  PROTO_CHECK(child >= 0);
  if (child == 0) {
    dup2(down[0], STDIN_FILENO), dup2(up[1], STDOUT_FILENO);
    for (const int end : {down[0], down[1], up[0], up[1]}) ::close(end);
    execlp("python3", "python3", "-c", kProgram, items.c_str(), queries.c_str(), nullptr);
    _exit(127);
  }
  ::close(down[0]), ::close(up[1]);
  to_child = fdopen(down[1], "w"), from_child = fdopen(up[0], "r");
  return child;
}

}  // namespace

std::unique_ptr<PythonPeer> PythonPeer::create(const std::vector<Item>& items, const std::vector<QuerySet>& sets) {
  std::signal(SIGPIPE, SIG_IGN);  // a missing python3 shows as a round without answers
  TemporaryFile rows, queries;
  write_items(items, rows);
  write_queries(sets, queries);
  std::unique_ptr<PythonPeer> peer(new PythonPeer);
  peer->child_ = start_python(rows.path(), queries.path(), peer->to_child_, peer->from_child_);
  std::vector<Answer> answers;
  // The first round also waits until the rows are read; without python3 it gives nothing.
  if (peer->run(sets.front(), 0, answers).queries == 0) return nullptr;
  return peer;
}

PythonPeer::~PythonPeer() {
  std::fclose(to_child_);
  std::fclose(from_child_);
  waitpid(child_, nullptr, 0);
}

Contestant PythonPeer::contestant() {
  return {"cpython", "list comprehension", false,
          [this](const QuerySet& set, double limit, std::vector<Answer>& answers) { return run(set, limit, answers); }};
}

RoundTime PythonPeer::run(const QuerySet& set, double limit_seconds, std::vector<Answer>& answers) {
  RoundTime time;
  std::fprintf(to_child_, "%s %f\n", set.name.c_str(), limit_seconds);
  std::fflush(to_child_);
  if (std::fscanf(from_child_, "%" SCNu64 " %lf %lf", &time.queries, &time.wall_seconds, &time.cpu_seconds) != 3)
    return {};
  answers.assign(time.queries, {});
  for (Answer& answer : answers) {
    uint64_t count = 0;
    PROTO_CHECK(std::fscanf(from_child_, "%" SCNu64 " %" SCNu64, &answer.contents, &count) == 2);
    answer.rows.resize(count);
    for (uint32_t& row : answer.rows) PROTO_CHECK(std::fscanf(from_child_, "%" SCNu32, &row) == 1);
  }
  return time;
}

}  // namespace protobase::bench
