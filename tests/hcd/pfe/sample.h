// The talk's example as a configuration: service www on two web servers, with a sorry server behind them.
#pragma once
#include "hcd/pfe/roster.h"

namespace hcd::test {

inline Address address(const char* text) {
  return Address::parse(text).value_or(Address());
}

inline conf::Host host(conf::Id id, const char* at) {
  return {.id = id, .name = at, .address = address(at)};
}

inline pfe::Incoming sample(std::uint32_t generation = 1) {
  return {.generation = generation,
          .anchor = "hcd",
          .tables = {{.id = 0,
                      .name = "webhosts",
                      .port = 80,
                      .check = {.type = conf::CheckType::Tcp},
                      .hosts = {host(0, "10.1.1.100"), host(1, "10.1.1.101")}},
                     {.id = 2,
                      .name = "sorry_server:80",
                      .port = 80,
                      .check = {.type = conf::CheckType::Icmp},
                      .hosts = {host(3, "127.0.0.1")}}},
          .services = {{.id = 0,
                        .name = "www",
                        .virtuals = {{.address = address("192.0.2.80"), .port = 80, .interface = "eth0", .ifindex = 7}},
                        .table = 0,
                        .backups = {2},
                        .rule = {.tag = "HCD"}}}};
}

inline ipc::HostStatus result(conf::Id id, ipc::HostState state, std::uint64_t up = 1, std::uint64_t total = 1,
                              std::uint32_t generation = 1) {
  const bool good = state == ipc::HostState::Up;
  return {.host = id,
          .generation = generation,
          .state = state,
          .reason = good ? ipc::Reason::TcpConnectOk : ipc::Reason::TcpConnectFailed,
          .detail = good ? "" : "ECONNREFUSED",
          .latency = {},
          .up = up,
          .total = total};
}

// The addresses of an anchor's table, or "none".
inline std::string addresses(const fastpath::Ruleset& ruleset, const std::string& anchor, const std::string& table) {
  const auto found = ruleset.find(anchor);
  if (found == ruleset.end() || !found->second.tables.contains(table)) return "none";
  std::string out;
  for (const auto& entry : found->second.tables.at(table).entries)
    out += (out.empty() ? "" : " ") + entry.address.text();
  return out;
}

}  // namespace hcd::test
