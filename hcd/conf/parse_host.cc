#include "hcd/conf/parse_host.h"

#include "fastpath/table.h"

namespace hcd::conf {
namespace {

bool parse_retry(Parser& p, ast::Host& host, const Token&) {
  const auto retry = p.number<std::uint16_t>("retry", 0, 65535);
  if (retry) host.retry = *retry;
  return retry.has_value();
}

bool parse_weight(Parser& p, ast::Host& host, const Token&) {
  const auto weight = p.number<std::uint16_t>("weight", 1, fastpath::kWeightMax);
  if (weight) host.weight = *weight;
  return weight.has_value();
}

bool parse_disable(Parser&, ast::Host& host, const Token&) {
  return host.disabled = true;
}

bool parse_all(Parser& p, ast::Host& host, const Token& word) {
  return p.set(host.all, true, word);
}

bool parse_family(Parser& p, ast::Host& host, const Token& word) {
  return p.set(host.family, word.text == "inet" ? Family::Inet : Family::Inet6, word);
}

bool parse_parent(Parser& p, ast::Host& host, const Token& word) {
  const auto parent = p.value("a host's id or name");
  return parent && p.set(host.parent, parent->text, {word.kind, word.text, parent->at});
}

bool parse_ip(Parser& p, ast::Host& host, const Token& word) {
  if (!p.expect("ttl")) return false;
  const auto ttl = p.number<std::uint8_t>("ip ttl", 1, 255);
  return ttl && p.set(host.ttl, *ttl, {word.kind, "ip ttl", word.at});
}

// It is relayd's, and of the hosts of its routers alone.
bool parse_priority(Parser& p, ast::Host&, const Token& word) {
  p.no_effect(word, "it is of routes, and this version has no routers");
  return p.number<std::uint16_t>("priority", 0, 255).has_value();
}

constexpr auto kKeywords = std::to_array<Keyword<ast::Host>>({
    {"all", parse_all},
    {"inet", parse_family},
    {"inet6", parse_family},
    {"retry", parse_retry},
    {"weight", parse_weight},
    {"parent", parse_parent},
    {"ip", parse_ip},
    {"disable", parse_disable},
    {"priority", parse_priority},
});

// Where hoststated's words begin a line of a list, they were meant as such.
bool refuse_word(Parser& p) {
  const Token& word = p.peek();
  if (word.is_word("include")) return p.error(word.at, "include stands where a line begins");
  if (kTableSection.find(word) == nullptr) return false;
  p.error(word.at, quoted(word) + " is hoststated's: in a list of hosts, as relayd has it, nothing stands but hosts");
  return true;
}

bool parse_item(Parser& p, ast::Table& table) {
  if (refuse_word(p)) return false;
  const auto name = p.value("a host");
  if (!name) return false;
  ast::Host host;
  host.name = {name->text, name->at};
  while (kHostSection.find(p.peek()) != nullptr)
    if (!p.word(kHostSection, host)) return false;
  table.hosts.push_back(std::move(host));
  return true;
}

}  // namespace

const Section<ast::Host> kHostSection = {"a host", kKeywords};

// Commas, blanks and ends of lines are the same between hosts. One that is refused takes the rest of its line with it.
bool parse_host_list(Parser& p, ast::Table& table, const Token& brace) {
  bool first = false;  // on its line
  while (!p.accept('}')) {
    if (p.peek().kind == TokenKind::End || (first && p.begins_section())) {
      table.broken = true;
      p.unclosed(brace, "table " + table.name.value);
      return false;
    }
    if (p.accept(',')) continue;
    first = p.peek().kind == TokenKind::Newline;
    if (first) {
      p.take();
    } else if (!parse_item(p, table)) {
      table.broken = true;
      p.recover();
    }
  }
  return true;
}

}  // namespace hcd::conf
