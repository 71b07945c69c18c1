// Which objects a search may return.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <type_traits>

#include "runtime/base/ids.h"

namespace protobase::vector {

/// A view of a condition on ObjectIds; whatever it was made from must outlive it. Copyable; threads may share it as far
/// as they may share the predicate.
class Filter {
 public:
  enum class Kind : uint8_t { kAll, kSortedIds, kBitmap, kPredicate };
  using Predicate = bool (*)(const void* context, proto::ObjectId id);

  /// Every object passes.
  Filter() = default;
  /// Exactly these objects pass. `ids` ascend strictly.
  static Filter sorted_ids(std::span<const proto::ObjectId> ids) {
    Filter filter;
    filter.kind_ = Kind::kSortedIds;
    filter.ids_ = ids;
    return filter;
  }
  /// Object `first.value + i` passes when bit `i` is set (bit i % 64 of word i / 64); objects outside do not pass.
  static Filter bitmap(proto::ObjectId first, std::span<const uint64_t> words) {
    Filter filter;
    filter.kind_ = Kind::kBitmap;
    filter.first_ = first;
    filter.words_ = words;
    return filter;
  }
  /// Objects for which `accepts(id)` is true pass. It is called only for rows that are near enough to matter, at most
  /// once for each of them.
  template <class Callable>
  static Filter predicate(const Callable& accepts) {
    static_assert(std::is_invocable_r_v<bool, const Callable&, proto::ObjectId>);
    Filter filter;
    filter.kind_ = Kind::kPredicate;
    filter.context_ = &accepts;
    filter.predicate_ = [](const void* context, proto::ObjectId id) -> bool {
      return (*static_cast<const Callable*>(context))(id);
    };
    return filter;
  }
  template <class Callable>
  static Filter predicate(const Callable&& accepts) = delete;  // it would dangle

  Kind kind() const { return kind_; }
  bool passes_all() const { return kind_ == Kind::kAll; }
  /// The ids of a kSortedIds filter; empty otherwise.
  std::span<const proto::ObjectId> ids() const { return ids_; }
  /// At most so many objects pass, when that is known without asking. O(1), for a bitmap O(words).
  std::optional<uint64_t> count_at_most() const;
  /// True when the object passes. O(1) for a bitmap, O(log n) for sorted ids.
  bool accepts(proto::ObjectId id) const;

 private:
  Kind kind_ = Kind::kAll;
  proto::ObjectId first_;
  std::span<const proto::ObjectId> ids_;
  std::span<const uint64_t> words_;
  const void* context_ = nullptr;
  Predicate predicate_ = nullptr;
};

}  // namespace protobase::vector
