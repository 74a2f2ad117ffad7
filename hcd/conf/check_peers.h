// What the checks that speak a server's own protocol need to know: dns, grpc, redis, mysql, postgres, smtp, ldap.
#pragma once
#include <cstdint>
#include <string>
#include <vector>

#include "fastpath/base/address.h"

namespace hcd::conf {

struct PeerCheck {
  void fields(auto&) {}
  friend bool operator==(const PeerCheck&, const PeerCheck&) = default;
};

}  // namespace hcd::conf
