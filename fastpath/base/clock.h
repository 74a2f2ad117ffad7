// Time is monotonic inside; wall-clock time is only for people. A Clock is passed by reference, so a test can hold
// time.
#pragma once
#include <chrono>
#include <cstdint>

namespace hcd {

using Duration = std::chrono::nanoseconds;
using Milliseconds = std::chrono::milliseconds;
using Seconds = std::chrono::seconds;
using TimePoint = std::chrono::time_point<std::chrono::steady_clock, Duration>;

class Clock {
 public:
  virtual ~Clock() = default;
  [[nodiscard]] virtual TimePoint now() const = 0;                               // CLOCK_MONOTONIC
  [[nodiscard]] virtual std::chrono::system_clock::time_point wall() const = 0;  // for people only
  [[nodiscard]] std::int64_t wall_ms() const {
    return std::chrono::duration_cast<Milliseconds>(wall().time_since_epoch()).count();
  }
};

class SystemClock final : public Clock {
 public:
  [[nodiscard]] TimePoint now() const override { return std::chrono::steady_clock::now(); }
  [[nodiscard]] std::chrono::system_clock::time_point wall() const override { return std::chrono::system_clock::now(); }
};

}  // namespace hcd
