#include "hcd/ctl/words.h"

namespace hcd::ctl {

std::string virtual_text(const conf::Virtual& entry) {
  std::string out = entry.port == 0 ? entry.address.text() : endpoint_text(entry.address, entry.port);
  if (entry.last_port != 0) out += ":" + std::to_string(entry.last_port);
  return entry.proto == conf::Proto::Udp ? out + "/udp" : out;
}

std::string_view check_text(const TableRow& row) {
  switch (row.check) {
    case conf::CheckType::None: return "";
    case conf::CheckType::Icmp: return "icmp";
    case conf::CheckType::Tcp: return "tcp";
    case conf::CheckType::Tls: return "tls";
    case conf::CheckType::HttpCode:
    case conf::CheckType::HttpDigest: return row.tls ? "https" : "http";
    case conf::CheckType::SendExpect: return "send";
    case conf::CheckType::Script: return "script";
    case conf::CheckType::Dns: return "dns";
    case conf::CheckType::Grpc: return "grpc";
    case conf::CheckType::Redis: return "redis";
    case conf::CheckType::Mysql: return "mysql";
    case conf::CheckType::Postgres: return "postgres";
    case conf::CheckType::Smtp: return "smtp";
    case conf::CheckType::Ldap: return "ldap";
  }
  return "";
}

std::string_view mode_text(const ServiceRow& row) {
  switch (row.mode) {
    case fastpath::Method::RoundRobin: return "robin";
    case fastpath::Method::SourceHash: return "source";
    case fastpath::Method::Random: return "random";
    case fastpath::Method::LeastStates: return "least";
    case fastpath::Method::Hash: return "hash";
  }
  return "";
}

}  // namespace hcd::ctl
