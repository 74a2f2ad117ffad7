// The parts of a `check` line that have a file each: parse_check.cc puts them together.
#pragma once
#include "hcd/conf/parser.h"

namespace hcd::conf {

bool parse_http(Parser& p, Check& check, const Token& word);       // `http|https PATH ...`
bool parse_http_host(Parser& p, Check& check, const Token& word);  // `host NAME` of such a check
bool parse_tls_check(Parser& p, Check& check, const Token& word);  // `ssl|tls`
bool parse_script(Parser& p, Check& check, const Token& word);     // `script PATH`
bool parse_send(Parser& p, Check& check, const Token& word);       // `send DATA|nothing expect GLOB [ssl|tls]`
bool parse_binary(Parser& p, Check& check, const Token& word);     // `binary send HEX|nothing expect HEX [ssl|tls]`

// What is asked of the server and its certificate: refused where no word before them said that the check is over TLS.
bool parse_tls_verify(Parser& p, Check& check, const Token& word);  // `verify`
bool parse_tls_ca(Parser& p, Check& check, const Token& word);      // `ca FILE`
bool parse_tls_name(Parser& p, Check& check, const Token& word);    // `name NAME`
bool parse_tls_sni(Parser& p, Check& check, const Token& word);     // `sni NAME`
bool parse_tls_alpn(Parser& p, Check& check, const Token& word);    // `alpn PROTOCOL`
bool parse_tls_expiry(Parser& p, Check& check, const Token& word);  // `expiry TIME|off`
inline constexpr auto kTlsWords = std::to_array<Keyword<Check>>({
    {"verify", parse_tls_verify},
    {"ca", parse_tls_ca},
    {"name", parse_tls_name},
    {"sni", parse_tls_sni},
    {"alpn", parse_tls_alpn},
    {"expiry", parse_tls_expiry},
});
template <std::size_t N>
constexpr auto with_tls_words(const std::array<Keyword<Check>, N>& own) {
  return joined(own, kTlsWords);
}
// The rest of the line, once a word has said that the check is over TLS: these words, and finish_tls().
[[nodiscard]] bool parse_tls_words(Parser& p, Check& check, const Token& word);
// Once all words are read: reads the certificates if they are needed.
bool finish_tls(Parser& p, const Check& check, const Token& word);

}  // namespace hcd::conf
