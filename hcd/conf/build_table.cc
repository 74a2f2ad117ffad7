#include <algorithm>
#include <array>
#include <cctype>
#include <span>

#include "hcd/conf/builder.h"

namespace hcd::conf {
namespace {

bool is_dns_name(std::string_view text) {
  return text.size() <= 253 && std::ranges::all_of(text, [](unsigned char c) {
           return std::isalnum(c) != 0 || c == '-' || c == '_' || c == '.';
         });
}

bool is_multicast(const Address& address) {
  if (address.family == Family::Inet6) return address.bytes[0] == 0xff;
  return address.bytes[0] >= 224;  // class E and broadcast with it
}

bool is_v4_mapped(const Address& address) {
  constexpr std::array<std::uint8_t, 12> kPrefix = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};
  return address.family == Family::Inet6 && std::ranges::equal(kPrefix, std::span(address.bytes).first<12>());
}

std::string unusable(const Address& address) {
  if (address.is_unspecified()) return "'" + address.text() + "' is no host's address";
  if (is_multicast(address)) return "'" + address.text() + "' is a multicast or reserved address";
  if (is_v4_mapped(address)) return "'" + address.text() + "' is an IPv4 address: write it as one";
  return {};
}

}  // namespace

// The addresses of a host as written; none after an error.
std::vector<Address> Builder::resolve(const At<std::string>& name) {
  std::vector<Address> found;
  if (const auto address = Address::parse(name.value)) {
    found.push_back(*address);
  } else if (!is_dns_name(name.value) || name.value.find_first_not_of("0123456789.") == std::string::npos) {
    error(name.at, "'" + name.value + "' is neither an IP address nor a DNS name");
  } else if (auto addresses = resolver_.addresses(name.value)) {
    found = std::move(*addresses);
  } else {
    error(name.at, addresses.error().text);
  }
  for (const auto& address : found) {
    const auto problem = unusable(address);
    if (problem.empty()) continue;
    error(name.at, problem);
    return {};
  }
  return found;
}

void Builder::build_hosts(const ast::Table& from, Table& table) {
  std::map<Address, std::string> seen;
  for (const auto& host : from.hosts) {
    const auto addresses = resolve(host.name);
    if (addresses.empty()) continue;
    const auto& address = addresses.front();
    const auto [other, fresh] = seen.try_emplace(address, host.name.value);
    if (!fresh) {
      const auto as = other->second == host.name.value ? "" : " as '" + other->second + "'";
      error(host.name.at, "host '" + host.name.value + "' is given twice in table '" + table.name + "'" + as);
      continue;
    }
    if (addresses.size() > 1)
      diagnostics_.warning(host.name.at, "'" + host.name.value + "' has " + std::to_string(addresses.size()) +
                                             " addresses, " + address.text() + " is used");
    if (host.parent) parents_.emplace_back(next_host_, *host.parent);
    table.hosts.push_back({.id = next_host_++,
                           .name = host.name.value,
                           .address = address,
                           .retry = host.retry,
                           .weight = host.weight,
                           .disabled = host.disabled,
                           .parent = {}});
  }
}

void Builder::check_complete(const ast::Table& from) {
  const std::string subject = "table '" + from.name.value + "' has no ";
  if (from.broken) return;
  if (from.hosts.empty()) error(from.name.at, subject + "host");
  if (!from.check) error(from.name.at, subject + "check");
}

bool Builder::room_for(const Table& table, Position at) {
  host_count_ += table.hosts.size();
  if (next_table_ <= kTablesMax && host_count_ <= kHostsMax) return true;
  error(at, next_table_ > kTablesMax ? "more than " + std::to_string(kTablesMax) + " tables"
                                     : "more than " + std::to_string(kHostsMax) + " hosts in all tables");
  return false;
}

void Builder::build(const ast::Table& from) {
  auto& known = known_.at(from.name.value);
  if (known.declared) {
    error(from.name.at,
          "table '" + from.name.value + "' is defined twice, first on line " + std::to_string(known.at.line));
    return;
  }
  Table table;
  table.id = next_table_++;
  table.name = from.name.value;
  known.declared = true;
  known.broken = from.broken;
  tables_broken_ |= from.broken;
  check_complete(from);
  build_hosts(from, table);
  set_timing(from, table);
  set_judgement(from, table);
  if (from.port) table.port = from.port->value;
  if (from.check) table.check = from.check->value;
  if (from.demote) table.demote = from.demote->value;
  table.disabled = from.disabled;
  known.table = table;
  if (room_for(table, from.name.at)) (table.port != 0 ? config_.tables : config_.templates).push_back(std::move(table));
}

}  // namespace hcd::conf
