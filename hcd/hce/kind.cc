#include "hcd/hce/kind.h"

#include <array>

#include "hcd/hce/dns.h"
#include "hcd/hce/exchange.h"
#include "hcd/hce/grpc.h"
#include "hcd/hce/http.h"
#include "hcd/hce/icmp.h"
#include "hcd/hce/ldap.h"
#include "hcd/hce/mysql.h"
#include "hcd/hce/peer.h"
#include "hcd/hce/postgres.h"
#include "hcd/hce/redis.h"
#include "hcd/hce/script.h"
#include "hcd/hce/smtp.h"
#include "hcd/hce/tcp.h"

namespace hcd::hce {
namespace {

constexpr auto kKinds = std::to_array<Kind>({
    {"none", false, nullptr, nullptr},
    {"icmp", false, nullptr, make_icmp},
    {"tcp", true, nullptr, make_probe<TcpProbe>},
    {"tcp", true, nullptr, make_probe<TcpProbe>},  // tls: "tcp use tls"
    {"http code", true, prepare_http, make_probe<HttpProbe>},
    {"http digest", true, prepare_http, make_probe<HttpProbe>},
    {"send expect", true, prepare_exchange, make_probe<ExchangeProbe>},
    {"script", false, prepare_script, make_script},
    {"dns", true, prepare_dns, make_probe<DnsProbe>},
    {"grpc", true, prepare_grpc, make_probe<ProfileProbe<Grpc>>, "h2"},
    {"redis", true, prepare_peer, make_probe<ProfileProbe<Redis>>},
    {"mysql", true, prepare_peer, make_probe<ProfileProbe<Mysql>>},
    {"postgres", true, prepare_peer, make_probe<ProfileProbe<Postgres>>},
    {"smtp", true, prepare_peer, make_probe<ProfileProbe<Smtp>>},
    {"ldap", true, prepare_peer, make_probe<ProfileProbe<Ldap>>},
});
static_assert(kKinds.size() == static_cast<std::size_t>(last_of(conf::CheckType{})) + 1);

}  // namespace

const Kind& kind_of(conf::CheckType type) {
  return kKinds[static_cast<std::size_t>(type)];
}

}  // namespace hcd::hce
