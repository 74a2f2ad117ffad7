// The Loop over libevent.
#pragma once
#include <deque>

#include <event2/event.h>

#include "fastpath/base/c_ptr.h"
#include "hcd/event/loop.h"

namespace hcd::event {

class LibeventLoop final : public Loop {
 public:
  LibeventLoop();  // ends the process when the kernel refuses an epoll descriptor
  ~LibeventLoop() override;
  LibeventLoop(const LibeventLoop&) = delete;
  LibeventLoop& operator=(const LibeventLoop&) = delete;

  [[nodiscard]] TimePoint now() const override { return clock_.now(); }
  [[nodiscard]] std::chrono::system_clock::time_point wall() const override { return clock_.wall(); }
  [[nodiscard]] std::unique_ptr<Timer> timer(std::function<void()> fire) override;
  [[nodiscard]] std::unique_ptr<Watcher> watch(int fd, std::function<void(Ready)> ready) override;
  [[nodiscard]] std::unique_ptr<Watcher> signal(int number, std::function<void()> raised) override;
  void defer(std::function<void()> later) override;
  void run() override;
  void stop() override;

  [[nodiscard]] event_base* base() { return base_.get(); }  // for what libevent has of its own: its HTTP server

 private:
  static void run_deferred(int, short, void* self) noexcept;

  SystemClock clock_;
  CPtr<event_base, event_base_free> base_;
  std::deque<std::function<void()>> deferred_;
  CPtr<::event, event_free> wake_;
};

}  // namespace hcd::event
