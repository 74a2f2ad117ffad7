#include "hcd/conf/parse_check_peers.h"

#include <array>

namespace hcd::conf {
namespace {

constexpr auto kPeers = std::to_array<Keyword<Check>>({
    {"dns", nullptr, "a check by DNS query is not supported"},
    {"grpc", nullptr, "a check by gRPC's health service is not supported"},
    {"redis", nullptr, "a check of redis is not supported"},
    {"mysql", nullptr, "a check of mysql is not supported"},
    {"postgres", nullptr, "a check of postgres is not supported"},
    {"smtp", nullptr, "a check of smtp is not supported"},
    {"ldap", nullptr, "a check of ldap is not supported"},
});

}  // namespace

std::span<const Keyword<Check>> peer_checks() {
  return kPeers;
}

std::string peer_check_text(const Check&) {
  return {};
}

}  // namespace hcd::conf
