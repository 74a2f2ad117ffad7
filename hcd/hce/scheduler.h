// When each host is checked. A host's turns come once an interval, at a phase of its own, so that the hosts of all
// tables together are spread evenly over time; a turn that comes starts a check, or tells that the last one still runs.
//
// Phases are the fractions of (id x golden ratio): for any set of ids they divide the interval about evenly, a host
// added later falls into a gap, and nothing moves when one is removed. Where there are few, phases are rounded to up to
// eight ticks, so that some eight checks begin together: a wake-up costs as much as half a check. A host whose interval
// changes gets its phase in the new one. With jitter each turn comes later than its phase by a random part of the interval, so that several
// daemons do not keep step. No host waits for another: checks run side by
// side up to a bound, beyond which turns queue in order; and starts are paced, so that ten thousand new hosts are a
// stream and not a burst.
#pragma once
#include <memory>
#include <optional>

#include "fastpath/base/clock.h"
#include "hcd/event/loop.h"
#include "hcd/hce/wheel.h"

namespace hcd::hce {

class Scheduler;

class Turn {  // what a host is to the scheduler, which must be told before it is destroyed
 public:
  [[nodiscard]] bool running() const { return phase_ == Phase::Running; }

 private:
  friend Scheduler;
  enum class Phase : std::uint8_t { Off, Idle, Waiting, Running };
  struct Due : Timed {
    Turn* turn = nullptr;
  };
  struct Place : Link {
    Turn* turn = nullptr;
  };
  Due due_;      // its next turn
  Place place_;  // in the queue of those that wait to start
  Tick interval_ = 1, offset_ = 0, queued_ = 0;
  std::uint32_t fraction_ = 0, timeout_ = 0;  // its phase, of 2^32; ticks
  std::uint8_t jitter_ = 0;
  Phase phase_ = Phase::Off;
  bool again_ = false;  // once more when it has finished
};

class Deadline : Timed {  // when a running check must have ended
  friend Scheduler;
};

class Scheduler {
 public:
  static constexpr Milliseconds kTick{4};  // coarse enough that a wake-up serves several checks

  class Client {
   public:
    virtual ~Client() = default;
    virtual void begin(Turn& turn) = 0;    // start its check; call finished() now or later
    virtual void overrun(Turn& turn) = 0;  // its next turn has come and it still runs: it may be ended
    virtual void starved(Turn& turn) = 0;  // it has waited for its start for an interval: it stays in the queue
    virtual void expired(Deadline& deadline) = 0;
  };
  struct Limits {
    std::size_t running = 1024;  // checks at the same time
    std::size_t burst = 64;      // starts in one tick
    std::uint64_t seed = 1;      // of jitter; not 0
  };

  Scheduler(event::Loop& loop, Client& client, Limits limits);

  struct Times {
    Duration interval, timeout;
    unsigned jitter = 0;  // percent of the interval, at most 50
  };

  // Takes the host in, or changes its times; it is checked as soon as the pace allows.
  void add(Turn& turn, std::uint32_t id, const Times& times);
  void add(Turn& turn, std::uint32_t id, Duration interval, Duration timeout) { add(turn, id, {interval, timeout}); }
  // From now on another interval, without a check at once. The next turn comes after the timeout, and within it and the
  // interval.
  void set_interval(Turn& turn, Duration interval);
  void start_now(Turn& turn);  // out of turn; one that runs begins once more when it has finished
  void remove(Turn& turn);
  void finished(Turn& turn);
  void arm(Deadline& deadline, Duration after);
  void cancel(Deadline& deadline) { deadlines_.remove(deadline); }

  [[nodiscard]] std::size_t running() const { return running_; }

 private:
  [[nodiscard]] Tick tick_now() const { return static_cast<Tick>((loop_.now() - epoch_) / kTick); }
  void on_timer();
  void on_turn(Turn& turn);
  void plan_next(Turn& turn, Tick earliest);
  void set_phase(Turn& turn, Duration interval);
  void forget_phase(const Turn& turn);
  [[nodiscard]] Tick grid(Tick interval) const;
  [[nodiscard]] Tick random_below(Tick limit);
  void enqueue(Turn& turn);
  void start_waiting();
  void arm_timer();

  event::Loop& loop_;
  Client& client_;
  const Limits limits_;
  const TimePoint epoch_;
  TimerWheel turns_, deadlines_;
  Link waiting_;
  std::size_t running_ = 0, started_ = 0;  // in this tick
  std::uint64_t rate_ = 0;                 // turns a tick, in parts of kOne
  Tick now_ = 0;
  std::optional<Tick> armed_;
  bool in_round_ = false;
  std::uint64_t random_;
  std::unique_ptr<event::Timer> timer_;
};

}  // namespace hcd::hce
