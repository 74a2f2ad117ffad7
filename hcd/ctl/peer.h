// Who is at the other end of a control socket, as the kernel says, in the words of the audit lines.
#pragma once
#include <cstdint>
#include <map>
#include <string>

#include "fastpath/base/error.h"

namespace hcd::ctl {

using Users = std::map<std::uint32_t, std::string>;  // names by uid
[[nodiscard]] Users read_users();                    // all of passwd(5); to be called while it can be read

struct Peer {
  std::uint32_t uid = 0;
  std::int32_t pid = 0;
  std::string name;                        // of the user, or empty
  std::string program;                     // as it calls itself, or empty
  [[nodiscard]] std::string text() const;  // "root (uid 0, pid 4411, hcctl 0.1.0)", "uid 1007 (pid 4411)"
};
[[nodiscard]] Result<Peer> peer_of(int socket, const Users& users);

}  // namespace hcd::ctl
