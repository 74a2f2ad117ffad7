// -k, -K, -z and -F of states, Sources and info: what is no writer's alone, and needs neither its lock nor to know what is in
// force.
#pragma once
#include "fastpath/bpf/maps.h"
#include "tools/hcpfctl/answer.h"
#include "tools/hcpfctl/options.h"

namespace hcd::hcpfctl {

// On maps that are mapped for writing; the answer says what was done, on the standard error as pfctl does.
[[nodiscard]] Result<Answer> act(const Options& options, fastpath::Maps& maps, const Clock& clock);
[[nodiscard]] Answer end_all_states(const fastpath::Maps& maps, const Clock& clock);
[[nodiscard]] Answer drop_all_sources(const fastpath::Maps& maps, const Clock& clock);
[[nodiscard]] Result<Answer> clear_info(fastpath::Maps& maps, const Clock& clock);
[[nodiscard]] Result<Answer> zero_rules(const Options& options, fastpath::Maps& maps);

}  // namespace hcd::hcpfctl
