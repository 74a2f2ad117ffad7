// Inside `table NAME { }`.
#include <array>

#include "hcd/conf/parse_check.h"
#include "hcd/conf/parser.h"

namespace hcd::conf {
namespace {

constexpr std::uint16_t kWeightMax = 1000;  // the fast path's

// The options of a host stand on its line in any order.
bool parse_host_option(Parser& p, ast::Host& host) {
  if (p.accept("retry")) {
    const auto retry = p.number<std::uint16_t>("retry", 0, 65535);
    if (retry) host.retry = *retry;
    return retry.has_value();
  }
  if (p.accept("weight")) {
    const auto weight = p.number<std::uint16_t>("weight", 1, kWeightMax);
    if (weight) host.weight = *weight;
    return weight.has_value();
  }
  if (p.accept("disable")) return host.disabled = true;
  for (const auto* relayd : {"ip", "parent", "priority"})
    if (p.peek().is_word(relayd))
      return p.error(p.peek().at, "relayd's '" + std::string(relayd) + "' of a host is not supported");
  return p.error(p.peek().at, quoted(p.peek()) + " is not a word of a host (retry, weight, disable)");
}

bool parse_host(Parser& p, ast::Table& table, const Token&) {
  const auto name = p.value("a host");
  if (!name) return false;
  ast::Host host;
  host.name = {name->text, name->at};
  while (!p.line_ends())
    if (!parse_host_option(p, host)) return false;
  table.hosts.push_back(std::move(host));
  return true;
}

bool parse_real(Parser& p, ast::Table& table, const Token& word) {
  if (!p.expect("port")) return false;
  const auto port = p.port();
  return port && p.set(table.port, *port, {word.kind, "real port", word.at});
}

bool parse_check(Parser& p, ast::Table& table, const Token& word) {
  auto check = parse_check_line(p);
  return check && p.set(table.check, std::move(*check), word);
}

bool parse_timeout(Parser& p, ast::Table& table, const Token& word) {
  const auto timeout = p.timeout();
  return timeout && p.set(table.timeout, *timeout, word);
}

bool parse_interval(Parser& p, ast::Table& table, const Token& word) {
  const auto interval = p.interval();
  return interval && p.set(table.interval, *interval, word);
}

bool parse_demote(Parser& p, ast::Table& table, const Token& word) {
  const auto group = p.label("demote group", kInterfaceMax);
  p.no_effect(word, "this version demotes nothing");
  return group && p.set(table.demote, group->text, word);
}

bool parse_disable(Parser&, ast::Table& table, const Token&) {
  return table.disabled = true;
}

constexpr auto kKeywords = std::to_array<Keyword<ast::Table>>({
    {"host", parse_host},
    {"real", parse_real},
    {"check", parse_check},
    {"timeout", parse_timeout},
    {"interval", parse_interval},
    {"demote", parse_demote},
    {"disable", parse_disable},
});

}  // namespace

const Section<ast::Table> kTableSection = {"a table", kKeywords};

}  // namespace hcd::conf
