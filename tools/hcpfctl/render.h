// The words of pfctl(8), to the blank. Pure: a snapshot goes in, text comes out.
#pragma once
#include <string>

#include "tools/hcpfctl/snapshot.h"

namespace hcd::hcpfctl {

// One rule and, verbose, its counters, each line indented.
[[nodiscard]] std::string rule_text(const RuleLine& line, int verbose, const std::string& indent = "");
[[nodiscard]] std::string nat_text(const RuleLine& line, int verbose);  // the same in the words before OpenBSD 4.7
[[nodiscard]] std::string label_text(const RuleLine& line);
[[nodiscard]] std::string state_text(const StateLine& line, int verbose);
[[nodiscard]] std::string source_text(const SourceLine& line, int verbose);
[[nodiscard]] std::string table_text(const TableLine& line, int verbose);
[[nodiscard]] std::string address_text(const AddressLine& line, int verbose);
[[nodiscard]] std::string info_text(const Info& info, int verbose);
[[nodiscard]] std::vector<std::pair<std::string, std::uint64_t>> counters_of(const Info& info);  // pf's, then ours
[[nodiscard]] std::string reason_text(unsigned reason);  // enum hcd_reason, by the name of its counter
[[nodiscard]] std::string memory_text(const Limits& limits);
[[nodiscard]] std::string timeouts_text(const std::vector<TimeoutLine>& timeouts);
[[nodiscard]] std::string at_text(const Address& address, std::uint16_t port);    // 10.0.0.1:80, 2001:db8::1[80]
[[nodiscard]] std::string clock_text(Seconds seconds);                            // 01:02:05
[[nodiscard]] std::string side_text(fastpath::Proto proto, unsigned char state);  // "ESTABLISHED", "SINGLE"

// The anchors right below `anchor` (empty: the main ruleset), or all below it.
[[nodiscard]] std::string anchors_text(const Snapshot& snapshot, const std::string& anchor, bool all);
// The rules of `anchor`, then its calls of the anchors below it; with `recurse` their contents too.
[[nodiscard]] std::string rules_text(const Snapshot& snapshot, const std::string& anchor, bool recurse, int verbose);

}  // namespace hcd::hcpfctl
