// What the packet tests share: one stage for the whole run, and one TEST for both programs.
#pragma once
#include <memory>

#include "tests/fake/needs.h"
#include "tools/bench/testrun/stage.h"

#include <CppUTest/TestHarness.h>

namespace hcd::packets {

using namespace hcd::testrun;

inline const Endpoint kClient = at("203.0.113.7", 40000), kVip = at("192.0.2.80", 80);
inline const Endpoint kServer1 = at("10.0.0.1", 8080), kServer2 = at("10.0.0.2", 8080), kServer3 = at("10.0.0.3", 8080);
inline const Endpoint kClient6 = at("2001:db8:c::7", 40000), kVip6 = at("2001:db8::80", 80);
inline const Endpoint kServer61 = at("2001:db8:5::1", 8080), kServer62 = at("2001:db8:5::2", 8080);

inline const Result<std::unique_ptr<Stage>>& stage() {
  static const auto opened = Stage::open({});
  return opened;
}

// Another one, in which no tick passes while the tests run.
inline const Result<std::unique_ptr<Stage>>& still_stage() {
  static const auto opened = Stage::open({.tick_shift = 24});
  return opened;
}

// Why packets cannot be run: without root, or in a kernel that refuses.
inline const std::string& missing() {
  static const std::string why = stage() ? "" : "they run packets: " + stage().error().text;
  return why;
}

struct Actions {
  int pass, drop, redirect;
};
inline Actions actions(Hook hook) {
  return hook == Hook::Xdp ? Actions{2, 1, 4} : Actions{-1, 2, 7};
}

// One rule, three servers in its ring, in each family.
struct Site {
  Stage& stage;
  Hook hook;
  std::uint32_t server[3], server6[2];
  std::uint32_t rule, rule6;

  Site(Stage& where, Hook with) : stage(where), hook(with) {
    stage.enter();
    stage.clear();
    server[0] = stage.add_host(kServer1);
    server[1] = stage.add_host(kServer2);
    server[2] = stage.add_host(kServer3);
    server6[0] = stage.add_host(kServer61);
    server6[1] = stage.add_host(kServer62);
    rule = stage.add_rule({.to = kVip, .ring = {server[0], server[1], server[2]}});
    rule6 = stage.add_rule({.to = kVip6, .ring = {server6[0], server6[1]}});
  }
  ~Site() { stage.leave(); }
  Site(const Site&) = delete;
  Site& operator=(const Site&) = delete;

  [[nodiscard]] Verdict run(const Frame& frame) const { return stage.run(hook, frame.bytes()); }
  [[nodiscard]] Actions verdicts() const { return actions(hook); }

  // The frame is untouched and passes; it is dropped for the reason.
  void passes(const Frame& frame) const {
    const Verdict verdict = run(frame);
    LONGS_EQUAL(verdicts().pass, verdict.action);
    CHECK(verdict.frame == frame.bytes());
  }
  void drops(const Frame& frame, abi::hcd_reason reason) const {
    const std::uint64_t before = stage.reason(reason);
    LONGS_EQUAL(verdicts().drop, run(frame).action);
    LONGS_EQUAL(before + 1, stage.reason(reason));
  }
  // The frame leaves as `out`, byte for byte, but for time to live and link addresses, which are filled in here.
  void sends(const Frame& frame, Frame out, bool to_client = false) const {
    const Verdict verdict = run(frame);
    LONGS_EQUAL(verdicts().redirect, verdict.action);
    const std::uint8_t last = out.dst.address.bytes[out.dst.address.size() - 1];
    out.to = to_client ? client_mac(last) : server_mac(last);
    out.from = to_client ? client_mac(0xfe) : server_mac(0xfe);
    out.ttl--;
    CHECK(verdict.frame == out.bytes());
    CHECK(faults(verdict.frame) == Faults{});
  }
  void forwards(const Frame& frame, const Endpoint& to) const {
    Frame out = frame;
    out.dst = to;
    sends(frame, out);
  }
  void answers(const Frame& frame, const Endpoint& vip) const {
    Frame out = frame;
    out.src = vip;
    sends(frame, out, true);
  }
  // A whole handshake of the client with the server it is known to get.
  void establish(const Endpoint& client, const Endpoint& vip, const Endpoint& server_at) const {
    forwards({.src = client, .dst = vip, .flags = kSyn}, server_at);
    answers({.src = server_at, .dst = client, .flags = kSyn | kAck}, vip);
    forwards({.src = client, .dst = vip, .flags = kAck}, server_at);
  }

  // The only state of the flow's family and its value, or null.
  [[nodiscard]] abi::hcd_state4* state() const { return only<abi::hcd_state4>(stage.states4); }
  [[nodiscard]] abi::hcd_state6* state6() const { return only<abi::hcd_state6>(stage.states6); }
  template <class State, class Buckets>
  static State* only(Buckets& buckets) {
    State* found = nullptr;
    for (auto& bucket : buckets)
      for (auto& state : bucket.way)
        if (state.key != 0) {
          CHECK(found == nullptr);
          found = &state;
        }
    return found;
  }
  // Makes the state look as if it had last been seen so long ago.
  static void age(__u64& value, std::uint64_t seconds_ago) { value -= (seconds_ago * 250 >> 8) << 32; }
};

}  // namespace hcd::packets

// Tests that are counted as ignored where packets cannot be run. In the body `site` is a fresh Site: of XDP and then of
// tc in a PACKET_TEST, where no tick passes in a STILL_PACKET_TEST, of tc alone in a TC_PACKET_TEST, of XDP alone in a ONE_PACKET_TEST, which looks after the hooks itself.
#define PACKET_TEST_IN(stage, group, name, ...)                                      \
  struct group##_##name##_Test : Utest {                                             \
    static void on(const hcd::packets::Site& site);                                  \
    void testBody() override {                                                       \
      for (const auto hook : {__VA_ARGS__}) on(hcd::packets::Site(**(stage), hook)); \
    }                                                                                \
  };                                                                                 \
  INSTALL_TEST_THAT_NEEDS(hcd::packets::missing, group##_##name##_Test, group, name) \
  void group##_##name##_Test::on([[maybe_unused]] const hcd::packets::Site& site)
#define PACKET_TEST_ON(group, name, ...) PACKET_TEST_IN(hcd::packets::stage(), group, name, __VA_ARGS__)
#define PACKET_TEST(group, name) PACKET_TEST_ON(group, name, hcd::testrun::Hook::Xdp, hcd::testrun::Hook::Tc)
#define ONE_PACKET_TEST(group, name) PACKET_TEST_ON(group, name, hcd::testrun::Hook::Xdp)
#define TC_PACKET_TEST(group, name) PACKET_TEST_ON(group, name, hcd::testrun::Hook::Tc)
#define STILL_PACKET_TEST(group, name) \
  PACKET_TEST_IN(hcd::packets::still_stage(), group, name, hcd::testrun::Hook::Xdp, hcd::testrun::Hook::Tc)
