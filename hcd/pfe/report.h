// The roster as an operator sees it: rows of hcd/ctl/model.h.
#pragma once
#include "hcd/ctl/model.h"
#include "hcd/pfe/roster.h"

namespace hcd::pfe {

[[nodiscard]] ctl::HostRow host_row(const Roster& roster, const HostEntry& host, const Overrides& overrides);
[[nodiscard]] ctl::TableRow table_row(const Roster& roster, const TableEntry& table, const Overrides& overrides);
[[nodiscard]] ctl::ServiceRow service_row(const Roster& roster, const ServiceEntry& service, const std::string& error,
                                          const Overrides& overrides);

// What may be said of a service: only what the engine has in force.
[[nodiscard]] ctl::ServiceWord service_word(const ServiceEntry& service);

}  // namespace hcd::pfe
