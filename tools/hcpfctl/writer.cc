#include "tools/hcpfctl/writer.h"

#include "fastpath/bpf/kernel_maps.h"

namespace hcd::hcpfctl {

using fastpath::KernelMaps;
using fastpath::WriterLock;

Writer::Writer(WriterLock lock, WriterLock::Hold hold, std::unique_ptr<fastpath::Maps> maps, const Clock& clock)
    : lock_(std::move(lock)),
      hold_(std::move(hold)),
      maps_(*maps),
      engine_(std::move(maps), clock, fastpath::kernel_random, "hcpfctl"),
      clock_(clock) {}

Result<std::unique_ptr<Writer>> Writer::open(const std::string& pin_directory, const Clock& clock) {
  auto pins = fastpath::MapFds::open(pin_directory);
  if (!pins) return std::unexpected(pins.error());
  auto fd = WriterLock::open(pin_directory);
  if (!fd) return std::unexpected(fd.error());
  WriterLock lock(std::move(*fd));
  auto hold = lock.take();
  if (!hold) return std::unexpected(hold.error());
  auto maps = KernelMaps::map(std::move(*pins), KernelMaps::Access::Write);
  if (!maps) return fail_in(pin_directory, maps.error());
  std::unique_ptr<Writer> out(new Writer(std::move(lock), std::move(*hold), std::move(*maps), clock));
  if (!out->engine_.adopted()) return std::unexpected(out->engine_.adopted().error());
  return out;
}

}  // namespace hcd::hcpfctl
