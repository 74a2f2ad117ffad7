#include "hcd/conf/parse_check.h"

#include <array>

#include "hcd/conf/parse_check_parts.h"
#include "hcd/conf/parse_check_peers.h"

namespace hcd::conf {
namespace {

bool parse_icmp(Parser&, Check& check, const Token&) {
  check.type = CheckType::Icmp;
  return true;
}

bool parse_tcp(Parser&, Check& check, const Token&) {
  check.type = CheckType::Tcp;
  return true;
}

constexpr auto kChecks = std::to_array<Keyword<Check>>({
    {"icmp", parse_icmp},
    {"tcp", parse_tcp},
    {"http", parse_http},
    {"https", parse_http},
    {"ssl", parse_tls_check},
    {"tls", parse_tls_check},
    {"send", parse_send},
    {"binary", parse_binary},
    {"script", parse_script},
});

}  // namespace

std::optional<Check> parse_check_line(Parser& p) {
  std::string known;
  for (const auto keywords : {std::span<const Keyword<Check>>(kChecks), peer_checks()})
    for (const auto& keyword : keywords) {
      known += (known.empty() ? "" : ", ") + std::string(keyword.word);
      if (!p.peek().is_word(keyword.word)) continue;
      Check check;
      const auto word = p.take();
      if (!keyword.parse(p, check, word)) return std::nullopt;
      return check;
    }
  p.error(p.peek().at, quoted(p.peek()) + " is not a kind of check (" + known + ")");
  return std::nullopt;
}

}  // namespace hcd::conf
