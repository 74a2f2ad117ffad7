// `check dns NAME [type T] [tcp] [expect rcode R | expect address A]`, and how it is written back.
#pragma once
#include <string>

#include "hcd/conf/check.h"
#include "hcd/conf/parser.h"

namespace hcd::conf {

bool parse_dns(Parser& p, Check& check, const Token& word);
[[nodiscard]] std::string dns_check_text(const PeerCheck& peer);

}  // namespace hcd::conf
