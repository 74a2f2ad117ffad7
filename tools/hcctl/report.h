// Writes rows in one of the forms for scripts: a JSON document with a list for each kind of row (`-j`), an object a line
// as it comes (`-J`), or the columns that were asked for, separated by tabs (`-o`). Each document and each line has the
// member "schema", which grows when a field's meaning changes.
#pragma once
#include <cstdio>

#include "tools/hcctl/fields.h"
#include "tools/hcctl/style.h"

namespace hcd::hcctl {

inline constexpr int kSchema = 1;
inline constexpr std::string_view kTypeField = "type";  // a column that rows of every kind have

class Report {
 public:
  Report(const Style& style, std::FILE* out);

  // Whether the style is one of these forms at all; else the ancestors' text is wanted.
  [[nodiscard]] static bool wanted(const Style& style) { return style.format != Format::Text || !style.fields.empty(); }

  void note(std::string_view name, Json value);  // a member of the document beside its lists; elsewhere nothing
  void list(std::string_view name);              // a list that the document has though no row may come
  // `type` is "host", `list` "hosts".
  template <class Row>
  void add(std::string_view type, std::string_view list, const Row& row, const Index& index) {
    add(type, list, record(type, row, index));
  }
  // Anything else, whole: no columns of it can be chosen.
  void add(std::string_view type, std::string_view list, Json record);
  // Members of the document itself; a line of that type.
  void merge(std::string_view type, const Json& members);
  [[nodiscard]] bool flush();  // what there is so far; false: nobody reads any more
  void end();

 private:
  template <class Row>
  [[nodiscard]] Json record(std::string_view type, const Row& row, const Index& index) const {
    Json::object_t out;  // its members are known to be different, so none is looked for
    if (style_.fields.empty())
      for (const auto& field : fields<Row>()) out.emplace_back(std::string(field.name), field.value(row, index));
    for (const auto& name : style_.fields)
      out.emplace_back(name, name == kTypeField ? Json(type) : value_of(name, row, index));
    return out;
  }
  template <class Row>
  [[nodiscard]] static Json value_of(std::string_view name, const Row& row, const Index& index) {
    for (const auto& field : fields<Row>())
      if (field.name == name) return field.value(row, index);
    return {};  // rows of another kind have it
  }
  void write(const std::string& text);

  const Style& style_;
  std::FILE* out_;
  Json document_;
};

}  // namespace hcd::hcctl
