// How long to wait before a child that ended is started again: a tenth of a second, doubled at each end up to five
// seconds, and from the beginning when the child had lived for a while.
#pragma once
#include <algorithm>

#include "fastpath/base/clock.h"

namespace hcd::parent {

class Backoff {
 public:
  static constexpr Duration kFirst = Milliseconds(100), kLast = Seconds(5), kQuiet = Seconds(30);

  [[nodiscard]] Duration after(Duration lived) {
    if (lived >= kQuiet) next_ = kFirst;
    const Duration delay = next_;
    next_ = std::min(2 * next_, kLast);
    return delay;
  }

 private:
  Duration next_ = kFirst;
};

}  // namespace hcd::parent
