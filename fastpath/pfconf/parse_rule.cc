// The two statements that redirect.
#include <array>

#include "fastpath/pfconf/parser.h"
#include "fastpath/refusal.h"

namespace hcd::fastpath::pfconf {
namespace {

// pf's other options of a rule.
constexpr std::array kRefusals = {
    Refusal{"af-to", "packets keep their address family here"},
    Refusal{"allow-opts", "packets with options are redirected like others"},
    Refusal{"divert-packet", "packets are not diverted here"},
    Refusal{"divert-reply", "packets are not diverted here"},
    Refusal{"divert-to", "packets are not diverted here"},
    Refusal{"dup-to", "packets are not duplicated here"},
    Refusal{"group", "it is for local connections"},
    Refusal{"icmp-type", "only tcp and udp can be redirected"},
    Refusal{"icmp6-type", "only tcp and udp can be redirected"},
    Refusal{"max-pkt-rate", "rates are limited by max-src-conn-rate alone here"},
    Refusal{"modulate", "sequence numbers are left alone here: write 'keep state'"},
    Refusal{"nat-to", "only rdr-to is carried out here"},
    Refusal{"no", "each redirected packet has a state"},
    Refusal{"once", "a rule stays until it is removed"},
    Refusal{"os", "operating systems are not told apart"},
    Refusal{"prio", "packets are not queued here"},
    Refusal{"probability", "a rule has every packet that it matches"},
    Refusal{"queue", "packets are not queued here"},
    Refusal{"received-on", "say it with 'on'"},
    Refusal{"reply-to", "answers go where the routing table says"},
    Refusal{"route-to", "packets go where the routing table says: only rdr-to is carried out here"},
    Refusal{"rtable", "there is one routing table here"},
    Refusal{"set", "packets are not marked here"},
    Refusal{"synproxy", "handshakes are the hosts' here: write 'keep state'"},
    Refusal{"tagged", "a rule does not look at tags here"},
    Refusal{"tos", "the type of service is not looked at"},
    Refusal{"user", "it is for local connections"},
};

bool refuse(Parser& parser, const Token& word) {
  const auto why = word.kind == TokenKind::Word ? why_not(kRefusals, word.text) : "";
  if (!why.empty()) return parser.error(word.at, quoted(word) + ": " + std::string(why));
  return parser.error(word.at,
                      quoted(word) + " is no option of a rule (flags, keep state, label, tag, rdr-to, keep-ttl)");
}

bool parse_flags(Parser& parser) {
  const auto flags = parser.value("flags");
  if (!flags) return false;
  if (flags->text == "S/SA") return true;
  return parser.error(flags->at, "a state begins with a SYN here: flags S/SA, not " + quoted(*flags));
}

bool parse_label(Parser& parser, std::string& out) {
  const auto label = parser.value("a label");
  if (!label) return false;
  if (label->text.find('$') != std::string::npos) return parser.error(label->at, "macros in a label are not expanded");
  out = label->text;
  return true;
}

bool parse_tag(Parser& parser, std::string& out) {
  const auto tag = parser.name("tag");
  if (tag) out = tag->text;
  return tag.has_value();
}

bool parse_option(Parser& parser, ast::Rule& rule, std::set<std::string>& given) {
  const Token word = parser.peek();
  if (!word.is_value()) return parser.error(word.at, "expected an option of the rule, not " + quoted(word));
  for (const std::string_view known : {"flags", "keep", "label", "tag", "rdr-to", "keep-ttl"}) {
    if (!word.is_word(known)) continue;
    parser.take();
    if (!parser.once(given, word)) return false;
    if (known == "flags") return parse_flags(parser);
    if (known == "keep") return parser.expect("state") && parse_state_options(parser, rule.options);
    if (known == "label") return parse_label(parser, rule.options.label);
    if (known == "tag") return parse_tag(parser, rule.options.tag);
    if (known == "rdr-to") return parse_pool(parser, rule, Grammar::Since47);
    return rule.options.keep_ttl = true;
  }
  return refuse(parser, word);
}

// Only udp: pf refuses flags there.
bool check_flags(Parser& parser, const ast::Rule& rule, const std::set<std::string>& given) {
  if (!given.contains("flags")) return true;
  for (const Proto proto : rule.protos) {
    if (proto != Proto::Tcp) return parser.error(rule.at, "flags only apply to tcp");
  }
  return true;
}

}  // namespace

bool parse_pass(Parser& parser, ast::Rule& rule, const Token& word) {
  if (!parser.speaks(Grammar::Since47, word)) return false;
  const Token direction = parser.peek();
  if (!parser.accept("in"))
    return parser.error(direction.at, "only what comes in is redirected: write 'pass in quick'");
  if (parser.peek().is_word("log")) return parser.error(parser.peek().at, "'log': packets are not logged here");
  if (!parser.accept("quick")) {
    return parser.error(parser.peek().at, "the first rule that matches has the packet here: write 'pass in quick'");
  }
  if (parser.peek().is_word("route-to")) return refuse(parser, parser.peek());
  if (!parse_match(parser, rule)) return false;
  std::set<std::string> given;
  while (!parser.line_ends()) {
    if (!parse_option(parser, rule, given)) return false;
  }
  if (!given.contains("rdr-to")) return parser.error(rule.at, "a rule without rdr-to has nothing to do here");
  return check_flags(parser, rule, given);
}

bool parse_rdr(Parser& parser, ast::Rule& rule, const Token& word) {
  if (!parser.speaks(Grammar::Before47, word)) return false;
  parser.accept("pass");
  if (parser.peek().is_word("log")) return parser.error(parser.peek().at, "'log': packets are not logged here");
  if (!parse_match(parser, rule)) return false;
  if (parser.accept("tag") && !parse_tag(parser, rule.options.tag)) return false;
  const Token arrow = parser.peek();
  for (const std::string_view later : {"label", "keep", "flags"}) {
    if (arrow.is_word(later))
      return parser.error(arrow.at, quoted(arrow) + " is no word of rdr: pf had it in filter rules");
  }
  if (arrow.is_word("tagged")) return refuse(parser, arrow);
  if (!parser.accept("-") || !parser.accept('>')) {
    return parser.error(arrow.at, "expected '->', not " + quoted(arrow));
  }
  return parse_pool(parser, rule, Grammar::Before47);
}

}  // namespace hcd::fastpath::pfconf
