// The entries that an object has in a secondary index: normalized key (db/key_codec.h) followed by the ObjectId, 8 bytes
// big-endian, so that entries of equal keys differ and stand in order of id.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "db/catalog.h"
#include "db/column_block.h"
#include "db/value.h"
#include "runtime/base/coding.h"

namespace protobase {

/// Bytes of the id at the end of an entry.
inline constexpr size_t kEntryIdBytes = 8;

inline void append_entry_id(std::string& entry, ObjectId id) { proto::put_fixed(entry, proto::byte_swap(id.value)); }
inline ObjectId entry_id(std::string_view entry) {
  return ObjectId(proto::byte_swap(proto::load<uint64_t>(entry.data() + entry.size() - kEntryIdBytes)));
}
inline std::string_view entry_key(std::string_view entry) { return entry.substr(0, entry.size() - kEntryIdBytes); }

/// Appends the object's entries in `index` to `entries`: none when a partial index does not take it, one, or one for each
/// distinct element of a multi-valued component (none for an absent or empty array). Any thread. O(object).
void collect_entries(const IndexDefinition& index, const ValueView& object, ObjectId id, std::vector<std::string>& entries);

/// Reads entries out of a column block: the paths are resolved once for all its rows. One thread.
class EntryReader {
 public:
  EntryReader(const IndexDefinition& index, const ColumnBlock& block);
  /// Appends the entries of the object in `row`, as collect_entries does.
  void collect(uint32_t row, std::vector<std::string>& entries);

 private:
  const IndexDefinition& index_;
  const ColumnBlock& block_;
  bool by_column_;                    // every component's path can be a column, and no condition needs the whole object
  std::vector<ColumnPath> paths_;
  std::vector<ColumnSlot> slots_;
  std::string scratch_;
};

/// kConstraint: there is another object with this key.
Status duplicate_key(const IndexDefinition& index, std::string_view key);

/// Whether some component of a key is none: such keys are never duplicates of each other.
bool has_null_component(const IndexDefinition& index, std::string_view key);

/// Whether a change of the attribute at `path` can change the object's entries.
bool depends_on(const IndexDefinition& index, const Path& path);

}  // namespace protobase
