// The packet programs alone: loaded with small maps, in a network namespace of their own that has routes and
// neighbours, and run on one packet at a time by BPF_PROG_TEST_RUN. Rules and hosts are put into the maps directly. For
// tests and for measurements; needs root.
//
// The namespace:  203.0.113.0/24, 2001:db8:c::/64  clients, link "clients"; 198.18.0.0/15 and 2001:db8:cc::/48 behind
// .7                 10.0.0.0/24, 2001:db8:5::/64     servers, link "servers"
// Neighbours .1 to .8 (::1 to ::8) of both are known, all others are not; their addresses are client_mac and
// server_mac.
#pragma once
#include <cstdint>
#include <initializer_list>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "fastpath/base/error.h"
#include "fastpath/base/unique_fd.h"
#include "kmod/hcd_abi.h"
#include "kmod/index.h"
#include "tools/bench/testrun/frame.h"

struct redirect;

namespace hcd::testrun {

enum class Hook { Xdp, Tc };

struct StageSizes {
  std::uint32_t buckets = 64, index_lines = 16, rules = 16, hosts = 16, hops = 64, sources = 64,
                sweep_buckets = 1 << 10, ring_lines = 64, tick_shift = 8;
  bool remember_hops = false;
};

struct Verdict {
  int action = 0;
  Bytes frame;
};

struct RuleSpec {
  Endpoint to;
  std::vector<std::uint32_t> ring;  // hosts
  abi::hcd_method method = abi::HCD_ROUND_ROBIN;
  std::uint32_t ifindex = 0;
  std::uint32_t established = 86400;
  std::uint8_t proto = kTcp;
  std::uint32_t flags = 0;            // enum hcd_rule_flags
  std::uint16_t first = 0, last = 0;  // of many ports
  std::uint16_t target = 0;           // the host's port, for hosts at any
  std::uint32_t from = 0;             // table
  std::uint32_t after = 0;            // the rule of the same chain that it follows; 0: it is the head
};

class Stage {
 public:
  [[nodiscard]] static Result<std::unique_ptr<Stage>> open(const StageSizes& sizes);
  ~Stage();
  Stage(const Stage&) = delete;
  Stage& operator=(const Stage&) = delete;

  // Between these the calling thread is in the stage's namespace.
  void enter() const;
  void leave() const;

  void clear_states();
  void forget_hops();
  void clear();  // every map is empty again, every link takes XDP's frames
  std::uint32_t add_rule(const RuleSpec& rule);
  std::uint32_t add_host(const Endpoint& at, std::uint8_t proto = kTcp);
  void set_ring(std::uint32_t rule, std::uint64_t ring);
  [[nodiscard]] bool start_sweep() const;
  void put_network(std::uint32_t table, const Address& address, std::uint32_t length, bool negated = false);

  // Segment: tc's packet is a large one, to be cut into so many bytes of payload.
  [[nodiscard]] Verdict run(Hook hook, const Bytes& frame, std::uint32_t ifindex = 1, std::uint32_t segment = 0) const;
  [[nodiscard]] int program(Hook hook) const;
  [[nodiscard]] int map(const char* name) const;

  [[nodiscard]] std::uint64_t reason(std::uint32_t reason) const;
  [[nodiscard]] std::uint32_t live() const;  // states, as they are counted
  [[nodiscard]] abi::hcd_stats rule_stats(std::uint32_t rule) const;
  [[nodiscard]] abi::hcd_stats host_stats(std::uint32_t host) const;

  // The maps themselves.
  std::span<abi::hcd_rule> rules;
  std::span<abi::hcd_cursor> cursors;
  std::span<abi::hcd_host> hosts;
  std::span<abi::hcd_ring_line> rings;
  std::span<abi::hcd_bucket4> states4;
  std::span<abi::hcd_bucket6> states6;
  std::span<abi::hcd_link> links;
  std::span<abi::hcd_index_line> vips, endpoints;
  std::span<abi::hcd_timeout_set> timeouts;
  std::span<abi::hcd_spill> spills4, spills6;
  std::span<abi::hcd_large> large;
  std::span<abi::hcd_load> loads;
  std::span<abi::hcd_source> sources;
  std::span<abi::hcd_settings> settings;
  std::span<abi::hcd_pulse> pulse;
  std::span<std::uint64_t> unstored;  // the filter of flows without a state

  std::uint32_t clients_link = 0, servers_link = 0;

 private:
  Stage() = default;
  [[nodiscard]] Status build_namespace();
  [[nodiscard]] Status load(const StageSizes& sizes);
  void zero(const char* name);
  void forget_pieces();
  template <class T>
  [[nodiscard]] std::span<T> mapped(const char* name);
  [[nodiscard]] abi::hcd_stats stats(const char* map, std::uint32_t index) const;

  UniqueFd home_, namespace_;
  redirect* skeleton_ = nullptr;
  std::vector<std::span<std::uint8_t>> mappings_;
  bool remember_hops_ = false;
  std::uint32_t next_rule_ = 1, next_host_ = 1, next_line_ = 1;
};

[[nodiscard]] Mac client_mac(std::uint8_t number);  // 0xfe: the director's own
[[nodiscard]] Mac server_mac(std::uint8_t number);
[[nodiscard]] abi::hcd_endpoint abi_endpoint(const Endpoint& at, std::uint8_t proto = kTcp);
[[nodiscard]] abi::hcd_seed stage_seed();

}  // namespace hcd::testrun
