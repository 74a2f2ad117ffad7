#include "hcd/metrics/metrics.h"

#include "fastpath/base/log.h"
#include "hcd/ctl/open_metrics.h"
#include "hcd/ipc/messages.h"
#include "hcd/proc/role.h"

namespace hcd::metrics {
namespace {

constexpr Seconds kLimit{3};       // for an answer of pfe
constexpr Seconds kLastAnswer{1};  // for what is still to be sent

}  // namespace

Metrics::Metrics(event::LibeventLoop& loop, const Clock& clock)
    : loop_(loop),
      give_up_(loop.timer([this] { log::fatal("pfe: " + fault_); })),
      exporter_([this] { return look(); }, clock) {}

Status Metrics::on_parent(ipc::Message message) {
  switch (static_cast<ipc::Type>(message.frame.type)) {
    case ipc::Type::MetricsSocket: return on_socket(std::move(message));
    case ipc::Type::PeerChannel: return on_peer(std::move(message));
    default: return fail(Code::Protocol, "message " + std::to_string(message.frame.type) + " is not for metrics");
  }
}

Status Metrics::on_socket(ipc::Message message) {
  if (server_ || message.fds.size() != 1) return fail(Code::Protocol, "not one socket, once");
  auto server = serve(loop_, std::move(message.fds.front()), exporter_);
  if (!server) return std::unexpected(server.error());
  server_ = std::move(*server);
  return {};
}

Status Metrics::on_peer(ipc::Message message) {
  const auto peer = ipc::decode<ipc::PeerChannel>(message.frame.payload);
  if (!peer || message.fds.size() != 1) return fail(Code::Protocol, "a peer's channel without its descriptor");
  if (peer->role != static_cast<std::uint8_t>(proc::Role::Pfe))
    return fail(Code::Protocol, "a channel to a process that is not pfe");
  pfe_.emplace(std::move(message.fds.front()), kLimit);
  greeted_ = false;
  give_up_->cancel();
  return {};
}

// One that has closed has ended, and the parent brings another. One that does not answer may go on, and a late answer could
// not be told from the next: only who begins anew gets a new channel.
Result<ctl::Snapshot> Metrics::look() {
  if (!pfe_) return fail(Code::NotFound, "pfe is not there");
  auto snapshot = ask();
  if (snapshot) return snapshot;
  pfe_.reset();
  if (snapshot.error().code != Code::NotFound) {
    fault_ = snapshot.error().text;
    give_up_->after(kLastAnswer);
  }
  return snapshot;
}

Result<ctl::Snapshot> Metrics::ask() {
  if (!greeted_)
    if (const auto welcome = pfe_->hello("hcd metrics"); !welcome) return std::unexpected(welcome.error());
  greeted_ = true;
  return pfe_->show(ctl::kMetricsScope);
}

}  // namespace hcd::metrics
