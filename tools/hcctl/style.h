// How hcctl prints. The default texts are the ancestors'; the other forms are for scripts, and their names are promises.
#pragma once
#include <string>
#include <vector>

namespace hcd::hcctl {

enum class Columns : unsigned char {
  TypeFirst,  // hoststatectl and hcctl: Type Id Name Avlblty Status, "service"
  IdFirst,    // relayctl: Id Type Name Avlblty Status, "redirect"
};

enum class Format : unsigned char {
  Text,
  Document,  // -j: one document
  Lines,     // -J: an object a line, as it comes
};

struct Style {
  Columns columns = Columns::TypeFirst;
  Format format = Format::Text;
  bool header = true;               // -H: false
  std::vector<std::string> fields;  // -o: these and no others, in this order; none: what the form has by itself
};

}  // namespace hcd::hcctl
