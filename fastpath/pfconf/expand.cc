#include "fastpath/pfconf/expand.h"

#include <algorithm>

namespace hcd::fastpath::pfconf {
namespace {

// The sources for destinations of this family: all networks at once, each table and each exception by itself.
std::vector<From> sources_of(const ast::Rule& rule, Family family) {
  if (rule.from.empty()) return {From{}};
  From networks;
  std::vector<From> alone;
  bool any = false;
  for (const ast::Source& source : rule.from) {
    if (!source.table.empty()) {
      alone.push_back({.table = source.table, .negated = source.negated});
    } else if (!source.network) {
      any = true;
    } else if (source.network->address.family == family) {
      if (source.negated) {
        alone.push_back({.networks = {*source.network}, .negated = true});
      } else {
        networks.networks.push_back(*source.network);
      }
    }
  }
  if (any) return {From{}};
  std::vector<From> out;
  if (!networks.any()) out.push_back(std::move(networks));
  std::ranges::move(alone, std::back_inserter(out));
  return out;
}

}  // namespace

bool for_each_match(const ast::Rule& rule, const Rule& base, const std::function<bool(Rule)>& visit) {
  const auto protos = rule.protos.empty() ? std::vector{Proto::Tcp} : rule.protos;
  const auto ports = rule.ports.empty() ? std::vector{ast::Ports{}} : rule.ports;
  const auto sources4 = sources_of(rule, Family::Inet), sources6 = sources_of(rule, Family::Inet6);
  for (const Proto proto : protos) {
    for (std::size_t i = 0; i < std::max(sources4.size(), sources6.size()); i++) {
      for (const At<Address>& to : rule.to) {
        const auto& sources = to.value.family == Family::Inet ? sources4 : sources6;
        if (i >= sources.size() || (rule.family && rule.family->value != to.value.family)) continue;
        for (const ast::Ports& port : ports) {
          Rule one = base;
          one.proto = proto;
          one.from = sources[i];
          one.to = to.value;
          one.port = port.first;
          one.last_port = port.last;
          if (!visit(std::move(one))) return false;
        }
      }
    }
  }
  return true;
}

}  // namespace hcd::fastpath::pfconf
