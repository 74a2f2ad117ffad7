#include "hcd/hce/scheduler.h"

#include <utility>

namespace hcd::hce {
namespace {

constexpr std::uint64_t kOne = 1ULL << 32;

Tick ticks(Duration duration) {  // rounded up: never early
  return static_cast<Tick>((duration + Scheduler::kTick - Duration(1)) / Scheduler::kTick);
}

}  // namespace

Scheduler::Scheduler(event::Loop& loop, Client& client, Limits limits)
    : loop_(loop),
      client_(client),
      limits_(limits),
      epoch_(loop.now()),
      random_(std::max<std::uint64_t>(limits.seed, 1)),
      timer_(loop.timer([this] { on_timer(); })) {}

void Scheduler::add(Turn& turn, std::uint32_t id, const Times& times) {
  constexpr std::uint32_t kGolden = 2654435769U;  // 2^32 / 1.618...: multiplication wraps, which takes the fraction
  turn.due_.turn = turn.place_.turn = &turn;
  turn.fraction_ = id * kGolden;
  turn.timeout_ = static_cast<std::uint32_t>(ticks(times.timeout));
  turn.jitter_ = static_cast<std::uint8_t>(times.jitter);
  if (turn.phase_ == Turn::Phase::Off) {
    turn.phase_ = Turn::Phase::Idle;
  } else {
    forget_phase(turn);
  }
  set_phase(turn, times.interval);
  if (turn.phase_ == Turn::Phase::Idle) enqueue(turn);
  arm_timer();
}

// The first turn in phase comes when a check that starts now has surely ended.
void Scheduler::set_phase(Turn& turn, Duration interval) {
  turn.interval_ = std::max<Tick>(ticks(interval), 1);
  const Tick offset = static_cast<std::uint64_t>(turn.fraction_) * turn.interval_ >> 32;
  turn.offset_ = offset - offset % grid(turn.interval_);
  rate_ += kOne / turn.interval_;
  plan_next(turn, tick_now() + std::min<Tick>(turn.timeout_ + 1, turn.interval_));
}

void Scheduler::forget_phase(const Turn& turn) {
  rate_ -= kOne / turn.interval_;
}

// Those that were there before keep theirs, so the more there are, the finer is what is added.
Tick Scheduler::grid(Tick interval) const {
  Tick out = 8;
  while (out > 1 && (rate_ * out >= 8 * kOne || interval < 32 * out)) out /= 2;
  return out;
}

void Scheduler::set_interval(Turn& turn, Duration interval) {
  if (turn.phase_ == Turn::Phase::Off || turn.interval_ == std::max<Tick>(ticks(interval), 1)) return;
  forget_phase(turn);
  set_phase(turn, interval);
  arm_timer();
}

void Scheduler::remove(Turn& turn) {
  turns_.remove(turn.due_);
  turn.place_.unlink();
  if (turn.running()) running_--;
  if (turn.phase_ != Turn::Phase::Off) forget_phase(turn);
  turn.phase_ = Turn::Phase::Off;
  turn.again_ = false;
  arm_timer();
}

void Scheduler::start_now(Turn& turn) {
  if (turn.running()) turn.again_ = true;
  if (turn.phase_ == Turn::Phase::Idle) enqueue(turn);
  arm_timer();
}

void Scheduler::finished(Turn& turn) {
  if (!turn.running()) return;
  turn.phase_ = Turn::Phase::Idle;
  running_--;
  if (std::exchange(turn.again_, false)) enqueue(turn);
  arm_timer();
}

void Scheduler::arm(Deadline& deadline, Duration after) {
  deadlines_.add(deadline, ticks(loop_.now() - epoch_ + after));
  arm_timer();
}

void Scheduler::plan_next(Turn& turn, Tick earliest) {
  const Tick past = (earliest + turn.interval_ - turn.offset_) % turn.interval_;
  const Tick in_phase = past == 0 ? earliest : earliest + turn.interval_ - past;
  turns_.add(turn.due_, in_phase + random_below(turn.interval_ * turn.jitter_ / 100));
}

Tick Scheduler::random_below(Tick limit) {  // xorshift64: it only has to differ
  if (limit == 0) return 0;
  random_ ^= random_ << 13;
  random_ ^= random_ >> 7;
  random_ ^= random_ << 17;
  return random_ % limit;
}

void Scheduler::enqueue(Turn& turn) {
  turn.phase_ = Turn::Phase::Waiting;
  turn.queued_ = tick_now();
  waiting_.push_back(turn.place_);
}

void Scheduler::on_turn(Turn& turn) {
  plan_next(turn, now_ + 1);
  if (turn.running()) client_.overrun(turn);
  if (turn.phase_ == Turn::Phase::Waiting && now_ - turn.queued_ >= turn.interval_) client_.starved(turn);
  if (turn.phase_ == Turn::Phase::Idle) enqueue(turn);
}

void Scheduler::start_waiting() {
  while (waiting_.linked() && running_ < limits_.running && started_ < limits_.burst) {
    Turn& turn = *static_cast<Turn::Place*>(waiting_.next)->turn;
    turn.place_.unlink();
    turn.phase_ = Turn::Phase::Running;
    running_++;
    started_++;
    client_.begin(turn);
  }
}

void Scheduler::on_timer() {
  armed_.reset();
  in_round_ = true;
  const Tick now = tick_now();
  if (now > now_) started_ = 0;
  now_ = now;
  deadlines_.advance(now, [this](Timed& node) { client_.expired(static_cast<Deadline&>(node)); });
  turns_.advance(now, [this](Timed& node) { on_turn(*static_cast<Turn::Due&>(node).turn); });
  start_waiting();
  in_round_ = false;
  arm_timer();
}

// The timer is armed for the earliest of: a start that may be made, a turn, a deadline.
void Scheduler::arm_timer() {
  if (in_round_) return;
  std::optional<Tick> next = turns_.next();
  if (const auto deadline = deadlines_.next(); deadline && (!next || *deadline < *next)) next = deadline;
  if (waiting_.linked() && running_ < limits_.running) next = started_ < limits_.burst ? now_ : now_ + 1;
  if (next == armed_) return;
  armed_ = next;
  if (next) {
    timer_->after(epoch_ + static_cast<std::int64_t>(*next) * kTick - loop_.now());
  } else {
    timer_->cancel();
  }
}

}  // namespace hcd::hce
