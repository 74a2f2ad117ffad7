// hcctl's command line before its words: whose daemon, which socket, how long to wait. The name that the program was
// called by decides: hoststatectl and relayctl speak to the daemons of those names, and relayctl prints its own columns.
#pragma once
#include <string>
#include <string_view>
#include <vector>

#include "fastpath/base/clock.h"
#include "fastpath/base/error.h"
#include "tools/hcctl/render.h"

namespace hcd::hcctl {

struct Options {
  std::string program;               // "hcctl"
  std::vector<std::string> sockets;  // tried in this order where the one before may not be opened
  Columns columns = Columns::TypeFirst;
  Seconds limit{10};
  std::vector<std::string_view> words;
};

[[nodiscard]] Result<Options> read_options(const std::vector<std::string_view>& arguments);  // [0] is the program

}  // namespace hcd::hcctl
