#include "tools/hcctl/overrides.h"

#include "tools/hcctl/index.h"

namespace hcd::hcctl {

namespace {

std::string enabled_text(bool enabled) {
  return enabled ? "enabled" : "disabled";
}
std::string drained_text(bool drained) {
  return drained ? "drained" : "undrained";
}
std::string weight_text(std::uint16_t weight) {
  return "weight " + std::to_string(weight);
}

}  // namespace

std::vector<OverrideRow> override_rows(const ctl::Snapshot& snapshot) {
  std::vector<OverrideRow> out;
  const auto add = [&](ctl::Kind kind, const auto& row, const std::string& name) {
    const auto add_wish = [&](const auto& wish, const auto& text) {
      if (wish) out.push_back({kind, row.id, name, text(wish->value), text(wish->configured), wish->note});
    };
    if (!row.override) return;
    add_wish(row.override->enabled, enabled_text);
    add_wish(row.override->drained, drained_text);
    add_wish(row.override->weight, weight_text);
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
