// The part of the Director that ends sessions: those of a host that has gone down, where the service says `on down reset`, and
// those of what an operator disables, where he says so. What keeps new ones from being made is committed first.
#include <span>

#include "fastpath/base/log.h"
#include "hcd/pfe/director.h"

namespace hcd::pfe {
namespace {

std::string cut_text(std::size_t count) {
  return std::to_string(count) + (count == 1 ? " session cut" : " sessions cut");
}

}  // namespace

void Director::lose(const HostEntry& host) {
  for (const Id id : roster_.tables.at(host.table).services) {
    const auto& conf = roster_.services.at(id).conf;
    if (!conf.reset_on_down) continue;
    lost_.push_back({anchor_name(roster_.prefix(), conf), host.conf.address});
    want(id);
  }
}

void Director::cut_lost() {
  if (lost_.empty()) return;
  const auto cut = engine_->cut(std::exchange(lost_, {}));
  if (!cut) return log::error("on down reset: sessions of hosts that went down go on: " + cut.error().text);
  if (*cut > 0) log::notice("on down reset: " + cut_text(*cut));
}

std::optional<ctl::Answer> Director::cut(const ctl::Outcome& outcome) {
  std::vector<fastpath::Sessions> which;
  const auto anchor = [this](Id service) { return anchor_name(roster_.prefix(), roster_.services.at(service).conf); };
  const auto add = [&](Id table, std::span<const Id> hosts) {
    for (const Id service : roster_.tables.at(table).services)
      for (const Id host : hosts) which.push_back({anchor(service), roster_.hosts.at(host).conf.address});
  };
  for (const auto& object : outcome.objects) {
    switch (object.kind) {
      case ctl::Kind::Service: which.push_back({anchor(object.id), {}}); break;
      case ctl::Kind::Table: add(object.id, roster_.tables.at(object.id).hosts); break;
      case ctl::Kind::Host: add(roster_.hosts.at(object.id).table, {&object.id, 1}); break;
    }
  }
  const auto cut = engine_->cut(which);
  if (!cut)
    return ctl::Answer{ctl::Verdict::Refused,
                       ctl::outcome_text(outcome) + ", but its sessions go on: " + cut.error().text};
  const std::string text = cut_text(*cut);
  log::notice("admin: " + outcome.consequence.objects + ": " + text);
  event(ctl::EventKind::Admin, outcome.consequence.objects, text);
  return std::nullopt;
}

}  // namespace hcd::pfe
