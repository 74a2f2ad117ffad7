// resolv.conf(5) and hosts(5), as the parent reads them: whatever stands there, what comes of it is bounded and sound.
#include "hcd/parent/system_names.h"

#include <algorithm>
#include <cstdint>
#include <cstdlib>

using namespace hcd;

namespace {

void demand(bool so) {
  if (!so) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const auto how = parent::parse_resolv_conf(text);
  demand(!how.servers.empty() && how.servers.size() <= 3 && how.search.size() <= 6 && how.dots <= 15);
  demand(std::ranges::all_of(how.search, [](const auto& domain) { return conf::is_host_name(domain); }));
  demand(std::ranges::all_of(how.servers, [](const auto& server) { return server.address.size() > 0; }));
  for (const auto& [name, addresses] : parent::parse_hosts(text)) {
    demand(conf::is_host_name(name) && addresses.size() <= conf::kAddressesMax);
    demand(std::ranges::is_sorted(addresses, std::less_equal<>()));
    demand(std::ranges::all_of(addresses, [](const auto& address) { return conf::unusable(address).empty(); }));
  }
  return 0;
}
