// What operators want otherwise than the configuration has it, as rows: one for each wish.
#pragma once
#include <string>
#include <string_view>
#include <vector>

#include "hcd/ctl/protocol.h"

namespace hcd::hcctl {

struct OverrideRow {
  ctl::Kind kind = ctl::Kind::Host;
  ctl::Id id = 0;
  std::string name;        // "webhosts:80/10.1.1.100"
  std::string wish;        // "disabled", "enabled", "drained", "weight 5"
  std::string configured;  // the same of the configuration
  ctl::Note note;
};

[[nodiscard]] std::vector<OverrideRow> override_rows(const ctl::Snapshot& snapshot);  // services, tables, hosts

[[nodiscard]] std::string_view admin_text(bool disabled, bool drained);  // what is wanted: "on", "drained", "off"

}  // namespace hcd::hcctl
