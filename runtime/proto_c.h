/* The C interface of libproto: everything that proto.h can do, for programs in C and for bindings of other languages.
 *
 * Values are plain 64-bit words. A word is alive while it stands on the stack of an attached thread (C locals need nothing more),
 * in a root, or in a value that is alive. Words kept in other memory (a malloc'ed array, another language's heap) need a proto_root.
 *
 * Contexts are call frames. Every function that takes one belongs to the thread that made it. What a frame allocated and its result
 * does not reach is freed by proto_leave().
 *
 * Errors. A function that fails returns none (PROTO_NONE), 0 or false and notes the first error of its thread: proto_error_code()
 * is non-zero then, and functions that allocate do nothing until proto_clear_error(). No C++ exception leaves the library.
 *
 * Text is UTF-8 with an explicit length in bytes; -1 means zero-terminated. Indexes begin at 0. Unless said otherwise a function takes
 * O(1) or O(log n), and may be called from any thread with a context of that thread.
 */
#ifndef PROTO_C_H
#define PROTO_C_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#define PROTO_C_VERSION 1

typedef uint64_t proto_value;
typedef struct proto_space proto_space;
typedef struct proto_thread proto_thread;
typedef struct proto_context proto_context;
typedef struct proto_root proto_root;
typedef struct proto_region proto_region;
typedef struct proto_builder proto_builder;

/* The word of none: what is absent. */
#define PROTO_NONE ((proto_value)7)
#define PROTO_FALSE ((proto_value)15)
#define PROTO_TRUE ((proto_value)23)

/* What a value is (proto_type). Objects include mutable ones. The numbers are part of the interface. */
typedef enum proto_kind {
  PROTO_KIND_NONE = 0, PROTO_KIND_BOOLEAN = 1, PROTO_KIND_NUMBER = 2, PROTO_KIND_CHARACTER = 3, PROTO_KIND_STRING = 4,
  PROTO_KIND_BYTES = 5, PROTO_KIND_DATE = 6, PROTO_KIND_TIMESTAMP = 7, PROTO_KIND_SPAN = 8, PROTO_KIND_TUPLE = 9,
  PROTO_KIND_LIST = 10, PROTO_KIND_SPARSE_LIST = 11, PROTO_KIND_DICTIONARY = 12, PROTO_KIND_SET = 13,
  PROTO_KIND_MULTISET = 14, PROTO_KIND_OBJECT = 15, PROTO_KIND_METHOD = 16, PROTO_KIND_OTHER = 17
} proto_kind;

/* ---- spaces ---------------------------------------------------------------------------------------------------------------- */

/* 0 in a field means its default. */
typedef struct proto_space_options {
  size_t budget_bytes;      /* a collection starts when this much was allocated since the last one (default 32 MiB) */
  size_t soft_limit_bytes;  /* above it the collector hurries (default: none) */
  size_t hard_limit_bytes;  /* above it operations fail with "out of memory" (default: none) */
  uint32_t collect_every;   /* for tests: a collection at every n-th allocation */
  bool poison;              /* for tests: freed cells are filled with a pattern */
  bool verify;              /* for tests: the heap is traced again after each cycle */
} proto_space_options;

typedef struct proto_statistics {
  uint64_t cycles, stops, pauses, live_bytes, live_cells, heap_bytes, used_bytes, external_bytes, allocated_bytes, freed_by_frames;
  double longest_pause_us, pause_p999_us, marking_ms, sweeping_ms, bytes_per_second;
} proto_statistics;

/* A new, isolated space; `options` may be null. Never null. */
proto_space* proto_space_new(const proto_space_options* options);
/* Ends a space; its threads must have ended. Its values are gone. */
void proto_space_free(proto_space* space);
/* Runs one full collection and waits for it. */
void proto_collect(proto_context* ctx);
void proto_get_statistics(proto_space* space, proto_statistics* out);
void proto_set_limits(proto_space* space, size_t soft_limit_bytes, size_t hard_limit_bytes);

/* ---- threads and frames ------------------------------------------------------------------------------------------------------ */

