// Source nodes, read from the mapped table while packets change them: whom sticky-address leads where, and what the limits of
// sources count. Each is read whole; a listing is not of one moment.
#pragma once
#include <cstdint>
#include <functional>

#include "fastpath/base/address.h"
#include "fastpath/base/clock.h"
#include "fastpath/bpf/maps.h"

namespace hcd::fastpath {

struct Source {
  Address client;
  std::uint32_t rule = 0;  // index; 0: of all rules that track globally
  std::uint32_t host = 0;  // index; 0: it leads nowhere
  std::uint32_t states = 0, connections = 0;
  std::uint32_t rate = 0;  // connections in the rule's time, as pf estimates it, in parts of HCD_RATE_ONE
  Seconds age{0};          // since it was made
  Seconds expires{0};      // once it has no state
};

// Every node that has states, or whose src.track is not over.
void for_each_source(const Views& views, TimePoint now, const std::function<void(const Source&)>& visit);

// Lets go of every node that `chosen` says yes to, and tells how many: one without states is freed; one with states goes on to
// count them, but leads nowhere any more.
std::size_t drop_sources(const Views& views, TimePoint now, const std::function<bool(const Source&)>& chosen);

// The same by rule and host (indexes; 0 is of all rules, or leads nowhere), whether its time is over or not.
std::size_t forget_sources(const Views& views,
                           const std::function<bool(std::uint32_t rule, std::uint32_t host)>& chosen);

// A state of the client's by that rule (index) has been ended: its nodes, which `flags` (enum hcd_more_flags) are of, count it
// no more.
void leave_sources(const Views& views, TimePoint now, const Address& client, std::uint32_t rule, std::uint16_t flags);

}  // namespace hcd::fastpath
