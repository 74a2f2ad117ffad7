#include "hcd/conf/print.h"

#include <algorithm>
#include <set>

#include "fastpath/base/text.h"
#include "hcd/conf/duration.h"

namespace hcd::conf {
namespace {

void line(std::string& out, std::string_view word, std::string_view value) {
  out += std::string(word) + " " + std::string(value) + "\n";
}
template <class Count>
  requires std::is_arithmetic_v<Count>
void line(std::string& out, std::string_view word, Count count) {
  line(out, word, std::to_string(count));
}

std::string hold_text(Seconds hold) {
  return hold.count() == 0 ? "" : " for " + duration_text(hold);
}

void print_judgement(std::string& out, const Table& table) {
  const Pace& pace = table.pace;
  const Judgement& judgement = table.judgement;
  if (pace.down.count() != 0) line(out, "    interval down", duration_text(pace.down));
  if (pace.changing.count() != 0) line(out, "    interval changing", duration_text(pace.changing));
  if (pace.jitter != 0) out += "    jitter " + std::to_string(pace.jitter) + "%\n";
  if (judgement.rise != 1) line(out, "    rise", judgement.rise);
  if (judgement.fall != 1) line(out, "    fall", judgement.fall);
  if (judgement.flap != 0)
    out += "    flap " + std::to_string(judgement.flap) + " in " + duration_text(judgement.flap_within) + " hold " +
           duration_text(judgement.flap_hold) + "\n";
  if (judgement.passive != 0)
    out += "    passive fail " + std::to_string(judgement.passive) + " in " + duration_text(judgement.passive_within) +
           "\n";
  if (table.slow_start.count() != 0) line(out, "    slow start", duration_text(table.slow_start));
  if (table.minimum != 0) out += "    minimum " + std::to_string(table.minimum) + hold_text(table.minimum_for) + "\n";
}

// A host of the same table goes by its name alone.
std::string parent_text(const Config& config, const Table& own, Id parent) {
  for (const auto& host : own.hosts)
    if (host.id == parent) return host.name;
  for (const auto& table : config.tables)
    for (const auto& host : table.hosts)
      if (host.id == parent) return table.name + "/" + host.name;
  return std::to_string(parent);
}

std::string by_name_text(const Host& host) {
  if (!host.by_name) return {};
  const bool inet = host.by_name.takes(Family::Inet), inet6 = host.by_name.takes(Family::Inet6);
  return std::string(host.by_name.all() ? " all" : "") + (inet && inet6 ? "" : inet ? " inet" : " inet6");
}

void print_lookup(std::string& out, const Lookup& lookup) {
  for (const auto& server : lookup.servers) {
    out += "resolver server " + server.address.text();
    out += server.port == NameServer().port ? "\n" : " port " + std::to_string(server.port) + "\n";
  }
  const Lookup usual;
  if (lookup.ttl_least != usual.ttl_least || lookup.ttl_most != usual.ttl_most)
    out += "resolver ttl " + duration_text(lookup.ttl_least) + " to " + duration_text(lookup.ttl_most) + "\n";
}

void print_global(std::string& out, const Global& global) {
  line(out, "interval", duration_text(global.interval));
  line(out, "timeout", global.timeout.count());
  if (global.log != LogChecks::Off) out += "log " + std::string(log_text(global.log)) + "\n";
  if (global.prefork) line(out, "prefork", *global.prefork);
  if (!global.demote.empty()) out += "demote " + global.demote + "\n";
  if (global.script_limit != Global().script_limit) line(out, "script limit", global.script_limit);
  print_lookup(out, global.lookup);
  if (global.fastpath == FastpathMode::Auto && global.interfaces.empty()) return;
  out += "fastpath " + std::string(fastpath_text(global.fastpath));
  out += global.interfaces.empty() ? "\n" : " on { " + join(global.interfaces, " ") + " }\n";
}

void print_table(std::string& out, const Table& table, const Config& config) {
  const auto& global = config.global;
  out += "\ntable " + table.name + " {\n";
  if (table.port != 0) line(out, "    real port", table.port);
  out += "    check " + check_text(table.check) + "\n";
  if (table.timeout != global.timeout) line(out, "    timeout", table.timeout.count());
  if (table.interval != global.interval) line(out, "    interval", duration_text(table.interval));
  print_judgement(out, table);
  if (!table.demote.empty()) out += "    demote " + table.demote + "\n";
  if (table.disabled) out += "    disable\n";
  for (const auto& host : table.hosts) {
    out += "    host " + host.name + by_name_text(host);
    if (host.retry != 0) out += " retry " + std::to_string(host.retry);
    if (host.weight != 1) out += " weight " + std::to_string(host.weight);
    if (host.parent) out += " parent " + parent_text(config, table, *host.parent);
    out += host.disabled ? " disable\n" : "\n";
  }
  out += "}\n";
}

// The name in the file: an instance is written as the template it came from.
std::string declared_name(const Config& config, Id id) {
  const auto* table = config.table(id);
  return table == nullptr ? "" : table->name.substr(0, table->name.find(':'));
}

// What the rules of a service have in common.
void print_rule(std::string& out, const fastpath::Rule& rule) {
  if (!rule.from.any()) line(out, "    from", source_text(rule.from));
  if (!rule.tag.empty()) line(out, "    tag", rule.tag);
  if (rule.method != fastpath::Method::RoundRobin) {
    out += "    mode " + std::string(mode_text(rule.method));
    out += rule.key ? " 0x" + to_hex(std::string(rule.key->begin(), rule.key->end())) + "\n" : "\n";
  }
  if (rule.sticky) out += "    sticky-address\n";
  fastpath::Rule options = rule;
  if (rule.established.count() != 0) line(out, "    session timeout", options.established.count());
  options.established = Seconds(0);
  if (const auto text = keep_state_text(options); !text.empty()) out += "   " + text + "\n";
  if (rule.on_down == fastpath::OnDown::Reset) out += "    on down reset\n";
  if (rule.keep_ttl) out += "    keep-ttl\n";
}

void print_service(std::string& out, const Service& service, const Config& config) {
  out += "\nservice " + service.name + " {\n";
  for (const auto& entry : service.virtuals) {
    out += "    virtual host " + entry.address.text() + (entry.proto == Proto::Udp ? " udp" : "");
    out += entry.port == 0 ? " port any" : " port " + std::to_string(entry.port);
    if (entry.last_port != 0) out += ":" + std::to_string(entry.last_port);
    out += entry.interface.empty() ? "\n" : " interface " + entry.interface + "\n";
  }
  out += "    table " + declared_name(config, service.table) + "\n";
  for (const Id backup : service.backups) out += "    backup table " + declared_name(config, backup) + "\n";
  for (const auto& condition : service.conditions) out += "    use " + condition_text(config, condition) + "\n";
  print_rule(out, service.rule);
  if (service.disabled) out += "    disable\n";
  out += "}\n";
}

// Puts each service behind the tables it uses, and behind just those that were declared above it: the ids that its
// instances took tell which.
class Order {
 public:
  explicit Order(const Config& config) : config_(config) {
    for (const auto* list : {&config.templates, &config.tables})
      for (const auto& table : *list)
        if (!table.name.contains(':')) declared_.push_back(&table);
    std::ranges::sort(declared_, {}, &Table::id);
  }

