// The top level of a file: global options, and the words that open a section.
#include <algorithm>
#include <array>

#include "hcd/conf/parse_metrics.h"
#include "hcd/conf/parse_resolver.h"
#include "hcd/conf/parse_table.h"
#include "hcd/conf/parser.h"

namespace hcd::conf {
namespace {

constexpr std::size_t kSocketMax = 100;  // with room for the read-only one's longer name in the 107 of an address

bool parse_interval(Parser& p, ast::File& file, const Token& word) {
  const auto interval = p.interval();
  return interval && p.set(file.global.interval, *interval, word);
}

bool parse_timeout(Parser& p, ast::File& file, const Token& word) {
  const auto timeout = p.timeout();
  return timeout && p.set(file.global.timeout, *timeout, word);
}

bool parse_prefork(Parser& p, ast::File& file, const Token& word) {
  const auto count = p.number<unsigned>("prefork", 1, 64);
  p.no_effect(word, "this version has no relays");
  return count && p.set(file.global.prefork, *count, word);
}

bool parse_demote(Parser& p, ast::File& file, const Token& word) {
  const auto group = p.label("demote group", kInterfaceMax);
  p.no_effect(word, "this version demotes nothing");
  return group && p.set(file.global.demote, group->text, word);
}

bool parse_script(Parser& p, ast::File& file, const Token& word) {
  if (!p.expect("limit")) return false;
  const auto count = p.number<unsigned>("script limit", 1, 1024);
  return count && p.set(file.global.script_limit, *count, {word.kind, "script limit", word.at});
}

// relayd has a line for each kind, and one kind holds the other.
bool set_log(Parser& p, ast::File& file, LogChecks log, const Token& word) {
  auto& now = file.global.log;
  if (!now) return p.set(now, log, word);
  now->value = std::max(now->value, log);
  return true;
}

bool parse_log(Parser& p, ast::File& file, const Token& word) {
  if (p.accept("updates")) return p.set(file.global.log, LogChecks::Updates, word);
  if (p.accept("all")) return p.set(file.global.log, LogChecks::All, word);
  if (p.accept("state")) return p.expect("changes") && set_log(p, file, LogChecks::Updates, word);
  if (p.accept("host")) return p.expect("checks") && set_log(p, file, LogChecks::All, word);
  if (p.accept("connection")) {
    p.no_effect(word, "this version has no relays");
    p.accept("errors");
    return true;
  }
  return p.error(p.peek().at,
                 "expected 'updates', 'all', 'state changes', 'host checks' or 'connection', not " + quoted(p.peek()));
}

bool add_interface(Parser& p, ast::File& file) {
  const auto name = p.label("interface", kInterfaceMax);
  if (!name) return false;
  for (const auto& known : file.global.interfaces)
    if (known == name->text) return p.error(name->at, "interface " + quoted(*name) + " is given twice");
  file.global.interfaces.push_back(name->text);
  return true;
}

bool parse_interfaces(Parser& p, ast::File& file) {
  if (!p.accept('{')) return add_interface(p, file);
  while (!p.accept('}')) {
    if (p.accept(',')) continue;
    if (p.peek().kind == TokenKind::Newline)
      p.take();
    else if (!add_interface(p, file))
      return p.recover(1), false;
  }
  return !file.global.interfaces.empty() || p.error(p.peek().at, "the list of interfaces is empty");
}

// pfctl runs as root, so nobody else may be able to put another program in its place. One that is missing is no fault of the
// file's: it may be checked on another machine, and the daemon tells when it starts.
bool parse_pf(Parser& p, ast::File& file, const Token& word) {
  PfUse& pf = file.global.pf;
  Position at = p.take().at;
  if (p.accept("old"))
    pf.dialect = PfDialect::Old;
  else if (p.accept("new"))
    pf.dialect = PfDialect::New;
  else
    p.accept("auto");
  if (p.accept("pfctl")) {
    const auto path = p.whole_path("the path of pfctl", "pfctl");
    if (!path) return false;
    pf.pfctl = path->text;
    at = path->at;
  }
  if (const auto safe = p.files().only_root_changes(pf.pfctl); !safe && safe.error().code != Code::NotFound)
    return p.error(at, "pfctl \"" + printable(pf.pfctl) + "\" " + safe.error().text);
  return p.set(file.global.fastpath, FastpathMode::Pf, word);
}

bool parse_fastpath(Parser& p, ast::File& file, const Token& word) {
  if (p.peek().is_word("pf")) return parse_pf(p, file, word);
  constexpr std::array kModes = {std::pair{"auto", FastpathMode::Auto}, std::pair{"xdp", FastpathMode::Xdp},
                                 std::pair{"tc", FastpathMode::Tc}, std::pair{"none", FastpathMode::None}};
  for (const auto& [name, mode] : kModes) {
    if (!p.accept(name)) continue;
    if (!p.set(file.global.fastpath, mode, word)) return false;
    return !p.accept("on") || parse_interfaces(p, file);
  }
  return p.error(p.peek().at, "expected 'auto', 'xdp', 'tc', 'pf' or 'none', not " + quoted(p.peek()));
}

bool parse_states(Parser& p, ast::File& file, const Token& word) {
  if (p.accept("limit")) {
    const auto count = p.number<std::uint32_t>("states limit", kStatesMin, kStatesMax);
    return count && p.set(file.global.states_limit, *count, {word.kind, "states limit", word.at});
  }
  if (!p.accept("when")) return p.error(p.peek().at, "expected 'limit' or 'when full', not " + quoted(p.peek()));
  if (!p.expect("full")) return false;
  const auto when = fastpath::parse_when_full(p);
  return when && p.set(file.global.when_full, *when, {word.kind, "states when full", word.at});
}

bool parse_syn(Parser& p, ast::File& file, const Token& word) {
  if (!p.expect("guard")) return false;
  const auto count = fastpath::parse_syn_guard(p);
  if (!count || !p.expect("per") || !p.expect("second")) return false;
  return p.set(file.global.syn_guard, *count, {word.kind, "syn guard", word.at});
}

bool add_service(Parser& p, ast::File& file, const Section<ast::Service>& section, std::string_view kind) {
  auto name = p.name(std::string(kind) + " name");  // it names the pf table too
  if (!name) return false;
  ast::Service service;
  service.name = {name->text, name->at};
  service.redirect = &section == &kRedirectSection;
  const bool good = p.block(section, service, std::string(kind) + " " + name->text);
  file.declarations.emplace_back(std::move(service));  // a broken one too: its name is known
  return good;
}

bool parse_service(Parser& p, ast::File& file, const Token&) {
  return add_service(p, file, kServiceSection, "service");
}

bool parse_redirect(Parser& p, ast::File& file, const Token&) {
  return add_service(p, file, kRedirectSection, "redirect");
}

bool parse_socket(Parser& p, ast::File& file, const Token& word) {
  const auto path = p.whole_path("the path of a socket", "a socket");
  if (!path) return false;
  if (path->text.size() > kSocketMax)
    return p.error(path->at, "the path of a socket is longer than " + std::to_string(kSocketMax) + " characters");
  return p.set(file.global.socket, path->text, word);
}

constexpr std::string_view kAgentx =
    "AgentX is not spoken: take this line out, and ask hcctl for what relayd exports by it";
constexpr std::string_view kProtocol = "protocols (layer 7) are not supported";

constexpr auto kKeywords = std::to_array<Keyword<ast::File>>({
    {"interval", parse_interval},
    {"timeout", parse_timeout},
    {"log", parse_log},
    {"demote", parse_demote},
    {"prefork", parse_prefork},
    {"script", parse_script},
    {"fastpath", parse_fastpath},
    {"states", parse_states},
    {"syn", parse_syn},
    {"resolver", parse_resolver},
    {"metrics", parse_metrics},
    {"socket", parse_socket},
    {"table", parse_table},
    {"service", parse_service},
    {"redirect", parse_redirect},
    {"relay", nullptr, "relays (layer 7) are not supported"},
    {"protocol", nullptr, kProtocol},
    {"tcp", nullptr, kProtocol},
    {"http", nullptr, kProtocol},
    {"dns", nullptr, kProtocol},
    {"router", nullptr, "relayd's routers are not supported"},
    {"agentx", nullptr, kAgentx},
    {"snmp", nullptr, kAgentx},
    {"ca", nullptr, "relayd's ca is not supported"},
});

}  // namespace

const Section<ast::File> kGlobalSection = {"the top level", kKeywords};

}  // namespace hcd::conf
