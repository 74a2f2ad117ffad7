// How much of the last hour and day a host was available: which share of its checks it passed, in parts of ten minutes and of
// two hours. Each part counts for its time, however many checks were made in it, and one without checks not at all. "The last
// hour" is of 50 to 60 minutes, "the last day" of 20 to 22 hours. In 40 bytes, for hosts are many.
#pragma once
#include <array>
#include <cstdint>

#include "fastpath/base/clock.h"
#include "hcd/ctl/numbers.h"

namespace hcd::pfe {

class Uptime {
 public:
  Uptime();
  void add(bool passed, TimePoint now);  // a check
  [[nodiscard]] ctl::Availability tell(TimePoint now) const;

 private:
  using Share = std::uint16_t;
  void advance(std::uint32_t ten);
  void close();
  [[nodiscard]] Share share() const;  // of the part that is not over

  std::uint32_t ten_ : 28 = 0;             // that part: how many of its length came before, since the clock began
  std::uint32_t filled_ : 4 = 0;           // parts of ten minutes that the last of two hours is made of so far
  std::uint16_t passed_ = 0, checks_ = 0;  // in it
  std::array<Share, 5> tens_;              // rings, each part at its number's remainder: those that are over ...
  std::array<Share, 11> two_hours_;        // ... and these, of which the last is not
};
static_assert(sizeof(Uptime) == 40);

}  // namespace hcd::pfe
