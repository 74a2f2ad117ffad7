// services(5): ports by name.
#pragma once
#include <cstdint>
#include <optional>
#include <string>

namespace hcd {

// The TCP port of that name, or else the UDP port: as pfctl takes it, whatever the rule's protocol.
[[nodiscard]] std::optional<std::uint16_t> service_port(const std::string& name);

}  // namespace hcd
