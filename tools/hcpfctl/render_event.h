// One event as a line, with what -v and -vv add below it, or as a line of JSON. Pure.
#pragma once
#include <string>

#include "fastpath/bpf/events.h"

namespace hcd::hcpfctl {

// An event with the names that its numbers had when it was read; an empty anchor: it has gone, or there is none.
struct EventLine {
  fastpath::Event event;
  std::int64_t wall_ms = 0;
  std::string anchor, label;  // of its rule
  std::uint32_t rule = 0;     // its number there
  std::string table;          // an overload's, in the same anchor
  std::string interface;      // a decision's
  std::uint32_t one_in = 1;   // the same: of how many packets this is the sample
  std::uint32_t creator = 0;  // of these maps
};

[[nodiscard]] std::string event_text(const EventLine& line, int verbose);
[[nodiscard]] std::string event_json(const EventLine& line);

// What was not told between the two.
using fastpath::Events;
[[nodiscard]] std::string gap_text(const Events::Untold& before, const Events::Untold& now, std::int64_t wall_ms);
[[nodiscard]] std::string gap_json(const Events::Untold& before, const Events::Untold& now, std::int64_t wall_ms);

// Whether a packet goes no further for that reason (enum hcd_reason), and all such reasons, 1 << reason.
[[nodiscard]] bool is_drop(unsigned reason);
[[nodiscard]] std::uint64_t drop_reasons();

}  // namespace hcd::hcpfctl
