// The time to live, or hop limit, of a check's packets: a host's `ip ttl`.
#pragma once
#include <cstdint>

#include <netinet/in.h>
#include <sys/socket.h>

#include "fastpath/base/address.h"

namespace hcd::hce {

// 0: as the system has it.
inline void set_ttl(int socket, Family family, std::uint8_t ttl) {
  const int value = ttl == 0 ? -1 : ttl;
  if (family == Family::Inet)
    setsockopt(socket, IPPROTO_IP, IP_TTL, &value, sizeof value);
  else
    setsockopt(socket, IPPROTO_IPV6, IPV6_UNICAST_HOPS, &value, sizeof value);
}

}  // namespace hcd::hce
