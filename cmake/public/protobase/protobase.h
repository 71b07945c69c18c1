#include "db/protobase.h"
