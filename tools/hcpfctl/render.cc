#include "tools/hcpfctl/render.h"

#include <array>
#include <ctime>
#include <set>
#include <span>

#include <fmt/format.h>

#include "fastpath/base/text.h"
#include "fastpath/pfconf/print.h"

namespace hcd::hcpfctl {
namespace {

using fastpath::Rule;

constexpr std::array kTcpStates = {"CLOSED",     "LISTEN",     "SYN_SENT", "SYN_RCVD", "ESTABLISHED",
                                   "CLOSE_WAIT", "FIN_WAIT_1", "CLOSING",  "LAST_ACK", "FIN_WAIT_2",
                                   "TIME_WAIT",  "CUT",        "CUT"};

constexpr std::array kUdpStates = {"NO_TRAFFIC", "SINGLE", "MULTIPLE"};

std::string counters_text(const RuleLine& line, const std::string& indent) {
  const hcd_stats& stats = line.stats;
  return indent +
         fmt::format("  [ Evaluations: {:<8}  Packets: {:<8}  Bytes: {:<10}  States: {:<6}]\n", stats.evaluations,
                     stats.packets[0] + stats.packets[1], stats.bytes[0] + stats.bytes[1], line.states) +
         indent +
         fmt::format("  [ Inserted: uid {} pid {} State Creations: {:<6}]\n", line.uid, line.pid, stats.states);
}

// A rule's text with what -v and -vv add to it.
std::string dressed(std::string text, const RuleLine& line, int verbose, const std::string& indent) {
  if (verbose > 1) {
    const std::string name = "<" + line.rule.table + ">";
    text.replace(text.rfind(name), name.size(), fmt::format("<{}:{}>", line.rule.table, line.entries));
    text = fmt::format("@{} {}", line.number, text);
  }
  return indent + text + "\n" + (verbose > 0 ? counters_text(line, indent) : "");
}

std::string pass_text(const char* what, const char* side, std::uint64_t packets, std::uint64_t bytes) {
  return fmt::format("\t{}/{}:{:>{}}[ Packets: {:<18} Bytes: {:<18} ]\n", what, side, "",
                     12 - static_cast<int>(std::string_view(what).size() + std::string_view(side).size()) - 1, packets,
                     bytes);
}

// The anchors right below: the next part of each longer name.
std::set<std::string> children(const Snapshot& snapshot, const std::string& anchor) {
  const std::string prefix = anchor.empty() ? "" : anchor + "/";
  std::set<std::string> out;
  for (const std::string& name : snapshot.anchors) {
    if (name.starts_with(prefix)) out.insert(name.substr(prefix.size(), name.find('/', prefix.size()) - prefix.size()));
  }
  return out;
}

std::string below(const std::string& anchor, const std::string& child) {
  return anchor.empty() ? child : anchor + "/" + child;
}

std::string tree_text(const Snapshot& snapshot, const std::string& anchor, int verbose, const std::string& indent) {
  std::string out;
  for (const RuleLine& line : snapshot.rules) {
    if (line.anchor == anchor) out += rule_text(line, verbose, indent);
  }
  for (const std::string& child : children(snapshot, anchor)) {
    const std::string name = below(anchor, child);
    const bool has_more = !children(snapshot, name).empty();
    out += fmt::format("{}anchor \"{}{}\" all {{\n", indent, child, has_more ? "/*" : "");
    out += tree_text(snapshot, name, verbose, indent + "  ");
    out += indent + "}\n";
  }
  return out;
}

}  // namespace

std::string at_text(const Address& address, std::uint16_t port) {
  return address.family == Family::Inet6 ? fmt::format("{}[{}]", address.text(), port)
                                         : fmt::format("{}:{}", address.text(), port);
}

std::string clock_text(Seconds seconds) {
  const auto count = seconds.count();
  return fmt::format("{:02}:{:02}:{:02}", count / 3600, count / 60 % 60, count % 60);
}

std::string side_text(fastpath::Proto proto, unsigned char state) {
  const std::span<const char* const> names = proto == fastpath::Proto::Udp ? std::span<const char* const>(kUdpStates)
                                                                           : std::span<const char* const>(kTcpStates);
  return state < names.size() ? names[state] : fmt::format("<BAD STATE LEVELS {}>", state);
}

std::string rule_text(const RuleLine& line, int verbose, const std::string& indent) {
  return dressed(canonical(line.rule), line, verbose, indent);
}

std::string nat_text(const RuleLine& line, int verbose) {
  return dressed(fastpath::pfconf::translation(line.rule), line, verbose, "");
}

std::string label_text(const RuleLine& line) {
  if (line.rule.label.empty()) return "";
  const hcd_stats& stats = line.stats;
  return fmt::format("{} {} {} {} {} {} {} {} {}\n", line.rule.label, stats.evaluations,
                     stats.packets[0] + stats.packets[1], stats.bytes[0] + stats.bytes[1], stats.packets[0],
                     stats.bytes[0], stats.packets[1], stats.bytes[1], stats.states);
}

std::string state_text(const StateLine& line, int verbose) {
  // pf names the server's side first for a state that came in.
  const fastpath::Proto proto = line.host.proto;
  std::string out = fmt::format("all {} {} ({}) <- {}       {}:{}\n", proto == fastpath::Proto::Udp ? "udp" : "tcp",
                                at_text(line.host.address, line.host.port),
                                at_text(line.virtual_at.address, line.virtual_at.port), at_text(line.client, line.port),
                                side_text(proto, line.server_side), side_text(proto, line.client_side));
  if (verbose == 0) return out;
  out += fmt::format("   age {}, expires in {}, {}:{} pkts, {}:{} bytes", clock_text(line.age),
                     clock_text(line.expires), line.packets[0], line.packets[1], line.bytes[0], line.bytes[1]);
  out += line.anchor.empty() ? ", rule removed" : fmt::format(", anchor {}, rule {}", line.anchor, line.rule);
  out += line.sticky ? ", sticky-address\n" : "\n";
  if (verbose > 1) out += fmt::format("   id: {:016x} creatorid: {:08x}\n", line.id, line.creator);
  return out;
}

std::string source_text(const SourceLine& line, int verbose) {
  std::string out = line.client.text();
  if (line.host.family != Family::None) out += " rdr-to " + line.host.text();
  out += fmt::format(" ( states {}, connections {}, rate {}.{}/{}s )\n", line.states, line.connections,
                     line.rate / 1000, line.rate % 1000 / 100, line.rate_seconds.count());
  if (verbose == 0) return out;
  out += "   age " + clock_text(line.age);
  if (line.states == 0) out += ", expires in " + clock_text(line.expires);
  if (line.global) return out + ", all rules\n";
  return out + (line.anchor.empty() ? ", rule removed\n"
                                    : fmt::format(", anchor {}, filter rule {}\n", line.anchor, line.rule));
}

std::string table_text(const TableLine& line, int verbose) {
  if (verbose == 0) return line.name + "\n";
  // Constant, persistent, active as all are, referenced where a rule names it.
  return fmt::format("{}{}a-{}--\t{}@{}\n", line.constant ? 'c' : '-', line.persist ? 'p' : '-',
                     line.referenced ? 'r' : '-', line.name, line.anchor);
}

std::string address_text(const AddressLine& line, int verbose) {
  std::string out = std::string(line.entry.negated ? "  " : "   ") + line.entry.text() + "\n";
  if (verbose == 0) return out;
  const auto when = static_cast<std::time_t>(line.cleared);
  char date[64] = {};
  std::tm local{};
  if (localtime_r(&when, &local) != nullptr) std::strftime(date, sizeof date, "%a %b %e %H:%M:%S %Y", &local);
  out += fmt::format("\tCleared:     {}\n", date);
  if (verbose > 1) {
    out += pass_text("In", "Pass", line.stats.packets[0], line.stats.bytes[0]);
    out += pass_text("Out", "Pass", line.stats.packets[1], line.stats.bytes[1]);
  }
  out += fmt::format("\tActive States:      {}\n\tWeight:             {}\n", line.states, line.entry.weight);
  return out;
}

std::string anchors_text(const Snapshot& snapshot, const std::string& anchor, bool all) {
  std::string out;
  for (const std::string& child : children(snapshot, anchor)) {
    const std::string name = below(anchor, child);
    out += "  " + name + "\n";
    if (all) out += anchors_text(snapshot, name, true);
  }
  return out;
}

std::string rules_text(const Snapshot& snapshot, const std::string& anchor, bool recurse, int verbose) {
  if (recurse) return tree_text(snapshot, anchor, verbose, "");
  std::string out;
  for (const RuleLine& line : snapshot.rules) {
    if (line.anchor == anchor) out += rule_text(line, verbose);
  }
  for (const std::string& child : children(snapshot, anchor)) {
    const bool has_more = !children(snapshot, below(anchor, child)).empty();
    out += fmt::format("anchor \"{}{}\" all\n", child, has_more ? "/*" : "");
  }
  return out;
}

}  // namespace hcd::hcpfctl
