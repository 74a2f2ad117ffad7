// An epoll set of the checks' own, inside the Loop's: registering a descriptor that lives for a millisecond allocates
// nothing, and closing it is all it takes to be rid of it. Each watch() tells once, so that one that is kept for the next
// check wakes nobody meanwhile.
#pragma once
#include <functional>
#include <memory>

#include <sys/epoll.h>

#include "fastpath/base/unique_fd.h"
#include "hcd/event/loop.h"

namespace hcd::hce {

class Probe;

class Poller {
 public:
  Poller(event::Loop& loop, std::function<void(Probe&)> ready);

  // Tells once when the probe's descriptor can be read, or written to, or has failed; at once if it is so already.
  // False: the kernel has no room.
  [[nodiscard]] bool watch(Probe& probe, bool write);

 private:
  void on_ready();

  std::function<void(Probe&)> ready_;
  UniqueFd epoll_;
  std::unique_ptr<event::Watcher> watcher_;
};

}  // namespace hcd::hce
