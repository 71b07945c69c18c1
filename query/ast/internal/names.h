// The words and marks of enums, as both printers write them.
#pragma once

#include <string>
#include <string_view>

#include "query/ast/ast.h"

namespace protobase::ast {

std::string_view mark_of(UnaryOperator op);
std::string_view mark_of(BinaryOperator op);
std::string_view word_of(LikeKind kind);
std::string_view word_of(IsTest test);
std::string_view word_of(FrameUnit unit);
std::string_view word_of(FrameExclude exclude);
std::string_view word_of(JoinKind kind);
std::string_view word_of(SetOperator op);
std::string_view word_of(ReferentialAction action);
std::string_view word_of(ExplainStage stage);
std::string_view word_of(IndexMethod method);
std::string_view word_of(DropKind kind);
std::string_view word_of(GroupingKind kind);
std::string_view word_of(MaintenanceKind kind);
std::string_view word_of(ShowKind kind);
std::string_view word_of(LiteralKind kind);

/// `text` between two `quote`s, those inside doubled. O(length).
std::string quoted(std::string_view text, char quote);

/// x'AB' of the bytes. O(length).
std::string blob_text(std::string_view bytes);

}  // namespace protobase::ast
