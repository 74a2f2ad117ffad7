#include "hcd/proc/role.h"

#include <algorithm>
#include <array>

#include <sys/socket.h>

namespace hcd::proc {
namespace {

// hce meets the network: it connects out, and answers nobody. Its ICMP sockets are raw: it opens them while it may.
constexpr std::string_view kHceCalls = "connect getsockname getpeername getsockopt setsockopt sendmmsg recvmmsg";
constexpr std::array<SocketKind, 4> kHceSockets = {
    {{AF_INET, SOCK_STREAM}, {AF_INET6, SOCK_STREAM}, {AF_INET, SOCK_DGRAM}, {AF_INET6, SOCK_DGRAM}}};

// pfe meets operators, over listening sockets that it is sent, and the kernel's maps, by descriptors that it is sent.
constexpr std::string_view kPfeCalls = "accept4 accept getsockopt setsockopt membarrier";

// names meets name servers: it asks, and takes what comes. c-ares looks at the address of its own socket.
constexpr std::string_view kNamesCalls = "connect getsockname getsockopt setsockopt";
constexpr auto& kNamesSockets = kHceSockets;

// metrics answers whoever may connect to the listening socket that it is sent; it asks pfe alone.
constexpr std::string_view kMetricsCalls = "accept4 accept getsockname getpeername getsockopt setsockopt";

constexpr std::array<std::pair<Role, Role>, 2> kLinks = {{{Role::Hce, Role::Pfe}, {Role::Pfe, Role::Metrics}}};

constexpr std::array<RoleInfo, 6> kRoles = {{
    {.role = Role::Parent,
     .name = "parent",
     .user = {},
     .always = true,
     .tables = true,
     .services = true,
     .calls = {},
     .sockets = {},
     .bpf_elements = true},
    {.role = Role::Hce,
     .name = "hce",
     .user = "_hcd-hce",
     .always = true,
     .tables = true,
     .services = false,
     .calls = kHceCalls,
     .sockets = kHceSockets,
     .bpf_elements = false},
    {.role = Role::Pfe,
     .name = "pfe",
     .user = "_hcd-pfe",
     .always = true,
     .tables = true,
     .services = true,
     .calls = kPfeCalls,
     .sockets = {},
     .bpf_elements = true},
    {.role = Role::Names,
     .name = "names",
     .user = "_hcd-names",
     .always = false,
     .tables = false,
     .services = false,
     .calls = kNamesCalls,
     .sockets = kNamesSockets,
     .bpf_elements = false},
    {.role = Role::Pfctl,
     .name = "pfctl",
     .user = {},
     .always = false,
     .tables = false,
     .services = false,
     .calls = {},
     .sockets = {},
     .bpf_elements = false,
     .runs_programs = true},
    {.role = Role::Metrics,
     .name = "metrics",
     .user = "_hcd-metrics",
     .always = false,
     .tables = false,
     .services = false,
     .calls = kMetricsCalls,
     .sockets = {},
     .socket_fails = true,  // getnameinfo(3) of who connects from an IPv6 link asks for the interface's name
     .descriptors = 256,
     .bpf_elements = false},
}};

}  // namespace

const RoleInfo& info(Role role) {
  return kRoles[static_cast<std::size_t>(role)];
}

std::optional<Role> role_named(std::string_view name) {
  const auto* found = std::ranges::find(kRoles, name, &RoleInfo::name);
  if (found == kRoles.end()) return std::nullopt;
  return found->role;
}

std::span<const RoleInfo> children() {
  return std::span(kRoles).subspan(1);
}

std::span<const std::pair<Role, Role>> links() {
  return kLinks;
}

}  // namespace hcd::proc
