#include "hcd/conf/parse_use.h"

#include "hcd/conf/parse_steering.h"
#include "hcd/conf/parse_table_options.h"

namespace hcd::conf {
namespace {

constexpr std::size_t kBackupsMax = 16, kConditionsMax = 16;

struct Forward : ast::Use {
  ast::Service* service = nullptr;
};

bool parse_port(Parser& p, Forward& forward, const Token& word) {
  const auto port = p.port();
  return port && p.set(forward.port, *port, word);
}

bool parse_mode_of(Parser& p, Forward& forward, const Token& word) {
  return parse_forward_mode(p, *forward.service, word);
}

constexpr auto kOwn = std::to_array<Keyword<Forward>>({
    {"port", parse_port},
    {"mode", parse_mode_of},
});
constexpr auto kOthers = std::to_array<Keyword<Forward>>({
    {"interface", nullptr,
     "an interface is for 'route to': hosts that packets are forwarded to are found by their routes"},
    {"retry", nullptr, "retries are of each host in its table: only a relay's target has them here"},
});
constexpr auto kWords = joined(joined(kOwn, kTableOptions<Forward>), kOthers);
constexpr Section<Forward> kForwardSection = {"'forward to'", kWords};

// `below 50%` or `below 2 hosts`.
bool parse_threshold(Parser& p, ast::Condition& condition) {
  const auto token = p.value("a percentage or a number of hosts");
  if (!token) return false;
  std::string_view text = token->text;
  condition.percent = text.ends_with('%');
  if (condition.percent) text.remove_suffix(1);
  const auto below = parse_number<std::uint32_t>(text, 1, condition.percent ? 100 : 65536);
  if (!below) return p.error(token->at, "'below' takes 1% to 100%, or 1 to 65536 hosts, not " + quoted(*token));
  condition.below = {*below, token->at};
  return condition.percent || p.expect("hosts");
}

// In a redirect the table may be a list, whose checks are said here.
std::optional<ast::Use> parse_used(Parser& p, ast::Service& service) {
  return service.redirect ? parse_forwarded(p, service, "when") : parse_named(p);
}

}  // namespace

bool add_backup(Parser& p, ast::Service& service, ast::Use use, const Token& word) {
  if (service.backups.size() == kBackupsMax)
    return p.error(word.at, "a service has at most " + std::to_string(kBackupsMax) + " backup tables");
  service.backups.push_back(std::move(use));
  return true;
}

std::optional<ast::Use> parse_named(Parser& p) {
  const auto name = p.table_name();
  if (!name) return std::nullopt;
  ast::Use use;
  use.name = {name->text, name->at};
  if (!p.peek().is_word("port")) return use;
  const auto word = p.take();
  const auto port = p.port();
  if (!port) return std::nullopt;
  use.port = {*port, word.at};
  return use;
}

std::optional<ast::Use> parse_forwarded(Parser& p, ast::Service& service, std::string_view until) {
  if (!p.peek().is_symbol('<')) {
    p.error(p.peek().at, "expected a table in brackets as <webhosts>, not " + quoted(p.peek()));
    return std::nullopt;
  }
  const auto name = p.table_name();
  if (!name) return std::nullopt;
  Forward forward;
  forward.name = {name->text, name->at};
  forward.service = &service;
  if (!p.words(kForwardSection, forward, until)) return std::nullopt;
  return forward;
}

bool parse_use(Parser& p, ast::Service& service, const Token& word) {
  if (!p.expect("table")) return false;
  auto use = parse_used(p, service);
  if (!use || !p.expect("when")) return false;
  const auto watch = p.table_name();
  if (!watch || !p.expect("below")) return false;
  ast::Condition condition{.use = std::move(*use), .watch = {watch->text, watch->at}, .below = {}};
  if (!parse_threshold(p, condition)) return false;
  const auto hold = parse_hold(p);
  if (!hold) return false;
  condition.hold = *hold;
  if (service.conditions.size() == kConditionsMax)
    return p.error(word.at, "a service has at most " + std::to_string(kConditionsMax) + " conditions");
  service.conditions.push_back(std::move(condition));
  return true;
}

}  // namespace hcd::conf
