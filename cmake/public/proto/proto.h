#include "runtime/proto.h"
