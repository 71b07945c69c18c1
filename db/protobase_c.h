/* ProtoBase from C, and through it from every other language.
 *
 *   pb_database *db; pb_connection *c; pb_statement *s;
 *   if (pb_open("shop.pdb", NULL, &db) != PB_OK) fprintf(stderr, "%s\n", pb_last_error(NULL));
 *   pb_connect(db, &c);
 *   pb_prepare(c, "SELECT name, price FROM products WHERE price < ?1", -1, &s, NULL);
 *   pb_bind_double(s, 1, 50.0);
 *   while (pb_step(s) == PB_ROW) printf("%s %.2f\n", pb_column_text(s, 0, NULL), pb_column_double(s, 1));
 *   pb_finalize(s); pb_disconnect(c); pb_close(db);
 *
 * Threads: a pb_database may be used by any number of threads at once. A pb_connection and its statements are used by
 * one thread at a time; pb_interrupt alone may be called from anywhere, signal handlers included.
 *
 * Errors: functions that can fail return a pb_code; details are asked of the connection (pb_error_*) or, without one,
 * of the calling thread (pb_last_error). No exception crosses this interface; null handles give PB_INVALID_ARGUMENT.
 *
 * Text is UTF-8. Lengths and offsets are in bytes. A length of -1 means "up to the terminating NUL".
 */
#ifndef PROTOBASE_C_H_
#define PROTOBASE_C_H_

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef struct pb_database pb_database;
typedef struct pb_connection pb_connection;
typedef struct pb_statement pb_statement;

/* What a function answers. Numbers never change their meaning. */
typedef enum pb_code {
  PB_OK = 0,
  PB_INVALID_ARGUMENT = 1, /* the caller passed something that cannot be */
  PB_INVALID_STATE = 2,    /* the call is right, the moment is wrong */
  PB_NOT_FOUND = 3,        /* a name, object or file that does not exist */
  PB_ALREADY_EXISTS = 4,   /* a name that is taken */
  PB_SYNTAX = 5,           /* query text that does not parse */
  PB_BINDING = 6,          /* query text with unknown names or wrong types */
  PB_TYPE = 7,             /* a value of the wrong type */
  PB_RANGE = 8,            /* overflow, index or dimension out of range */
  PB_CONSTRAINT = 9,       /* unique, not null */
  PB_CONFLICT = 10,        /* another transaction won; retry */
  PB_IO_ERROR = 11,
  PB_CORRUPTION = 12,
  PB_NO_SPACE = 13,
  PB_UNAVAILABLE = 14,     /* not applied; may work later */
  PB_FENCED = 15,          /* another writer took over; not applied */
  PB_UNKNOWN_OUTCOME = 16, /* may or may not be applied: reopen and recover */
  PB_LOCKED = 17,          /* another process holds the database */
  PB_CANCELLED = 18,       /* pb_interrupt */
  PB_TIMEOUT = 19,
  PB_OUT_OF_MEMORY = 20,
  PB_UNSUPPORTED = 21, /* understood, but not part of this version */
  PB_READ_ONLY = 22,   /* a write to something opened or poisoned read-only */
  PB_ROW = 100,        /* pb_step: a row is ready */
  PB_DONE = 101        /* pb_step: there are no more rows */
} pb_code;

/* What a value is. Numbers never change their meaning. */
typedef enum pb_kind {
  PB_KIND_NONE = 0, /* SQL NULL, or absent */
  PB_KIND_BOOL = 1,
  PB_KIND_INT = 2, /* 64-bit signed */
  PB_KIND_DOUBLE = 3,
  PB_KIND_DATE = 4,      /* pb_column_int64: days since 1970-01-01 */
  PB_KIND_TIMESTAMP = 5, /* pb_column_int64: microseconds since 1970-01-01T00:00:00 UTC */
  PB_KIND_TIMESPAN = 6,  /* pb_column_int64: microseconds */
  PB_KIND_TEXT = 7,
  PB_KIND_BLOB = 8,
  PB_KIND_REF = 9,     /* pb_column_int64: the object's number; pb_column_json: with its collection */
  PB_KIND_VECTOR = 10, /* 32-bit floats */
  PB_KIND_ARRAY = 11,  /* read with pb_column_json */
  PB_KIND_OBJECT = 12  /* read with pb_column_json */
} pb_kind;

