// Which packets a service or redirect takes and how it shares them out: what both vocabularies say in the same words, or
// relayd's not at all.
#pragma once
#include "hcd/conf/parser.h"

namespace hcd::conf {

bool parse_from(Parser& p, ast::Service& service, const Token& word);      // from [!] NETWORK | <table> | { ... }
bool parse_mode(Parser& p, ast::Service& service, const Token& word);      // mode METHOD [key]
bool parse_sticky(Parser& p, ast::Service& service, const Token& word);    // sticky-address
bool parse_keep(Parser& p, ast::Service& service, const Token& word);      // keep state (OPTIONS)
bool parse_on(Parser& p, ast::Service& service, const Token& word);        // on down keep|reset
bool parse_keep_ttl(Parser& p, ast::Service& service, const Token& word);  // keep-ttl
bool parse_session(Parser& p, ast::Service& service, const Token& word);   // session timeout SECONDS
bool parse_tag(Parser& p, ast::Service& service, const Token& word);       // tag NAME
bool parse_disabled(Parser& p, ast::Service& service, const Token& word);  // disable
inline constexpr auto kSteeringWords = std::to_array<Keyword<ast::Service>>({
    {"tag", parse_tag},
    {"mode", parse_mode},
    {"session", parse_session},
    {"disable", parse_disabled},
    {"from", parse_from},
    {"sticky-address", parse_sticky},
    {"keep", parse_keep},
    {"on", parse_on},
    {"keep-ttl", parse_keep_ttl},
});

// mode METHOD [key] in `forward to`: the second one of a redirect may say it again.
bool parse_forward_mode(Parser& p, ast::Service& service, const Token& word);

// [tcp|udp] port P|P:P2|any [interface IF], behind an address to which clients send.
bool parse_endpoint(Parser& p, ast::Virtual& added);

}  // namespace hcd::conf
