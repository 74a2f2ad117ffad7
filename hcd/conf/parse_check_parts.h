// The parts of a `check` line that have a file each: parse_check.cc puts them together.
#pragma once
#include "hcd/conf/parser.h"

namespace hcd::conf {

// `[ssl|tls]`: over TLS, if the word is there.
[[nodiscard]] bool parse_tls_word(Parser& p, Check& check);

bool parse_http(Parser& p, Check& check, const Token& word);       // `http|https PATH ...`
bool parse_tls_check(Parser& p, Check& check, const Token& word);  // `ssl|tls`
bool parse_script(Parser& p, Check& check, const Token& word);     // `script PATH`
bool parse_send(Parser& p, Check& check, const Token& word);       // `send DATA|nothing expect GLOB [ssl|tls]`
bool parse_binary(Parser& p, Check& check, const Token& word);     // `binary send HEX|nothing expect HEX [ssl|tls]`
// The rest of the line, for a check that is over TLS and nothing else; what is asked of the server's certificate.
bool parse_tls_verify(Parser& p, Check& check, const Token& word);  // `verify`
bool parse_tls_ca(Parser& p, Check& check, const Token& word);      // `ca FILE`
bool parse_tls_name(Parser& p, Check& check, const Token& word);    // `name NAME`
bool parse_tls_sni(Parser& p, Check& check, const Token& word);     // `sni NAME`
bool parse_tls_alpn(Parser& p, Check& check, const Token& word);    // `alpn PROTOCOL`
// Once all words are read: reads the certificates if they are needed.
bool finish_tls(Parser& p, const Check& check, const Token& word);

}  // namespace hcd::conf
