// A Loop whose time stands still until a test advances it. Timers fire in order of their time, then of their arming;
// descriptors become ready when the test says so.
#pragma once
#include <algorithm>
#include <deque>
#include <map>
#include <set>
#include <utility>

#include "hcd/event/loop.h"

namespace hcd::test {

class FakeLoop final : public event::Loop {
 public:
  [[nodiscard]] TimePoint now() const override { return now_; }
  [[nodiscard]] std::chrono::system_clock::time_point wall() const override {
    return std::chrono::system_clock::time_point(
        std::chrono::duration_cast<std::chrono::system_clock::duration>(now_.time_since_epoch()));
  }

  std::unique_ptr<event::Timer> timer(std::function<void()> fire) override {
    return std::make_unique<FakeTimer>(*this, std::move(fire));
  }
  std::unique_ptr<event::Watcher> watch(int fd, std::function<void(event::Ready)> ready) override {
    return std::make_unique<FakeWatcher>(*this, fd, std::move(ready));
  }
  std::unique_ptr<event::Watcher> signal(int number, std::function<void()> raised) override {
    return std::make_unique<FakeWatcher>(*this, -number, [raised = std::move(raised)](event::Ready) { raised(); });
  }
  void defer(std::function<void()> later) override { deferred_.push_back(std::move(later)); }
  void run() override { run_deferred(); }
  void stop() override { stopped_ = true; }

  // Fires every timer due until then, each at its own time.
  void advance(Duration by) {
    const TimePoint end = now_ + by;
    run_deferred();
    while (!armed_.empty() && armed_.begin()->when <= end) {
      const Armed next = *armed_.begin();
      armed_.erase(armed_.begin());
      now_ = next.when;
      next.timer->fire_();
      run_deferred();
    }
    now_ = end;
  }
  // Calls the watchers of this descriptor that want it; true when there was one. A signal's number is negated.
  bool ready(int fd, event::Ready what) {
    bool called = false;
    for (auto* watcher : std::vector<FakeWatcher*>(watchers_[fd].begin(), watchers_[fd].end())) {
      const event::Ready both{.read = what.read && watcher->want_.read, .write = what.write && watcher->want_.write};
      if (fd >= 0 && !both.read && !both.write) continue;
      watcher->ready_(both);
      called = true;
    }
    run_deferred();
    return called;
  }
  [[nodiscard]] std::size_t timers() const { return armed_.size(); }
  [[nodiscard]] bool stopped() const { return stopped_; }

 private:
  class FakeTimer;
  struct Armed {
    TimePoint when;
    unsigned long order;
    FakeTimer* timer;
    bool operator<(const Armed& other) const { return std::tie(when, order) < std::tie(other.when, other.order); }
  };

  class FakeTimer final : public event::Timer {
   public:
    FakeTimer(FakeLoop& loop, std::function<void()> fire) : fire_(std::move(fire)), loop_(loop) {}
    ~FakeTimer() override { disarm(); }
    void after(Duration delay) override {
      disarm();
      loop_.armed_.insert({loop_.now_ + std::max(delay, Duration::zero()), loop_.order_++, this});
    }
    void cancel() override { disarm(); }
    [[nodiscard]] bool armed() const override {
      return std::ranges::any_of(loop_.armed_, [this](const Armed& a) { return a.timer == this; });
    }
    std::function<void()> fire_;

   private:
    void disarm() {
      std::erase_if(loop_.armed_, [this](const Armed& a) { return a.timer == this; });
    }
    FakeLoop& loop_;
  };

  class FakeWatcher final : public event::Watcher {
   public:
    FakeWatcher(FakeLoop& loop, int fd, std::function<void(event::Ready)> ready)
        : ready_(std::move(ready)), loop_(loop), fd_(fd) {
      loop_.watchers_[fd].insert(this);
    }
    ~FakeWatcher() override { loop_.watchers_[fd_].erase(this); }
    void want(event::Ready ready) override { want_ = ready; }
    std::function<void(event::Ready)> ready_;
    event::Ready want_;

   private:
    FakeLoop& loop_;
    int fd_;
  };

  void run_deferred() {
    while (!deferred_.empty()) {
      const auto later = std::move(deferred_.front());
      deferred_.pop_front();
      later();
    }
  }

  TimePoint now_{std::chrono::hours(1)};
  unsigned long order_ = 0;
  std::set<Armed> armed_;
  std::map<int, std::set<FakeWatcher*>> watchers_;
  std::deque<std::function<void()>> deferred_;
  bool stopped_ = false;
};

}  // namespace hcd::test