/* Attaches the calling thread to a space, until proto_detach on the same thread. */
proto_thread* proto_attach(proto_space* space);
void proto_detach(proto_thread* thread);
/* Begins a frame within the thread's newest one. */
proto_context* proto_enter(proto_thread* thread);
/* Ends the newest frame; what `result` does not reach of the frame's own cells is freed. Returns `result`. */
proto_value proto_leave(proto_context* ctx, proto_value result);
/* A frame within `ctx` for a callback. */
proto_context* proto_enter_within(proto_context* ctx);
/* Between the two the thread does not touch the space (it waits or reads a disk), and the collector does not wait for it. */
proto_region* proto_block_begin(proto_context* ctx);
void proto_block_end(proto_region* region);
/* A place where the collector may stop the thread: call it in loops that allocate nothing and take more than 100 us. */
void proto_safepoint(proto_context* ctx);
/* A new OS thread that calls `callable` with the arguments; a value that proto_join takes. None on failure. */
proto_value proto_start_thread(proto_context* ctx, proto_value callable, const proto_value* arguments, size_t count);
/* Waits for the thread and returns what it returned; fails with its error. */
proto_value proto_join(proto_context* ctx, proto_value thread);

/* ---- errors ------------------------------------------------------------------------------------------------------------------- */

/* The code of the thread's pending error (runtime/base/status_codes.def); 0 when there is none. */
int proto_error_code(proto_context* ctx);
/* Its text; empty when there is none. Valid until the error is cleared. */
const char* proto_error_message(proto_context* ctx);
void proto_clear_error(proto_context* ctx);
/* Notes an error of your own, if none is pending: for callbacks. Returns PROTO_NONE. */
proto_value proto_fail(proto_context* ctx, int code, const char* message);
const char* proto_version(void);

/* ---- roots ---------------------------------------------------------------------------------------------------------------------- */

/* Keeps a value alive wherever the root stands. */
proto_root* proto_root_new(proto_context* ctx, proto_value value);
proto_value proto_root_get(const proto_root* root);
void proto_root_set(proto_context* ctx, proto_root* root, proto_value value);
void proto_root_free(proto_root* root);

/* ---- values of one word ------------------------------------------------------------------------------------------------------------ */

proto_kind proto_type(proto_value value);
bool proto_is_integer(proto_value value);
bool proto_is_double(proto_value value);
bool proto_is_mutable(proto_value value);
bool proto_truthy(proto_value value);
proto_value proto_boolean(bool value);
proto_value proto_integer(proto_context* ctx, int64_t value);
proto_value proto_double(proto_context* ctx, double value);
proto_value proto_character(uint32_t code_point);
proto_value proto_date(int32_t days_since_1970);
proto_value proto_timestamp(proto_context* ctx, int64_t microseconds_since_1970);
proto_value proto_span(proto_context* ctx, int64_t microseconds);
/* Integers of any size from digits in a radix of 2..36, with an optional sign. */
proto_value proto_integer_from_text(proto_context* ctx, const char* text, ptrdiff_t length, int radix);
/* True and the number in *out if the value is an integer that fits. */
bool proto_to_int64(proto_value value, int64_t* out);
/* The double nearest to a number; false if the value is none. */
bool proto_to_double(proto_value value, double* out);
bool proto_to_date(proto_value value, int32_t* days_since_1970);
bool proto_to_timestamp(proto_value value, int64_t* microseconds_since_1970);
bool proto_to_span(proto_value value, int64_t* microseconds);
bool proto_to_character(proto_value value, uint32_t* code_point);

/* ---- operations on any value ---------------------------------------------------------------------------------------------------------- */

bool proto_equal(proto_context* ctx, proto_value a, proto_value b);
/* A total order: <0, 0, >0. */
int proto_compare(proto_context* ctx, proto_value a, proto_value b);
uint64_t proto_hash(proto_context* ctx, proto_value value);
/* The value as text, a string value. */
proto_value proto_print(proto_context* ctx, proto_value value);
/* Arithmetic of numbers: integers never overflow, integer and double give a double; '+' joins strings and lists, too.
   `operation`: '+' '-' '*' '/' (true division) '%' (floor) 'd' (floor division) '^' (power) '&' '|' 'x' '<' '>' (shifts). */
