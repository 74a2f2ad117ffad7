#include "fastpath/bpf/route_events.h"

#include <cstring>
#include <string>

#include <libmnl/libmnl.h>
#include <linux/neighbour.h>
#include <linux/rtnetlink.h>
#include <sys/socket.h>

#include <CppUTest/TestHarness.h>

using namespace hcd::fastpath;

namespace {

struct Datagram {
  alignas(nlmsghdr) std::array<std::byte, 4096> bytes{};
  std::size_t size = 0;

  nlmsghdr* begin(std::uint16_t type) {
    auto* message = mnl_nlmsg_put_header(&bytes[size]);
    message->nlmsg_type = type;
    return message;
  }
  Datagram& end(const nlmsghdr* message) {
    size += MNL_ALIGN(message->nlmsg_len);
    return *this;
  }
  Datagram& plain(std::uint16_t type) { return end(begin(type)); }
  Datagram& neighbour(std::uint16_t type, unsigned char family, const std::string& address, std::uint16_t state,
                      const std::string& at, int link = 2) {
    nlmsghdr* message = begin(type);
    auto* head = static_cast<ndmsg*>(mnl_nlmsg_put_extra_header(message, sizeof(ndmsg)));
    head->ndm_family = family;
    head->ndm_ifindex = link;
    head->ndm_state = state;
    mnl_attr_put(message, NDA_DST, address.size(), address.data());
    if (!at.empty()) mnl_attr_put(message, NDA_LLADDR, at.size(), at.data());
    return end(message);
  }
  [[nodiscard]] std::span<const std::byte> span() const { return std::span(bytes).first(size); }
};

const std::string kA("\x0a\0\0\1", 4), kMac("\2\0\0\0\0\1", 6), kOther("\2\0\0\0\0\2", 6);

}  // namespace

TEST_GROUP(RouteEvents) {
  RouteEvents events;

  bool any(const Datagram& datagram) {
    return events.read(datagram.span()).any;
  }
  bool news(std::uint16_t state, const std::string& at, const std::string& address = kA) {
    return any(Datagram().neighbour(RTM_NEWNEIGH, AF_INET, address, state, at));
  }
};

TEST(RouteEvents, of_links_addresses_routes_and_forwarding_count) {
  for (const std::uint16_t type : {RTM_NEWLINK, RTM_DELLINK, RTM_NEWADDR, RTM_DELADDR, RTM_NEWROUTE, RTM_DELROUTE,
                                   RTM_NEWNEXTHOP, RTM_DELNEXTHOP, RTM_NEWNETCONF, RTM_DELNETCONF}) {
    const auto change = events.read(Datagram().plain(type).span());
    CHECK(change.any && !change.rules);
  }
  for (const std::uint16_t type : {RTM_NEWRULE, RTM_DELRULE}) {
    const auto change = events.read(Datagram().plain(type).span());
    CHECK(change.any && change.rules);
  }
  CHECK(!any(Datagram().plain(RTM_NEWPREFIX)));
  CHECK(!any(Datagram()));
}
TEST(RouteEvents, of_a_neighbour_that_keeps_its_address_do_not_count) {
  CHECK(news(NUD_REACHABLE, kMac));
  for (const auto state : std::initializer_list<std::uint16_t>{NUD_STALE, NUD_DELAY, NUD_PROBE, NUD_REACHABLE})
    CHECK(!news(state, kMac));
  CHECK(news(NUD_REACHABLE, kOther));
  CHECK(!news(NUD_STALE, kOther));
  CHECK(news(NUD_FAILED, ""));
  CHECK(!news(NUD_FAILED, ""));
  CHECK(!news(NUD_INCOMPLETE, kOther));
  CHECK(news(NUD_REACHABLE, kOther));
}
TEST(RouteEvents, of_a_neighbour_that_is_deleted_count_unless_it_was_none) {
  CHECK(news(NUD_STALE, kMac));
  CHECK(any(Datagram().neighbour(RTM_DELNEIGH, AF_INET, kA, NUD_STALE, kMac)));
  LONGS_EQUAL(0, events.neighbours());
  CHECK(any(Datagram().neighbour(RTM_DELNEIGH, AF_INET, kA, NUD_STALE, kMac)));
  CHECK(news(NUD_FAILED, ""));
  CHECK(!any(Datagram().neighbour(RTM_DELNEIGH, AF_INET, kA, NUD_FAILED, "")));
}
TEST(RouteEvents, tell_neighbours_of_two_links_and_families_apart) {
  const std::string address(16, '\x0a');
  CHECK(any(Datagram().neighbour(RTM_NEWNEIGH, AF_INET6, address, NUD_REACHABLE, kMac, 2)));
  CHECK(any(Datagram().neighbour(RTM_NEWNEIGH, AF_INET6, address, NUD_REACHABLE, kMac, 3)));
  CHECK(any(Datagram().neighbour(RTM_NEWNEIGH, AF_INET, address, NUD_REACHABLE, kMac, 2)));
  LONGS_EQUAL(3, events.neighbours());
  CHECK(!any(Datagram().neighbour(RTM_NEWNEIGH, AF_BRIDGE, address, NUD_REACHABLE, kMac, 4)));
}
TEST(RouteEvents, come_several_in_a_datagram) {
  Datagram both;
  both.neighbour(RTM_NEWNEIGH, AF_INET, kA, NUD_REACHABLE, kMac).plain(RTM_NEWRULE);
  const auto change = events.read(both.span());
  CHECK(change.any && change.rules);
  LONGS_EQUAL(1, events.neighbours());
}
TEST(RouteEvents, that_are_lost_or_cut_off_count_as_everything_and_all_neighbours_are_news_again) {
  const auto is_all = [&](RouteEvents::Change change) {
    CHECK(change.any && change.rules);
    LONGS_EQUAL(0, events.neighbours());
    CHECK(news(NUD_REACHABLE, kMac));
  };
  CHECK(news(NUD_REACHABLE, kMac));
  is_all(events.lost());
  is_all(events.read(Datagram().plain(NLMSG_OVERRUN).span()));
  Datagram whole;
  whole.neighbour(RTM_NEWNEIGH, AF_INET, kA, NUD_STALE, kMac);
  for (std::size_t size = 1; size < whole.size; size++) is_all(events.read(std::span(whole.bytes).first(size)));
  is_all(events.read(Datagram().plain(RTM_NEWNEIGH).span()));  // without a neighbour's header
}
TEST(RouteEvents, with_attributes_that_are_nonsense_do_no_harm) {
  for (std::uint16_t length = 0; length < 64; length++) {
    Datagram datagram;
    datagram.neighbour(RTM_NEWNEIGH, AF_INET, kA, NUD_STALE, kMac);
    std::memcpy(&datagram.bytes[sizeof(nlmsghdr) + sizeof(ndmsg)], &length, sizeof length);
    (void)events.read(datagram.span());
  }
  CHECK(any(Datagram().neighbour(RTM_NEWNEIGH, AF_INET6, std::string(64, 'a'), NUD_STALE, std::string(64, 'b'))));
}
TEST(RouteEvents, of_more_neighbours_than_are_kept_have_all_forgotten) {
  for (std::uint32_t i = 0; i <= RouteEvents::kMostNeighbours; i++) {
    std::string address(4, '\0');
    std::memcpy(address.data(), &i, sizeof i);
    CHECK(news(NUD_REACHABLE, kMac, address));
    CHECK(events.neighbours() <= RouteEvents::kMostNeighbours);
  }
  LONGS_EQUAL(1, events.neighbours());
}
