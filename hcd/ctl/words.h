// What stands in rows as values of the configuration, in words of a column's width.
#pragma once
#include <string>
#include <string_view>

#include "hcd/ctl/model.h"

namespace hcd::ctl {

[[nodiscard]] std::string virtual_text(const conf::Virtual& entry);  // "192.0.2.10:80", "192.0.2.53:53/udp"
[[nodiscard]] std::string_view check_text(const TableRow& row);      // "http", "tls"; empty: hosts are not checked
[[nodiscard]] std::string_view mode_text(const ServiceRow& row);     // "robin", "source", "least"

}  // namespace hcd::ctl
