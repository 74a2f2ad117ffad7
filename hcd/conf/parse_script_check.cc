#include "hcd/conf/parse_check_parts.h"

namespace hcd::conf {

bool parse_script(Parser& p, Check& check, const Token&) {
  const auto path = p.whole_path("the path of a script", "a script");
  if (!path) return false;
  if (const auto can = p.files().executable(path->text); !can)
    return p.error(path->at, "script " + quoted(*path) + " " + can.error().text);
  check.type = CheckType::Script;
  check.script.path = path->text;
  return true;
}

}  // namespace hcd::conf
