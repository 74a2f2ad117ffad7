// hcmetrics' command line.
#pragma once
#include <string>
#include <string_view>
#include <vector>

#include "fastpath/base/address.h"
#include "fastpath/base/error.h"

namespace hcd::hcmetrics {

struct Options {
  Address address;
  std::uint16_t port = 0;
  std::string socket = "/run/hcd-ro.sock";
  std::string user = "_hcd-metrics";  // where it is started by root
};

[[nodiscard]] Result<Options> read_options(const std::vector<std::string_view>& arguments);  // [0] is the program
[[nodiscard]] std::string usage();

}  // namespace hcd::hcmetrics
