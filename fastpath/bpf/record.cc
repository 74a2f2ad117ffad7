#include "fastpath/bpf/record.h"

#include <algorithm>

#include "fastpath/bpf/endpoint.h"
#include "fastpath/bpf/states.h"

namespace hcd::fastpath {
namespace {

struct MethodNumber {
  Method method;
  abi::hcd_method number;
};
constexpr MethodNumber kMethods[] = {{Method::RoundRobin, abi::HCD_ROUND_ROBIN},
                                     {Method::SourceHash, abi::HCD_SOURCE_HASH},
                                     {Method::Random, abi::HCD_RANDOM},
                                     {Method::LeastStates, abi::HCD_LEAST_STATES},
                                     {Method::Hash, abi::HCD_HASH}};

struct Flag {
  bool set;
  abi::hcd_rule_flags flag;
};

}  // namespace

std::uint32_t method_of(const Rule& rule) {
  const auto* found = std::ranges::find(kMethods, rule.method, &MethodNumber::method);
  return found == std::end(kMethods) ? abi::HCD_ROUND_ROBIN : found->number;
}

std::uint32_t flags_of(const Rule& rule) {
  std::uint32_t out = 0;
  for (const Flag& one :
       {Flag{rule.last_port != 0, abi::HCD_RULE_PORTS}, Flag{rule.target_range, abi::HCD_RULE_SHIFT},
        Flag{!rule.from.any() && !rule.from.negated, abi::HCD_RULE_FROM},
        Flag{!rule.from.any() && rule.from.negated, abi::HCD_RULE_FROM_NOT}, Flag{rule.sticky, abi::HCD_RULE_STICKY},
        Flag{rule.limits.source_track == SourceTrack::Rule, abi::HCD_RULE_SOURCE_TRACK},
        Flag{rule.limits.source_track == SourceTrack::Global, abi::HCD_RULE_TRACK_GLOBAL},
        Flag{rule.keep_ttl, abi::HCD_RULE_KEEP_TTL}, Flag{rule.sloppy, abi::HCD_RULE_SLOPPY}}) {
    if (one.set) out |= static_cast<std::uint32_t>(one.flag);
  }
  return out;
}

abi::hcd_rule record_of(const Rule& rule, const RuleLinks& links, const abi::hcd_globals& globals) {
  const StateLimits& limits = rule.limits;
  const Seconds established =
      rule.established.count() != 0 ? rule.established : timeout_default(Timeout::TcpEstablished);
  return {.ifindex = rule.ifindex,
          .flags = flags_of(rule),
          .to = destination_of(rule).raw(),
          .first = rule.last_port != 0 ? rule.port : std::uint16_t{0},
          .last = rule.last_port,
          .timeouts = links.timeouts,
          .from = links.from,
          .method = method_of(rule),
          .target = rule.many_ports() ? rule.target_port : std::uint16_t{0},
          .max_states = limits.max,
          .max_src_nodes = limits.max_src_nodes,
          .max_src_states = limits.max_src_states,
          .max_src_conn = limits.max_src_conn,
          .max_src_rate = limits.max_src_conn_rate,
          .rate_ticks = ticks_of(globals, limits.rate_seconds),
          .overload = links.overload,
          .flush = static_cast<__u32>(limits.flush),
          .established = ticks_of(globals, established)};
}

void describe(const Rule& rule, abi::hcd_rule_info& info) {
  put_name(info.label, rule.label);
  put_name(info.tag, rule.tag);
  put_name(info.interface, rule.interface);
  info.established = static_cast<__u32>(rule.established.count());
  info.target_port = htons(rule.target_port);
  info.has_key = rule.key ? 1 : 0;
  info.sloppy = rule.sloppy ? 1 : 0;
  info.max_src_rate_seconds = static_cast<__u32>(rule.limits.rate_seconds.count());
  for (std::size_t i = 0; i < std::size(info.timeout); i++) {
    const auto set = rule.timeouts.find(static_cast<Timeout>(i));
    info.has_timeout[i] = set != rule.timeouts.end() ? 1 : 0;
    info.timeout[i] = info.has_timeout[i] != 0 ? static_cast<__u32>(set->second.count()) : 0;
  }
}

namespace {

void read_limits(const abi::hcd_rule& record, const abi::hcd_rule_info& info, StateLimits& limits) {
  limits.max = record.max_states;
  if ((record.flags & abi::HCD_RULE_SOURCE_TRACK) != 0) limits.source_track = SourceTrack::Rule;
  if ((record.flags & abi::HCD_RULE_TRACK_GLOBAL) != 0) limits.source_track = SourceTrack::Global;
  limits.max_src_nodes = record.max_src_nodes;
  limits.max_src_states = record.max_src_states;
  limits.max_src_conn = record.max_src_conn;
  limits.max_src_conn_rate = record.max_src_rate;
  limits.rate_seconds = Seconds(info.max_src_rate_seconds);
  limits.flush = record.flush == 1 ? Flush::Rule : record.flush == 2 ? Flush::Global : Flush::None;
}

}  // namespace

Rule rule_of(const abi::hcd_rule& record, const abi::hcd_rule_info& info) {
  const Endpoint to = Endpoint::of(record.to);
  const bool range = (record.flags & abi::HCD_RULE_PORTS) != 0;
  Rule rule{.interface = name_in(info.interface),
            .ifindex = record.ifindex,
            .proto = to.proto,
            .to = to.address,
            .port = range ? record.first : to.port,
            .last_port = range ? record.last : std::uint16_t{0},
            .label = name_in(info.label),
            .tag = name_in(info.tag),
            .established = Seconds(info.established),
            .sloppy = (record.flags & abi::HCD_RULE_SLOPPY) != 0,
            .target_port = ntohs(info.target_port),
            .target_range = (record.flags & abi::HCD_RULE_SHIFT) != 0,
            .sticky = (record.flags & abi::HCD_RULE_STICKY) != 0,
            .keep_ttl = (record.flags & abi::HCD_RULE_KEEP_TTL) != 0};
  read_limits(record, info, rule.limits);
  for (std::size_t i = 0; i < std::size(info.timeout); i++) {
    if (info.has_timeout[i] != 0) rule.timeouts[static_cast<Timeout>(i)] = Seconds(info.timeout[i]);
  }
  const auto* found =
      std::ranges::find_if(kMethods, [&](const MethodNumber& one) { return record.method == one.number; });
  if (found != std::end(kMethods)) rule.method = found->method;
  if (info.has_key != 0) std::memcpy(rule.key.emplace().data(), record.hash_key, sizeof record.hash_key);
  return rule;
}

}  // namespace hcd::fastpath
