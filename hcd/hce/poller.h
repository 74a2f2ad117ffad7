// An epoll set of the checks' own, inside the Loop's: registering a descriptor that lives for a millisecond allocates
// nothing, and closing it is all it takes to be rid of it. Edge-triggered, so a check registers once.
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

  // Watches the probe's descriptor; errors are always told. `again`: tell at once if it is ready already. False: the
  // kernel has no room.
  [[nodiscard]] bool watch(Probe& probe, bool write, bool again);

 private:
  void on_ready();

  std::function<void(Probe&)> ready_;
  UniqueFd epoll_;
  std::unique_ptr<event::Watcher> watcher_;
};

}  // namespace hcd::hce
