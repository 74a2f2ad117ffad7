#include "hcd/parent/control_sockets.h"

#include <csignal>
#include <cstring>
#include <thread>

#include <fcntl.h>
#include <grp.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>

#include "fastpath/base/clock.h"
#include "hcd/parent/options.h"

namespace hcd::parent {
namespace {

constexpr int kBacklog = 128;
constexpr Milliseconds kAgain{50}, kPatience{3000};  // with the children of a daemon that was killed

Result<UniqueFd> unix_socket() {
  UniqueFd fd(socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
  if (!fd) return fail_errno("make a control socket");
  return fd;
}

enum class Answers : unsigned char { Nobody, Orphan, Daemon };

// Who listens: the kernel names the process that called listen(2), which is the parent (SO_PEERCRED of unix(7)). A child
// still has the socket while it ends after that one's death.
Result<Answers> who_answers(const sockaddr_un& address) {
  const auto probe = unix_socket();
  if (!probe) return std::unexpected(probe.error());
  if (connect(probe->get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0)
    return errno == EAGAIN ? Answers::Daemon : Answers::Nobody;  // a full queue is a busy daemon's
  ucred listener{};
  socklen_t size = sizeof listener;
  const bool known = getsockopt(probe->get(), SOL_SOCKET, SO_PEERCRED, &listener, &size) == 0 && listener.pid > 0;
  return known && kill(listener.pid, 0) != 0 && errno == ESRCH ? Answers::Orphan : Answers::Daemon;
}

// Removes what nobody answers on.
Status clear_the_way(const std::string& path, const sockaddr_un& address) {
  struct stat status{};
  if (lstat(path.c_str(), &status) != 0) return errno == ENOENT ? Status() : fail_errno("control socket " + path);
  if (!S_ISSOCK(status.st_mode)) return fail(Code::Exists, "control socket " + path + ": there is a file of that name");
  auto who = who_answers(address);
  for (auto waited = Milliseconds(0); who && *who == Answers::Orphan && waited < kPatience; waited += kAgain) {
    std::this_thread::sleep_for(kAgain);
    who = who_answers(address);
  }
  if (!who) return std::unexpected(who.error());
  if (*who != Answers::Nobody) return fail(Code::Exists, "control socket " + path + ": another daemon answers on it");
  if (unlink(path.c_str()) != 0) return fail_errno("remove the left-over control socket " + path);
  return {};
}

// Nobody can connect before listen(), so its mode is in force from the first moment.
Status set_access(const std::string& path, mode_t mode, bool for_group) {
  const group* operators = for_group ? getgrnam("hcd") : nullptr;
  if (operators != nullptr && chown(path.c_str(), 0, operators->gr_gid) != 0 && errno != EPERM)
    return fail_errno("give the control socket " + path + " to group hcd");
  if (chmod(path.c_str(), mode) != 0) return fail_errno("set the mode of the control socket " + path);
  return {};
}

Result<UniqueFd> listen_at(const std::string& path, mode_t mode, bool for_group) {
  sockaddr_un address{.sun_family = AF_UNIX, .sun_path = {}};
  if (path.size() >= sizeof address.sun_path)
    return fail(Code::Limit, "control socket " + path + ": the path is too long");
  std::memcpy(address.sun_path, path.data(), path.size());
  if (auto done = clear_the_way(path, address); !done) return std::unexpected(done.error());
  auto fd = unix_socket();
  if (!fd) return fd;
  if (bind(fd->get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0)
    return fail_errno("control socket " + path);
  if (auto done = set_access(path, mode, for_group); !done) return std::unexpected(done.error());
  if (listen(fd->get(), kBacklog) != 0) return fail_errno("listen on the control socket " + path);
  return fd;
}

}  // namespace

Result<ControlSockets> ControlSockets::open(const std::string& path) {
  ControlSockets out;
  for (const auto& [at, mode, for_group] :
       {std::tuple(path, mode_t{0660}, true), std::tuple(read_only_socket(path), mode_t{0666}, false)}) {
    auto fd = listen_at(at, mode, for_group);
    if (!fd) return std::unexpected(fd.error());
    out.sockets_.push_back({at, std::move(*fd)});
  }
  return out;
}

ControlSockets::~ControlSockets() {
  for (const auto& socket : sockets_) unlink(socket.path.c_str());
}

Result<std::vector<UniqueFd>> ControlSockets::copies() const {
  std::vector<UniqueFd> out;
  for (const auto& socket : sockets_) {
    UniqueFd copy(fcntl(socket.fd.get(), F_DUPFD_CLOEXEC, 0));
    if (!copy) return fail_errno("copy a control socket");
    out.push_back(std::move(copy));
  }
  return out;
}

}  // namespace hcd::parent
