#include "runtime/heap/intern_table.h"

#include <algorithm>
#include <bit>
#include <cstring>

#include "runtime/base/fingerprint.h"
#include "runtime/heap/internal/interned_key.h"
#include "runtime/heap/internal/interning.h"
#include "runtime/heap/internal/shared_memory.h"
#include "runtime/value/operations.h"

namespace proto {
namespace heap {
namespace {

/// Up to this size the hash of a text is one of its bytes; beyond, where texts are ropes, one of its fingerprint.
constexpr size_t kMaxHashedText = 256;
constexpr uint64_t kFlag = uint64_t{1} << 32;  // in the payload: all ASCII, shared
constexpr size_t kMaxLength = 0xFFFFFFFF;

// A thread's free cells, and what it has not told its space's heap yet.
class ThreadInterning final : public ThreadExtension {
 public:
  explicit ThreadInterning(Space& space) : heap_(space.heap()) {}
  ~ThreadInterning() override;

  static ThreadInterning& of(Context& ctx) {
    ThreadExtension* extension = ctx.thread().extension(ThreadSlot::kIntern);
    if (__builtin_expect(extension == nullptr, 0)) extension = begin(ctx);
    return *static_cast<ThreadInterning*>(extension);
  }
  /// Whether `bytes` more may be interned. A safepoint.
  bool admit(Context& ctx, size_t bytes) {
    if (__builtin_expect(pending_bytes_ + bytes >= kTellBytes, 0)) return tell(ctx, bytes);
    return ctx.enter();
  }
  /// A free cell. May be called with a shard's lock held.
  InternedCell* take_cell(size_t bytes);
  void count(size_t bytes) { pending_bytes_ += bytes; }
  /// The cells belong to the process, and few are kept.
  void drop_caches() override {}

 private:
  static constexpr size_t kTellBytes = 64 * 1024;
  static ThreadExtension* begin(Context& ctx);
  bool tell(Context& ctx, size_t bytes);

  Heap& heap_;
  size_t pending_bytes_ = 0;
  std::array<Cell*, kSizeClasses> free_{};  // linked by SharedMemory::next
};

ThreadInterning::~ThreadInterning() {
  for (Cell* cell : free_) {
    while (cell != nullptr) {
      Cell* const following = SharedMemory::next(cell);
      shared_memory().give_back({&cell, 1});
      cell = following;
    }
  }
  heap_.account_external(static_cast<int64_t>(pending_bytes_));
}

ThreadExtension* ThreadInterning::begin(Context& ctx) {
  ctx.thread().set_extension(ThreadSlot::kIntern, std::make_unique<ThreadInterning>(ctx.space()));
  return ctx.thread().extension(ThreadSlot::kIntern);
}

bool ThreadInterning::tell(Context& ctx, size_t bytes) {
  ctx.account_external(static_cast<int64_t>(std::exchange(pending_bytes_, 0)));
  return ctx.reserve(bytes);
}

InternedCell* ThreadInterning::take_cell(size_t bytes) {
  if (bytes > kMaxSmallBytes) return static_cast<InternedCell*>(shared_memory().take_large(bytes));
  Cell*& free = free_[size_class_of(bytes)];
  if (free == nullptr) free = shared_memory().take(size_class_of(bytes));
  Cell* cell = free;
  free = SharedMemory::next(cell);
  return static_cast<InternedCell*>(cell);
}

// ---- what is looked for ---------------------------------------------------------------------------------------------------

uint64_t count_code_points(std::string_view text) {
  // Bytes that continue a character have 10 in their top bits; eight bytes at a time.
  constexpr uint64_t kOnes = 0x0101010101010101ull;
  uint64_t continuing = 0;
  size_t i = 0;
  for (; i + 8 <= text.size(); i += 8) {
    const uint64_t word = internal::load64(text.data() + i);
    continuing += static_cast<uint64_t>(std::popcount(word >> 7 & ~word >> 6 & kOnes));
  }
  for (; i < text.size(); ++i) continuing += (static_cast<uint8_t>(text[i]) & 0xC0) == 0x80;
  return text.size() - continuing;
}

bool is_ascii(std::string_view text) {
  constexpr uint64_t kTopBits = 0x8080808080808080ull;
  uint64_t seen = 0;
  size_t i = 0;
  for (; i + 8 <= text.size(); i += 8) seen |= internal::load64(text.data() + i);
  for (; i < text.size(); ++i) seen |= static_cast<uint8_t>(text[i]);
  return (seen & kTopBits) == 0;
}

struct TextKey {
  std::string_view text;
  uint64_t hash = key_hash(text);

  size_t bytes() const { return flat_string_bytes(text.size()); }
  bool matches(const Cell* cell) const {
    return cell->kind() == CellKind::kFlatString && static_cast<const FlatString*>(cell)->view() == text;
  }
  void count(Shard& shard) const { ++shard.strings; }
  void fill(Context&, InternedCell* cell) const {
    auto* string = static_cast<FlatString*>(cell);
    string->hash = hash_of_utf8(text);
    string->code_points = count_code_points(text);
    std::memcpy(string->bytes, text.data(), text.size());
    string->bytes[text.size()] = '\0';
    string->set_header(CellKind::kFlatString, text.size() | (is_ascii(text) ? kFlag : 0));
  }
};

uint64_t hash_elements(Context& ctx, std::span<const Value> elements) {
  uint64_t result = static_cast<uint64_t>(ValueClass::kTuple) + 1;
  for (const Value element : elements) result = combine_hash(result, hash(ctx, element));
  return result != 0 ? result : 1;
}

struct TupleKey {
  std::span<const Value> elements;
  uint64_t hash = key_hash(elements);

