#include "hcd/pfe/overrides.h"

#include <algorithm>

#include "hcd/conf/names.h"
#include "hcd/ipc/codec.h"

namespace hcd::pfe {

std::string Overrides::key(ctl::Kind kind, const std::string& name) {
  return std::string(ctl::kind_text(kind)) + " " + name;
}

std::string Overrides::host_key(const std::string& table, const conf::Host& host) {
  return key(ctl::Kind::Host, table + "/" + host.name);
}

std::string Overrides::name_key(const std::string& table, const conf::Host& host) {
  return key(ctl::Kind::Host, table + "/" + conf::written_name(host));
}

const ctl::Override* Overrides::find(const std::string& key) const {
  const auto found = by_key_.find(key);
  return found == by_key_.end() ? nullptr : &found->second;
}

ctl::Override Overrides::of(const std::string& key) const {
  const auto* found = find(key);
  return found == nullptr ? ctl::Override() : *found;
}

ctl::Override Overrides::of_host(const std::string& table, const conf::Host& host) const {
  if (by_key_.empty()) return {};
  ctl::Override out = of_name(table, host);
  const ctl::Override own = of(host_key(table, host));
  if (own.enabled) out.enabled = own.enabled;
  if (own.drained) out.drained = own.drained;
  if (own.weight) out.weight = own.weight;
  return out;
}

ctl::Override Overrides::of_name(const std::string& table, const conf::Host& host) const {
  if (by_key_.empty() || !host.by_name.all() || host.address.size() == 0) return {};
  return of(name_key(table, host));
}

void Overrides::set(const std::string& key, ctl::Override value) {
  const auto* before = find(key);
  if (before == nullptr ? value.empty() : *before == value) return;
  if (parking_) parking_(key, value.empty() ? std::string() : ipc::encode(value));
  if (value.empty())
    by_key_.erase(key);
  else
    by_key_.insert_or_assign(key, std::move(value));
}

bool Overrides::restore(const std::string& key, const std::string& value) {
  auto parked = ipc::decode<ctl::Override>(value);
  if (!parked || parked->empty()) return false;
  by_key_.insert_or_assign(key, std::move(*parked));
  return true;
}

Overrides Overrides::draft() const {
  Overrides out({});
  out.by_key_ = by_key_;
  return out;
}

void Overrides::review(const std::function<void(const std::string& key, ctl::Override& value)>& look) {
  for (auto& [key, value] : std::map(by_key_)) {
    look(key, value);
    set(key, std::move(value));
  }
}

std::optional<std::int64_t> Overrides::next_end() const {
  std::optional<std::int64_t> least;
  const auto consider = [&least](const auto& wish) {
    if (wish && wish->note.until_ms != 0) least = std::min(least.value_or(wish->note.until_ms), wish->note.until_ms);
  };
  for (const auto& [key, value] : by_key_) {
    consider(value.enabled);
    consider(value.drained);
    consider(value.weight);
  }
  return least;
}

Setting setting_of(const ctl::Override& wishes, bool disabled, std::uint16_t weight) {
  const bool fresh = wishes.weight && wishes.weight->configured == weight;
  return {.enabled = wishes.enabled ? wishes.enabled->value : !disabled,
          .drained = wishes.drained && wishes.drained->value,
          .weight = fresh ? wishes.weight->value : weight};
}

std::string drop_stale(ctl::Override& wishes, const Setting& base, const Setting& configured) {
  std::string why;
  const auto same = [&why](auto& wish, auto value) {
    if (!wish || wish->value != value) return;
    wish.reset();
    why = "the configuration says so itself";
  };
  same(wishes.enabled, base.enabled);
  same(wishes.drained, base.drained);
  if (wishes.weight && wishes.weight->configured != configured.weight && wishes.weight->value != base.weight) {
    why = "the configuration is newer: the weight is " + std::to_string(configured.weight) + " now, and was " +
          std::to_string(wishes.weight->configured);
    wishes.weight.reset();
  }
  same(wishes.weight, base.weight);
  return why;
}

}  // namespace hcd::pfe
