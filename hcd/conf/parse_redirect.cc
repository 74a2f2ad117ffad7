// Inside `redirect NAME { }`, relayd's block for what hoststated calls a service.
#include "hcd/conf/parse_steering.h"
#include "hcd/conf/parse_use.h"

namespace hcd::conf {
namespace {

bool parse_listen(Parser& p, ast::Service& service, const Token&) {
  if (!p.expect("on")) return false;
  const auto host = p.value("an address");
  if (!host) return false;
  ast::Virtual added{.host = {host->text, host->at}, .interface = {}};
  if (!parse_endpoint(p, added)) return false;
  if (p.peek().is_word("pflog")) p.no_effect(p.take(), "this version logs no packets");
  service.virtuals.push_back(std::move(added));
  return true;
}

// The first one is the table, each further one the next backup.
bool parse_forward(Parser& p, ast::Service& service, const Token& word) {
  if (p.peek().is_word("with"))
    return p.error(p.peek().at, "TLS towards hosts is for relays: packets are redirected as they are");
  if (!p.expect("to")) return false;
  auto use = parse_forwarded(p, service);
  if (!use) return false;
  if (service.table) return add_backup(p, service, std::move(*use), word);
  service.table = std::move(use);
  return true;
}

bool parse_match(Parser& p, ast::Service& service, const Token& word) {
  p.no_effect(word, "no rules of pf's come after those of a redirect here");
  const auto tag = p.peek();
  if (p.accept("pftag") || p.accept("tag")) return parse_tag(p, service, tag);
  return p.error(tag.at, "expected 'pftag', not " + quoted(tag));
}

constexpr auto kOwn = std::to_array<Keyword<ast::Service>>({
    {"listen", parse_listen},
    {"forward", parse_forward},
    {"use", parse_use},
    {"match", parse_match},
    {"pftag", parse_tag},
});
constexpr std::string_view kHoststated =
    "this is hoststated's word for a service: a redirect has 'listen on' and 'forward to'";
constexpr auto kOthers = std::to_array<Keyword<ast::Service>>({
    {"route", nullptr, "direct server return ('route to') is not supported: hosts are reached by 'forward to'"},
    {"transparent", nullptr, "only a relay can be transparent: a redirect leaves the client's address as it is"},
    {"virtual", nullptr, kHoststated},
    {"table", nullptr, kHoststated},
    {"backup", nullptr, kHoststated},
    {"protocol", nullptr, "a protocol is for a relay"},
});
constexpr auto kKeywords = joined(joined(kOwn, kSteeringWords), kOthers);

}  // namespace

const Section<ast::Service> kRedirectSection = {"a redirect", kKeywords};

}  // namespace hcd::conf
