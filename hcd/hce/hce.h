// The host check engine: checks every host of every table, asynchronously, in one process and one thread, and tells the
// packet filter engine what it found.
//
// The role's main wires it so:
//
//   auto sockets = hce::open_icmp();            // as root, before privileges are dropped; either may be missing
//   ... confine: user, chroot, seccomp ...
//   hce::Hce engine(loop, std::move(sockets));
//   parent channel's message handler: if (auto status = engine.on_parent(std::move(message)); !status) log::fatal(...)
//
// It takes PeerChannel, ConfigBegin, ConfigAuthorities, ConfigTable, ConfigEnd and ScriptResult, and sends ScriptRun and ScriptStop; Ready and
// Shutdown are its caller's. The channel to pfe
// is its own: it comes with PeerChannel, may be lost and come again, and each new one is told the state of every host.
//
// A PeerChannel may also bring a channel to a relay, which tells PassiveResults over it and nothing else.
//
// A configuration is taken into use at ConfigEnd: hosts that stay (the same id and address) keep their state, counters
// and an operator's switch; a check in flight goes on only if its definition is the same. A table of more hosts than
// one frame holds comes as several ConfigTable frames of the same id: the later ones' hosts are added.
//
// Beyond the loop's and the channels' system calls a check needs: socket (inet, inet6), connect, setsockopt,
// getsockopt, epoll_create1, epoll_ctl, epoll_wait, epoll_pwait, read, write, readv, sendto, recvfrom, recvmsg,
// recvmmsg, close, getpid, getrandom, prlimit64.
#pragma once
#include <memory>

#include "fastpath/base/error.h"
#include "fastpath/base/unique_fd.h"
#include "hcd/event/loop.h"
#include "hcd/ipc/channel.h"

namespace hcd::hce {

struct IcmpSockets {  // raw, non-blocking; an empty one makes the checks that need it `unknown`, for want of resources
  UniqueFd v4, v6;
};
// Needs CAP_NET_RAW (and CAP_NET_ADMIN for a receive buffer that takes the answers of 10,000 hosts at once).
[[nodiscard]] IcmpSockets open_icmp();

class Hce {
 public:
  Hce(event::Loop& loop, IcmpSockets sockets, ipc::Channel* parent = nullptr);  // without it no script is run
  ~Hce();
  Hce(const Hce&) = delete;
  Hce& operator=(const Hce&) = delete;

  // An error is a protocol error of the parent's: the caller ends the process.
  [[nodiscard]] Status on_parent(ipc::Message message);

 private:
  class Engine;
  std::unique_ptr<Engine> engine_;
};

}  // namespace hcd::hce
