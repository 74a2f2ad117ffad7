#include "tools/hcpfctl/render_event.h"

#include <ctime>
#include <nlohmann/json.hpp>

#include <fmt/format.h>

#include "fastpath/base/text.h"
#include "kmod/parse.h"
#include "tools/hcpfctl/render.h"

namespace hcd::hcpfctl {
namespace {

using Json = nlohmann::ordered_json;
using fastpath::Event;
using fastpath::Proto;

std::string time_text(std::int64_t wall_ms) {
  const std::time_t seconds = wall_ms / 1000;
  std::tm local{};
  localtime_r(&seconds, &local);
  return fmt::format("{:02}:{:02}:{:02}.{:03}", local.tm_hour, local.tm_min, local.tm_sec, wall_ms % 1000);
}

std::string proto_text(std::uint8_t proto) {
  switch (proto) {
    case abi::HCD_PROTO_TCP: return "tcp";
    case abi::HCD_PROTO_UDP: return "udp";
    case abi::HCD_PROTO_ICMP: return "icmp";
    case abi::HCD_PROTO_ICMP6: return "icmp6";
    default: return std::to_string(proto);
  }
}
bool has_ports(const Event& event) {
  return abi::hcd_has_ports(event.proto) != 0;
}
std::string side(const Event& event, std::uint8_t state) {
  return side_text(static_cast<Proto>(event.proto), state);
}

// An end of a packet, as tcpdump has it with ports only where there are some.
std::string end_text(const Event& event, const Address& address, std::uint16_t port) {
  return has_ports(event) ? at_text(address, port) : address.text();
}

std::string rule_text(const EventLine& line) {
  return line.anchor.empty() ? "" : fmt::format("anchor {}, rule {}", printable(line.anchor), line.rule);
}

// As tcpdump writes them.
std::string flags_text(const Event& event) {
  if (event.proto != abi::HCD_PROTO_TCP) return "";
  constexpr std::pair<int, char> kFlags[] = {{abi::HCD_FIN, 'F'},  {abi::HCD_SYN, 'S'}, {abi::HCD_RST, 'R'},
                                             {abi::HCD_PUSH, 'P'}, {abi::HCD_URG, 'U'}, {abi::HCD_ACK, '.'}};
  std::string out;
  for (const auto& [flag, letter] : kFlags) {
    if ((event.flags & flag) != 0) out += letter;
  }
  return " [" + (out.empty() ? "none" : out) + "]";
}

const char* action_text(unsigned reason) {
  if (is_drop(reason)) return "block";
  return reason == abi::HCD_TRANSLATED ? "rdr" : "pass";
}

std::string state_text(const EventLine& line, int verbose) {
  const Event& event = line.event;
  const bool death = event.kind == abi::HCD_EVENT_DEATH;
  std::string out =
      fmt::format("{} {} ({}) <- {}       {}:{}", proto_text(event.proto), at_text(event.host, event.host_port),
                  at_text(event.to, event.to_port), at_text(event.from, event.from_port),
                  side(event, event.server_side), side(event, event.client_side));
  if (death) out += " " + reason_text(event.reason);
  out += "\n";
  if (verbose == 0) return out;
  out += "   ";
  if (death) {
    out += fmt::format("age {}, {}:{} pkts, {}:{} bytes, ", clock_text(std::chrono::duration_cast<Seconds>(event.age)),
                       event.packets[0], event.packets[1], event.bytes[0], event.bytes[1]);
  }
  out += (line.anchor.empty() ? "rule removed" : rule_text(line)) + "\n";
  if (verbose > 1) out += fmt::format("   id: {:016x} creatorid: {:08x}\n", event.id, line.creator);
  return out;
}

std::string overload_text(const EventLine& line, int verbose) {
  std::string out = fmt::format("{} into <{}>\n", line.event.from.text(), printable(line.table));
  return verbose > 0 && !line.anchor.empty() ? out + "   " + rule_text(line) + "\n" : out;
}

// As tcpdump prints what pf has logged.
std::string packet_text(const EventLine& line, int verbose) {
  const Event& event = line.event;
  const std::string rule = line.anchor.empty() ? "-" : fmt::format("{}.{}", printable(line.anchor), line.rule);
  std::string out = fmt::format("rule {}/({}) {} in on {}: {} {} > {}{}\n", rule, reason_text(event.reason),
                                action_text(event.reason), printable(line.interface), proto_text(event.proto),
                                end_text(event, event.from, event.from_port), end_text(event, event.to, event.to_port),
                                flags_text(event));
  if (verbose == 0) return out;
  out += fmt::format("   {}, {} bytes", event.xdp ? "xdp" : "tc", event.bytes[0]);
  if (event.host.family != Family::None) out += ", host " + end_text(event, event.host, event.host_port);
  if (!line.label.empty()) out += ", label " + printable(line.label);
  return out + "\n";
}

const char* kind_text(const Event& event) {
  switch (event.kind) {
    case abi::HCD_EVENT_BIRTH: return "birth";
    case abi::HCD_EVENT_DEATH: return "death";
    case abi::HCD_EVENT_OVERLOAD: return "overload";
    case abi::HCD_EVENT_DECISION: break;
  }
  return "packet";
}

// One line, whatever bytes a name has.
std::string dump(const Json& json) {
  return json.dump(-1, ' ', false, Json::error_handler_t::replace) + "\n";
}

void add_end(Json& out, const char* name, const Event& event, const Address& address, std::uint16_t port) {
  if (address.family == Family::None) return;
  out[name] = address.text();
  if (has_ports(event)) out[std::string(name) + "_port"] = port;
}

void add_state(Json& out, const EventLine& line) {
  const Event& event = line.event;
  const bool death = event.kind == abi::HCD_EVENT_DEATH;
  add_end(out, "client", event, event.from, event.from_port);
  add_end(out, "virtual", event, event.to, event.to_port);
  add_end(out, "host", event, event.host, event.host_port);
  out.update({{"client_state", side(event, event.client_side)},
              {"host_state", side(event, event.server_side)},
              {"id", fmt::format("{:016x}", event.id)}});
  if (!death) return;
  out.update({{"reason", reason_text(event.reason)},
              {"age", std::chrono::duration_cast<Seconds>(event.age).count()},
              {"packets_in", event.packets[0]},
              {"packets_out", event.packets[1]},
              {"bytes_in", event.bytes[0]},
              {"bytes_out", event.bytes[1]}});
}

void add_packet(Json& out, const EventLine& line) {
  const Event& event = line.event;
  out.update({{"reason", reason_text(event.reason)},
              {"action", action_text(event.reason)},
              {"hook", event.xdp ? "xdp" : "tc"},
              {"interface", line.interface}});
  add_end(out, "source", event, event.from, event.from_port);
  add_end(out, "destination", event, event.to, event.to_port);
  add_end(out, "host", event, event.host, event.host_port);
  if (event.proto == abi::HCD_PROTO_TCP) out["tcp_flags"] = event.flags;
  out.update({{"bytes", event.bytes[0]}, {"one_in", line.one_in}});
}

Json json_of(const char* kind, std::int64_t wall_ms) {
  return {{"schema", 1}, {"event", kind}, {"time_ms", wall_ms}};
}

}  // namespace

std::string event_text(const EventLine& line, int verbose) {
  const std::string begin = fmt::format("{} {:<8} ", time_text(line.wall_ms), kind_text(line.event));
  switch (line.event.kind) {
    case abi::HCD_EVENT_OVERLOAD: return begin + overload_text(line, verbose);
    case abi::HCD_EVENT_DECISION: return begin + packet_text(line, verbose);
    default: return begin + state_text(line, verbose);
  }
}

std::string event_json(const EventLine& line) {
  Json out = json_of(kind_text(line.event), line.wall_ms);
  out["proto"] = proto_text(line.event.proto);
  switch (line.event.kind) {
    case abi::HCD_EVENT_OVERLOAD: out.update({{"client", line.event.from.text()}, {"table", line.table}}); break;
    case abi::HCD_EVENT_DECISION: add_packet(out, line); break;
    default: add_state(out, line); break;
  }
  if (!line.anchor.empty()) out.update({{"anchor", line.anchor}, {"rule", line.rule}});
  if (!line.label.empty()) out["label"] = line.label;
  return dump(out);
}

std::string gap_text(const Events::Untold& before, const Events::Untold& now, std::int64_t wall_ms) {
  std::string out;
  const auto add = [&](std::uint64_t count, const char* what) {
    if (count != 0) out += fmt::format("{}{} {}", out.empty() ? "" : ", ", count, what);
  };
  add(now.lost - before.lost, "events lost");
  add(now.killed - before.killed, "states ended by a tool");
  add(now.lapses - before.lapses, "times nothing was told, for this program was held up");
  return fmt::format("{} {:<8} {}\n", time_text(wall_ms), "gap", out);
}

std::string gap_json(const Events::Untold& before, const Events::Untold& now, std::int64_t wall_ms) {
  Json out = json_of("gap", wall_ms);
  out.update({{"lost", now.lost - before.lost},
              {"killed", now.killed - before.killed},
              {"lapses", now.lapses - before.lapses}});
  return dump(out);
}

bool is_drop(unsigned reason) {
  switch (reason) {
    case abi::HCD_PASSED:
    case abi::HCD_TRANSLATED:
    case abi::HCD_TO_TC:
    case abi::HCD_DELIVERED: return false;
    default: return true;
  }
}

std::uint64_t drop_reasons() {
  std::uint64_t out = 0;
  for (unsigned reason = 0; reason < abi::HCD_REASONS; reason++) {
    if (is_drop(reason)) out |= std::uint64_t{1} << reason;
  }
  return out;
}

}  // namespace hcd::hcpfctl
