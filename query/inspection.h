// What is there: SHOW, DESCRIBE.
#pragma once

#include "query/commands.h"

namespace protobase::query {

/// SHOW COLLECTIONS | INDEXES | ALL | a setting.
Result<std::unique_ptr<ResultSource>> show(Session& session, const ast::Show& show);
/// DESCRIBE a collection: one row per attribute.
Result<std::unique_ptr<ResultSource>> describe(Session& session, const ast::Describe& describe);

}  // namespace protobase::query
