// What the kernel says of its network interfaces, by rtnetlink and the netdev family of generic netlink, in the network
// namespace of the caller.
#pragma once
#include <cstdint>
#include <string>
#include <vector>

#include "fastpath/base/error.h"

namespace hcd::fastpath {

struct Interface {
  std::uint32_t index = 0;
  std::uint32_t mtu = 0;
  bool up = false;
  bool ethernet = false;  // frames have an Ethernet header, and it is not the loopback
  std::string name;
  std::string kind;         // "veth", "bridge", ...; empty where a driver for hardware is behind it
  std::string parent;       // the device on its bus, as "0000:00:03.0" or "virtio0"; empty where there is none
  std::uint32_t lower = 0;  // of a VLAN: the interface that carries its frames
  bool xdp_native = false;  // its driver runs XDP and redirects
  bool xdp_target = false;  // it takes frames that XDP redirects
};

[[nodiscard]] Result<std::vector<Interface>> list_interfaces();  // by index

// Whether routing rules beyond the kernel's own three exist: then a route may depend on more than its destination.
[[nodiscard]] Result<bool> policy_routing();

}  // namespace hcd::fastpath
