#include "shell/importer.h"

#include "shell/csv_import.h"
#include "shell/json_import.h"
#include "shell/mapped_file.h"
#include "shell/sql_literal.h"
#include "shell/vector_import.h"

namespace protobase::shell {
namespace {

struct FormatName {
  std::string_view name;
  ImportFormat format;
};
constexpr FormatName kFormatNames[] = {
    {"csv", ImportFormat::kCsv},          {"tsv", ImportFormat::kTsv},         {"json", ImportFormat::kJson},
    {"ndjson", ImportFormat::kJsonLines}, {"jsonl", ImportFormat::kJsonLines}, {"fvecs", ImportFormat::kFvecs},
    {"ivecs", ImportFormat::kIvecs},
};

class CollectionSink : public ObjectSink {
 public:
  explicit CollectionSink(Collection collection) : collection_(std::move(collection)) {}
  Status add(std::span<const ValueView> objects) override { return collection_.append(objects).status(); }

 private:
  Collection collection_;
};

Status read_all(std::string_view bytes, ImportFormat format, ImportRun& run) {
  switch (format) {
    case ImportFormat::kJson:
      return import_json(bytes, run);
    case ImportFormat::kJsonLines:
      return import_json_lines(bytes, run);
    case ImportFormat::kFvecs:
      return import_fvecs(bytes, run);
    case ImportFormat::kIvecs:
      return import_ivecs(bytes, run);
    case ImportFormat::kTsv:
      return import_csv(bytes, '\t', run);
    default:
      return import_csv(bytes, ',', run);
  }
}

}  // namespace

Result<ImportFormat> parse_import_format(std::string_view name) {
  for (const FormatName& known : kFormatNames) {
    if (known.name == name) return known.format;
  }
  return Status(StatusCode::kInvalidArgument, "unknown format '" + std::string(name) + "'")
      .with_hint("formats are csv, tsv, json, ndjson, fvecs and ivecs");
}

ImportFormat guess_import_format(std::string_view file_name, std::string_view text) {
  const size_t dot = file_name.rfind('.');
  if (dot != std::string_view::npos) {
    for (const FormatName& known : kFormatNames) {
      if (known.name == file_name.substr(dot + 1)) return known.format;
    }
  }
  const size_t first = text.find_first_not_of(" \t\r\n");
  const bool json = first != std::string_view::npos && (text[first] == '[' || text[first] == '{');
  return json ? ImportFormat::kJson : ImportFormat::kCsv;
}

Status read_records(std::string_view bytes, ImportFormat format, ImportRun& run) {
  PROTO_RETURN_IF_ERROR(read_all(bytes, format, run));
  return run.finish();
}

Result<ImportReport> import_file(Database& database, const std::string& path, const std::string& collection,
                                 const ImportOptions& options) {
  PROTO_ASSIGN_OR_RETURN(const MappedFile file, MappedFile::open(path));
  const std::string_view bytes = file.bytes();
  const ImportFormat format =
      options.format == ImportFormat::kByName ? guess_import_format(path, bytes) : options.format;
  Transaction transaction = database.begin();
  CollectionSink sink(transaction.collection(collection));
  ImportProgress progress;
  if (options.progress) progress = [&](size_t done) { return options.progress(done, bytes.size()); };
  ImportRun run(sink, path, options.keep_going, std::move(progress));
  PROTO_RETURN_IF_ERROR(read_records(bytes, format, run));
  if (run.report().objects == 0) {
    PROTO_RETURN_IF_ERROR(transaction.execute("CREATE COLLECTION IF NOT EXISTS " + sql_name(collection)).status());
  }
  PROTO_RETURN_IF_ERROR(transaction.commit());
  return run.report();
}

}  // namespace protobase::shell
