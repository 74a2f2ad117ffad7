// Keeps what the packet path remembers of next hops current: listens to rtnetlink for changes of links, addresses, neighbours,
// routes and routing rules, and has it forget them. As long as nobody watches, or the watcher is busy for longer than kTrust,
// a next hop is remembered for a tick at most.
#pragma once
#include "fastpath/base/unique_fd.h"
#include "fastpath/bpf/hops.h"
#include "fastpath/bpf/route_events.h"

namespace hcd::fastpath {

class RouteWatch {
 public:
  // In the network namespace of the caller; needs no privilege. Settings: the map hcd_settings.
  [[nodiscard]] static Result<RouteWatch> open(int settings, const abi::hcd_globals& globals);

  [[nodiscard]] int fd() const { return socket_.get(); }  // readable: something may have changed
  // Takes in what the socket has. On an error the packet path is left to itself, from kTrust on, until a call succeeds.
  [[nodiscard]] Status absorb();
  void forget() { hops_.forget(); }  // of what netlink does not tell
  [[nodiscard]] bool remembers() const { return remembers_; }
  // absorb(), and the packet path may rely on it, for kTrust.
  [[nodiscard]] Status keep(TimePoint now);
  static constexpr Duration kTrust = Milliseconds(1000);

 private:
  RouteWatch(UniqueFd socket, Hops hops) : socket_(std::move(socket)), hops_(std::move(hops)) {}
  [[nodiscard]] Result<RouteEvents::Change> drain();
  [[nodiscard]] Status look_at_rules();

  UniqueFd socket_;
  Hops hops_;
  RouteEvents events_;
  bool rules_known_ = false, remembers_ = false;
};

}  // namespace hcd::fastpath
