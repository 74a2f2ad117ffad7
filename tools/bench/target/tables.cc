#include "tools/bench/target/tables.h"

#include <atomic>

#include "fastpath/bpf/endpoint.h"

namespace hcd::bench {

Result<Tables> Tables::open(const std::string& pins) {
  auto fds = fastpath::MapFds::open(pins);
  if (!fds) return std::unexpected(fds.error());
  auto maps = fastpath::KernelMaps::map(std::move(*fds), fastpath::KernelMaps::Access::Read);
  if (!maps) return std::unexpected(maps.error());
  return Tables(std::move(*maps));
}

Tables::Tables(std::unique_ptr<fastpath::KernelMaps> maps) : maps_(std::move(maps)) {
  const auto& views = maps_->views();
  seen_.resize(views.rules.size());
  slots_.resize(views.rules.size());
  slots_of_.resize(views.hosts.size());
}

void Tables::count(const std::vector<Host>& slots, int by) {
  for (const Host host : slots) {
    const bool before = hold(host);
    slots_of_[host] += by;
    if (before != hold(host)) count_ = before ? count_ - 1 : count_ + 1;
  }
}

void Tables::look() {
  const auto& views = maps_->views();
  for (std::size_t i = 0; i < seen_.size(); i++) {
    const std::uint64_t ring = std::atomic_ref(views.rules[i].ring).load(std::memory_order_acquire);
    if (ring == seen_[i]) continue;
    seen_[i] = ring;
    const std::size_t base = ring >> 32, size = ring & 0xffffffffU;
    std::vector<Host> now;
    for (std::size_t slot = 0; slot < size; slot++) {
      const std::size_t line = base + slot / abi::HCD_RING_LINE;
      if (line >= views.rings.size()) break;
      const Host host = views.rings[line].host[slot % abi::HCD_RING_LINE];
      if (host < slots_of_.size()) now.push_back(host);
    }
    count(now, 1);
    count(slots_[i], -1);
    slots_[i] = std::move(now);
  }
}

std::map<Address, Tables::Host> Tables::hosts() const {
  std::map<Address, Host> out;
  for (Host i = 1; i < slots_of_.size(); i++)
    if (hold(i)) out.emplace(fastpath::Endpoint::of(maps_->views().hosts[i].at).address, i);
  return out;
}

}  // namespace hcd::bench