/* How to open a database. Set every field, or start from {0}: the zero value of each is its default. */
typedef struct pb_options {
  int32_t read_only;             /* not 0: others may write meanwhile */
  int32_t must_exist;            /* not 0: a missing file is PB_NOT_FOUND instead of a new database */
  uint64_t checkpoint_log_bytes; /* a checkpoint starts when the log has grown by this much; 0: the default, 64 MiB */
} pb_options;

/* The library's version, "0.1.0". Static; any thread. */
const char *pb_version(void);

/* ---- databases and connections ------------------------------------------------------------------------------------
 */

/* Opens `path` (a file name, ":memory:" or "file:NAME?mode=ro"); `options` may be NULL. On success *database is to be
 * closed with pb_close; on error it is NULL and pb_last_error(NULL) says why: PB_LOCKED, PB_CORRUPTION, PB_IO_ERROR,
 * PB_NOT_FOUND, PB_UNSUPPORTED (newer format). */
pb_code pb_open(const char *path, const pb_options *options, pb_database **database);

/* Ends the database for all its connections (waits for the log, checkpoints, releases the lock) and frees the handle,
 * also when it answers an error. Connections and statements that are still there answer PB_INVALID_STATE and are to be
 * freed as ever. NULL is allowed and does nothing. */
pb_code pb_close(pb_database *database);

/* Waits until everything committed so far is on disk. */
pb_code pb_sync(pb_database *database);

/* Makes a connection: one thread at a time, one transaction at a time. To be freed with pb_disconnect. */
pb_code pb_connect(pb_database *database, pb_connection **connection);

/* Frees a connection; an open transaction is rolled back. Its statements stay valid handles, to be finalized, but
 * answer PB_INVALID_STATE. NULL is allowed. */
void pb_disconnect(pb_connection *connection);

/* Runs one or more statements, separated by ';', to their end and throws rows away. `changes`, when not NULL, gets the
 * number of objects that the last one changed. */
pb_code pb_execute(pb_connection *connection, const char *text, uint64_t *changes);

/* Objects inserted, updated or deleted by the last statement that ran to its end on this connection. */
uint64_t pb_changes(const pb_connection *connection);

/* Not 0 between BEGIN and COMMIT or ROLLBACK. */
int pb_in_transaction(const pb_connection *connection);

/* Ends the connection's running statement with PB_CANCELLED, soon. Any thread; safe in a signal handler. The connection
 * must not be freed meanwhile. */
void pb_interrupt(pb_connection *connection);

/* ---- errors ------------------------------------------------------------------------------------------------------ */

/* Code of the connection's last call: PB_OK after a success. */
pb_code pb_error_code(const pb_connection *connection);

/* The last error for a person, with its hint; "" after a success. Valid until the connection's next call. */
const char *pb_error_message(const pb_connection *connection);

/* Where in the statement's text the last error stands, as a byte offset; -1 when it is not about a text. */
int64_t pb_error_position(const pb_connection *connection);

/* Message of the last failed call: of `connection`, or with NULL of the calling thread's functions that had no
 * connection (pb_open, pb_connect, null handles). Never NULL. Valid until the next call. */
const char *pb_last_error(const pb_connection *connection);

/* The fixed English name of a code ("conflict"). Static; any thread. */
const char *pb_code_name(pb_code code);

/* ---- statements -------------------------------------------------------------------------------------------------- */

/* Prepares the first statement of `text` (`length` bytes, or -1). `*tail`, when `tail` is not NULL, points behind it,
 * so that a loop runs a whole script. Text that holds no statement (blank, comments) gives PB_OK and a NULL statement.
 */
