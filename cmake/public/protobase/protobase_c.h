#include "db/protobase_c.h"
