#include "hcd/ipc/messages.h"

#include <array>

namespace hcd::ipc {

std::string_view state_text(HostState state) {
  return state == HostState::Up ? "up" : state == HostState::Down ? "down" : "unknown";
}

std::string_view reason_text(Reason reason) {
  static constexpr std::array<std::string_view, static_cast<std::size_t>(Reason::NoResources) + 1> kText = {
      "none",
      "icmp ok",
      "icmp read timeout",
      "icmp write timeout",
      "tcp connect ok",
      "tcp connect failed",
      "tcp connect timeout",
      "tcp write timeout",
      "tcp write failed",
      "tcp read timeout",
      "tcp read failed",
      "tls connect ok",
      "tls connect failed",
      "tls connect timeout",
      "tls connect error",
      "tls read timeout",
      "tls read error",
      "tls write timeout",
      "tls write error",
      "http code ok",
      "http code malformed",
      "http code mismatch",
      "http digest ok",
      "http digest malformed",
      "http digest mismatch",
      "http header mismatch",
      "http body mismatch",
      "send/expect ok",
      "send/expect failed",
      "script ok",
      "script failed",
      "dns ok",
      "dns timeout",
      "dns failed",
      "dns malformed",
      "dns mismatch",
      "grpc ok",
      "grpc failed",
      "grpc malformed",
      "redis ok",
      "redis failed",
      "redis malformed",
      "mysql ok",
      "mysql failed",
      "mysql malformed",
      "postgres ok",
      "postgres failed",
      "postgres malformed",
      "smtp ok",
      "smtp failed",
      "smtp malformed",
      "ldap ok",
      "ldap failed",
      "ldap malformed",
      "interval timeout",
      "aborted",
      "flapping",
      "no resources",
  };
  return kText[static_cast<std::size_t>(reason)];
}

bool succeeded(Reason reason) {
  return reason_text(reason).ends_with(" ok");
}

}  // namespace hcd::ipc
