#include "tools/hcctl/report.h"

#include "fastpath/base/text.h"

namespace hcd::hcctl {

Report::Report(const Style& style, std::FILE* out) : style_(style), out_(out), document_({{"schema", kSchema}}) {
  if (style_.format == Format::Text && style_.header && !style_.fields.empty()) write(join(style_.fields, "\t") + "\n");
}

void Report::note(std::string_view name, Json value) {
  if (style_.format == Format::Document) document_[std::string(name)] = std::move(value);
}

void Report::list(std::string_view name) {
  if (style_.format == Format::Document) document_.emplace(name, Json::array());
}

void Report::add(std::string_view type, std::string_view list, Json record) {
  if (style_.format == Format::Document) return document_[std::string(list)].push_back(std::move(record));
  if (style_.format == Format::Lines) {
    Json::object_t line;
    line.emplace_back("schema", kSchema);
    line.emplace_back(kTypeField, type);
    for (auto& [name, value] : record.get_ref<Json::object_t&>())
      if (name != kTypeField) line.emplace_back(name, std::move(value));
    return write(dump(line, -1));
  }
  std::vector<std::string> cells;
  for (const auto& [name, value] : record.items()) cells.push_back(cell(value));
  write(join(cells, "\t") + "\n");
}

void Report::merge(std::string_view type, const Json& members) {
  if (style_.format == Format::Document) return document_.update(members);
  add(type, type, members);
}

bool Report::flush() {
  return std::fflush(out_) == 0;
}

void Report::end() {
  if (style_.format == Format::Document) write(dump(document_, 2));
}

void Report::write(const std::string& text) {
  std::fwrite(text.data(), 1, text.size(), out_);
}

}  // namespace hcd::hcctl
