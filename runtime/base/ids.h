// Strong identifiers: one is never taken for another by accident.
#pragma once

#include <compare>
#include <cstdint>
#include <functional>

namespace proto {

/// A number that only compares with its own kind. `Tag` is an empty struct.
template <class Tag, class Number = uint64_t>
struct StrongId {
  Number value = 0;
  constexpr StrongId() = default;
  constexpr explicit StrongId(Number number) : value(number) {}
  constexpr auto operator<=>(const StrongId&) const = default;
  constexpr explicit operator bool() const { return value != 0; }
};

/// Position of a record in the log: bytes appended since the database was made. Grows for ever.
using Lsn = StrongId<struct LsnTag>;
/// Number of a commit: 1 for the first, without gaps among visible commits.
using CommitId = StrongId<struct CommitIdTag>;
/// An immutable segment of storage.
using SegmentId = StrongId<struct SegmentIdTag, uint32_t>;
/// An object's stable identity within its collection; 0 is never used.
using ObjectId = StrongId<struct ObjectIdTag>;
/// A collection's stable identity within its database; 0 is never used.
using CollectionId = StrongId<struct CollectionIdTag, uint32_t>;
/// A secondary index's stable identity within its database; 0 is never used.
using IndexId = StrongId<struct IndexIdTag, uint32_t>;

}  // namespace proto

template <class Tag, class Number>
struct std::hash<proto::StrongId<Tag, Number>> {
  size_t operator()(proto::StrongId<Tag, Number> id) const noexcept { return std::hash<Number>{}(id.value); }
};
