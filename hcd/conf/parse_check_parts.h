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

}  // namespace hcd::conf
