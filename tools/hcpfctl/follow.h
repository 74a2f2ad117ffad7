// -s events, packets and drops: prints what happens as it happens.
#pragma once
#include "fastpath/bpf/kernel_maps.h"
#include "tools/hcpfctl/options.h"

namespace hcd::hcpfctl {

// Until -c or -w says so, or SIGINT, SIGTERM or SIGHUP comes, which is no error. To the standard output, each as soon as it is
// read; in the end how many there were goes to the standard error.
[[nodiscard]] Status follow(const Options& options, const fastpath::KernelMaps& maps, const Clock& clock);

}  // namespace hcd::hcpfctl
