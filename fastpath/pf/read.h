// What pfctl prints, read back. Another program's output is not trusted: a line that is not of the form expected is an error
// that quotes it, or, in a listing that may hold what is not ours, left out.
#pragma once
#include <string_view>
#include <vector>

#include "fastpath/engine.h"

namespace hcd::fastpath::pf {

// -s labels: the sum of all its lines, which are "label evaluations packets bytes in-pkts in-bytes out-pkts out-bytes states".
[[nodiscard]] Result<Counters> read_labels(std::string_view text);

// -vv -T show: each address and, below it, "In/Pass:" and "Out/Pass:" with its packets and bytes.
[[nodiscard]] Result<std::vector<AddressCounters>> read_table(std::string_view text);

// -k: "killed 2 states from 1 sources and 0 destinations", "killed 2 states": how many.
[[nodiscard]] Result<std::size_t> read_killed(std::string_view text);

// The same: each with its weight.
[[nodiscard]] Result<std::vector<TableEntry>> read_entries(std::string_view text);

// -s Anchors: the names below the prefix; -s Tables: all names. What cannot be a name is left out.
[[nodiscard]] std::vector<std::string> read_anchors(std::string_view text, std::string_view prefix);
[[nodiscard]] std::vector<std::string> read_names(std::string_view text);

struct PfState {
  Proto proto = Proto::Tcp;
  Address host, to, client;  // `to`: the address that the client uses; the host's own where nothing was translated
  std::uint16_t host_port = 0, to_port = 0, client_port = 0;
  std::string host_side, client_side;  // "ESTABLISHED"
  friend bool operator==(const PfState&, const PfState&) = default;
};

// -s states: those that came in over tcp and udp and were redirected; all others are left out.
[[nodiscard]] std::vector<PfState> read_states(std::string_view text);

}  // namespace hcd::fastpath::pf
