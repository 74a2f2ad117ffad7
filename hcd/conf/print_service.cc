#include "hcd/conf/print_service.h"

#include <algorithm>
#include <map>

#include "fastpath/base/text.h"
#include "hcd/conf/duration.h"
#include "hcd/conf/print.h"

namespace hcd::conf {
namespace {

std::string hold_text(Seconds hold) {
  return hold.count() == 0 ? "" : " for " + duration_text(hold);
}

void add_judgement(std::vector<std::string>& out, const Table& table) {
  const auto count = [](auto number) { return std::to_string(number); };
  const Pace& pace = table.pace;
  const Judgement& judgement = table.judgement;
  if (pace.down.count() != 0) out.push_back("interval down " + duration_text(pace.down));
  if (pace.changing.count() != 0) out.push_back("interval changing " + duration_text(pace.changing));
  if (pace.jitter != 0) out.push_back("jitter " + count(pace.jitter) + "%");
  if (judgement.rise != 1) out.push_back("rise " + count(judgement.rise));
  if (judgement.fall != 1) out.push_back("fall " + count(judgement.fall));
  if (judgement.flap != 0)
    out.push_back("flap " + count(judgement.flap) + " in " + duration_text(judgement.flap_within) + " hold " +
                  duration_text(judgement.flap_hold));
  if (judgement.passive != 0)
    out.push_back("passive fail " + count(judgement.passive) + " in " + duration_text(judgement.passive_within));
  if (table.slow_start.count() != 0) out.push_back("slow start " + duration_text(table.slow_start));
  if (table.minimum != 0) out.push_back("minimum " + count(table.minimum) + hold_text(table.minimum_for));
}

// How one service names its tables.
class Names {
 public:
  Names(const Config& config, const Service& service) : config_(config), service_(service) {
    list_ = is_list(service.table);
    for (const Id id : service.backups) list_ |= is_list(id);
    for (const auto& condition : service.conditions) list_ |= is_list(condition.use);
  }

  [[nodiscard]] bool list() const { return list_; }

  // Where it is used: with its port if that is another than the service's, and a list's options, unless that was said above.
  std::string use(Id id) {
    const auto* table = config_.table(id);
    if (table == nullptr) return "";
    std::string out = name(id);
    const auto [known, fresh] = known_.try_emplace(std::string(declared_name(*table)), id);
    if (!fresh && known->second == id) return out;
    const bool usual = fresh && table->port == service_.virtuals.front().port;
    if (table->name.contains(':') && !usual) out += " port " + std::to_string(table->port);
    if (!is_list(id)) return out;
    for (const auto& option : option_texts(*table, config_.global)) out += " " + option;
    return out;
  }
  [[nodiscard]] std::string name(Id id) const {
    const auto* table = config_.table(id);
    const std::string name(table == nullptr ? "" : declared_name(*table));
    return list_ ? "<" + name + ">" : name;
  }

 private:
  [[nodiscard]] bool is_list(Id id) const {
    const auto* table = config_.table(id);
    return table != nullptr && is_of_list(config_, *table);
  }

  const Config& config_;
  const Service& service_;
  bool list_ = false;
  std::map<std::string, Id, std::less<>> known_;
};

void print_virtuals(std::string& out, const Service& service, std::string_view words) {
  for (const auto& entry : service.virtuals) {
    out += "    " + std::string(words) + " " + entry.address.text() + (entry.proto == Proto::Udp ? " udp" : "");
    out += entry.port == 0 ? " port any" : " port " + std::to_string(entry.port);
    if (entry.last_port != 0) out += ":" + std::to_string(entry.last_port);
    out += entry.interface.empty() ? "\n" : " interface " + entry.interface + "\n";
  }
}

void print_tables(std::string& out, const Service& service, Names& names) {
  out += (names.list() ? "    forward to " : "    table ") + names.use(service.table) + "\n";
  for (const Id backup : service.backups)
    out += (names.list() ? "    forward to " : "    backup table ") + names.use(backup) + "\n";
  for (const auto& [use, watch, below, percent, hold] : service.conditions)
    out += "    use table " + names.use(use) + " when " + names.name(watch) + " below " + std::to_string(below) +
           (percent ? "%" : " hosts") + hold_text(hold) + "\n";
}

// What the rules of a service have in common.
void print_rule(std::string& out, const Service& service, bool redirect) {
  const auto& rule = service.rule;
  if (!rule.from.any()) out += "    from " + source_text(rule.from) + "\n";
  if (!rule.tag.empty()) out += (redirect ? "    pftag " : "    tag ") + rule.tag + "\n";
  if (rule.method != fastpath::Method::RoundRobin) {
    out += "    mode " + std::string(mode_text(rule.method));
    out += rule.key ? " 0x" + to_hex(std::string(rule.key->begin(), rule.key->end())) + "\n" : "\n";
  }
  if (rule.sticky) out += "    sticky-address\n";
  fastpath::Rule options = rule;
  if (std::ranges::any_of(service.virtuals, [](const Virtual& to) { return to.proto == Proto::Tcp; })) {
    if (rule.established != (redirect ? kRedirectSessionTimeout : Seconds(0)))
      out += "    session timeout " + std::to_string(rule.established.count()) + "\n";
    options.established = Seconds(0);
  }
  if (const auto text = keep_state_text(options); !text.empty()) out += "   " + text + "\n";
  if (service.reset_on_down) out += "    on down reset\n";
  if (rule.keep_ttl) out += "    keep-ttl\n";
}

}  // namespace

std::string_view declared_name(const Table& table) {
  return std::string_view(table.name).substr(0, table.name.find(':'));
}

bool is_of_list(const Config& config, const Table& table) {
  return table.name.contains(':') &&
         std::ranges::find(config.templates, declared_name(table), &Table::name) == config.templates.end();
}

std::vector<std::string> option_texts(const Table& table, const Global& global) {
  std::vector<std::string> out = {"check " + check_text(table.check)};
  if (table.timeout != global.timeout) out.push_back("timeout " + std::to_string(table.timeout.count()));
  if (table.interval != global.interval) out.push_back("interval " + duration_text(table.interval));
  add_judgement(out, table);
  if (!table.demote.empty()) out.push_back("demote " + table.demote);
  return out;
}

void print_service(std::string& out, const Service& service, const Config& config) {
  Names names(config, service);
  out += (names.list() ? "\nredirect " : "\nservice ") + service.name + " {\n";
  print_virtuals(out, service, names.list() ? "listen on" : "virtual host");
  print_tables(out, service, names);
  print_rule(out, service, names.list());
  if (service.disabled) out += "    disable\n";
  out += "}\n";
}

}  // namespace hcd::conf
