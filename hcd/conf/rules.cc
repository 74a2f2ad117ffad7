#include "hcd/conf/rules.h"

#include <algorithm>

#include "fastpath/table.h"

namespace hcd::conf {
namespace {

using fastpath::Rule;

// Sources of the other family are nobody's who comes here; without one of this family, a rule is for no one but whom `!` names.
void keep_family(Rule& rule) {
  std::erase_if(rule.from.networks, [&](const auto& source) { return source.address.family != rule.to.family; });
  if (rule.from.any()) rule.from = {};
  std::ranges::sort(rule.from.networks);
}

void keep_protocol(Rule& rule) {
  const bool udp = rule.proto == fastpath::Proto::Udp;
  std::erase_if(rule.timeouts, [&](const auto& timeout) {
    return fastpath::timeout_name(timeout.first).starts_with(udp ? "tcp." : "udp.");
  });
  if (!udp) return;
  rule.established = Seconds(0);
  rule.limits.max_src_conn = rule.limits.max_src_conn_rate = 0;
  rule.limits.rate_seconds = Seconds(0);
  rule.limits.overload.clear();
  rule.limits.flush = fastpath::Flush::None;
}

void set_target(Rule& rule, std::uint16_t real_port) {
  rule.target_port = rule.port == 0 || (rule.many_ports() && rule.port == real_port) ? std::uint16_t{0} : real_port;
  rule.target_range = rule.many_ports() && rule.target_port != 0;
}

}  // namespace

std::vector<Rule> rules_of(const Service& service, std::uint16_t real_port) {
  std::vector<Rule> out;
  for (const auto& to : service.virtuals) {
    Rule& rule = out.emplace_back(service.rule);
    rule.interface = to.interface;
    rule.ifindex = to.ifindex;
    rule.proto = to.proto == Proto::Udp ? fastpath::Proto::Udp : fastpath::Proto::Tcp;
    rule.to = to.address;
    rule.port = to.port;
    rule.last_port = to.last_port;
    keep_family(rule);
    keep_protocol(rule);
    set_target(rule, real_port);
  }
  std::ranges::stable_partition(out, [](const Rule& rule) { return !rule.interface.empty(); });
  return out;
}

std::string table_name(const Service& service, Family family) {
  if (family == service.virtuals.front().address.family) return service.name;
  return service.name.substr(0, fastpath::kTableNameMax - 1) + (family == Family::Inet ? "4" : "6");
}

bool leads_to(const Rule& rule, std::uint16_t real_port) {
  Rule same = rule;
  set_target(same, real_port);
  return same.target_port == rule.target_port;
}

}  // namespace hcd::conf