proto_value proto_arithmetic(proto_context* ctx, char operation, proto_value a, proto_value b);
proto_value proto_negate(proto_context* ctx, proto_value a);

/* ---- strings and bytes ------------------------------------------------------------------------------------------------------------------ */

/* Fails if the bytes are not UTF-8, with the position. */
proto_value proto_string(proto_context* ctx, const char* text, ptrdiff_t length);
/* Copies up to `room` bytes (no terminator) to `out`; returns the size in bytes. `out` may be null. 0 if it is no string. */
size_t proto_string_bytes(proto_context* ctx, proto_value string, char* out, size_t room);
size_t proto_string_length(proto_context* ctx, proto_value string); /* in code points */
proto_value proto_string_slice(proto_context* ctx, proto_value string, size_t from, size_t to); /* code points */
/* The position in code points of `what` at or after `from`; -1 if it is not there. */
int64_t proto_string_find(proto_context* ctx, proto_value string, proto_value what, size_t from);
/* The one object for this text, whatever its length: a name or a key. */
proto_value proto_symbol(proto_context* ctx, const char* text, ptrdiff_t length);
proto_value proto_bytes(proto_context* ctx, const void* bytes, size_t size);
size_t proto_bytes_copy(proto_context* ctx, proto_value bytes, void* out, size_t room);

/* ---- collections ---------------------------------------------------------------------------------------------------------------------------- */

/* Each change gives a new version. */
proto_value proto_list(proto_context* ctx, const proto_value* items, size_t count);
proto_value proto_tuple(proto_context* ctx, const proto_value* items, size_t count);
proto_value proto_dictionary(proto_context* ctx, const proto_value* keys, const proto_value* values, size_t count);
proto_value proto_set(proto_context* ctx, const proto_value* items, size_t count);
proto_value proto_multiset(proto_context* ctx, const proto_value* items, size_t count);
proto_value proto_sparse_list(proto_context* ctx);
/* Number of elements of any collection or string (code points). */
size_t proto_size(proto_context* ctx, proto_value collection);
/* The item at an index (list, tuple, sparse list) or of a key (dictionary); a multiset's count; none if there is none. */
proto_value proto_at(proto_context* ctx, proto_value collection, proto_value key);
bool proto_contains(proto_context* ctx, proto_value collection, proto_value item_or_key);
/* With the item at an index or of a key replaced or put; sets and multisets: with `key` added (`value` is ignored). */
proto_value proto_put(proto_context* ctx, proto_value collection, proto_value key, proto_value value);
/* Without the item at an index (lists: those behind move up) or the key. */
proto_value proto_remove(proto_context* ctx, proto_value collection, proto_value key);
proto_value proto_append(proto_context* ctx, proto_value list_or_string, proto_value item_or_text);
proto_value proto_insert(proto_context* ctx, proto_value list, size_t index, proto_value item);
/* Lists, strings, bytes: one after the other. Dictionaries, sets, multisets: united (the second wins). */
proto_value proto_join_collections(proto_context* ctx, proto_value a, proto_value b);
proto_value proto_slice(proto_context* ctx, proto_value list_or_string, size_t from, size_t to);
proto_value proto_intersection(proto_context* ctx, proto_value set_a, proto_value set_b);
proto_value proto_difference(proto_context* ctx, proto_value set_a, proto_value set_b);
/* Calls `visit` with each item (dictionaries, sparse lists: key and value; multisets: item and count; lists, tuples, sets: index and
   item; strings: index and character) until it returns false. Returns true if it saw all. */
typedef bool (*proto_visit)(void* data, proto_value key, proto_value value);
bool proto_iterate(proto_context* ctx, proto_value collection, proto_visit visit, void* data);
/* A builder collects items and makes a list ('l'), tuple ('u'), dictionary ('d'), set ('s') or multiset ('m') of them at once: the fast way to
   build. It keeps its items alive, and ends by proto_builder_finish on the thread that made it. Null for another `what`. */
proto_builder* proto_builder_new(proto_context* ctx, char what);
bool proto_builder_add(proto_context* ctx, proto_builder* builder, proto_value item_or_key, proto_value value);
proto_value proto_builder_finish(proto_context* ctx, proto_builder* builder);

