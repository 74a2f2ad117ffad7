// Which programs speak with each other, and what the daemon runs.
#pragma once
#include <string>

#include "hcd/ctl/model.h"

namespace hcd::hcctl {

struct Version {
  std::string client;  // "hcctl 0.1.0"
  std::string daemon;  // "hcd 0.1.0"
  std::uint32_t protocol = 0;
  bool read_only = false;
  ctl::Header header;
};

}  // namespace hcd::hcctl
