// Files for tests: a path that is free before and gone after.
#pragma once

#include <filesystem>
#include <string>

#include <unistd.h>

namespace protobase {

/// A database file in the temporary directory, removed with its log when the test ends.
class TestFile {
 public:
  explicit TestFile(const std::string& name)
      : path_((std::filesystem::temp_directory_path() / ("protobase_" + name + "_" + std::to_string(::getpid()) + ".pdb")).string()) {
    remove();
  }
  ~TestFile() { remove(); }
  TestFile(const TestFile&) = delete;
  TestFile& operator=(const TestFile&) = delete;
  const std::string& path() const { return path_; }

 private:
  void remove() {
    std::error_code ignored;
    std::filesystem::remove(path_, ignored);
    std::filesystem::remove(path_ + "-wal", ignored);
  }
  std::string path_;
};

}  // namespace protobase
