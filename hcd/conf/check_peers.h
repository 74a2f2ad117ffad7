// What the checks that speak a server's own protocol need to know: dns, grpc, redis, mysql, postgres, smtp, ldap. Each
// uses some of the fields; the others are empty.
#pragma once
#include <cstdint>
#include <optional>
#include <string>

#include "fastpath/base/address.h"

namespace hcd::conf {

struct PeerCheck {
  std::string name;                    // dns: to ask for; grpc: the service; smtp: of EHLO; postgres: the database
  std::string user;                    // redis, mysql, postgres; empty: none
  std::string password;                // redis
  bool noauth = false;                 // redis: a server that wants a password serves
  bool starttls = false;               // TLS begins inside the protocol, where Check::tls is there
  std::uint16_t query = 0;             // dns: the type
  bool tcp = false;                    // dns
  std::optional<std::uint16_t> rcode;  // dns: what is expected; none: NOERROR and a record of the type
  std::optional<Address> address;      // dns: that must be among the answers
  void fields(auto& f) { f(name, user, password, noauth, starttls, query, tcp, rcode, address); }
  friend bool operator==(const PeerCheck&, const PeerCheck&) = default;
};

inline constexpr std::size_t kPeerWordMax =
    80;  // of a user, password or database: what is sent fits the checks' buffers
inline constexpr std::size_t kServiceMax = 253;  // of the name of a service of gRPC

}  // namespace hcd::conf
