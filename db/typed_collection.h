// Collections of C++ aggregates (db/aggregate.h) and typed conditions. Included by db/protobase.h; not on its own.
#pragma once

#include <functional>
#include <limits>
#include <memory>
#include <string>
#include <string_view>
#include <utility>

#include "db/protobase.h"

namespace protobase {

/// One side of a comparison with an attribute: less_than(50), equal_to("Desk") ...
struct Condition {
  std::string_view comparison;  // SQL: "<", "=", ...
  Value value;
};
inline Condition less_than(Value value) { return {"<", std::move(value)}; }
inline Condition at_most(Value value) { return {"<=", std::move(value)}; }
inline Condition greater_than(Value value) { return {">", std::move(value)}; }
inline Condition at_least(Value value) { return {">=", std::move(value)}; }
inline Condition equal_to(Value value) { return {"=", std::move(value)}; }
inline Condition not_equal_to(Value value) { return {"<>", std::move(value)}; }

/// An object that does not convert to the aggregate: kType with the attribute's name.
Status does_not_convert(ObjectId id, std::string_view attribute);

/// The rows of a typed query: pairs of id and aggregate. An object that does not convert ends them; see `status()`.
template <class T>
class TypedResult {
 public:
  explicit TypedResult(Result<ResultSet> rows) {
    if (rows) {
      rows_ = std::make_unique<ResultSet>(*std::move(rows));
    } else {
      status_ = rows.status();
    }
  }
  const Status& status() const { return status_.ok() && rows_ ? rows_->status() : status_; }

  class iterator {
   public:
    iterator() = default;
    explicit iterator(TypedResult* result) : result_(result) {
      if (result_->rows_) at_ = result_->rows_->begin();
      read();
    }
    std::pair<ObjectId, T>& operator*() { return current_; }
    iterator& operator++() {
      ++at_;
      read();
      return *this;
    }
    bool operator!=(const iterator& other) const { return (result_ == nullptr) != (other.result_ == nullptr); }

   private:
    void read() {
      if (!result_->rows_ || !(at_ != result_->rows_->end())) return void(result_ = nullptr);
      const Row row = *at_;
      current_.first = ObjectId(static_cast<uint64_t>(row[0].as_int64()));
      current_.second = T{};
      std::string_view failed;
      if (aggregate::from_value(row[1], current_.second, &failed)) return;
      result_->status_ = does_not_convert(current_.first, failed);
      result_ = nullptr;
    }
    TypedResult* result_ = nullptr;
    ResultSet::iterator at_;
    std::pair<ObjectId, T> current_;
  };
  iterator begin() { return iterator(this); }
  iterator end() { return iterator(); }

 private:
  std::unique_ptr<ResultSet> rows_;
  Status status_;
};

/// A query over a typed collection, built step by step and run when it is iterated.
template <class T>
class TypedQuery {
 public:
  TypedQuery(Collection collection) : collection_(std::move(collection)) {}  // NOLINT: implicit by design
  template <class M>
  TypedQuery& where(M T::*member, Condition condition) {
    condition_ += std::string(condition_.empty() ? "" : " AND ") + "\"" + std::string(aggregate::name_of(member)) + "\" " +
                  std::string(condition.comparison) + " ?";
    parameters_.set(parameters_.positional().size() + 1, std::move(condition.value));
    return *this;
  }
  template <class M>
  TypedQuery& order_by(M T::*member, bool descending = false) {
    order_ = " ORDER BY \"" + std::string(aggregate::name_of(member)) + (descending ? "\" DESC" : "\"");
    return *this;
  }
  TypedQuery& take(uint64_t count) {
    limit_ = " LIMIT " + std::to_string(count);
    return *this;
  }
  TypedResult<T> run() {
    return TypedResult<T>(collection_.where((condition_.empty() ? "TRUE" : condition_) + order_ + limit_, parameters_));
  }
  // Iterating runs the query; the rows live as long as this object.
  auto begin() {
    rows_ = std::make_unique<TypedResult<T>>(run());
    return rows_->begin();
  }
  auto end() { return typename TypedResult<T>::iterator(); }

 private:
  Collection collection_;
  std::string condition_, order_, limit_;
  Parameters parameters_;
  std::unique_ptr<TypedResult<T>> rows_;
};

/// A collection whose objects are read and written as aggregates of type T.
template <class T>
class TypedCollection {
 public:
  explicit TypedCollection(Collection collection) : collection_(std::move(collection)) {}
  Result<ObjectId> insert(const T& object) { return collection_.insert(aggregate::to_value(object)); }
  Status replace(ObjectId id, const T& object) { return collection_.replace(id, aggregate::to_value(object)); }
  Status erase(ObjectId id) { return collection_.erase(id); }
  Result<uint64_t> count() const { return collection_.count(); }
  /// kNotFound when there is no such object, kType when an attribute does not convert to its member.
  Result<T> get(ObjectId id) const {
    PROTO_ASSIGN_OR_RETURN(ObjectView view, collection_.get(id));
    T object{};
    std::string_view failed;
    if (!aggregate::from_value(view.value(), object, &failed)) return does_not_convert(id, failed);
    return object;
  }
  template <class... Arguments>
  TypedResult<T> where(std::string_view condition, Arguments&&... arguments) const {
    return TypedResult<T>(collection_.where(condition, std::forward<Arguments>(arguments)...));
  }
  TypedQuery<T> all() const { return TypedQuery<T>(collection_); }

 private:
  Collection collection_;
};

template <class T>
TypedCollection<T> Transaction::collection(std::string_view name) {
  return TypedCollection<T>(collection(name));
}

}  // namespace protobase
