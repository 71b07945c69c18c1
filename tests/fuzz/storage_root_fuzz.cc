// A data file of any bytes behind a good header: opening it, listing and reading its segments give an error or bytes.
#include <cstddef>
#include <cstdint>
#include <string>

#include "runtime/base/checksum.h"
#include "runtime/base/coding.h"
#include "storage/block.h"
#include "storage/internal/file_blob_store.h"
#include "storage/memory_file_system.h"

using namespace protobase::storage;

namespace {

constexpr DatabaseId kId{1, 2};

/// A data file whose newest root has `body`; the slot's checksums are right.
std::string data_file(const std::string& body) {
  RootSlot slot{};
  slot.sequence = 2;
  slot.body_first_unit = kFirstUnit;
  slot.body_length = body.size();
  slot.body_checksum = proto::checksum64(body, kId.seed());
  slot.next_segment = 100;
  std::string bytes = encode_file_header(kDataMagic, kExtentUnitBytes, kId);
  bytes.resize(kExtentUnitBytes);
  bytes.replace(kRootSlotOffset[0], sizeof slot, encode_root_slot(kId, slot));
  bytes += body;
  bytes.resize(4 * kExtentUnitBytes);
  return bytes;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  MemoryFileSystem files;
  files.set_contents("x.pdb", data_file(std::string(reinterpret_cast<const char*>(data), size)));
  std::shared_ptr<File> file = *files.open("x.pdb", {.write = true});
  auto store = FileBlobStore::open(file, {std::make_shared<ReaderGate>(file), 0});
  if (!store.ok()) return 0;
  for (const SegmentInfo& info : (*store)->list()) {
    std::string bytes(std::min<uint64_t>(info.length_bytes, 1 << 16), '\0');
    (void)(*store)->read(info.id, info.length_bytes - bytes.size(), bytes).ok();
    (void)read_block(**store, BlockAddress::at(info.id, 0)).ok();
  }
  return 0;
}
