// A rule: which packets, and to which table's hosts they are redirected. Today's only kind is rdr; the words are
// pf.conf(5)'s.
#pragma once
#include <array>
#include <cstdint>
#include <optional>
#include <string>

#include "fastpath/base/address.h"
#include "fastpath/base/clock.h"
#include "fastpath/base/error.h"

namespace hcd::fastpath {

enum class Proto : std::uint8_t { Tcp = 6, Udp = 17 };
enum class Method : std::uint8_t { RoundRobin, SourceHash };
using HashKey = std::array<std::uint8_t, 16>;

struct Rule {
  std::string interface;  // empty: any
  unsigned ifindex = 0;   // of that interface, resolved by whoever may ask the kernel
  Proto proto = Proto::Tcp;
  Address to;
  std::uint16_t port = 0;  // host order
  std::string label, tag;  // at most 63 characters each; empty: none
  Seconds established{0};  // tcp.established; 0: pf's default, 86400
  std::string table;       // in the same anchor
  std::uint16_t target_port = 0;
  Method method = Method::RoundRobin;
  std::optional<HashKey> key;  // source-hash; none: one is drawn per load
  friend bool operator==(const Rule&, const Rule&) = default;
};

// The rule as pfctl prints it (OpenBSD 4.7 and later):
//   pass in quick on em0 inet proto tcp from any to 192.0.2.80 port = 80 flags S/SA keep state (tcp.established 600)
//   label "hcd:www" tag HCD rdr-to <www> port 8080 round-robin
[[nodiscard]] std::string canonical(const Rule& rule);

[[nodiscard]] Status validate(const Rule& rule);

}  // namespace hcd::fastpath
