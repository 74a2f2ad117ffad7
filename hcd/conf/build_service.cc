#include <algorithm>

#include "fastpath/anchor.h"
#include "hcd/conf/builder.h"
#include "hcd/conf/names.h"
#include "hcd/conf/rules.h"

namespace hcd::conf {

// The addresses of a virtual host as written; none after an error.
std::vector<Address> Builder::resolve(const At<std::string>& name) {
  std::vector<Address> found;
  if (const auto address = Address::parse(name.value)) {
    found.push_back(*address);
  } else if (!is_host_name(name.value)) {
    error(name.at, "'" + name.value + "' is neither an IP address nor a DNS name");
  } else if (auto addresses = resolver_.addresses(name.value)) {
    found = std::move(*addresses);
  } else {
    error(name.at, addresses.error().text);
  }
  for (const auto& address : found) {
    const auto problem = unusable(address);
    if (problem.empty()) continue;
    error(name.at, problem);
    return {};
  }
  return found;
}

void Builder::build_virtuals(Owner& owner) {
  auto& service = owner.service;
  const auto& from = owner.from;
  for (const auto& entry : from.virtuals)
    for (const auto& address : resolve(entry.host)) {
      service.virtuals.push_back({.address = address,
                                  .proto = entry.proto,
                                  .port = entry.port,
                                  .last_port = entry.last_port,
                                  .interface = entry.interface});
      virtuals_at_[service.id].push_back(entry.host.at);
    }
  const std::string what = from.redirect ? "address to listen on" : "virtual host";
  if (service.virtuals.size() > kVirtualsMax)
    error(from.name.at, owner.subject + " has " + std::to_string(service.virtuals.size()) +
                            (from.redirect ? " addresses to listen on" : " virtual hosts") + ", more than " +
                            std::to_string(kVirtualsMax));
  if (from.virtuals.empty() && !from.broken) error(from.name.at, owner.subject + " has no " + what);
}

// Each virtual host needs hosts of its family: the fast path does not translate between them.
void Builder::check_family(Family family, const Owner& owner, const Table* table, const Role& role) {
  if (table == nullptr || table->hosts.empty()) return;
  const auto same = [family](const Virtual& entry) { return entry.address.family == family; };
  const auto may_be = [family](const Host& host) {
    return host.by_name ? host.by_name.takes(family) : host.address.family == family;
  };
  if (std::ranges::none_of(owner.service.virtuals, same) || std::ranges::any_of(table->hosts, may_be)) return;
  const std::string word = family == Family::Inet ? "IPv4" : "IPv6";
  error(role.use.name.at, owner.subject + " has an " + word +
                              (owner.from.redirect ? " address to listen on" : " virtual host") + ", but its " +
                              std::string(role.word) + " '" + table->name + "' has no " + word + " host");
}

void Builder::build(const ast::Service& from) {
  const std::string subject = (from.redirect ? "redirect '" : "service '") + from.name.value + "'";
  const auto [first, fresh] = services_.try_emplace(from.name.value, from.name.at);
  if (!fresh)
    return error(from.name.at, subject + " is defined twice, first on line " + std::to_string(first->second.line));
  if (config_.services.size() == kServicesMax)
    return error(from.name.at, "more than " + std::to_string(kServicesMax) + " services");
  services_broken_ |= from.broken;
  Service service;
  service.id = first_service_ + static_cast<Id>(config_.services.size());
  service.name = from.name.value;
  service.rule = from.rule;
  service.reset_on_down = from.on_down && from.on_down->value;
  Owner owner{.from = from, .service = service, .subject = subject};
  build_virtuals(owner);
  if (from.table)
    service.table = use_table(owner, {*from.table, "table"}).value_or(0);
  else if (!from.broken)
    error(from.name.at, subject + (from.redirect ? " forwards to no table" : " has no table"));
  build_backups(owner);
  for (const auto& condition : from.conditions) build_condition(owner, condition);
  if (from.tag) service.rule.tag = from.tag->value;
  set_session_timeout(owner);
  check_sources(owner);
  service.disabled = from.disabled;
  config_.services.push_back(std::move(service));
}

// It is of established connections, which UDP has none of.
void Builder::set_session_timeout(Owner& owner) {
  auto& established = owner.service.rule.established;
  const auto& virtuals = owner.service.virtuals;
  const auto& timeout = owner.from.session_timeout;
  const bool udp = std::ranges::all_of(virtuals, [](const Virtual& added) { return added.proto == Proto::Udp; });
  if (timeout && established.count() != 0)
    error(timeout->at, "the session timeout is given by 'keep state' too, as tcp.established");
  if (timeout && udp && !virtuals.empty())
    error(timeout->at, owner.subject + " has a session timeout, but no " +
                           (owner.from.redirect ? "address" : "virtual host") + " of TCP");
  if (timeout)
    established = timeout->value;
  else if (owner.from.redirect && !udp && established.count() == 0)
    established = kRedirectSessionTimeout;
}

// A virtual host whose family has no source would be for nobody.
void Builder::check_sources(const Owner& owner) {
  const auto& service = owner.service;
  const auto& from = owner.from;
  const fastpath::From& sources = service.rule.from;
  for (const std::string* table : {&sources.table, &service.rule.limits.overload})
    for (const Family family : {Family::Inet, Family::Inet6})
      if (!service.virtuals.empty() && *table == table_name(service, family))
        return error(from.name.at, "table <" + *table + "> of sources has the name of the table of hosts");
  if (sources.networks.empty() || sources.negated) return;
  for (const auto& to : service.virtuals)
    if (std::ranges::none_of(sources.networks,
                             [&](const auto& source) { return source.address.family == to.address.family; }))
      return error(from.from ? from.from->at : from.name.at,
                   owner.subject + (from.redirect ? " listens on " : " has the virtual host ") + to.address.text() +
                       ", but no source of that family");
}

// What each virtual host comes to is sound, and no two services claim the same: where one of two that overlap leaves nothing
// to the other, that is refused. They are asked in the order of their names, as pf evaluates anchors.
void Builder::check_rules() {
  struct Claimed {
    const Service* service;
    Position at;
    fastpath::Rule rule;
  };
  std::vector<Claimed> all;
  for (const auto& service : config_.services) {
    const auto* table = config_.table(service.table);
    const auto begin = static_cast<std::ptrdiff_t>(all.size());
    for (std::size_t i = 0; i < service.virtuals.size(); i++) {
      const Service one{.name = service.name, .virtuals = {service.virtuals[i]}, .rule = service.rule};
      Claimed& claimed = all.emplace_back(Claimed{&service, virtuals_at_[service.id].at(i), {}});
      claimed.rule = rules_of(one, table == nullptr ? std::uint16_t{0} : table->port).front();
      claimed.rule.table = service.name;
      if (const auto sound = validate(claimed.rule); !sound) error(claimed.at, sound.error().text);
    }
    std::stable_partition(all.begin() + begin, all.end(),
                          [](const Claimed& claimed) { return !claimed.rule.interface.empty(); });
  }
  std::ranges::stable_sort(all, {}, [](const Claimed& claimed) { return std::string_view(claimed.service->name); });
  while (!diagnostics_.full()) {
    fastpath::Claims claims;
    for (const auto& claimed : all) claims.add(claimed.service->name, claimed.rule);
    const auto clash = claims.find_clash();
    if (!clash) return;
    const auto place = [&](const fastpath::Rule* rule) {
      return std::ranges::find(all, rule, [](const Claimed& claimed) { return &claimed.rule; });
    };
    auto first = place(clash->earlier), second = place(clash->later);
    if (first->at > second->at) std::swap(first, second);  // the file's order is that of its reader
    std::string what = destination_text(second->rule) + (second->rule.proto == fastpath::Proto::Udp ? "/udp" : "");
    if (!second->rule.interface.empty()) what += " on interface " + second->rule.interface;
    const bool many = clash->error.code == Code::Limit;
    error(second->at, many ? clash->error.text : what + " is taken by service '" + first->service->name + "'");
    all.erase(second);
  }
}

}  // namespace hcd::conf
