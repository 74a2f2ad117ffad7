#include "hcd/event/libevent_loop.h"

#include "fastpath/base/log.h"

namespace hcd::event {
namespace {

timeval to_timeval(Duration duration) {
  const auto micros = std::chrono::ceil<std::chrono::microseconds>(std::max(duration, Duration::zero())).count();
  return {.tv_sec = micros / 1000000, .tv_usec = micros % 1000000};
}

class LibeventTimer final : public Timer {
 public:
  LibeventTimer(event_base* base, std::function<void()> fire)
      : fire_(std::move(fire)), event_(evtimer_new(base, on_fire, this)) {}

  void after(Duration delay) override {
    const timeval when = to_timeval(delay);
    event_add(event_.get(), &when);
  }
  void cancel() override { event_del(event_.get()); }
  [[nodiscard]] bool armed() const override { return evtimer_pending(event_.get(), nullptr) != 0; }

 private:
  static void on_fire(int, short, void* self) noexcept { static_cast<LibeventTimer*>(self)->fire_(); }

  std::function<void()> fire_;
  CPtr<::event, event_free> event_;
};

// Keeps one persistent event and changes its mask only when what is wanted changes.
class LibeventWatcher final : public Watcher {
 public:
  LibeventWatcher(event_base* base, int fd, std::function<void(Ready)> ready)
      : base_(base), fd_(fd), ready_(std::move(ready)), event_(event_new(base, fd, EV_PERSIST, on_ready, this)) {}

  void want(Ready ready) override {
    const auto mask = static_cast<short>((ready.read ? EV_READ : 0) | (ready.write ? EV_WRITE : 0));
    if (mask == mask_) return;
    mask_ = mask;
    event_del(event_.get());
    event_assign(event_.get(), base_, fd_, static_cast<short>(mask | EV_PERSIST), on_ready, this);
    if (mask != 0) event_add(event_.get(), nullptr);
  }

 private:
  static void on_ready(int, short what, void* self) noexcept {
    static_cast<LibeventWatcher*>(self)->ready_({.read = (what & EV_READ) != 0, .write = (what & EV_WRITE) != 0});
  }

  event_base* base_;
  int fd_;
  short mask_ = 0;
  std::function<void(Ready)> ready_;
  CPtr<::event, event_free> event_;
};

class LibeventSignal final : public Watcher {
 public:
  LibeventSignal(event_base* base, int number, std::function<void()> raised)
      : raised_(std::move(raised)), event_(evsignal_new(base, number, on_signal, this)) {
    event_add(event_.get(), nullptr);
  }
  void want(Ready) override {}

 private:
  static void on_signal(int, short, void* self) noexcept { static_cast<LibeventSignal*>(self)->raised_(); }

  std::function<void()> raised_;
  CPtr<::event, event_free> event_;
};

CPtr<event_base, event_base_free> make_base() {
  CPtr<event_config, event_config_free> config(event_config_new());
  event_config_set_flag(config.get(), EVENT_BASE_FLAG_NOLOCK);
  event_config_set_flag(config.get(), EVENT_BASE_FLAG_PRECISE_TIMER);
  CPtr<event_base, event_base_free> base(event_base_new_with_config(config.get()));
  if (!base) log::fatal("cannot make an event loop: no epoll descriptor");
  return base;
}

}  // namespace

LibeventLoop::LibeventLoop() : base_(make_base()), wake_(event_new(base_.get(), -1, 0, run_deferred, this)) {}
LibeventLoop::~LibeventLoop() = default;

std::unique_ptr<Timer> LibeventLoop::timer(std::function<void()> fire) {
  return std::make_unique<LibeventTimer>(base_.get(), std::move(fire));
}

std::unique_ptr<Watcher> LibeventLoop::watch(int fd, std::function<void(Ready)> ready) {
  return std::make_unique<LibeventWatcher>(base_.get(), fd, std::move(ready));
}

std::unique_ptr<Watcher> LibeventLoop::signal(int number, std::function<void()> raised) {
  return std::make_unique<LibeventSignal>(base_.get(), number, std::move(raised));
}

void LibeventLoop::defer(std::function<void()> later) {
  deferred_.push_back(std::move(later));
  event_active(wake_.get(), EV_TIMEOUT, 0);
}

void LibeventLoop::run_deferred(int, short, void* self) noexcept {
  auto& queue = static_cast<LibeventLoop*>(self)->deferred_;
  for (auto left = queue.size(); left > 0; left--) {  // what these defer runs in the next round
    const auto later = std::move(queue.front());
    queue.pop_front();
    later();
  }
}

void LibeventLoop::run() {
  event_base_dispatch(base_.get());
}
void LibeventLoop::stop() {
  event_base_loopbreak(base_.get());
}

}  // namespace hcd::event