  void tables_before(const Service& service, std::string& out) {
    use(service.table, out);
    for (const Id backup : service.backups) use(backup, out);
    for (const auto& condition : service.conditions) {
      use(condition.use, out);
      use(condition.watch, out);
    }
  }

  void rest(std::string& out) {
    while (next_ < declared_.size()) print_next(out);
  }

 private:
  void use(Id id, std::string& out) {
    const auto* table = config_.table(id);
    if (table == nullptr) return;
    if (table->name.contains(':') && instances_.insert(id).second)
      while (next_ < declared_.size() && declared_[next_]->id < id) print_next(out);
    const auto name = declared_name(config_, id);
    while (next_ < declared_.size() && !printed_.contains(name)) print_next(out);
  }

  void print_next(std::string& out) {
    const auto& table = *declared_[next_++];
    printed_.insert(table.name);
    print_table(out, table, config_);
  }

  const Config& config_;
  std::vector<const Table*> declared_;
  std::size_t next_ = 0;
  std::set<std::string> printed_;
  std::set<Id> instances_;
};

}  // namespace

std::string_view log_text(LogChecks log) {
  switch (log) {
    case LogChecks::Off: return "off";
    case LogChecks::Updates: return "updates";
    case LogChecks::All: return "all";
  }
  return "off";
}

std::string_view fastpath_text(FastpathMode mode) {
  switch (mode) {
    case FastpathMode::Auto: return "auto";
    case FastpathMode::Xdp: return "xdp";
    case FastpathMode::Tc: return "tc";
    case FastpathMode::None: return "none";
  }
  return "auto";
}

std::string condition_text(const Config& config, const Condition& condition) {
  return "table " + declared_name(config, condition.use) + " when " + declared_name(config, condition.watch) +
         " below " + std::to_string(condition.below) + (condition.percent ? "%" : " hosts") + hold_text(condition.hold);
}

std::string print(const Config& config) {
  std::string out;
  print_global(out, config.global);
  Order order(config);
  for (const auto& service : config.services) {
    order.tables_before(service, out);
    print_service(out, service, config);
  }
  order.rest(out);
  return out;
}

}  // namespace hcd::conf
