#include "fastpath/base/services.h"

#include <arpa/inet.h>
#include <netdb.h>

namespace hcd {

std::optional<std::uint16_t> service_port(const std::string& name) {
  for (const char* protocol : {"tcp", "udp"}) {
    servent entry{};
    servent* found = nullptr;
    char buffer[4096];
    if (getservbyname_r(name.c_str(), protocol, &entry, buffer, sizeof buffer, &found) == 0 && found != nullptr) {
      return ntohs(static_cast<std::uint16_t>(found->s_port));
    }
  }
  return std::nullopt;
}

}  // namespace hcd
