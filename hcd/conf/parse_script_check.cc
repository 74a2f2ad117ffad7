#include <algorithm>

#include "hcd/conf/parse_check_parts.h"

namespace hcd::conf {

bool parse_script(Parser& p, Check& check, const Token&) {
  constexpr std::size_t kPathMax = 1023;
  const auto path = p.value("the path of a script");
  if (!path) return false;
  const bool plain = std::ranges::all_of(path->text, [](unsigned char c) { return c >= ' ' && c != 0x7f; });
  if (path->text[0] != '/' || !plain || path->text.size() > kPathMax)
    return p.error(path->at, "a script is given by its whole path, which begins with '/', unlike " + quoted(*path));
  if (const auto can = p.files().executable(path->text); !can)
    return p.error(path->at, "script " + quoted(*path) + " " + can.error().text);
  check.type = CheckType::Script;
  check.script.path = path->text;
  return true;
}

}  // namespace hcd::conf
