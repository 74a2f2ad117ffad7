#include "hcd/hce/poller.h"

#include <array>

#include "fastpath/base/log.h"
#include "hcd/hce/probe.h"

namespace hcd::hce {

Poller::Poller(event::Loop& loop, std::function<void(Probe&)> ready)
    : ready_(std::move(ready)), epoll_(epoll_create1(EPOLL_CLOEXEC)) {
  if (!epoll_) log::fatal("cannot make an epoll descriptor for the checks");
  watcher_ = loop.watch(epoll_.get(), [this](event::Ready) { on_ready(); });
  watcher_->want({.read = true});
}

bool Poller::watch(Probe& probe, bool write) {
  epoll_event event{.events = EPOLLIN | EPOLLONESHOT | (write ? EPOLLOUT : 0U), .data = {.ptr = &probe}};
  const int what = probe.watched ? EPOLL_CTL_MOD : EPOLL_CTL_ADD;
  if (epoll_ctl(epoll_.get(), what, probe.fd(), &event) != 0) return false;
  probe.watched = true;
  return true;
}

// An event may be of a probe whose time was up before it came; then the probe rests, and nobody is told.
void Poller::on_ready() {
  std::array<epoll_event, 256> events;
  const int count = epoll_wait(epoll_.get(), events.data(), static_cast<int>(events.size()), 0);
  for (int i = 0; i < count; i++) {
    auto& probe = *static_cast<Probe*>(events[static_cast<std::size_t>(i)].data.ptr);
    if (probe.subject != nullptr) ready_(probe);
  }
}

}  // namespace hcd::hce
