#include "hcd/pfe/session_rates.h"

#include <algorithm>

namespace hcd::pfe {
namespace {

constexpr std::uint64_t kMinute = 6, kHour = 360, kDay = 8640;  // in steps

// The mean of a period, over what was watched: a period that is not over yet counts as one.
std::uint64_t mean(std::uint64_t seen, std::uint64_t steps, std::uint64_t period) {
  return seen * period / std::max(steps, period);
}

}  // namespace

void SessionRates::sample(std::optional<std::uint64_t> counter) {
  if (!counter_) {
    counter_ = counter;
    before_ = counter.value_or(0);
    return;
  }
  if (steps_ > 0) {
    minute_.turn();
    if (steps_ % kMinute == 0) hour_.turn();
    if (steps_ % kHour == 0) day_.turn();
  }
  const std::uint64_t now = counter.value_or(*counter_);
  const std::uint64_t more = now >= *counter_ ? now - *counter_ : now;
  counter_ = now;
  seen_ += more;
  steps_++;
  minute_.add(more);
  hour_.add(more);
  day_.add(more);
}

ctl::Sessions SessionRates::sessions() const {
  return {.total = before_ + seen_,
          .last_minute = minute_.sum(),
          .last_hour = hour_.sum(),
          .last_day = day_.sum(),
          .mean_minute = mean(seen_, steps_, kMinute),
          .mean_hour = mean(seen_, steps_, kHour),
          .mean_day = mean(seen_, steps_, kDay)};
}

}  // namespace hcd::pfe