  size_t bytes() const { return tuple_bytes(elements.size()); }
  bool matches(const Cell* cell) const {
    return cell->kind() == CellKind::kTuple && std::ranges::equal(static_cast<const TupleCell*>(cell)->view(), elements);
  }
  void count(Shard& shard) const { ++shard.tuples; }
  void fill(Context& ctx, InternedCell* cell) const {
    auto* tuple = static_cast<TupleCell*>(cell);
    tuple->hash_word.store(hash_elements(ctx, elements), std::memory_order_relaxed);
    std::copy(elements.begin(), elements.end(), tuple->elements);
    tuple->set_header(CellKind::kTuple, elements.size() | kFlag);
  }
};

// Held by nobody yet. Whoever meets it by a stray address sees just that.
template <class Key>
InternedCell* make_cell(Context& ctx, const Key& key) {
  InternedCell* cell = ThreadInterning::of(ctx).take_cell(key.bytes());
  key.fill(ctx, cell);
  return cell;
}

template <class Key>
void enter(Shard& shard, InternedCell* cell, const Key& key) {
  shard.table.insert(key.hash, cell);
  shard.cell_bytes += key.bytes();
  key.count(shard);
}

template <class Key>
InternedCell* find(const Shard& shard, const Key& key) {
  return static_cast<InternedCell*>(shard.table.find(key.hash, [&](const Cell* cell) { return key.matches(cell); }));
}

// The value of a cell that now belongs to this space, too; with the shard's lock held.
template <class Key>
Value take(Context& ctx, InternedCell* cell, const Key& key) {
  if (SpaceInterning::of(ctx).take(shard_of(key.hash), cell)) ThreadInterning::of(ctx).count(key.bytes());
  return Value::cell(cell);
}

// A large cell is filled without the lock, as that may take long.
template <class Key>
Value intern_large(Context& ctx, const Key& key) {
  Shard& shard = shards()[shard_of(key.hash)];
  {
    const std::lock_guard lock(shard.mutex);
    if (InternedCell* found = find(shard, key); found != nullptr) return take(ctx, found, key);
  }
  InternedCell* made = make_cell(ctx, key);
  std::unique_lock lock(shard.mutex);
  InternedCell* found = find(shard, key);
  if (found == nullptr) enter(shard, made, key);
  const Value result = take(ctx, found != nullptr ? found : made, key);
  lock.unlock();
  if (found != nullptr) {
    Cell* const spare = made;  // another thread was faster
    shared_memory().give_back({&spare, 1});
  }
  return result;
}

template <class Key>
Value intern_shared(Context& ctx, const Key& key) {
  Shard& shard = shards()[shard_of(key.hash)];
  shard.table.prefetch(key.hash);
  if (!ThreadInterning::of(ctx).admit(ctx, key.bytes())) return {};
  if (key.bytes() > kMaxSmallBytes) return intern_large(ctx, key);
  const std::lock_guard lock(shard.mutex);
  InternedCell* cell = find(shard, key);
  if (cell == nullptr) {
    cell = make_cell(ctx, key);
    enter(shard, cell, key);
  }
  return take(ctx, cell, key);
}

}  // namespace
}  // namespace heap

Value intern_string(Context& ctx, std::string_view text) {
  if (text.size() <= Value::kMaxShortString) return Value::short_string(text);
  if (text.size() > heap::kMaxLength) return ctx.fail(Status(StatusCode::kRange, "a symbol of 4 GiB or more"));
  return heap::intern_shared(ctx, heap::TextKey{text});
}

Value intern_tuple(Context& ctx, std::span<const Value> elements) {
  if (elements.size() > heap::kMaxLength) return ctx.fail(Status(StatusCode::kRange, "a tuple of 2^32 or more elements"));
  const auto is_canonical = [](Value element) { return !element.is_cell() || is_shared(element.as_cell()); };
  if (std::ranges::all_of(elements, is_canonical)) return heap::intern_shared(ctx, heap::TupleKey{elements});
  if (!ctx.reserve(elements.size_bytes())) return {};
  return Value::cell(heap::SpaceInterning::of(ctx).tuples().intern(ctx, elements));
}

uint64_t hash_of_tuple(Context& ctx, const TupleCell* tuple) {
  const uint64_t known = tuple->hash_word.load(std::memory_order_relaxed);
  if (known != 0) return known;
  const uint64_t result = heap::hash_elements(ctx, tuple->view());
  const_cast<TupleCell*>(tuple)->hash_word.store(result, std::memory_order_relaxed);
  return result;
}

void trace_tuple(const Cell* cell, Tracer& tracer) { tracer.visit(static_cast<const TupleCell*>(cell)->view()); }

bool is_shared(const Cell* cell) { return heap::Chunk::of(cell)->owner == nullptr; }

uint64_t hash_of_utf8(std::string_view text) {
  if (text.size() <= Value::kMaxShortString) return mix_hash(Value::short_string(text).word());
  if (text.size() > heap::kMaxHashedText) return hash_of_fingerprint(fingerprint_of(text), text.size());
  return heap::hash_of_bytes(text.data(), text.size(), heap::kFixedHashKey);
}

InternStatistics intern_statistics() {
  InternStatistics result;
  for (heap::Shard& shard : heap::shards()) {
    const std::lock_guard lock(shard.mutex);
    result.strings += shard.strings;
    result.tuples += shard.tuples;
    result.cell_bytes += shard.cell_bytes;
    result.table_bytes += shard.table.bytes();
  }
  result.mapped_bytes = heap::shared_memory().mapped_bytes();
  return result;
}

}  // namespace proto
