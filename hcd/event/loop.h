// One event loop a process, single-threaded. It is a constructor argument everywhere, never a global, so that a test's
// loop can hold the clock and fire timers without sleeping (tests/fake/fake_loop.h).
//
// Rules for callbacks: they must not throw, and nothing may destroy a Timer or Watcher inside its own callback; hand
// such an object to Loop::defer, which runs after the current round of callbacks.
#pragma once
#include <functional>
#include <memory>

#include "fastpath/base/clock.h"

namespace hcd::event {

class Timer {
 public:
  virtual ~Timer() = default;
  virtual void after(Duration delay) = 0;  // fires once; arms anew if armed
  virtual void cancel() = 0;
  [[nodiscard]] virtual bool armed() const = 0;
};

struct Ready {
  bool read = false, write = false;
};

class Watcher {  // stops watching when destroyed; does not own the descriptor, which must outlive it
 public:
  virtual ~Watcher() = default;
  virtual void want(Ready ready) = 0;  // level-triggered, until changed
};

class Loop : public Clock {
 public:
  [[nodiscard]] virtual std::unique_ptr<Timer> timer(std::function<void()> fire) = 0;
  [[nodiscard]] virtual std::unique_ptr<Watcher> watch(int fd, std::function<void(Ready)> ready) = 0;
  [[nodiscard]] virtual std::unique_ptr<Watcher> signal(int number, std::function<void()> raised) = 0;
  virtual void defer(std::function<void()> later) = 0;  // after the current callbacks, before sleeping
  virtual void run() = 0;                               // until stop()
  virtual void stop() = 0;
};

}  // namespace hcd::event
