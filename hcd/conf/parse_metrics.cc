#include "hcd/conf/parse_metrics.h"

#include "hcd/conf/names.h"

namespace hcd::conf {

bool parse_metrics(Parser& p, ast::File& file, const Token& word) {
  if (!p.expect("listen") || !p.expect("on")) return false;
  const auto token = p.value("an address to serve metrics on");
  if (!token) return false;
  const auto address = Address::parse(token->text);
  if (!address) return p.error(token->at, quoted(*token) + " is not an IP address");
  if (const auto problem = unusable(*address); !problem.empty() && !address->is_unspecified())
    return p.error(token->at, problem);
  if (!p.expect("port")) return false;
  const auto port = p.port();
  return port && p.set(file.global.metrics, Endpoint{.address = *address, .port = *port}, word);
}

}  // namespace hcd::conf
