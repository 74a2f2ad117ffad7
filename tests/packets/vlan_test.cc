#include "tests/packets/fixture.h"

#include <CppUTest/TestHarness.h>

using namespace hcd::packets;
using namespace hcd::abi;

namespace {

Bytes tagged(Bytes frame, std::uint8_t vlan = 7, std::uint8_t type = 0x81) {
  const Bytes tag = {type, static_cast<std::uint8_t>(type == 0x81 ? 0x00 : 0xa8), 0x60, vlan};
  frame.insert(frame.begin() + 12, tag.begin(), tag.end());
  return frame;
}

const Frame kOpening{.src = kClient, .dst = kVip, .payload = 11, .options = 8};
const Frame kOpening6{.src = kClient6, .dst = kVip6, .payload = 11, .extensions = {0, 60}};

Bytes opened(Frame frame, const Endpoint& server) {
  frame.dst = server;
  frame.to = server_mac(1);
  frame.from = server_mac(0xfe);
  frame.ttl--;
  return tagged(frame.bytes());
}
void is_left(const Site& site, const Bytes& frame, std::uint32_t link, hcd_reason why) {
  const std::uint64_t before = site.stage.reason(why);
  const Verdict verdict = site.stage.run(Hook::Xdp, frame, link);
  LONGS_EQUAL(actions(Hook::Xdp).pass, verdict.action);
  CHECK(verdict.frame == frame);
  LONGS_EQUAL(before + 1, site.stage.reason(why));
}

}  // namespace

TEST_GROUP(Vlan){};

ONE_PACKET_TEST(Vlan, keeps_its_tag_on_the_link_that_it_came_by) {
  const std::uint32_t link = site.stage.servers_link;
  const Verdict four = site.stage.run(Hook::Xdp, tagged(kOpening.bytes()), link);
  LONGS_EQUAL(actions(Hook::Xdp).redirect, four.action);
  CHECK(four.frame == opened(kOpening, kServer1));
  const Verdict six = site.stage.run(Hook::Xdp, tagged(kOpening6.bytes()), link);
  LONGS_EQUAL(actions(Hook::Xdp).redirect, six.action);
  CHECK(six.frame == opened(kOpening6, kServer61));
}
ONE_PACKET_TEST(Vlan, that_leaves_by_another_link_is_left_to_tc_which_takes_off_the_tag) {
  is_left(site, tagged(kOpening.bytes()), site.stage.clients_link, HCD_TO_TC);
  is_left(site, tagged(kOpening6.bytes()), site.stage.clients_link, HCD_TO_TC);
}
ONE_PACKET_TEST(Vlan, with_an_interface_of_its_own_is_left_to_that) {
  const std::uint32_t link = site.stage.servers_link;
  site.stage.links[link].flags |= HCD_LINK_VLANS;
  is_left(site, tagged(kOpening.bytes()), link, HCD_PASSED);
}
ONE_PACKET_TEST(Vlan, within_another_passes) {
  const std::uint32_t link = site.stage.servers_link;
  is_left(site, tagged(tagged(kOpening.bytes())), link, HCD_PASSED);
  is_left(site, tagged(tagged(kOpening.bytes()), 7, 0x88), link, HCD_PASSED);
  is_left(site, tagged(kOpening.bytes(), 7, 0x88), link, HCD_PASSED);
}
// Tagged or not, it is one flow.
ONE_PACKET_TEST(Vlan, does_not_tell_flows_apart) {
  const std::uint32_t link = site.stage.servers_link;
  (void)site.stage.run(Hook::Xdp, tagged(kOpening.bytes()), link);
  LONGS_EQUAL(actions(Hook::Xdp).redirect, site.stage.run(Hook::Xdp, kOpening.bytes(), link).action);
  LONGS_EQUAL(1, site.stage.reason(HCD_CREATED));
}
PACKET_TEST(Vlan, cut_off_anywhere_within_its_headers_is_never_sent) {
  const Bytes whole = tagged(kOpening.bytes());
  for (std::size_t size = 14; size < whole.size() - 11; size++) {
    const Bytes frame(whole.begin(), whole.begin() + static_cast<std::ptrdiff_t>(size));
    const Verdict verdict = site.stage.run(site.hook, frame, site.stage.servers_link);
    CHECK(verdict.action != site.verdicts().redirect);
    if (verdict.action == site.verdicts().pass) CHECK(verdict.frame == frame);
  }
}
