#include "hcd/conf/print.h"

#include <algorithm>
#include <set>

#include "fastpath/base/text.h"

namespace hcd::conf {
namespace {

std::string quote(std::string_view text) {
  std::string out = "\"";
  for (const char c : text) {
    if (c == '"' || c == '\\') out += '\\';
    out += c;
  }
  return out + "\"";
}

template <class Count>
void line(std::string& out, std::string_view word, Count count) {
  out += std::string(word) + " " + std::to_string(count) + "\n";
}

void print_global(std::string& out, const Global& global) {
  line(out, "interval", global.interval.count());
  line(out, "timeout", global.timeout.count());
  if (global.log != LogChecks::Off) out += "log " + std::string(log_text(global.log)) + "\n";
  if (global.prefork) line(out, "prefork", *global.prefork);
  if (!global.demote.empty()) out += "demote " + global.demote + "\n";
  if (global.fastpath == FastpathMode::Auto && global.interfaces.empty()) return;
  out += "fastpath " + std::string(fastpath_text(global.fastpath));
  out += global.interfaces.empty() ? "\n" : " on { " + join(global.interfaces, " ") + " }\n";
}

void print_table(std::string& out, const Table& table, const Global& global) {
  out += "\ntable " + table.name + " {\n";
  if (table.port != 0) line(out, "    real port", table.port);
  out += "    check " + check_text(table.check) + "\n";
  if (table.timeout != global.timeout) line(out, "    timeout", table.timeout.count());
  if (table.interval != global.interval) line(out, "    interval", table.interval.count());
  if (!table.demote.empty()) out += "    demote " + table.demote + "\n";
  if (table.disabled) out += "    disable\n";
  for (const auto& host : table.hosts) {
    out += "    host " + host.name;
    if (host.retry != 0) out += " retry " + std::to_string(host.retry);
    if (host.weight != 1) out += " weight " + std::to_string(host.weight);
    out += host.disabled ? " disable\n" : "\n";
  }
  out += "}\n";
}

// The name in the file: an instance is written as the template it came from.
std::string declared_name(const Config& config, Id id) {
  const auto* table = config.table(id);
  return table == nullptr ? "" : table->name.substr(0, table->name.find(':'));
}

void print_service(std::string& out, const Service& service, const Config& config) {
  out += "\nservice " + service.name + " {\n";
  for (const auto& entry : service.virtuals) {
    out += "    virtual host " + entry.address.text() + " port " + std::to_string(entry.port);
    out += entry.interface.empty() ? "\n" : " interface " + entry.interface + "\n";
  }
  out += "    table " + declared_name(config, service.table) + "\n";
  if (service.backup) out += "    backup table " + declared_name(config, *service.backup) + "\n";
  if (!service.tag.empty()) out += "    tag " + service.tag + "\n";
  if (service.mode != Mode::RoundRobin) {
    out += "    mode " + std::string(mode_text(service.mode));
    out += service.key ? " 0x" + to_hex(*service.key) + "\n" : "\n";
  }
  if (service.session_timeout.count() != 0) line(out, "    session timeout", service.session_timeout.count());
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
    if (service.backup) use(*service.backup, out);
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
    print_table(out, table, config_.global);
  }

  const Config& config_;
  std::vector<const Table*> declared_;
  std::size_t next_ = 0;
  std::set<std::string> printed_;
  std::set<Id> instances_;
};

}  // namespace

std::string_view mode_text(Mode mode) {
  return mode == Mode::SourceHash ? "source-hash" : "roundrobin";
}

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

std::string check_text(const Check& check) {
  if (check.type == CheckType::Icmp) return "icmp";
  if (check.type == CheckType::Tcp) return "tcp";
  if (check.type == CheckType::None) return "none";
  std::string out = (check.tls ? "https " : "http ") + quote(check.path);
  if (!check.host.empty()) out += " host " + quote(check.host);
  if (check.type == CheckType::HttpCode) return out + " code " + std::to_string(check.code);
  return out + " digest " + quote(to_hex(check.digest));
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
