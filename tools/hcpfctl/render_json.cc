#include "tools/hcpfctl/render_json.h"

#include <nlohmann/json.hpp>

#include <fmt/format.h>

#include "fastpath/pfconf/print.h"
#include "tools/hcpfctl/render.h"

namespace hcd::hcpfctl {
namespace {

using Json = nlohmann::ordered_json;
using fastpath::Proto;

// Names in the maps may be anything: bytes that are no UTF-8 are replaced, never thrown about.
std::string dump(const Json& json) {
  return json.dump(2, ' ', false, Json::error_handler_t::replace) + "\n";
}

Json stats_of(const hcd_stats& stats) {
  return {{"packets_in", stats.packets[0]},
          {"bytes_in", stats.bytes[0]},
          {"packets_out", stats.packets[1]},
          {"bytes_out", stats.bytes[1]},
          {"states_created", stats.states}};
}

const char* proto_name(Proto proto) {
  return proto == Proto::Udp ? "udp" : "tcp";
}

Json rule_of(const RuleLine& line, bool older) {
  const auto& rule = line.rule;
  Json out = {{"anchor", line.anchor},
              {"number", line.number},
              {"text", older ? fastpath::pfconf::translation(rule) : canonical(rule)},
              {"interface", rule.interface},
              {"proto", proto_name(rule.proto)},
              {"from", source_text(rule.from)},
              {"to", rule.to.text()},
              {"port", rule.port},
              {"last_port", rule.last()},
              {"table", rule.table},
              {"table_entries", line.entries},
              {"target_port", rule.host_port()},
              {"label", rule.label},
              {"tag", rule.tag},
              {"states", line.states},
              {"evaluations", line.stats.evaluations}};
  out.update(stats_of(line.stats));
  return out;
}

Json state_of(const StateLine& line) {
  const Proto proto = line.host.proto;
  Json out = {{"proto", proto_name(proto)},
              {"client", line.client.text()},
              {"client_port", line.port},
              {"virtual", line.virtual_at.address.text()},
              {"virtual_port", line.virtual_at.port},
              {"host", line.host.address.text()},
              {"host_port", line.host.port},
              {"client_state", side_text(proto, line.client_side)},
              {"host_state", side_text(proto, line.server_side)},
              {"id", fmt::format("{:016x}", line.id)},
              {"age", line.age.count()},
              {"idle", line.idle.count()},
              {"expires", line.expires.count()},
              {"sticky", line.sticky},
              {"packets_in", line.packets[0]},
              {"packets_out", line.packets[1]},
              {"bytes_in", line.bytes[0]},
              {"bytes_out", line.bytes[1]}};
  if (!line.anchor.empty()) out.update({{"anchor", line.anchor}, {"rule", line.rule}});
  return out;
}

Json source_of(const SourceLine& line) {
  Json out = {{"client", line.client.text()},
              {"states", line.states},
              {"connections", line.connections},
              {"rate", line.rate / 1000.0},
              {"rate_seconds", line.rate_seconds.count()},
              {"age", line.age.count()},
              {"global", line.global}};
  if (line.host.family != Family::None) out["host"] = line.host.text();
  if (line.states == 0) out["expires"] = line.expires.count();
  if (!line.anchor.empty()) out.update({{"anchor", line.anchor}, {"rule", line.rule}});
  return out;
}

Json table_of(const TableLine& line) {
  Json addresses = Json::array();
  for (const AddressLine& address : line.addresses) {
    Json one = {{"address", address.entry.network().text()},
                {"negated", address.entry.negated},
                {"weight", address.entry.weight},
                {"cleared", address.cleared},
                {"states", address.states}};
    one.update(stats_of(address.stats));
    addresses.push_back(std::move(one));
  }
  return {{"anchor", line.anchor},         {"name", line.name},
          {"persist", line.persist},       {"constant", line.constant},
          {"referenced", line.referenced}, {"addresses", std::move(addresses)}};
}

Json guard_of(const Info& info) {
  return {{"syns_per_second", info.guard.syns},
          {"when_full", when_full_word(info.guard.when_full)},
          {"flood", info.pressure.flood},
          {"full", info.pressure.full},
          {"floods", info.reasons[abi::HCD_FLOODS]},
          {"syns_unstored", info.reasons[abi::HCD_SYN_UNSTORED]},
          {"syns_resumed", info.reasons[abi::HCD_SYN_RESUMED]}};
}

Json info_of(const Info& info) {
  Json counters = Json::object();
  for (const auto& [name, count] : counters_of(info)) counters[name] = count;
  return {{"enabled", info.enabled},     {"enabled_seconds", info.seconds}, {"states", info.states},
          {"half_open", info.half_open}, {"daemon_pid", info.pid},          {"counters", counters},
          {"guard", guard_of(info)}};
}

template <class Line, class Make>
Json each(const Options& options, const std::vector<Line>& lines, const Make& make) {
  Json out = Json::array();
  for (const Line& line : lines) {
    if (options.covers(line.anchor)) out.push_back(make(line));
  }
  return out;
}

void add(Json& out, Show what, const Options& options, const Snapshot& snapshot) {
  const auto rules = [&](bool older) {
    return each(options, snapshot.rules, [&](auto& one) { return rule_of(one, older); });
  };
  switch (what) {
    case Show::Rules:
    case Show::Labels: out["rules"] = rules(false); break;
    case Show::Nat: out["rules"] = rules(true); break;
    case Show::States: out["states"] = each(options, snapshot.states, state_of); break;
    case Show::Sources: out["sources"] = each(options, snapshot.sources, source_of); break;
    case Show::Tables: out["tables"] = each(options, snapshot.tables, table_of); break;
    case Show::Info: out["info"] = info_of(snapshot.info); break;
    case Show::Anchors:
      out["anchors"] = Json::array();
      for (const std::string& name : snapshot.anchors) {
        if (options.anchor.empty() || name.starts_with(options.anchor + "/")) out["anchors"].push_back(name);
      }
      break;
    case Show::Memory:
      out["limits"] = {{"states", snapshot.limits.states},
                       {"src-nodes", snapshot.limits.sources},
                       {"tables", snapshot.limits.tables},
                       {"table-entries", snapshot.limits.table_entries},
                       {"anchors", snapshot.limits.anchors}};
      break;
    case Show::Timeouts:
      for (const TimeoutLine& line : snapshot.timeouts) out["timeouts"][line.name] = line.value;
      break;
    case Show::All:
      for (const Show part : {Show::Anchors, Show::Rules, Show::States, Show::Sources, Show::Info, Show::Timeouts,
                              Show::Memory, Show::Tables}) {
        add(out, part, options, snapshot);
      }
      break;
    case Show::Nothing:
    case Show::Events:  // never comes here: follow.h
    case Show::Packets:
    case Show::Drops: break;
  }
}

}  // namespace

std::string json_text(const Options& options, const Snapshot& snapshot) {
  Json out = {{"schema", 1}};
  add(out, options.show, options, snapshot);
  return dump(out);
}

std::string json_text(const TableLine& table) {
  Json out = {{"schema", 1}};
  out["table"] = table_of(table);
  return dump(out);
}

}  // namespace hcd::hcpfctl
