#include "fastpath/rule.h"

#include <algorithm>

#include "fastpath/base/text.h"

namespace hcd::fastpath {
namespace {

struct TimeoutInfo {
  Timeout timeout;
  std::string_view name;
  int seconds;
};

// In the order in which pfctl prints them.
constexpr std::array kTimeoutInfos = {
    TimeoutInfo{Timeout::TcpFirst, "tcp.first", 120},
    TimeoutInfo{Timeout::TcpOpening, "tcp.opening", 30},
    TimeoutInfo{Timeout::TcpEstablished, "tcp.established", 86400},
    TimeoutInfo{Timeout::TcpClosing, "tcp.closing", 900},
    TimeoutInfo{Timeout::TcpFinwait, "tcp.finwait", 45},
    TimeoutInfo{Timeout::TcpClosed, "tcp.closed", 90},
    TimeoutInfo{Timeout::UdpFirst, "udp.first", 60},
    TimeoutInfo{Timeout::UdpSingle, "udp.single", 30},
    TimeoutInfo{Timeout::UdpMultiple, "udp.multiple", 60},
    TimeoutInfo{Timeout::Frag, "frag", 60},
    TimeoutInfo{Timeout::SrcTrack, "src.track", 0},
};
static_assert(kTimeoutInfos.size() == static_cast<std::size_t>(Timeout::Count));

const TimeoutInfo& info(Timeout timeout) {
  return *std::ranges::find(kTimeoutInfos, timeout, &TimeoutInfo::timeout);
}

std::string port_text(const Rule& rule) {
  if (rule.port == 0) return "";
  if (rule.last_port == 0) return " port = " + std::to_string(rule.port);
  return " port " + std::to_string(rule.port) + ":" + std::to_string(rule.last_port);
}

void add_limits(std::vector<std::string>& out, const StateLimits& limits) {
  const auto add = [&out](const char* name, std::uint32_t number) {
    if (number != 0) out.push_back(name + std::to_string(number));
  };
  add("max ", limits.max);
  if (limits.source_track != SourceTrack::None) {
    out.push_back(limits.source_track == SourceTrack::Rule ? "source-track rule" : "source-track global");
  }
  add("max-src-states ", limits.max_src_states);
  add("max-src-conn ", limits.max_src_conn);
  if (limits.max_src_conn_rate != 0) {
    out.push_back("max-src-conn-rate " + std::to_string(limits.max_src_conn_rate) + "/" +
                  std::to_string(limits.rate_seconds.count()));
  }
  add("max-src-nodes ", limits.max_src_nodes);
  if (limits.overload.empty()) return;
  std::string overload = "overload <" + limits.overload + ">";
  if (limits.flush != Flush::None) overload += limits.flush == Flush::Global ? " flush global" : " flush";
  out.push_back(std::move(overload));
}

std::string method_text(const Rule& rule) {
  std::string out;
  switch (rule.method) {
    case Method::RoundRobin: out = " round-robin"; break;
    case Method::SourceHash: out = " source-hash"; break;
    case Method::Random: out = " random"; break;
    case Method::LeastStates: out = " least-states"; break;
    case Method::Hash: out = " hash"; break;
  }
  if (rule.key) out += " 0x" + to_hex(std::string(rule.key->begin(), rule.key->end()));
  if (rule.sticky) out += " sticky-address";
  return out;
}

}  // namespace

std::string source_text(const From& from) {
  if (from.any()) return "any";
  const std::string negation = from.negated ? "! " : "";
  if (!from.table.empty()) return negation + "<" + from.table + ">";
  if (from.networks.size() == 1) return negation + from.networks.front().text();
  std::vector<std::string> parts;
  for (const Network& network : from.networks) parts.push_back(network.text());
  return negation + "{ " + join(parts, ", ") + " }";
}

// pfctl leaves "keep state" out where it has no option to show.
std::string keep_state_text(const Rule& rule) {
  std::vector<std::string> options;
  add_limits(options, rule.limits);
  if (rule.sloppy) options.emplace_back("sloppy");
  Timeouts timeouts = rule.timeouts;
  if (rule.established.count() > 0) timeouts[Timeout::TcpEstablished] = rule.established;
  for (const TimeoutInfo& one : kTimeoutInfos) {
    const auto set = timeouts.find(one.timeout);
    if (set == timeouts.end()) continue;
    options.push_back(std::string(one.name) + " " + std::to_string(set->second.count()));
  }
  return options.empty() ? "" : " keep state (" + join(options, ", ") + ")";
}

std::string Network::text() const {
  return length == 8 * address.size() ? address.text() : address.text() + "/" + std::to_string(length);
}

std::string_view timeout_name(Timeout timeout) {
  return info(timeout).name;
}

std::optional<Timeout> timeout_named(std::string_view name) {
  const auto* found = std::ranges::find(kTimeoutInfos, name, &TimeoutInfo::name);
  if (found == kTimeoutInfos.end()) return std::nullopt;
  return found->timeout;
}

Seconds timeout_default(Timeout timeout) {
  return Seconds(info(timeout).seconds);
}

std::string destination_text(const Rule& rule) {
  if (rule.port == 0) return rule.to.text();
  const std::string first = endpoint_text(rule.to, rule.port);
  return rule.last_port == 0 ? first : first + ":" + std::to_string(rule.last_port);
}

std::string match_text(const Rule& rule) {
  std::string out = rule.interface.empty() ? "" : "on " + rule.interface + " ";
  out += rule.to.family == Family::Inet6 ? "inet6" : "inet";
  out += rule.proto == Proto::Tcp ? " proto tcp" : " proto udp";
  return out + " from " + source_text(rule.from) + " to " + rule.to.text() + port_text(rule);
}

std::string pool_text(const Rule& rule) {
  std::string out = "<" + rule.table + ">";
  if (rule.target_port != 0) out += " port " + std::to_string(rule.target_port) + (rule.target_range ? ":*" : "");
  out += method_text(rule);
  if (rule.keep_ttl) out += " keep-ttl";
  return out;
}

std::string canonical(const Rule& rule) {
  std::string out = "pass in quick " + match_text(rule);
  if (rule.proto == Proto::Tcp) out += " flags S/SA";
  out += keep_state_text(rule);
  if (!rule.label.empty()) out += " label \"" + rule.label + "\"";
  if (!rule.tag.empty()) out += " tag " + rule.tag;
  return out + " rdr-to " + pool_text(rule);
}

}  // namespace hcd::fastpath
