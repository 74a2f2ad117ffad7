#include "hcd/conf/print.h"

#include <algorithm>
#include <set>

#include "fastpath/base/text.h"
#include "hcd/conf/duration.h"
#include "hcd/conf/print_service.h"

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

std::string name_of(const Table& table, Id host) {
  const auto found = std::ranges::find(table.hosts, host, &Host::id);
  return found == table.hosts.end() ? "" : found->name;
}

// A parent in the same table goes by its name alone, if each table that is made of the list has its own.
std::string parent_text(const Config& config, const Table& own, std::size_t place) {
  const Id parent = *own.hosts[place].parent;
  const auto foreign = [&](const Table& table) {
    if (declared_name(table) != declared_name(own) || table.hosts.size() != own.hosts.size()) return false;
    const auto& its = table.hosts[place].parent;
    return !its || name_of(table, *its).empty();
  };
  auto name = name_of(own, parent);
  if (!name.empty() && std::ranges::none_of(config.tables, foreign)) return name;
  for (const auto& table : config.tables)
    if (auto its = name_of(table, parent); !its.empty()) return table.name + "/" + its;
  return name.empty() ? std::to_string(parent) : name;
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
  if (!global.socket.empty()) line(out, "socket", quote(global.socket));
  if (global.script_limit != Global().script_limit) line(out, "script limit", global.script_limit);
  print_lookup(out, global.lookup);
  if (const auto& at = global.metrics)
    out += "metrics listen on " + at->address.text() + " port " + std::to_string(at->port) + "\n";
  if (global.fastpath != FastpathMode::Auto || !global.interfaces.empty()) {
    out += "fastpath " + std::string(fastpath_text(global.fastpath));
    if (global.pf.dialect != PfDialect::Auto) out += " " + std::string(dialect_text(global.pf.dialect));
    if (global.pf.pfctl != PfUse().pfctl) out += " pfctl " + quote(global.pf.pfctl);
    out += global.interfaces.empty() ? "\n" : " on { " + join(global.interfaces, " ") + " }\n";
  }
  const fastpath::Guard usual;
  if (global.states_limit != 0) line(out, "states limit", global.states_limit);
  if (global.guard.when_full != usual.when_full)
    line(out, "states when full", fastpath::when_full_word(global.guard.when_full));
  if (global.guard.syns != 0) out += "syn guard " + std::to_string(global.guard.syns) + " per second\n";
}

void print_host(std::string& out, const Config& config, const Table& table, std::size_t place) {
  const Host& host = table.hosts[place];
  out += host.name + by_name_text(host);
  if (host.retry != 0) out += " retry " + std::to_string(host.retry);
  if (host.weight != 1) out += " weight " + std::to_string(host.weight);
  if (host.ttl != 0) out += " ip ttl " + std::to_string(host.ttl);
  if (host.parent) out += " parent " + parent_text(config, table, place);
  out += host.disabled ? " disable\n" : "\n";
}

void print_table(std::string& out, const Table& table, const Config& config) {
  out += "\ntable " + table.name + " {\n";
  if (table.port != 0) line(out, "    real port", table.port);
  for (const auto& option : option_texts(table, config.global)) out += "    " + option + "\n";
  if (table.disabled) out += "    disable\n";
  for (std::size_t place = 0; place < table.hosts.size(); place++) {
    out += "    host ";
    print_host(out, config, table, place);
  }
  out += "}\n";
}

void print_list(std::string& out, const Table& instance, const Config& config) {
  out += "\ntable <" + std::string(declared_name(instance)) + (instance.disabled ? "> disable {\n" : "> {\n");
  for (std::size_t place = 0; place < instance.hosts.size(); place++) {
    out += "    ";
    print_host(out, config, instance, place);
  }
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
    const std::string name(declared_name(*table));
    if (is_of_list(config_, *table)) {
      if (printed_.insert(name).second) print_list(out, *table, config_);
      return;
    }
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

std::string_view dialect_text(PfDialect dialect) {
  switch (dialect) {
    case PfDialect::Auto: return "auto";
    case PfDialect::New: return "new";
    case PfDialect::Old: return "old";
  }
  return "";
}

std::string_view fastpath_text(FastpathMode mode) {
  switch (mode) {
    case FastpathMode::Auto: return "auto";
    case FastpathMode::Xdp: return "xdp";
    case FastpathMode::Tc: return "tc";
    case FastpathMode::Pf: return "pf";
    case FastpathMode::None: return "none";
  }
  return "auto";
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
