#include "runtime/proto_c.h"