/* ---- objects ----------------------------------------------------------------------------------------------------------------------------------- */

/* The prototype at the end of every chain; the prototype of the built-in values of a kind. */
proto_value proto_object_prototype(proto_space* space);
proto_value proto_prototype_of(proto_space* space, proto_kind kind);
proto_value proto_new_child(proto_context* ctx, proto_value prototype);   /* immutable */
proto_value proto_new_mutable(proto_context* ctx, proto_value prototype);
/* Names are strings (proto_symbol). An attribute of its own or inherited; none when there is none. */
proto_value proto_get(proto_context* ctx, proto_value object, proto_value name);
bool proto_has(proto_context* ctx, proto_value object, proto_value name, bool inherited);
/* A new version with or without the attribute. */
proto_value proto_with(proto_context* ctx, proto_value object, proto_value name, proto_value value);
proto_value proto_without(proto_context* ctx, proto_value object, proto_value name);
/* Mutable objects; atomic. */
bool proto_set_attribute(proto_context* ctx, proto_value object, proto_value name, proto_value value);
bool proto_remove_attribute(proto_context* ctx, proto_value object, proto_value name);
bool proto_compare_and_set(proto_context* ctx, proto_value object, proto_value name, proto_value expected, proto_value desired);
/* Adds a parent behind those that a mutable object has; refuses cycles. */
bool proto_add_parent(proto_context* ctx, proto_value object, proto_value parent);
/* The parents and the names of its own attributes, as lists; the immutable state of a mutable object. */
proto_value proto_parents(proto_context* ctx, proto_value object);
proto_value proto_attribute_names(proto_context* ctx, proto_value object);
proto_value proto_snapshot(proto_context* ctx, proto_value object);
/* ---- methods --------------------------------------------------------------------------------------------------------------------------------------- */

/* `captured` is the value that the method was made with. A failing callback calls proto_fail and returns PROTO_NONE. */
typedef proto_value (*proto_function)(proto_context* ctx, proto_value self, const proto_value* arguments, size_t count,
                                      proto_value captured);
proto_value proto_method(proto_context* ctx, proto_function function, proto_value captured);
proto_value proto_call(proto_context* ctx, proto_value object, proto_value name, const proto_value* arguments, size_t count);
/* Calls a method or bound method itself. */
proto_value proto_invoke(proto_context* ctx, proto_value callable, proto_value self, const proto_value* arguments, size_t count);
proto_value proto_bind(proto_context* ctx, proto_value method, proto_value self);

/* ---- modules ------------------------------------------------------------------------------------------------------------------------------------------ */

/* Returns the module of that name, or PROTO_NONE to let the next resolver try. */
typedef proto_value (*proto_resolver)(proto_context* ctx, const char* name, size_t length, void* data);
void proto_add_resolver(proto_context* ctx, proto_resolver resolver, void* data);
proto_value proto_import(proto_context* ctx, const char* name, ptrdiff_t length);

/* ---- what leads out of the heap -------------------------------------------------------------------------------------------------------------------------- */

/* A pointer as a value; `destroy` (may be null) is called once with it after the value died, on the collector's thread. */
proto_value proto_external(proto_context* ctx, void* pointer, void (*destroy)(void*), size_t accounted_bytes);
void* proto_external_pointer(proto_value value);
/* Zeroed memory outside the heap that lives as long as the value; null if the value is none. */
proto_value proto_buffer(proto_context* ctx, size_t size);
void* proto_buffer_data(proto_value value, size_t* size);
/* A reference that does not keep its target alive; its target, or none. */
proto_value proto_weak(proto_context* ctx, proto_value target);
proto_value proto_weak_get(proto_context* ctx, proto_value reference);
/* Calls function(data) once after the target died, on the collector's thread. */
void proto_add_finalizer(proto_context* ctx, proto_value target, void (*function)(void*), void* data);
/* Tells the collector of memory elsewhere that values keep alive (or, negative, do no more). */
void proto_account_external(proto_context* ctx, int64_t bytes);

#ifdef __cplusplus
}
#endif

#endif
