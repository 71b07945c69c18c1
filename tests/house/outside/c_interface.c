/* The same from C. */
#include <protobase/protobase_c.h>
#include <stdio.h>

int main(void) {
  pb_database *database = NULL;
  pb_connection *connection = NULL;
  pb_statement *statement = NULL;
  if (pb_open(":memory:", NULL, &database) != PB_OK || pb_connect(database, &connection) != PB_OK) return 1;
  if (pb_execute(connection, "CREATE COLLECTION products; INSERT INTO products {name: 'Desk', price: 119.0}", NULL) != PB_OK) return 1;
  if (pb_prepare(connection, "SELECT name, price FROM products", -1, &statement, NULL) != PB_OK) return 1;
  while (pb_step(statement) == PB_ROW) {
    printf("%s %.1f\n", pb_column_text(statement, 0, NULL), pb_column_double(statement, 1));
  }
  pb_finalize(statement);
  pb_disconnect(connection);
  return pb_close(database) == PB_OK ? 0 : 1;
}
