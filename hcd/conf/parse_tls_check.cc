#include "hcd/conf/parse_check_parts.h"

namespace hcd::conf {

bool parse_tls_word(Parser& p, Check& check) {
  if (p.accept("ssl") || p.accept("tls")) check.tls.emplace();
  return true;
}

bool parse_tls_check(Parser&, Check& check, const Token&) {
  check.type = CheckType::Tls;
  check.tls.emplace();
  return true;
}

}  // namespace hcd::conf
