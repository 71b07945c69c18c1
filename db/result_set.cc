// Results, rows, parameters and prepared statements of the public interface.
#include "db/protobase.h"
#include "db/query_engine.h"
#include "db/session.h"

namespace protobase {

ValueView Row::operator[](std::string_view name) const {
  for (size_t i = 0; i < names_->size(); ++i) {
    if ((*names_)[i].name == name) return (*this)[i];
  }
  return ValueView();
}

ResultSet::ResultSet() = default;
ResultSet::ResultSet(std::unique_ptr<ResultSource> source) : source_(std::move(source)) {}
ResultSet::ResultSet(ResultSet&&) noexcept = default;
ResultSet& ResultSet::operator=(ResultSet&&) noexcept = default;
ResultSet::~ResultSet() = default;

const std::vector<ResultColumn>& ResultSet::columns() const {
  static const std::vector<ResultColumn> kNoColumns;
  return source_ ? source_->columns() : kNoColumns;
}

const ResultChunk* ResultSet::next_chunk() {
  if (!source_ || !status_.ok()) return nullptr;
  auto more = source_->next(chunk_);
  if (!more.ok()) status_ = std::move(more).status();
  return status_.ok() && *more ? &chunk_ : nullptr;
}

uint64_t ResultSet::changes() const { return source_ ? source_->changes() : 0; }

void Parameters::set(size_t position, Value value) {
  PROTO_CHECK_MSG(position >= 1, "parameters are numbered from 1");
  if (positional_.size() < position) positional_.resize(position);
  positional_[position - 1] = std::move(value);
}

void Parameters::set(std::string_view name, Value value) {
  for (auto& [known, bound] : named_) {
    if (known == name) return void(bound = std::move(value));
  }
  named_.emplace_back(name, std::move(value));
}

PreparedStatement::PreparedStatement(std::shared_ptr<Session> session, std::shared_ptr<CompiledStatement> statement)
    : session_(std::move(session)), statement_(std::move(statement)) {}

PreparedStatement& PreparedStatement::bind(size_t position, Value value) {
  parameters_.set(position, std::move(value));
  return *this;
}

PreparedStatement& PreparedStatement::bind(std::string_view name, Value value) {
  parameters_.set(name, std::move(value));
  return *this;
}

Result<ResultSet> PreparedStatement::execute() {
  PROTO_ASSIGN_OR_RETURN(auto source, statement_->execute(session_, parameters_));
  return ResultSet(std::move(source));
}

const std::vector<ResultColumn>& PreparedStatement::columns() const { return statement_->columns(); }
size_t PreparedStatement::parameter_count() const { return statement_->parameter_count(); }
std::string_view PreparedStatement::parameter_name(size_t position) const { return statement_->parameter_name(position); }

}  // namespace protobase
