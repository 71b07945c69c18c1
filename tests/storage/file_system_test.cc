// One body for the real file system and the one in memory, and what only the latter can do.
#include "tests/storage/storage_fixture.h"

namespace protobase::storage {
namespace {

class FileSystemTest : public testing::TestWithParam<bool> {
 protected:
  FileSystem& files() { return GetParam() ? static_cast<FileSystem&>(memory_) : posix_file_system(); }
  std::string path(const std::string& name) { return directory_.file(name); }
  std::string contents(File& file) {
    std::string bytes(*file.size(), '\0');
    EXPECT_EQ(*file.read_at(0, bytes), bytes.size());
    return bytes;
  }
  MemoryFileSystem memory_;
  TemporaryDirectory directory_;
};

INSTANTIATE_TEST_SUITE_P(Versions, FileSystemTest, testing::Bool(),
                         [](const auto& info) { return info.param ? "Memory" : "Posix"; });

TEST_P(FileSystemTest, BytesGoWhereTheyAreTold) {
  auto file = files().open(path("a"), {.write = true, .create = true});
  ASSERT_OK(file);
  ASSERT_OK((*file)->write_at(3, "def"));
  ASSERT_OK((*file)->write_at(0, "abc"));
  EXPECT_EQ(contents(**file), "abcdef");
  char bytes[10];
  EXPECT_EQ(*(*file)->read_at(4, bytes), 2u);
  EXPECT_EQ(*(*file)->read_at(100, bytes), 0u);
  ASSERT_OK((*file)->preallocate(6, 4));
  EXPECT_EQ(contents(**file), std::string("abcdef\0\0\0\0", 10));
  ASSERT_OK((*file)->punch_hole(1, 2));
  EXPECT_EQ(contents(**file), std::string("a\0\0def\0\0\0\0", 10));
  EXPECT_EQ(*(*file)->size(), 10u);
  ASSERT_OK((*file)->truncate(4));
  EXPECT_EQ(contents(**file), std::string("a\0\0d", 4));
  ASSERT_OK((*file)->sync());
  EXPECT_EQ(read_exactly(**file, 2, bytes).code(), StatusCode::kCorruption);
}

TEST_P(FileSystemTest, NamesAreMadeMovedAndRemoved) {
  EXPECT_EQ(files().open(path("a"), {}).status().code(), StatusCode::kNotFound);
  EXPECT_FALSE(*files().exists(path("a")));
  ASSERT_OK((*files().open(path("a"), {.write = true, .create = true}))->write_at(0, "1"));
  ASSERT_OK((*files().open(path("b"), {.write = true, .create = true}))->write_at(0, "2"));
  EXPECT_EQ(*files().list(directory_of(path("a"))), (std::vector<std::string>{"a", "b"}));
  ASSERT_OK(files().rename(path("a"), path("b")));
  EXPECT_EQ(contents(**files().open(path("b"), {})), "1");
  EXPECT_FALSE(*files().exists(path("a")));
  EXPECT_EQ(files().rename(path("a"), path("c")).code(), StatusCode::kNotFound);
  ASSERT_OK(files().sync_directory_of(path("b")));
  ASSERT_OK(files().remove(path("b")));
  EXPECT_EQ(files().remove(path("b")).code(), StatusCode::kNotFound);
}

TEST_P(FileSystemTest, ReadOnlyFilesRefuseChanges) {
  ASSERT_OK(files().open(path("a"), {.write = true, .create = true}));
  auto file = files().open(path("a"), {});
  ASSERT_OK(file);
  EXPECT_EQ((*file)->write_at(0, "x").code(), StatusCode::kReadOnly);
  EXPECT_EQ((*file)->truncate(0).code(), StatusCode::kReadOnly);
  EXPECT_EQ((*file)->sync().code(), StatusCode::kReadOnly);
}

TEST_P(FileSystemTest, LocksBelongToTheOpenFile) {
  auto first = *files().open(path("a"), {.write = true, .create = true});
  auto second = *files().open(path("a"), {.write = true});
  ASSERT_OK(first->lock(LockArea::kWriter, LockMode::kExclusive));
  EXPECT_EQ(second->lock(LockArea::kWriter, LockMode::kExclusive).code(), StatusCode::kLocked);
  EXPECT_EQ(second->lock(LockArea::kWriter, LockMode::kShared).code(), StatusCode::kLocked);
  EXPECT_OK(second->lock(LockArea::kReaders, LockMode::kShared));
  EXPECT_OK(first->lock(LockArea::kReaders, LockMode::kShared));
  EXPECT_EQ(first->lock(LockArea::kReaders, LockMode::kExclusive).code(), StatusCode::kLocked);
  EXPECT_OK(second->unlock(LockArea::kReaders));
  EXPECT_OK(first->lock(LockArea::kReaders, LockMode::kExclusive));
  first.reset();
  EXPECT_OK(second->lock(LockArea::kWriter, LockMode::kExclusive));
  EXPECT_OK(second->lock(LockArea::kReaders, LockMode::kShared, true));
}

TEST(MemoryFileSystemTest, CrashKeepsWhatWasSynced) {
  MemoryFileSystem files;
  auto file = *files.open("d/a", {.write = true, .create = true});
  ASSERT_OK(file->write_at(0, "synced"));
  ASSERT_OK(file->sync());
  ASSERT_OK(files.sync_directory_of("d/a"));
  ASSERT_OK(file->write_at(0, "LOST"));
  ASSERT_OK(files.open("d/b", {.write = true, .create = true}));
  files.crash(CrashMode::kDropUnsynced, 1);
  EXPECT_EQ(files.contents("d/a"), "synced");
  EXPECT_FALSE(*files.exists("d/b"));
  EXPECT_EQ(file->write_at(0, "x").code(), StatusCode::kIoError);
}

TEST(MemoryFileSystemTest, CrashTearsAtSectors) {
  bool saw_torn = false, saw_reordered = false;
  for (uint64_t seed = 0; seed < 200; ++seed) {
    for (const CrashMode mode : {CrashMode::kPrefix, CrashMode::kReorder}) {
      MemoryFileSystem files;
      auto file = *files.open("a", {.write = true, .create = true});
      ASSERT_OK(file->write_at(0, std::string(2048, '0')));
      ASSERT_OK(file->sync());
      ASSERT_OK(files.sync_directory_of("a"));
      ASSERT_OK(file->write_at(0, std::string(1024, '1')));
      ASSERT_OK(file->write_at(1024, std::string(1024, '2')));
      files.crash(mode, seed);
      const std::string bytes = files.contents("a");
      std::string sectors;
      for (size_t at = 0; at < 2048; at += 512) {
        ASSERT_EQ(bytes.substr(at, 512), std::string(512, bytes[at])) << "a sector is whole";
        sectors += bytes[at];
      }
      saw_torn |= sectors == "1000";
      saw_reordered |= sectors.substr(0, 2) == "00" && sectors.substr(2) != "00";
      if (mode == CrashMode::kPrefix) {
        EXPECT_TRUE(sectors == "0000" || sectors == "1000" || sectors == "1100" || sectors == "1120" || sectors == "1122")
            << sectors;
      }
    }
  }
  EXPECT_TRUE(saw_torn);
  EXPECT_TRUE(saw_reordered);
}

}  // namespace
}  // namespace protobase::storage
