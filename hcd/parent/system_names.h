// What the system says of names: resolv.conf(5) and hosts(5). They are read for a configuration when it is loaded, as the
// rest of it is; what is not understood of them is left out, as the C library does.
#pragma once
#include "fastpath/base/source.h"
#include "hcd/conf/name_messages.h"

namespace hcd::parent {

// Servers, search list and dots; without a server the one of this machine.
[[nodiscard]] conf::NamesBegin parse_resolv_conf(std::string_view text);
[[nodiscard]] std::string lower(std::string_view text);
// Each name's addresses, ascending; names in lower().
[[nodiscard]] conf::Answers parse_hosts(std::string_view text);

[[nodiscard]] conf::NamesBegin system_resolver(const Files& files);
[[nodiscard]] conf::Answers system_hosts(const Files& files);

}  // namespace hcd::parent
