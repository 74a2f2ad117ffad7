// What is answered to whoever asks for metrics: the state of the daemon, looked at when somebody asks, but not more often
// than once a second, however many ask.
#pragma once
#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "fastpath/base/clock.h"
#include "fastpath/base/error.h"
#include "hcd/ctl/protocol.h"

namespace hcd::metrics {

struct Page {
  int status = 200;
  std::string type, body;
};

class Exporter {
 public:
  using Fetch = std::function<Result<ctl::Snapshot>()>;
  Exporter(Fetch fetch, const Clock& clock) : fetch_(std::move(fetch)), clock_(clock) {}

  // `target` is the request's: "/metrics?level=table". A daemon that does not answer is a metric, not an error.
  [[nodiscard]] Page answer(std::string_view target, std::string_view accept);

 private:
  void look();

  Fetch fetch_;
  const Clock& clock_;
  std::optional<TimePoint> looked_;
  std::optional<ctl::Snapshot> snapshot_;  // none: no daemon answered
};

}  // namespace hcd::metrics
