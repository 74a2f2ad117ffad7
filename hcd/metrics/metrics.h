// The process that serves metrics: an HTTP server on the socket that the parent opened, in front of what pfe tells it over a
// control connection that may only look. It reads what strangers send and can do nothing but answer them: whatever befalls
// it, no packet and no check is touched.
//
// It takes MetricsSocket, once, and PeerChannel (pfe's end), whenever pfe is new; Ready and Shutdown are its caller's.
#pragma once
#include <optional>
#include <string>

#include "hcd/ctl/client.h"
#include "hcd/ipc/channel.h"
#include "hcd/metrics/http.h"

namespace hcd::metrics {

class Metrics {
 public:
  Metrics(event::LibeventLoop& loop, const Clock& clock);
  Metrics(const Metrics&) = delete;
  Metrics& operator=(const Metrics&) = delete;

  // An error is a protocol error of the parent's: the caller ends the process.
  [[nodiscard]] Status on_parent(ipc::Message message);

 private:
  [[nodiscard]] Status on_socket(ipc::Message message);
  [[nodiscard]] Status on_peer(ipc::Message message);
  [[nodiscard]] Result<ctl::Snapshot> look();
  [[nodiscard]] Result<ctl::Snapshot> ask();

  event::LibeventLoop& loop_;
  std::optional<ctl::Client> pfe_;
  bool greeted_ = false;
  std::string fault_;
  std::unique_ptr<event::Timer> give_up_;
  Exporter exporter_;
  HttpServer server_;
};

}  // namespace hcd::metrics
