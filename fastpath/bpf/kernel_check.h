// What the Loader needs of the machine, checked before it touches anything: each thing that is missing has its own sentence.
#pragma once
#include <string>

#include <bpf/libbpf.h>

#include "fastpath/base/error.h"

namespace hcd::fastpath {

// CAP_BPF and CAP_NET_ADMIN, or CAP_SYS_ADMIN.
[[nodiscard]] Status check_privilege();

// The helpers that the packet programs call, which the youngest of them dates to Linux 5.10. The probe is libbpf's: above
// 0 there, 0 not there, below not to be told.
using HelperProbe = int (*)(bpf_prog_type type, bpf_func_id helper, const void* options);
[[nodiscard]] Status check_features(HelperProbe probe = libbpf_probe_bpf_helper);

// Makes the directory for the pins; mounts a BPF file system on its parent where there is none.
[[nodiscard]] Status prepare_pin_directory(const std::string& directory);

}  // namespace hcd::fastpath
