#include "hcd/pfe/uptime.h"

#include <algorithm>
#include <limits>

namespace hcd::pfe {
namespace {

constexpr Seconds kTen{600};
constexpr std::uint32_t kTensInOne = 12;  // of two hours

// Passed, of kWhole; rounded down, so that a share is whole only if no check failed.
constexpr std::uint16_t kWhole = 0xfffe, kNone = 0xffff;

// The mean of shares, each with the time that it stands for.
class Mean {
 public:
  void add(std::uint16_t share, std::uint64_t seconds) {
    if (share == kNone) return;
    sum_ += share * seconds;
    seconds_ += seconds;
  }
  [[nodiscard]] std::uint16_t hundredths() const {
    if (seconds_ == 0) return ctl::Availability::kNone;
    return static_cast<std::uint16_t>(sum_ * 10'000 / (seconds_ * kWhole));
  }

 private:
  std::uint64_t sum_ = 0, seconds_ = 0;
};

}  // namespace

Uptime::Uptime() {
  tens_.fill(kNone);
  two_hours_.fill(kNone);
}

void Uptime::add(bool passed, TimePoint now) {
  advance(static_cast<std::uint32_t>(now.time_since_epoch() / kTen));
  if (checks_ == std::numeric_limits<std::uint16_t>::max()) {  // no configuration has so many; an operator may ask
    checks_ /= 2;
    passed_ /= 2;
  }
  checks_++;
  if (passed) passed_++;
}

void Uptime::advance(std::uint32_t ten) {
  if (ten - ten_ > kTensInOne * two_hours_.size()) {
    *this = Uptime();
    ten_ = ten & 0xfffffff;
  }
  while (ten_ < ten) close();
}

void Uptime::close() {
  const Share over = share();
  tens_[ten_ % tens_.size()] = over;
  auto& whole = two_hours_[ten_ / kTensInOne % two_hours_.size()];
  if (over != kNone) {
    whole = filled_ == 0 ? over : static_cast<Share>((whole * filled_ + over) / (filled_ + 1));
    filled_++;
  }
  checks_ = passed_ = 0;
  if (++ten_ % kTensInOne != 0) return;
  filled_ = 0;
  two_hours_[ten_ / kTensInOne % two_hours_.size()] = kNone;
}

Uptime::Share Uptime::share() const {
  return checks_ == 0 ? kNone : static_cast<Share>(std::uint32_t{passed_} * kWhole / checks_);
}

ctl::Availability Uptime::tell(TimePoint now) const {
  Uptime then = *this;
  then.advance(static_cast<std::uint32_t>(now.time_since_epoch() / kTen));
  constexpr std::uint64_t kSeconds = kTen.count();
  const auto begun = std::chrono::duration_cast<Seconds>(now.time_since_epoch() % kTen).count();
  const auto elapsed = static_cast<std::uint64_t>(std::max<std::int64_t>(begun, 1));
  Mean hour, day;
  for (const Share share : then.tens_) hour.add(share, kSeconds);
  const std::size_t last = then.ten_ / kTensInOne % then.two_hours_.size();
  for (std::size_t i = 0; i < then.two_hours_.size(); i++)
    day.add(then.two_hours_[i], kSeconds * (i == last ? then.filled_ : kTensInOne));
  for (Mean* mean : {&hour, &day}) mean->add(then.share(), elapsed);
  return {.hour = hour.hundredths(), .day = day.hundredths()};
}

}  // namespace hcd::pfe
