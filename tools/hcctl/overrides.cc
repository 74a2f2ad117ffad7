#include "tools/hcctl/overrides.h"

#include "tools/hcctl/index.h"

namespace hcd::hcctl {

std::vector<OverrideRow> override_rows(const ctl::Snapshot& snapshot) {
  std::vector<OverrideRow> out;
  const auto add = [&](ctl::Kind kind, const auto& row, const std::string& name) {
    if (row.override) out.push_back({.kind = kind, .id = row.id, .name = name, .override = *row.override});
  };
  const Index index(snapshot);
  for (const auto& service : snapshot.services) add(ctl::Kind::Service, service, service.name);
  for (const auto& table : snapshot.tables) add(ctl::Kind::Table, table, table.name);
  for (const auto& host : snapshot.hosts) add(ctl::Kind::Host, host, index.name(host));
  return out;
}

std::string_view admin_text(bool disabled, bool drained) {
  if (disabled) return "off";
  return drained ? "drained" : "on";
}

}  // namespace hcd::hcctl
