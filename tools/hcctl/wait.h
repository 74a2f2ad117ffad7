// `drain ... wait`: until the hosts have no session left. It looks again and again, less often as time goes by.
#pragma once
#include <functional>
#include <optional>
#include <vector>

#include "hcd/ctl/client.h"

namespace hcd::hcctl {

struct Patience {
  const Clock& clock;
  std::function<void(Milliseconds)> sleep;
  std::optional<Milliseconds> limit;  // none: as long as it takes
};

// Done; TimedOut, and how many sessions are left; Conflict where one of them is drained no more. A host that is gone from
// the configuration is not waited for.
[[nodiscard]] Result<ctl::Answer> wait_drained(ctl::Client& client, const std::vector<ctl::Changed>& hosts,
                                               const Patience& patience);

}  // namespace hcd::hcctl
