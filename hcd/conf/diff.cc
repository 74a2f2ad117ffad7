#include "hcd/conf/diff.h"

#include <algorithm>
#include <map>
#include <tuple>

#include "fastpath/base/text.h"

namespace hcd::conf {
namespace {

using Lines = std::vector<std::string>;

// Collects the names of the fields that differ.
class Fields {
 public:
  template <class T>
  void compare(std::string_view name, const T& before, const T& after) {
    if (!(before == after)) names_.emplace_back(name);
  }
  void report(Lines& lines, const std::string& subject) const {
    if (!names_.empty()) lines.push_back("~ " + subject + ": " + join(names_, ", "));
  }

 private:
  std::vector<std::string> names_;
};

// Calls gone, stayed or came for each name of two lists, in the order of the lists.
template <class T, class Gone, class Stayed, class Came>
void match(const std::vector<T>& before, const std::vector<T>& after, Gone gone, Stayed stayed, Came came) {
  std::map<std::string_view, const T*> old, now;
  for (const auto& item : before) old.emplace(item.name, &item);
  for (const auto& item : after) now.emplace(item.name, &item);
  for (const auto& item : before)
    if (!now.contains(item.name)) gone(item);
  for (const auto& item : after)
    if (const auto found = old.find(item.name); found != old.end())
      stayed(*found->second, item);
    else
      came(item);
}

// A file that is read again and holds something else now; what only one of them names, its table tells.
void diff_authorities(Lines& lines, const Config& running, const Config& fresh) {
  for (const auto& after : fresh.authorities)
    for (const auto& before : running.authorities)
      if (before.path == after.path && before.pem != after.pem)
        lines.push_back("~ ca " + (after.path.empty() ? std::string("of the system") : after.path));
}

void diff_global(Lines& lines, const Global& before, const Global& after) {
  Fields fields;
  fields.compare("interval", before.interval, after.interval);
  fields.compare("timeout", before.timeout, after.timeout);
  fields.compare("log", before.log, after.log);
  fields.compare("prefork", before.prefork, after.prefork);
  fields.compare("socket", before.socket, after.socket);
  fields.compare("script limit", before.script_limit, after.script_limit);
  fields.compare("demote", before.demote, after.demote);
  fields.compare("resolver", before.lookup, after.lookup);
  fields.compare("metrics", before.metrics, after.metrics);
  fields.compare("fastpath", before.fastpath, after.fastpath);
  fields.compare("pfctl", before.pf, after.pf);
  fields.compare("fastpath interfaces", before.interfaces, after.interfaces);
  fields.compare("states limit", before.states_limit, after.states_limit);
  fields.compare("states when full", before.guard.when_full, after.guard.when_full);
  fields.compare("syn guard", before.guard.syns, after.guard.syns);
  fields.report(lines, "global");
}

// A host by its name: ids may differ between configurations.
std::string host_name(const Config& config, std::optional<Id> id) {
  if (!id) return {};
  for (const auto& table : config.tables)
    for (const auto& host : table.hosts)
      if (host.id == *id) return table.name + "/" + host.name;
  return {};
}

void diff_host(Lines& lines, const Config& running, const Host& before, const Config& fresh, const Host& after,
               const std::string& where) {
  Fields fields;
  fields.compare("address", before.address, after.address);
  fields.compare("by name", before.by_name, after.by_name);
  fields.compare("retry", before.retry, after.retry);
  fields.compare("weight", before.weight, after.weight);
  fields.compare("ip ttl", before.ttl, after.ttl);
  if (before.parent || after.parent)
    fields.compare("parent", host_name(running, before.parent), host_name(fresh, after.parent));
  fields.compare("disable", before.disabled, after.disabled);
  fields.report(lines, "host " + after.name + where);
}

void diff_table(Lines& lines, const Config& running, const Table& before, const Config& fresh, const Table& after) {
  Fields fields;
  fields.compare("port", before.port, after.port);
  fields.compare("check", before.check, after.check);
  fields.compare("timeout", before.timeout, after.timeout);
  fields.compare("interval", before.interval, after.interval);
  fields.compare("interval down", before.pace.down, after.pace.down);
  fields.compare("interval changing", before.pace.changing, after.pace.changing);
  fields.compare("jitter", before.pace.jitter, after.pace.jitter);
  const Judgement &was = before.judgement, &is = after.judgement;
  fields.compare("rise", was.rise, is.rise);
  fields.compare("fall", was.fall, is.fall);
  fields.compare("flap", std::tie(was.flap, was.flap_within, was.flap_hold),
                 std::tie(is.flap, is.flap_within, is.flap_hold));
  fields.compare("passive fail", std::tie(was.passive, was.passive_within), std::tie(is.passive, is.passive_within));
  fields.compare("slow start", before.slow_start, after.slow_start);
  fields.compare("minimum", std::tie(before.minimum, before.minimum_for), std::tie(after.minimum, after.minimum_for));
  fields.compare("disable", before.disabled, after.disabled);
  fields.compare("demote", before.demote, after.demote);
  fields.report(lines, "table " + after.name);
  const std::string where = " in table " + after.name;
  match(
      before.hosts, after.hosts, [&](const Host& host) { lines.push_back("-1 host " + host.name + where); },
      [&](const Host& old, const Host& now) { diff_host(lines, running, old, fresh, now, where); },
      [&](const Host& host) { lines.push_back("+1 host " + host.name + where); });
}

std::string table_name(const Config& config, std::optional<Id> id) {
  const auto* table = id ? config.table(*id) : nullptr;
  return table == nullptr ? "" : table->name;
}

std::vector<std::string> table_names(const Config& config, const std::vector<Id>& ids) {
  std::vector<std::string> names;
  for (const Id id : ids) names.push_back(table_name(config, id));
  return names;
}

// Ids may differ between configurations.
std::vector<std::string> conditions(const Config& config, const Service& service) {
  std::vector<std::string> out;
  for (const auto& [use, watch, below, percent, hold] : service.conditions)
    out.push_back(table_name(config, use) + " " + table_name(config, watch) + " " + std::to_string(below) +
                  (percent ? "% " : " ") + std::to_string(hold.count()));
  return out;
}

void diff_service(Lines& lines, const Config& running, const Service& before, const Config& fresh,
                  const Service& after) {
  Fields fields;
  fields.compare("virtual hosts", before.virtuals, after.virtuals);
  fields.compare("table", table_name(running, before.table), table_name(fresh, after.table));
  fields.compare("backup table", table_names(running, before.backups), table_names(fresh, after.backups));
  fields.compare("use table", conditions(running, before), conditions(fresh, after));
  const fastpath::Rule &was = before.rule, &is = after.rule;
  fields.compare("from", was.from, is.from);
  fields.compare("tag", was.tag, is.tag);
  fields.compare("mode", was.method, is.method);
  fields.compare("key", was.key, is.key);
  fields.compare("sticky-address", was.sticky, is.sticky);
  fields.compare("session timeout", was.established, is.established);
  fields.compare("keep state", std::tie(was.limits, was.timeouts, was.sloppy),
                 std::tie(is.limits, is.timeouts, is.sloppy));
  fields.compare("on down", before.reset_on_down, after.reset_on_down);
  fields.compare("keep-ttl", was.keep_ttl, is.keep_ttl);
  fields.compare("disable", before.disabled, after.disabled);
  fields.report(lines, "service " + after.name);
}

std::string with_hosts(const Table& table) {
  const auto count = table.hosts.size();
  return "table " + table.name + " (" + std::to_string(count) + (count == 1 ? " host)" : " hosts)");
}

}  // namespace

std::vector<std::string> diff(const Config& running, const Config& fresh) {
  Lines lines;
  diff_global(lines, running.global, fresh.global);
  diff_authorities(lines, running, fresh);
  match(
      running.tables, fresh.tables, [&](const Table& table) { lines.push_back("-1 " + with_hosts(table)); },
      [&](const Table& before, const Table& after) { diff_table(lines, running, before, fresh, after); },
      [&](const Table& table) { lines.push_back("+1 " + with_hosts(table)); });
  match(
      running.services, fresh.services, [&](const Service& service) { lines.push_back("-1 service " + service.name); },
      [&](const Service& before, const Service& after) { diff_service(lines, running, before, fresh, after); },
      [&](const Service& service) { lines.push_back("+1 service " + service.name); });
  return lines;
}

std::string diff_text(const Config& running, const Config& fresh) {
  const auto lines = diff(running, fresh);
  return lines.empty() ? "no changes" : join(lines, "\n");
}

}  // namespace hcd::conf
