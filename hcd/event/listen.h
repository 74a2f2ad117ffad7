// A TCP socket that listens.
#pragma once
#include <cstdint>

#include "fastpath/base/address.h"
#include "fastpath/base/error.h"
#include "fastpath/base/unique_fd.h"

namespace hcd::event {

// Errors name the address and port. `beside`: a socket of ours that listens at this port, on another address that may hold
// this one or be in it; it shares the port for the moment that this takes.
[[nodiscard]] Result<UniqueFd> listen_tcp(const Address& address, std::uint16_t port, int beside = -1);

}  // namespace hcd::event
