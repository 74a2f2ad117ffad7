#include "hcd/pfe/overrides.h"

#include "hcd/conf/names.h"
#include "hcd/ipc/codec.h"

namespace hcd::pfe {

std::string Overrides::key(ctl::Kind kind, const std::string& name) {
  return std::string(ctl::kind_text(kind)) + " " + name;
}

const ctl::Override* Overrides::find(const std::string& key) const {
  const auto found = by_key_.find(key);
  return found == by_key_.end() ? nullptr : &found->second;
}

const ctl::Override* Overrides::find(const std::string& table, const conf::Host& host) const {
  const auto* own = find(key(ctl::Kind::Host, table + "/" + host.name));
  return own != nullptr ? own : find_name(table, host);
}

const ctl::Override* Overrides::find_name(const std::string& table, const conf::Host& host) const {
  return host.by_name.all() && host.address.size() > 0 ? find(name_key(table, host)) : nullptr;
}

std::string Overrides::name_key(const std::string& table, const conf::Host& host) {
  return key(ctl::Kind::Host, table + "/" + conf::written_name(host));
}

void Overrides::set(const std::string& key, ctl::Override value) {
  parking_(key, ipc::encode(value));
  by_key_.insert_or_assign(key, std::move(value));
}

void Overrides::clear(const std::string& key) {
  if (by_key_.erase(key) > 0) parking_(key, {});
}

bool Overrides::restore(const std::string& key, const std::string& value) {
  auto parked = ipc::decode<ctl::Override>(value);
  if (!parked) return false;
  by_key_.insert_or_assign(key, std::move(*parked));
  return true;
}

std::vector<std::string> Overrides::prune(
    const std::function<bool(const std::string& key, const ctl::Override&)>& wanted) {
  std::vector<std::string> gone;
  for (const auto& [key, value] : by_key_)
    if (!wanted(key, value)) gone.push_back(key);
  for (const auto& key : gone) clear(key);
  return gone;
}

}  // namespace hcd::pfe
