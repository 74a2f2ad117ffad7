// Inside `table NAME { }`.
#include <array>

#include "hcd/conf/parse_check.h"
#include "hcd/conf/parse_judgement.h"
#include "hcd/conf/parser.h"

namespace hcd::conf {
namespace {

constexpr std::uint16_t kWeightMax = 1000;  // the fast path's

bool parse_parent(Parser& p, ast::Host& host, const Token& word) {
  const auto parent = p.value("a host's id or name");
  return parent && p.set(host.parent, parent->text, {word.kind, word.text, parent->at});
}

// It is relayd's, and of the hosts of its routers alone.
bool parse_priority(Parser& p, const Token& word) {
  p.no_effect(word, "it is of routes, and this version has no routers");
  return p.number<std::uint16_t>("priority", 0, 255).has_value();
}

bool parse_family(Parser& p, ast::Host& host, const Token& word) {
  return p.set(host.family, word.text == "inet" ? Family::Inet : Family::Inet6, word);
}

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
  if (p.peek().is_word("all")) return p.set(host.all, true, p.take());
  if (p.peek().is_word("inet") || p.peek().is_word("inet6")) return parse_family(p, host, p.take());
  if (p.peek().is_word("parent")) return parse_parent(p, host, p.take());
  if (p.peek().is_word("priority")) return parse_priority(p, p.take());
  if (p.peek().is_word("ip")) return p.error(p.peek().at, "relayd's 'ip ttl' of a host is not supported");
  return p.error(p.peek().at,
                 quoted(p.peek()) + " is not a word of a host (all, inet, inet6, retry, weight, parent, disable)");
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
    {"interval", parse_pace},
    {"jitter", parse_jitter},
    {"rise", parse_rise},
    {"fall", parse_fall},
    {"flap", parse_flap},
    {"passive", parse_passive},
    {"slow", parse_slow},
    {"minimum", parse_minimum},
    {"demote", parse_demote},
    {"disable", parse_disable},
});

}  // namespace

const Section<ast::Table> kTableSection = {"a table", kKeywords};

}  // namespace hcd::conf
