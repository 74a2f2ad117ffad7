// The rules of a service, as pf would have them. Pure: who asks adds the label and names the tables.
#pragma once
#include <vector>

#include "hcd/conf/config.h"

namespace hcd::conf {

// A rule for each virtual host in order of evaluation: those of an interface before those of any, for the first that matches
// has a packet. What the service says that the protocol or the family knows nothing of is left out.
//
// Hosts are at the table's `real port`. For a range of ports the n-th of them is led to the n-th from the real port on; for
// any port, and where a range begins with the real port, the packet's own is kept.
[[nodiscard]] std::vector<fastpath::Rule> rules_of(const Service& service, std::uint16_t real_port);

// The table of its hosts of that family: the family of the first virtual host has the service's own name; the other a suffix.
[[nodiscard]] std::string table_name(const Service& service, Family family);

// Whether one of those rules leads to hosts at this real port.
[[nodiscard]] bool leads_to(const fastpath::Rule& rule, std::uint16_t real_port);

}  // namespace hcd::conf
