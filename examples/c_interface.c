/* The C interface: prepare, bind, step. */
#include <protobase/protobase_c.h>
#include <stdio.h>

static int fail(pb_connection *c, const char *what) {
  fprintf(stderr, "%s: %s\n", what, pb_last_error(c));
  return 1;
}

int main(void) {
  pb_database *db;
  pb_connection *c;
  pb_statement *s;
  pb_code code;
  uint64_t changes = 0;

  if (pb_open(":memory:", NULL, &db) != PB_OK) return fail(NULL, "open");
  if (pb_connect(db, &c) != PB_OK) return fail(NULL, "connect");
  if (pb_execute(c,
                 "CREATE COLLECTION products;"
                 "INSERT INTO products {name: 'Desk', price: 129.0}, {name: 'Stool', price: 45.0};",
                 NULL) != PB_OK)
    return fail(c, "insert");

  if (pb_prepare(c, "SELECT name, price FROM products WHERE price < ?1", -1, &s, NULL) != PB_OK)
    return fail(c, "prepare");
  if (pb_bind_double(s, 1, 50.0) != PB_OK) return fail(c, "bind");
  while ((code = pb_step(s)) == PB_ROW) printf("%s %.2f\n", pb_column_text(s, 0, NULL), pb_column_double(s, 1));
  if (code != PB_DONE) return fail(c, "step");
  pb_finalize(s);

  if (pb_execute(c, "BEGIN; UPDATE products SET price = 40 WHERE name = 'Stool'; COMMIT", NULL) != PB_OK)
    return fail(c, "update");
  if (pb_execute(c, "DELETE FROM products WHERE price < 50", &changes) != PB_OK) return fail(c, "delete");
  printf("%llu object changed\n", (unsigned long long)changes);

  if (pb_execute(c, "SELEC 1", NULL) != PB_SYNTAX || pb_error_position(c) != 0) return fail(c, "an error was expected");
  pb_disconnect(c);
  return pb_close(db) == PB_OK ? 0 : fail(NULL, "close");
}
