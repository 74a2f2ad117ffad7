// A site where flows may go on without a state.
#pragma once
#include <algorithm>
#include <array>

#include <arpa/inet.h>

#include "kmod/pick.h"
#include "kmod/tcp.h"
#include "tests/packets/fixture.h"

namespace hcd::packets {

inline const std::array kServers = {kServer1, kServer2, kServer3};
inline const std::array kServers6 = {kServer61, kServer62};

inline std::array<__u64, 2> words(const Endpoint& at) {
  std::array<__u64, 2> out{};
  std::memcpy(out.data(), at.address.bytes.data(), at.address.size());
  return out;
}
inline bool is_six(const Endpoint& client) {
  return client.address.family == hcd::Family::Inet6;
}
inline const Endpoint& vip_of(const Endpoint& client) {
  return is_six(client) ? kVip6 : kVip;
}

// A site as userland keeps it: each host knows the only rule that leads to it. So many new TCP states are stored in the tick,
// which does not end.
struct Guarded {
  const Site& site;

  explicit Guarded(const Site& at, std::uint32_t inserts = 1) : site(at) {
    for (const std::uint32_t host : site.server) site.stage.hosts[host].rule = site.rule;
    for (const std::uint32_t host : site.server6) site.stage.hosts[host].rule = site.rule6;
    site.stage.settings[0].flood_inserts = inserts;
  }
  [[nodiscard]] abi::hcd_pulse& pulse() const { return site.stage.pulse[0]; }
  [[nodiscard]] std::uint64_t reason(abi::hcd_reason reason) const { return site.stage.reason(reason); }
  [[nodiscard]] std::uint32_t states() const {
    std::uint32_t sum = 0;
    for (const auto& cursor : site.stage.cursors) sum += cursor.states;
    return sum;
  }

  // SYNs that take all that may be stored.
  void flood() const {
    for (std::uint16_t i = 0; i < site.stage.settings[0].flood_inserts; i++)
      (void)site.run({.src = at("203.0.113.8", static_cast<std::uint16_t>(1000 + i)), .dst = kVip});
  }
  // The host, by its place in the ring, that the hash of the flow chooses, with the key that the maps were made with.
  [[nodiscard]] static std::size_t place(const Endpoint& client) {
    const bool six = is_six(client);
    const auto src = words(client), dst = words(vip_of(client));
    const std::uint64_t hash =
        abi::hcd_siphash_flow(stage_seed().word, src.data(), dst.data(), htons(client.port), htons(80), kTcp, six);
    return hash % (six ? kServers6.size() : kServers.size());
  }
  [[nodiscard]] static Endpoint host(const Endpoint& client) {
    return is_six(client) ? kServers6.at(place(client)) : kServers.at(place(client));
  }
  [[nodiscard]] static Frame from(const Endpoint& client, std::uint8_t flags) {
    return {.src = client, .dst = vip_of(client), .flags = flags};
  }
  [[nodiscard]] static Frame answer(const Endpoint& client, std::uint8_t flags) {
    return {.src = host(client), .dst = client, .flags = flags};
  }
  void sends(const Endpoint& client, std::uint8_t flags) const { site.forwards(from(client, flags), host(client)); }
  void answers(const Endpoint& client, std::uint8_t flags) const {
    site.answers(answer(client, flags), vip_of(client));
  }
  // The handshake of a flow whose SYN is not stored.
  void shake_hands(const Endpoint& client) const {
    const std::uint32_t before = states();
    sends(client, kSyn);
    answers(client, kSyn | kAck);
    LONGS_EQUAL(before, states());
    sends(client, kAck);
  }
};

inline Endpoint client(std::uint16_t number) {
  return {kClient.address, static_cast<std::uint16_t>(20000 + number)};
}
inline Endpoint client6(std::uint16_t number) {
  return {kClient6.address, static_cast<std::uint16_t>(20000 + number)};
}
// The sides of all states.
template <class Buckets>
std::vector<std::uint32_t> all_sides(Buckets& buckets) {
  std::vector<std::uint32_t> out;
  for (const auto& bucket : buckets)
    for (const auto& way : bucket.way)
      if (way.key != 0) out.push_back(abi::hcd_value_sides(way.value));
  return out;
}

}  // namespace hcd::packets
