// hcpfctl: pfctl for the Linux engine. It reads the kernel's pinned maps, whether the daemon runs or not.
#include <cstdio>

#include "fastpath/base/text.h"
#include "fastpath/bpf/kernel_maps.h"
#include "tools/hcpfctl/act.h"
#include "tools/hcpfctl/options.h"
#include "tools/hcpfctl/show.h"

using namespace hcd;
using namespace hcd::hcpfctl;

namespace {

constexpr int kError = 1;

int complain(const Error& error) {
  std::fprintf(stderr, "hcpfctl: %s\n", error.text.c_str());
  return kError;
}

// The maps must be there as long as the answer is made from them.
Result<Answer> answer_from_kernel(const Options& options) {
  using Access = fastpath::KernelMaps::Access;
  auto pins = fastpath::MapFds::open(options.pin_directory);
  if (!pins) return std::unexpected(pins.error());
  const auto maps = fastpath::KernelMaps::map(std::move(*pins), options.acts() ? Access::Write : Access::Read);
  if (!maps) return fail_in(options.pin_directory, maps.error());
  if (options.acts()) return act(options, **maps, SystemClock());
  const auto snapshot = take_snapshot(**maps, SystemClock(), options.show == Show::States);
  if (!snapshot) return std::unexpected(snapshot.error());
  for (const std::string& fault : snapshot->faults) std::fprintf(stderr, "hcpfctl: %s\n", printable(fault).c_str());
  return show(options, *snapshot);
}

}  // namespace

int main(int argc, char** argv) {
  // What is wanted
  const auto options = parse_options(argc, argv);
  if (!options) {
    complain(options.error());
    std::fputs(kUsage, stderr);
    return kError;
  }
  // What the kernel has, or what was changed in it
  const auto answer = answer_from_kernel(*options);
  if (!answer) return complain(answer.error());
  std::fputs(answer->out.c_str(), stdout);
  std::fputs(answer->err.c_str(), stderr);
  if (std::fflush(stdout) != 0) return complain(fail_errno("standard output").error());
  return answer->status;
}
