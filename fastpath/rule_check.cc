#include <algorithm>

#include "fastpath/base/text.h"
#include "fastpath/rule.h"
#include "fastpath/table.h"

namespace hcd::fastpath {
namespace {

constexpr std::size_t kNameMax = 63;       // pf's limit for labels and tags
constexpr std::size_t kInterfaceMax = 15;  // IFNAMSIZ without the final NUL
constexpr std::size_t kNetworksMax = 1024;
constexpr Seconds kTimeoutMax{0x7fffffff};
constexpr Seconds kRateMax{86400};

bool is_word(std::string_view text) {
  return std::ranges::all_of(text, [](char c) { return c > ' ' && c < 0x7f && c != '"' && c != '\\'; });
}

Status check_word(const char* what, const std::string& text, std::size_t limit) {
  if (text.size() > limit) {
    return fail(Code::Limit, std::string(what) + " \"" + printable(text) + "\" is longer than " +
                                 std::to_string(limit) + " characters");
  }
  if (!is_word(text)) {
    return fail(Code::Invalid,
                std::string(what) + " \"" + printable(text) + "\" holds a blank, a quote or a control character");
  }
  return {};
}

Status check_ports(const Rule& rule) {
  if (rule.last_port != 0 && rule.last_port <= rule.port) {
    return fail(Code::Invalid, "the last port of a range is above the first");
  }
  if (rule.last_port != 0 && rule.port == 0) return fail(Code::Invalid, "a range of ports begins above 0");
  if (!rule.target_range) return {};
  if (rule.last_port == 0) return fail(Code::Invalid, "a range of target ports is given, but none of ports");
  if (rule.target_port == 0) return fail(Code::Invalid, "a range of target ports has a first one");
  if (rule.target_port + (rule.last_port - rule.port) > 65535) {
    return fail(Code::Invalid, "the range of target ports ends above 65535");
  }
  return {};
}

Status check_from(const Rule& rule) {
  const From& from = rule.from;
  if (from.any()) return from.negated ? Status(fail(Code::Invalid, "nobody is from ! any")) : Status();
  if (!from.table.empty()) {
    if (!from.networks.empty()) return fail(Code::Invalid, "both a table and networks are given as the source");
    return check_word("table", from.table, kTableNameMax);
  }
  if (from.negated && from.networks.size() > 1) {
    return fail(Code::Invalid, "a list of sources cannot be negated: name a table");
  }
  if (from.networks.size() > kNetworksMax) {
    return fail(Code::Limit, "more than " + std::to_string(kNetworksMax) + " sources: name a table");
  }
  for (std::size_t i = 0; i < from.networks.size(); i++) {
    const Network& network = from.networks[i];
    if (network.address.family != rule.to.family) {
      return fail(Code::Invalid, "source " + network.text() + " is of the other family");
    }
    if (network.length > 8 * network.address.size()) {
      return fail(Code::Invalid, "source " + network.text() + " is longer than an address");
    }
    if (masked(network) != network.address) {
      return fail(Code::Invalid, "source " + network.text() + " has bits set behind its length");
    }
    if (std::find(from.networks.begin(), from.networks.begin() + static_cast<std::ptrdiff_t>(i), network) !=
        from.networks.begin() + static_cast<std::ptrdiff_t>(i)) {
      return fail(Code::Exists, "source " + network.text() + " is given twice");
    }
  }
  return {};
}

Status check_limits(const Rule& rule) {
  const StateLimits& limits = rule.limits;
  const bool of_sources = limits.max_src_nodes != 0 || limits.max_src_states != 0 || limits.max_src_conn != 0 ||
                          limits.max_src_conn_rate != 0;
  if (of_sources && limits.source_track == SourceTrack::None) {
    return fail(Code::Invalid, "a limit of sources needs source-track");
  }
  if (limits.max_src_nodes != 0 && limits.source_track == SourceTrack::Global) {
    return fail(Code::Invalid, "max-src-nodes needs source-track rule");
  }
  const bool of_connections = limits.max_src_conn != 0 || limits.max_src_conn_rate != 0;
  if (of_connections && rule.proto != Proto::Tcp) {
    return fail(Code::Invalid, "max-src-conn and max-src-conn-rate are for tcp");
  }
  if ((limits.max_src_conn_rate != 0) != (limits.rate_seconds.count() != 0) || limits.rate_seconds < Seconds{0} ||
      limits.rate_seconds > kRateMax) {
    return fail(Code::Invalid,
                "max-src-conn-rate is a number in 1 to " + std::to_string(kRateMax.count()) + " seconds");
  }
  if (limits.overload.empty()) {
    return limits.flush == Flush::None ? Status() : Status(fail(Code::Invalid, "flush needs overload"));
  }
  if (!of_connections) return fail(Code::Invalid, "overload needs max-src-conn or max-src-conn-rate");
  return check_word("table", limits.overload, kTableNameMax);
}

Status check_timeouts(const Rule& rule) {
  Timeouts timeouts = rule.timeouts;
  if (timeouts.contains(Timeout::TcpEstablished)) {
    return fail(Code::Invalid, "tcp.established is given among the other timeouts");
  }
  if (rule.established.count() != 0) timeouts[Timeout::TcpEstablished] = rule.established;
  if (timeouts.contains(Timeout::Frag)) return fail(Code::Invalid, "frag is no timeout of a rule");
  for (const auto& [timeout, seconds] : timeouts) {
    const std::string name(timeout_name(timeout));
    const bool other = rule.proto == Proto::Tcp ? name.starts_with("udp.") : name.starts_with("tcp.");
    if (other) return fail(Code::Invalid, name + " is given for " + (rule.proto == Proto::Tcp ? "tcp" : "udp"));
  }
  if (rule.timeouts.contains(Timeout::SrcTrack) && !rule.sticky && rule.limits.source_track == SourceTrack::None) {
    return fail(Code::Invalid, "src.track needs sticky-address or source-track");
  }
  return validate(timeouts);
}

Status check_method(const Rule& rule) {
  const bool hashed = rule.method == Method::SourceHash || rule.method == Method::Hash;
  if (!rule.key || hashed) return {};
  const char* name = rule.method == Method::RoundRobin ? "round-robin"
                     : rule.method == Method::Random   ? "random"
                                                       : "least-states";
  return fail(Code::Invalid, std::string("a key is given for ") + name);
}

}  // namespace

Status validate(const Timeouts& timeouts) {
  for (const auto& [timeout, seconds] : timeouts) {
    if (timeout >= Timeout::Count) return fail(Code::Invalid, "an unknown timeout");
    // 0 is a value of its own only where a source is forgotten with its last state.
    const Seconds least{timeout == Timeout::SrcTrack ? 0 : 1};
    if (seconds < least || seconds > kTimeoutMax) {
      return fail(Code::Invalid, std::string(timeout_name(timeout)) + " is out of range");
    }
  }
  return {};
}

namespace {

Status check_parts(const Rule& rule) {
  if (rule.proto != Proto::Tcp && rule.proto != Proto::Udp) {
    return fail(Code::Invalid, "only tcp and udp can be redirected");
  }
  if (rule.table.empty()) return fail(Code::Invalid, "no table is named");
  if (auto sound = check_word("label", rule.label, kNameMax); !sound) return sound;
  if (auto sound = check_word("tag", rule.tag, kNameMax); !sound) return sound;
  if (auto sound = check_word("interface", rule.interface, kInterfaceMax); !sound) return sound;
  if (auto sound = check_word("table", rule.table, kTableNameMax); !sound) return sound;
  for (const auto check : {check_ports, check_from, check_limits, check_timeouts, check_method}) {
    if (auto sound = check(rule); !sound) return sound;
  }
  return {};
}

}  // namespace

Status validate(const Rule& rule) {
  if (rule.to.family == Family::None || rule.to.is_unspecified()) {
    return fail(Code::Invalid, "a rule needs a destination address");
  }
  if (const auto sound = check_parts(rule); !sound) return fail_in("rule for " + destination_text(rule), sound.error());
  return {};
}

}  // namespace hcd::fastpath
