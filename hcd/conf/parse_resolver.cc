#include "hcd/conf/parse_resolver.h"

#include "hcd/conf/names.h"

namespace hcd::conf {
namespace {

constexpr std::size_t kServersMax = 8;
constexpr Seconds kTtlLeast{1}, kTtlMost{86400};

bool parse_server(Parser& p, ast::File& file, const Token& word) {
  const auto token = p.value("a name server's address");
  if (!token) return false;
  const auto address = Address::parse(token->text);
  if (!address) return p.error(token->at, quoted(*token) + " is not an IP address");
  if (const auto problem = unusable(*address); !problem.empty()) return p.error(token->at, problem);
  NameServer server{.address = *address};
  if (p.accept("port")) {
    const auto port = p.port();
    if (!port) return false;
    server.port = *port;
  }
  auto& servers = file.global.name_servers;
  for (const auto& other : servers)
    if (other.value == server) return p.error(token->at, "name server " + quoted(*token) + " is given twice");
  if (servers.size() == kServersMax)
    return p.error(word.at, "more than " + std::to_string(kServersMax) + " name servers");
  servers.push_back({server, token->at});
  return true;
}

bool parse_ttl(Parser& p, ast::File& file, const Token& word) {
  const auto least = p.seconds("resolver ttl", kTtlLeast, kTtlMost);
  if (!least || !p.expect("to")) return false;
  const auto at = p.peek().at;
  const auto most = p.seconds("resolver ttl", kTtlLeast, kTtlMost);
  if (!most) return false;
  if (*most < *least) return p.error(at, "the longest time is below the shortest");
  return p.set(file.global.name_ttl, std::pair{*least, *most}, {word.kind, "resolver ttl", word.at});
}

}  // namespace

bool parse_resolver(Parser& p, ast::File& file, const Token& word) {
  if (p.accept("server")) return parse_server(p, file, word);
  if (p.accept("ttl")) return parse_ttl(p, file, word);
  return p.error(p.peek().at, "expected 'server' or 'ttl', not " + quoted(p.peek()));
}

}  // namespace hcd::conf
