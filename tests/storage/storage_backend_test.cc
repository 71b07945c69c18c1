// One body of tests for every backend: what LogStore, BlobStore and Storage promise.
#include "tests/storage/storage_fixture.h"

namespace protobase::storage {
namespace {

class StorageBackendTest : public testing::TestWithParam<Backend> {
 protected:
  StorageBackendTest() : place_(GetParam()) {}
  Place place_;
};

INSTANTIATE_TEST_SUITE_P(Backends, StorageBackendTest,
                         testing::Values(Backend::kMemory, Backend::kFileInMemory, Backend::kFile),
                         [](const auto& info) { return backend_name(info.param); });

TEST_P(StorageBackendTest, NewDatabaseIsEmpty) {
  auto storage = place_.open();
  ASSERT_OK(storage);
  EXPECT_EQ(storage->root.sequence, 1u);
  EXPECT_EQ(storage->root.payload, "");
  EXPECT_EQ(storage->log->start(), storage->root.log_start);
  EXPECT_TRUE(storage->blobs->list().empty());
  auto records = replayed(*storage->log);
  ASSERT_OK(records);
  EXPECT_TRUE(records->empty());
}

TEST_P(StorageBackendTest, RecordsComeBackInOrderWithKindsAndPlaces) {
  std::vector<Lsn> ends;
  {
    auto storage = place_.open();
    ASSERT_OK(storage);
    for (int i = 0; i < 50; ++i) {
      const std::string first = record_bytes(i, 10), second = record_bytes(i + 1000, 700);
      const LogRecord records[] = {{1, first}, {2, second}, {3, ""}};
      auto end = storage->log->append(storage->log->end(), records);
      ASSERT_OK(end);
      EXPECT_EQ(*end, storage->log->end());
      ends.push_back(*end);
    }
    ASSERT_OK(storage->log->sync(ends.back()));
    EXPECT_GE(storage->log->durable(), ends.back());
    ASSERT_OK(storage->close());
  }
  auto storage = place_.open();
  ASSERT_OK(storage);
  uint64_t seen = 0;
  ASSERT_OK(storage->log->replay(storage->root.log_start, [&](const ReplayedRecord& record) {
    const uint64_t append = seen / 3;
    EXPECT_EQ(record.index, seen % 3);
    EXPECT_EQ(record.count, 3u);
    EXPECT_EQ(record.kind, seen % 3 + 1);
    EXPECT_EQ(record.end, ends[append]);
    const std::string expected[] = {record_bytes(append, 10), record_bytes(append + 1000, 700), ""};
    EXPECT_EQ(record.payload, expected[seen % 3]);
    ++seen;
    return Status();
  }));
  EXPECT_EQ(seen, 150u);
}

TEST_P(StorageBackendTest, ReplayStartsAtAnyAppendAndStopsWhenTold) {
  auto storage = place_.open();
  ASSERT_OK(storage);
  std::vector<Lsn> ends;
  for (int i = 0; i < 20; ++i) ends.push_back(*append_one(*storage->log, std::to_string(i)));
  auto tail = replayed(*storage->log, ends[14]);
  ASSERT_OK(tail);
  EXPECT_EQ(*tail, (std::vector<std::string>{"15", "16", "17", "18", "19"}));
  int count = 0;
  const Status stopped = storage->log->replay(storage->log->start(), [&](const ReplayedRecord&) {
    return ++count == 3 ? Status(StatusCode::kCancelled, "enough") : Status();
  });
  EXPECT_EQ(stopped.code(), StatusCode::kCancelled);
  EXPECT_EQ(count, 3);
  EXPECT_EQ(replayed(*storage->log, Lsn(ends.back().value + 8)).status().code(), StatusCode::kRange);
}

TEST_P(StorageBackendTest, AppendAtAnotherPositionIsAConflictAndNotApplied) {
  auto storage = place_.open();
  ASSERT_OK(storage);
  const Lsn before = storage->log->end();
  ASSERT_OK(append_one(*storage->log, "one"));
  const LogRecord record{1, "two"};
  EXPECT_EQ(storage->log->append(before, std::span(&record, 1)).status().code(), StatusCode::kConflict);
  EXPECT_EQ(storage->log->append(storage->log->end(), {}).status().code(), StatusCode::kInvalidArgument);
  EXPECT_EQ(storage->log->sync(Lsn(storage->log->end().value + 1)).code(), StatusCode::kInvalidArgument);
  ASSERT_OK(append_one(*storage->log, "three"));
  EXPECT_EQ(*replayed(*storage->log), (std::vector<std::string>{"one", "three"}));
}

TEST_P(StorageBackendTest, LargeRecordsSpanChunks) {
  std::vector<std::string> expected;
  {
    auto storage = place_.open();
    ASSERT_OK(storage);
    for (size_t length : {1u, 4031u, 4032u, 4033u, 100'000u, 3u, 5'000'001u, 17u}) {
      expected.push_back(record_bytes(2 * expected.size() + 1, length));
      ASSERT_OK(append_one(*storage->log, expected.back()));
    }
    ASSERT_OK(storage->log->sync(storage->log->end()));
  }
  auto storage = place_.open();
  ASSERT_OK(storage);
  auto records = replayed(*storage->log);
  ASSERT_OK(records);
  EXPECT_TRUE(*records == expected);
}

TEST_P(StorageBackendTest, CheckpointMovesTheStartAndKeepsTheRest) {
  Lsn middle;
  {
    auto storage = place_.open();
    ASSERT_OK(storage);
    for (int i = 0; i < 10; ++i) ASSERT_OK(append_one(*storage->log, record_bytes(i, 900)));
    middle = storage->log->end();
    ASSERT_OK(append_one(*storage->log, "after"));
    ASSERT_OK(storage->checkpoint("state", middle));
    EXPECT_EQ(storage->log->start(), middle);
    EXPECT_EQ(replayed(*storage->log, Lsn(0)).status().code(), StatusCode::kRange);
  }
  auto storage = place_.open();
  ASSERT_OK(storage);
  EXPECT_EQ(storage->root.payload, "state");
  EXPECT_EQ(storage->root.sequence, 2u);
  EXPECT_EQ(storage->root.log_start, middle);
  EXPECT_EQ(*replayed(*storage->log), (std::vector<std::string>{"after"}));
}

TEST_P(StorageBackendTest, LogIsRecycledOverManyGenerations) {
  proto::Random random(4711);
  uint64_t number = 0;
  std::vector<std::string> since_checkpoint;
  uint64_t largest_space = 0;
  for (int open_count = 0; open_count < 12; ++open_count) {
    auto storage = place_.open();
    ASSERT_OK(storage);
    ASSERT_EQ(storage->root.payload, open_count == 0 ? "" : "x");
    ASSERT_EQ(*replayed(*storage->log), since_checkpoint) << "opened " << open_count << " times";
    for (int generation = 0; generation < 10; ++generation) {
      for (int i = 0; i < 20; ++i) {
        since_checkpoint.push_back(record_bytes(number++, random.below(3000)));
        ASSERT_OK(append_one(*storage->log, since_checkpoint.back()));
      }
      ASSERT_OK(storage->log->sync(storage->log->end()));
      if (generation == 9) break;
      ASSERT_OK(storage->checkpoint("x", storage->log->end()));
      since_checkpoint.clear();
    }
    largest_space = std::max(largest_space, storage->log->statistics().space_bytes);
  }
  if (place_.is_file()) {
    EXPECT_LT(largest_space, 60 * 4096u) << "2,400 records of 1.5 KiB passed through it";
  }
}

TEST_P(StorageBackendTest, GrownLogShrinksAfterTrim) {
  if (!place_.is_file()) return;
  auto storage = place_.open();
  ASSERT_OK(storage);
  for (int i = 0; i < 300; ++i) ASSERT_OK(append_one(*storage->log, record_bytes(2 * i + 1, 4000)));
  EXPECT_GT(storage->log->statistics().space_bytes, 1'200'000u);
  ASSERT_OK(storage->checkpoint("", storage->log->end()));
  // The live chunk stands at the end of the file; once the log has moved to the front, the rest goes.
  for (int i = 0; i < 3; ++i) ASSERT_OK(append_one(*storage->log, record_bytes(2 * i + 1, 4000)));
  ASSERT_OK(storage->checkpoint("", storage->log->end()));
  EXPECT_LT(storage->log->statistics().space_bytes, 25 * 4096u);
}

TEST_P(StorageBackendTest, SegmentsComeBackWhole) {
  const std::string small = record_bytes(1, 100), large = record_bytes(3, 3'000'000);
  SegmentId small_id, large_id, empty_id;
  {
    auto storage = place_.open();
    ASSERT_OK(storage);
    auto first = storage->blobs->create_segment();
    auto second = storage->blobs->create_segment();  // two at once
    ASSERT_OK(second);
    small_id = (*first)->id(), large_id = (*second)->id();
    EXPECT_NE(small_id, large_id);
    EXPECT_EQ(storage->blobs->read(small_id, 0, {}).code(), StatusCode::kNotFound);
    for (size_t at = 0; at < large.size(); at += 333'333) {
      EXPECT_EQ(*(*second)->append(large.substr(at, 333'333)), at);
      if (at == 0) {
        EXPECT_EQ(*(*first)->append(small), 0u);
      }
    }
    ASSERT_OK((*first)->finish());
    ASSERT_OK((*second)->finish());
    EXPECT_EQ((*second)->finish().code(), StatusCode::kInvalidState);
    empty_id = *add_segment(*storage->blobs, "");
    ASSERT_OK(storage->blobs->write_root("r", Lsn(0)));
  }
  auto storage = place_.open();
  ASSERT_OK(storage);
  EXPECT_EQ(storage->blobs->list().size(), 3u);
  EXPECT_TRUE(*read_segment(*storage->blobs, small_id) == small);
  EXPECT_TRUE(*read_segment(*storage->blobs, large_id) == large);
  EXPECT_EQ(*storage->blobs->segment_size(empty_id), 0u);
  std::string part(70'000, '\0');
  ASSERT_OK(storage->blobs->read(large_id, 1'999'999, part));
  EXPECT_TRUE(part == large.substr(1'999'999, 70'000));
  EXPECT_EQ(storage->blobs->read(large_id, large.size() - 10, part).code(), StatusCode::kRange);
  EXPECT_EQ(storage->blobs->read(SegmentId(99), 0, part).code(), StatusCode::kNotFound);
}

TEST_P(StorageBackendTest, OnlyTheRootKeepsOrDropsSegments) {
  SegmentId kept, dropped, forgotten;
  {
    auto storage = place_.open();
    kept = *add_segment(*storage->blobs, "kept");
    ASSERT_OK(storage->blobs->write_root("1", Lsn(0)));
    dropped = *add_segment(*storage->blobs, "finished, but in no root");
    ASSERT_OK(storage->blobs->remove(kept));  // in no root either
    EXPECT_EQ(storage->blobs->segment_size(kept).status().code(), StatusCode::kNotFound);
    auto unfinished = storage->blobs->create_segment();
    ASSERT_OK((*unfinished)->append("unfinished"));
    forgotten = (*unfinished)->id();
  }
  auto storage = place_.open();
  ASSERT_OK(storage);
  EXPECT_EQ(*read_segment(*storage->blobs, kept), "kept");
  EXPECT_EQ(storage->blobs->segment_size(dropped).status().code(), StatusCode::kNotFound);
  EXPECT_EQ(storage->blobs->segment_size(forgotten).status().code(), StatusCode::kNotFound);
  ASSERT_OK(storage->blobs->remove(kept));
  EXPECT_EQ(storage->blobs->remove(kept).code(), StatusCode::kNotFound);
  ASSERT_OK(storage->blobs->write_root("2", Lsn(0)));
  ASSERT_OK(storage->close());
  storage = place_.open();
  ASSERT_OK(storage);
  EXPECT_TRUE(storage->blobs->list().empty());
  EXPECT_EQ(storage->root.payload, "2");
}

TEST_P(StorageBackendTest, RootPayloadMayBeLarge) {
  for (size_t length : {0u, 5u, 100'000u, 1'000'000u, 70'000u}) {
    auto storage = place_.open();
    ASSERT_OK(storage);
    ASSERT_OK(storage->blobs->write_root(record_bytes(5, length), Lsn(0)));
    ASSERT_OK(storage->close());
    storage = place_.open();
    ASSERT_OK(storage);
    EXPECT_TRUE(storage->root.payload == record_bytes(5, length));
  }
}

TEST_P(StorageBackendTest, SpaceIsUsedAgain) {
  auto storage = place_.open();
  ASSERT_OK(storage);
  uint64_t largest_space = 0;
  for (int round = 0; round < 50; ++round) {
    const SegmentId id = *add_segment(*storage->blobs, record_bytes(round, 500'000));
    for (const SegmentInfo& info : storage->blobs->list()) {
      if (info.id != id) ASSERT_OK(storage->blobs->remove(info.id));
    }
    ASSERT_OK(storage->blobs->write_root("", Lsn(0)));
    ASSERT_EQ(*read_segment(*storage->blobs, id), record_bytes(round, 500'000));
    largest_space = std::max(largest_space, storage->blobs->statistics().space_bytes);
  }
  EXPECT_LT(largest_space, 2'000'000u) << "one segment lives, one is being written, and two roots";
  ASSERT_OK(storage->blobs->remove(storage->blobs->list().front().id));
  ASSERT_OK(storage->blobs->write_root("", Lsn(0)));
  ASSERT_OK(storage->blobs->write_root("", Lsn(0)));
  EXPECT_LE(storage->blobs->statistics().space_bytes, 4 * 65536u) << "nothing lives";
}

TEST_P(StorageBackendTest, OneWriterAndAnyReaders) {
  auto writer = place_.open();
  ASSERT_OK(writer);
  ASSERT_OK(append_one(*writer->log, "first"));
  const auto second = place_.open();
  EXPECT_EQ(second.status().code(), StatusCode::kLocked);
  EXPECT_NE(second.status().message().find("process " + std::to_string(getpid())), std::string::npos)
      << second.status().message();
  auto reader = place_.open(true);
  ASSERT_OK(reader);
  EXPECT_EQ(*replayed(*reader->log), (std::vector<std::string>{"first"}));
  EXPECT_EQ(append_one(*reader->log, "no").status().code(), StatusCode::kReadOnly);
  EXPECT_EQ(reader->blobs->create_segment().status().code(), StatusCode::kReadOnly);
  EXPECT_EQ(reader->blobs->write_root("", Lsn(0)).code(), StatusCode::kReadOnly);
  EXPECT_EQ(reader->log->trim(Lsn(0)).code(), StatusCode::kReadOnly);
  ASSERT_OK(writer->close());
  ASSERT_OK(place_.open());
}

TEST_P(StorageBackendTest, WriterKeepsWhatAReaderMayNeed) {
  auto writer = place_.open();
  ASSERT_OK(writer);
  const SegmentId old_segment = *add_segment(*writer->blobs, record_bytes(1, 300'000));
  ASSERT_OK(writer->checkpoint("old", writer->log->end()));
  for (int i = 0; i < 20; ++i) ASSERT_OK(append_one(*writer->log, record_bytes(i, 1000)));
  auto reader = place_.open(true);
  ASSERT_OK(reader);
  ASSERT_OK(writer->blobs->remove(old_segment));
  for (int round = 0; round < 5; ++round) {
    ASSERT_OK(add_segment(*writer->blobs, record_bytes(round, 300'000)));
    for (int i = 0; i < 20; ++i) ASSERT_OK(append_one(*writer->log, record_bytes(100 + i, 1000)));
    ASSERT_OK(writer->checkpoint("new", writer->log->end()));
  }
  EXPECT_EQ(reader->root.payload, "old");
  if (place_.is_file()) {  // the memory backend's log has nothing to keep: its readers see the writer's
    auto records = replayed(*reader->log);
    ASSERT_OK(records);
    ASSERT_EQ(records->size(), 20u);
    EXPECT_EQ(records->back(), record_bytes(19, 1000));
  }
  EXPECT_TRUE(*read_segment(*reader->blobs, old_segment) == record_bytes(1, 300'000));
  if (!place_.is_file()) return;
  const uint64_t kept_for_reader = writer->log->statistics().space_bytes;
  ASSERT_OK(reader->close());
  ASSERT_OK(writer->checkpoint("new", writer->log->end()));
  for (int i = 0; i < 20; ++i) ASSERT_OK(append_one(*writer->log, record_bytes(100 + i, 1000)));
  EXPECT_LE(writer->log->statistics().space_bytes, kept_for_reader);
}

TEST_P(StorageBackendTest, ClosedMeansClosed) {
  auto storage = place_.open();
  ASSERT_OK(storage);
  ASSERT_OK(append_one(*storage->log, "x"));
  ASSERT_OK(storage->log->close());
  EXPECT_EQ(append_one(*storage->log, "y").status().code(), StatusCode::kInvalidState);
  EXPECT_EQ(replayed(*storage->log).status().code(), StatusCode::kInvalidState);
  EXPECT_EQ(storage->log->close().code(), StatusCode::kInvalidState);
}

TEST_P(StorageBackendTest, EpochsGrow) {
  uint32_t last = 0;
  for (int i = 0; i < 5; ++i) {
    auto storage = place_.open();
    ASSERT_OK(storage);
    EXPECT_GT(storage->log->epoch(), last);
    last = storage->log->epoch();
    if (i == 3) ASSERT_OK(storage->checkpoint("", storage->log->end()));
  }
}

}  // namespace
}  // namespace protobase::storage
