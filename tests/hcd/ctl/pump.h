// Real sockets under a loop whose time stands still: calls the watchers of every descriptor that is ready, until none is.
#pragma once
#include <poll.h>

#include "tests/fake/fake_loop.h"

namespace hcd::test {

inline void pump(FakeLoop& loop) {
  constexpr int kDescriptors = 1024;
  for (bool busy = true; busy;) {
    busy = false;
    loop.run();
    for (int fd = 3; fd < kDescriptors; fd++) {
      pollfd at{.fd = fd, .events = POLLIN | POLLOUT, .revents = 0};
      if (poll(&at, 1, 0) <= 0 || (at.revents & POLLNVAL) != 0) continue;
      const event::Ready ready{.read = (at.revents & (POLLIN | POLLHUP)) != 0, .write = (at.revents & POLLOUT) != 0};
      busy |= loop.ready(fd, ready);
    }
  }
}

}  // namespace hcd::test