pb_code pb_prepare(pb_connection *connection, const char *text, int64_t length, pb_statement **statement,
                   const char **tail);

/* Frees a statement and its rows. NULL is allowed. */
void pb_finalize(pb_statement *statement);

/* The next row: PB_ROW, PB_DONE, or an error. The first step runs the statement; the step after PB_DONE or an error
 * runs it again with the values that are bound then. */
pb_code pb_step(pb_statement *statement);

/* Forgets the rows, so that the next step runs the statement again. Bound values stay. */
pb_code pb_reset(pb_statement *statement);

/* Parameters: positions count from 1. Values are copied and stay bound until they are bound anew. Not allowed between
 * the first PB_ROW and pb_reset or PB_DONE: PB_INVALID_STATE. A position that the statement does not have is PB_RANGE.
 */
int pb_parameter_count(const pb_statement *statement);
/* Position of the parameter `:name`, `$name` or `@name` (given without its mark), or 0. */
int pb_parameter_index(const pb_statement *statement, const char *name);
/* All parameters become NULL again. */
pb_code pb_clear_bindings(pb_statement *statement);
pb_code pb_bind_null(pb_statement *statement, int position);
pb_code pb_bind_int64(pb_statement *statement, int position, int64_t value);
pb_code pb_bind_double(pb_statement *statement, int position, double value);
/* 0 is false, everything else true. */
pb_code pb_bind_bool(pb_statement *statement, int position, int value);
/* UTF-8 of `length` bytes, or -1. NULL text binds NULL. */
pb_code pb_bind_text(pb_statement *statement, int position, const char *text, int64_t length);
/* NULL bytes with a length of 0 are an empty blob. */
pb_code pb_bind_blob(pb_statement *statement, int position, const void *bytes, size_t length);
/* `count` floats. */
pb_code pb_bind_vector(pb_statement *statement, int position, const float *floats, size_t count);
/* Any value as JSON text; PB_INVALID_ARGUMENT when it does not parse. */
pb_code pb_bind_json(pb_statement *statement, int position, const char *json, int64_t length);
pb_code pb_bind_date(pb_statement *statement, int position, int32_t days);
pb_code pb_bind_timestamp(pb_statement *statement, int position, int64_t microseconds);
pb_code pb_bind_timespan(pb_statement *statement, int position, int64_t microseconds);

/* Columns: positions count from 0. Known once the statement is prepared; 0 for statements without rows. */
int pb_column_count(const pb_statement *statement);
/* Name of a column; NULL when there is none. Valid until pb_finalize. */
const char *pb_column_name(const pb_statement *statement, int column);

/* The current row. Without one, or with a column that does not exist, they answer NULL or 0 and the kind is
 * PB_KIND_NONE. Pointers are valid until the next pb_step, pb_reset or pb_finalize of the statement. */
pb_kind pb_column_type(const pb_statement *statement, int column);
/* Numbers convert; dates, timestamps and spans give their number; other kinds 0. */
int64_t pb_column_int64(const pb_statement *statement, int column);
double pb_column_double(const pb_statement *statement, int column);
int pb_column_bool(const pb_statement *statement, int column);
/* Any value as text, NUL-terminated (numbers in shortest form, dates as ISO 8601, arrays and objects as JSON); NULL for
 * none. `length`, when not NULL, gets the bytes without the NUL. */
const char *pb_column_text(pb_statement *statement, int column, size_t *length);
/* Bytes of a blob or a text as they are stored; NULL for other kinds. `length` must not be NULL. */
const void *pb_column_blob(const pb_statement *statement, int column, size_t *length);
/* Floats of a vector, or of an array of numbers; NULL for other kinds. `count` must not be NULL. */
const float *pb_column_vector(pb_statement *statement, int column, size_t *count);
/* Any value as JSON, NUL-terminated ("null" for none). `length` may be NULL. */
const char *pb_column_json(pb_statement *statement, int column, size_t *length);

#ifdef __cplusplus
}
#endif

#endif /* PROTOBASE_C_H_ */
