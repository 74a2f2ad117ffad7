// `set timeout tcp.first 60`, `set limit { states 100000, src-nodes 10000 }`; and, which pf has not, `set when-full hash`,
// `set syn-guard 5000`
#include <array>

#include "fastpath/pfconf/parser.h"
#include "fastpath/refusal.h"

namespace hcd::fastpath::pfconf {
namespace {

bool parse_timeout(Parser& parser, Settings& settings) {
  const auto word = parser.value("a timeout");
  if (!word) return false;
  if (word->text == "adaptive.start" || word->text == "adaptive.end") {
    const auto states = parser.number<std::uint32_t>(word->text, 0, UINT32_MAX);
    if (!states) return false;
    (word->text == "adaptive.start" ? settings.adaptive_start : settings.adaptive_end) = *states;
    return true;
  }
  for (const std::string_view none : {"icmp.", "other.", "sctp."}) {
    if (word->text.starts_with(none))
      return parser.error(word->at, quoted(*word) + ": only tcp and udp have states here");
  }
  const auto timeout = timeout_named(word->text);
  if (!timeout) {
    return parser.error(word->at, word->text == "interval" ? "'interval': expired states are removed all the time here"
                                                           : quoted(*word) + " is no timeout of pf.conf(5)");
  }
  if (*timeout == Timeout::Frag) return parser.error(word->at, "'frag': fragments are not held back here");
  const auto seconds = parser.number<std::uint32_t>(word->text, 0, INT32_MAX);
  if (!seconds) return false;
  if (const auto sound = validate(Timeouts{{*timeout, Seconds(*seconds)}}); !sound) {
    return parser.error(word->at, sound.error().text);
  }
  settings.timeouts[*timeout] = Seconds(*seconds);
  return true;
}

bool parse_limit(Parser& parser, Settings& settings) {
  const auto word = parser.value("a limit");
  if (!word) return false;
  if (word->text == "frags") return parser.error(word->at, "'frags': fragments are not held back here");
  const auto limit = limit_named(word->text);
  if (!limit)
    return parser.error(word->at, quoted(*word) + " is no limit (states, src-nodes, tables, table-entries, anchors)");
  const auto number = parser.number<std::uint32_t>(word->text, 1, UINT32_MAX - 1);  // and the one that stands for none
  if (number) settings.limits[*limit] = *number;
  return number.has_value();
}

constexpr std::array kRefusals = {
    Refusal{"block-policy", "nothing is blocked here"},
    Refusal{"debug", "the kernel logs nothing here"},
    Refusal{"fingerprints", "operating systems are not told apart"},
    Refusal{"hostid", "no state is sent to another machine"},
    Refusal{"loginterface", "interfaces have counters of their own: see ip -s link"},
    Refusal{"optimization", "give the timeouts themselves with 'set timeout'"},
    Refusal{"reassemble", "fragments are not held back here"},
    Refusal{"require-order", "this program demands no order"},
    Refusal{"ruleset-optimization", "rules are kept as they are written"},
    Refusal{"skip", "interfaces are chosen when the programs are attached: give them to hcpfctl with -i"},
    Refusal{"state-defaults", "give its options to each rule"},
    Refusal{"state-policy", "a state is found whatever the interface"},
    Refusal{"syncookies", "handshakes are the hosts' here: see 'set syn-guard'"},
};

}  // namespace

bool parse_set(Parser& parser, Settings& settings) {
  const auto word = parser.value("what to set");
  if (!word) return false;
  if (word->text == "timeout") return parser.list([&] { return parse_timeout(parser, settings); });
  if (word->text == "limit") return parser.list([&] { return parse_limit(parser, settings); });
  if (word->text == "when-full") {
    settings.when_full = parse_when_full(parser);
    return settings.when_full.has_value();
  }
  if (word->text == "syn-guard") {
    settings.syn_guard = parse_syn_guard(parser);
    return settings.syn_guard.has_value();
  }
  if (const auto why = why_not(kRefusals, word->text); !why.empty())
    return parser.error(word->at, "'set " + word->text + "': " + std::string(why));
  return parser.error(word->at, "'set " + printable(word->text, 64) +
                                    "' is unknown (set timeout, set limit, set when-full, set syn-guard)");
}

}  // namespace hcd::fastpath::pfconf
