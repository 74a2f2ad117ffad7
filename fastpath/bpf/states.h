// The states, read from the mapped buckets while packets change them: a million take some milliseconds, and cost no packet
// anything. Each state is read whole; a listing is not of one moment.
#pragma once
#include <cstdint>
#include <functional>
#include <vector>

#include "fastpath/base/address.h"
#include "fastpath/base/clock.h"
#include "fastpath/bpf/maps.h"

namespace hcd::fastpath {

struct State {
  std::uint64_t id = 0;  // its own as long as it lives
  Address client;
  std::uint16_t port = 0, virtual_port = 0, host_port = 0;  // host order
  std::uint32_t rule = 0, host = 0;                         // indexes; not 0, but not more certain than a map's content
  std::uint8_t client_side = 0, server_side = 0;            // enum hcd_tcp_state
  bool sticky = false;                                      // its host came from a source node
  Seconds age{0};                                           // since its first packet
  Seconds idle{0};                                          // since its last
  Seconds expires{0};                                       // after so long without another
  std::uint64_t packets[2] = {}, bytes[2] = {};             // [0] from the client
};

// The packet path counts ticks of jiffies; hcd_globals says how they relate to CLOCK_MONOTONIC.
[[nodiscard]] std::uint32_t tick_at(const abi::hcd_globals& globals, TimePoint now);
[[nodiscard]] std::uint32_t ticks_of(const abi::hcd_globals& globals, Seconds seconds);  // rounded up
[[nodiscard]] Seconds seconds_of(const abi::hcd_globals& globals, std::uint32_t ticks);

// Every state that has not expired.
void for_each_state(const Views& views, TimePoint now, const std::function<void(const State&)>& visit);

// Ends every state that `chosen` says yes to, and tells how many. A packet of such a flow finds no state any more; one that was
// replaced by another flow's meanwhile stays.
std::size_t kill_states(const Views& views, TimePoint now, const std::function<bool(const State&)>& chosen);

// Cuts every connection that `chosen` says yes to, and tells how many: its state lives on for tcp.closed, and a packet of either
// end has both told by resets (kmod/reset.bpf.h). What is over already is left alone; states of UDP are ended.
std::size_t cut_states(const Views& views, TimePoint now, const std::function<bool(const State&)>& chosen);

struct Census {
  std::size_t total = 0, half_open = 0;
  std::vector<std::uint32_t> by_rule, by_host;  // states by index
};
[[nodiscard]] Census take_census(const Views& views, TimePoint now);

}  // namespace hcd::fastpath
