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

bool Poller::watch(Probe& probe, bool write, bool again) {
  const std::uint32_t wanted = probe.watched | EPOLLIN | EPOLLET | (write ? EPOLLOUT : 0U);
  if (wanted == probe.watched && !again) return true;
  epoll_event event{.events = wanted, .data = {.ptr = &probe}};
  const int what = probe.watched == 0 ? EPOLL_CTL_ADD : EPOLL_CTL_MOD;
  if (epoll_ctl(epoll_.get(), what, probe.fd(), &event) != 0) return false;
  probe.watched = wanted;
  return true;
}

// A probe that ends closes its descriptor, which takes it out of the set; so no event here can be of one that has ended,
// as long as a probe's callback ends no other probe.
void Poller::on_ready() {
  std::array<epoll_event, 256> events;
  const int count = epoll_wait(epoll_.get(), events.data(), static_cast<int>(events.size()), 0);
  for (int i = 0; i < count; i++) ready_(*static_cast<Probe*>(events[static_cast<std::size_t>(i)].data.ptr));
}

}  // namespace hcd::hce
