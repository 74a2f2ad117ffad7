#include "fastpath/rule.h"

#include <algorithm>

#include "fastpath/base/text.h"
#include "fastpath/table.h"

namespace hcd::fastpath {
namespace {

constexpr std::size_t kNameMax = 63;       // pf's limit for labels and tags
constexpr std::size_t kInterfaceMax = 15;  // IFNAMSIZ without the final NUL
constexpr Seconds kEstablishedMax{0x7fffffff};

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

std::string hash_key_text(const HashKey& key) {
  std::string bytes(key.begin(), key.end());
  return " 0x" + to_hex(bytes);
}

}  // namespace

std::string canonical(const Rule& rule) {
  std::string out = "pass in quick";
  if (!rule.interface.empty()) out += " on " + rule.interface;
  out += rule.to.family == Family::Inet6 ? " inet6" : " inet";
  out += rule.proto == Proto::Tcp ? " proto tcp" : " proto udp";
  out += " from any to " + rule.to.text() + " port = " + std::to_string(rule.port);
  if (rule.proto == Proto::Tcp) out += " flags S/SA";
  // pfctl leaves "keep state" out where it has no option to show.
  if (rule.established.count() > 0) {
    out += " keep state (tcp.established " + std::to_string(rule.established.count()) + ")";
  }
  if (!rule.label.empty()) out += " label \"" + rule.label + "\"";
  if (!rule.tag.empty()) out += " tag " + rule.tag;
  out += " rdr-to <" + rule.table + ">";
  if (rule.target_port != 0) out += " port " + std::to_string(rule.target_port);
  if (rule.method == Method::RoundRobin) return out + " round-robin";
  return out + " source-hash" + (rule.key ? hash_key_text(*rule.key) : "");
}

Status validate(const Rule& rule) {
  const std::string context = "rule for " + endpoint_text(rule.to, rule.port);
  if (rule.to.family == Family::None || rule.to.is_unspecified()) {
    return fail(Code::Invalid, "a rule needs a destination address");
  }
  if (rule.port == 0) return fail(Code::Invalid, "rule for " + rule.to.text() + ": a port is needed");
  if (rule.proto != Proto::Tcp && rule.proto != Proto::Udp) {
    return fail(Code::Invalid, context + ": only tcp and udp can be redirected");
  }
  if (rule.proto == Proto::Udp && rule.established.count() != 0) {
    return fail(Code::Invalid, context + ": tcp.established is given for udp");
  }
  if (rule.established < Seconds{0} || rule.established > kEstablishedMax) {
    return fail(Code::Invalid, context + ": tcp.established is out of range");
  }
  if (rule.key && rule.method != Method::SourceHash) {
    return fail(Code::Invalid, context + ": a key is given for round-robin");
  }
  if (rule.table.empty()) return fail(Code::Invalid, context + ": no table is named");
  for (const auto& sound :
       {check_word("label", rule.label, kNameMax), check_word("tag", rule.tag, kNameMax),
        check_word("interface", rule.interface, kInterfaceMax), check_word("table", rule.table, kTableNameMax)}) {
    if (!sound) return fail_in(context, sound.error());
  }
  return {};
}

}  // namespace hcd::fastpath
