#include "hcd/ctl/peer.h"

#include <pwd.h>
#include <sys/socket.h>

#include "fastpath/base/text.h"

namespace hcd::ctl {
namespace {

constexpr std::size_t kProgramMax = 40;

}  // namespace

Users read_users() {
  Users out;
  setpwent();
  while (const passwd* entry = getpwent()) out.emplace(entry->pw_uid, entry->pw_name);
  endpwent();
  return out;
}

std::string Peer::text() const {
  const std::string id = "uid " + std::to_string(uid);
  const std::string process =
      "pid " + std::to_string(pid) + (program.empty() ? "" : ", " + printable(program, kProgramMax)) + ")";
  return name.empty() ? id + " (" + process : name + " (" + id + ", " + process;
}

Result<Peer> peer_of(int socket, const Users& users) {
  ucred credentials{};
  socklen_t size = sizeof credentials;
  if (getsockopt(socket, SOL_SOCKET, SO_PEERCRED, &credentials, &size) != 0) return fail_errno("SO_PEERCRED");
  const auto name = users.find(credentials.uid);
  return Peer{
      .uid = credentials.uid, .pid = credentials.pid, .name = name == users.end() ? "" : name->second, .program = {}};
}

}  // namespace hcd::ctl
