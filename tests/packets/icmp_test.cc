#include "tests/packets/icmp.h"

#include "tests/packets/fixture.h"

#include <CppUTest/TestHarness.h>

using namespace hcd::packets;
using namespace hcd::abi;

namespace {

const Endpoint kRouter = at("198.51.100.1", 0), kRouter6 = at("2001:db8:aa::1", 0);

struct Road {
  Endpoint client, vip, server, router;
};
const Road kRoads[] = {{kClient, kVip, kServer1, kRouter}, {kClient6, kVip6, kServer61, kRouter6}};

// About the client's packet to the server, as a machine on the servers' side says it; and the same as the client is to
// see it.
IcmpError from_servers(const Road& road, const Endpoint& from, std::size_t payload = 1000) {
  const bool six = from.address.family == hcd::Family::Inet6;
  return {.from = from,
          .to = road.client,
          .about = {.src = road.client, .dst = road.server, .flags = kAck, .ttl = 61, .payload = payload},
          .type = six ? std::uint8_t{2} : std::uint8_t{3},
          .code = six ? std::uint8_t{0} : std::uint8_t{4}};
}
IcmpError as_the_client_sees_it(IcmpError error, const Road& road) {
  error.from = error.about.dst = road.vip;
  error.mac_to = client_mac(7);
  error.mac_from = client_mac(0xfe);
  error.ttl--;
  return error;
}
// About the server's packet to the client, which has the virtual address as its source.
IcmpError from_clients(const Road& road, const Endpoint& from, std::size_t payload = 1000) {
  IcmpError error = from_servers(road, from, payload);
  error.to = error.about.src = road.vip;
  error.about.dst = road.client;
  return error;
}
IcmpError as_the_server_sees_it(IcmpError error, const Road& road) {
  error.to = error.about.src = road.server;
  error.mac_to = server_mac(1);
  error.mac_from = server_mac(0xfe);
  error.ttl--;
  return error;
}

void sends(const Site& site, const IcmpError& error, const IcmpError& out) {
  const std::uint64_t before = site.stage.reason(HCD_ICMP_ERROR);
  const Verdict verdict = site.stage.run(Hook::Tc, error.bytes());
  LONGS_EQUAL(actions(Hook::Tc).redirect, verdict.action);
  CHECK(verdict.frame == out.bytes());
  LONGS_EQUAL(0, icmp_fault(verdict.frame));
  LONGS_EQUAL(before + 1, site.stage.reason(HCD_ICMP_ERROR));
}
void passes(const Site& site, const Bytes& frame, Hook hook = Hook::Tc) {
  const Verdict verdict = site.stage.run(hook, frame);
  LONGS_EQUAL(actions(hook).pass, verdict.action);
  CHECK(verdict.frame == frame);
  LONGS_EQUAL(0, site.stage.reason(HCD_ICMP_ERROR));
}

void establish(const Site& site) {
  for (const Road& road : kRoads) site.establish(road.client, road.vip, road.server);
}

}  // namespace

TEST_GROUP(IcmpErrors){};

TC_PACKET_TEST(IcmpErrors, from_the_servers_side_reach_the_client_as_the_virtual_addresses) {
  establish(site);
  for (const Road& road : kRoads)
    for (const Endpoint& from : {road.server, road.router})
      sends(site, from_servers(road, from), as_the_client_sees_it(from_servers(road, from), road));
}
TC_PACKET_TEST(IcmpErrors, from_the_clients_side_reach_the_server_that_sent_the_packet) {
  establish(site);
  for (const Road& road : kRoads)
    for (const Endpoint& from : {road.client, road.router})
      sends(site, from_clients(road, from), as_the_server_sees_it(from_clients(road, from), road));
}
TC_PACKET_TEST(IcmpErrors, reach_both_ends_of_a_flow_whose_ports_are_shifted) {
  for (Road road : kRoads) {
    const std::uint32_t host = site.stage.add_host({road.server.address, 0});
    (void)site.stage.add_rule(
        {.to = road.vip, .ring = {host}, .flags = HCD_RULE_SHIFT, .first = 2000, .last = 2999, .target = 8000});
    road.vip.port = 2345;
    road.server.port = 8345;
    site.establish(road.client, road.vip, road.server);
    sends(site, from_servers(road, road.router), as_the_client_sees_it(from_servers(road, road.router), road));
    sends(site, from_clients(road, road.router), as_the_server_sees_it(from_clients(road, road.router), road));
  }
}
TC_PACKET_TEST(IcmpErrors, are_known_by_eight_bytes_of_tcp_and_keep_their_checksums_at_any_length) {
  establish(site);
  for (const Road& road : kRoads) {
    const std::size_t header = road.client.address.family == hcd::Family::Inet ? 20 : 40;
    for (std::size_t quoted = header + 8; quoted < header + 90; quoted++) {
      if (quoted == header + 17) continue;  // half a checksum is nothing that could be right
      IcmpError error = from_servers(road, road.router);
      error.quoted = quoted;
      sends(site, error, as_the_client_sees_it(error, road));
      error = from_clients(road, road.router);
      error.quoted = quoted;
      sends(site, error, as_the_server_sees_it(error, road));
    }
  }
}
TC_PACKET_TEST(IcmpErrors, have_right_checksums_whatever_they_quote) {
  establish(site);
  for (const Road& road : kRoads)
    for (std::size_t payload = 0; payload < 500; payload += 7) {
      const IcmpError error = from_servers(road, road.server, payload), back = from_clients(road, road.client, payload);
      sends(site, error, as_the_client_sees_it(error, road));
      sends(site, back, as_the_server_sees_it(back, road));
    }
}
TC_PACKET_TEST(IcmpErrors, may_have_options_and_extension_headers_and_quote_them) {
  establish(site);
  for (std::size_t options = 4; options <= 40; options += 4) {
    IcmpError error = from_servers(kRoads[0], kRouter);
    error.options = options;
    error.about.options = 44 - options;
    sends(site, error, as_the_client_sees_it(error, kRoads[0]));
  }
  IcmpError error = from_servers(kRoads[1], kRouter6);
  error.extensions = {60};
  error.about.extensions = {0, 60};
  sends(site, error, as_the_client_sees_it(error, kRoads[1]));
}
TC_PACKET_TEST(IcmpErrors, of_every_type_that_quotes_a_packet_are_translated) {
  establish(site);
  for (const Road& road : kRoads)
    for (const std::uint8_t type : road.client.address.family == hcd::Family::Inet
                                       ? std::vector<std::uint8_t>{3, 11, 12}
                                       : std::vector<std::uint8_t>{1, 2, 3, 4}) {
      IcmpError error = from_clients(road, road.router);
      error.type = type;
      error.code = 1;
      sends(site, error, as_the_server_sees_it(error, road));
    }
}
TC_PACKET_TEST(IcmpErrors, pass_untouched_without_a_live_state) {
  for (const Road& road : kRoads) {
    passes(site, from_servers(road, road.server).bytes());
    passes(site, from_clients(road, road.client).bytes());
  }
  establish(site);
  for (auto* state : {&site.state()->value, &site.state6()->value}) Site::age(*state, 2 * 86400);
  for (const Road& road : kRoads) {
    passes(site, from_servers(road, road.server).bytes());
    passes(site, from_clients(road, road.client).bytes());
  }
}
TC_PACKET_TEST(IcmpErrors, pass_untouched_when_another_flow_or_another_address_is_meant) {
  establish(site);
  for (const Road& road : kRoads) {
    IcmpError error = from_servers(road, road.server);
    error.about.src.port++;
    passes(site, error.bytes());
    error = from_servers(road, road.server);
    error.about.dst.port++;
    passes(site, error.bytes());
    error = from_servers(road, road.server);
    error.to = road.router;
    passes(site, error.bytes());
    error = from_clients(road, road.client);
    error.to = road.server;
    passes(site, error.bytes());
  }
}
TC_PACKET_TEST(IcmpErrors, do_not_keep_a_state_alive) {
  establish(site);
  const __u64 value = site.state()->value, value6 = site.state6()->value;
  for (const Road& road : kRoads) {
    (void)site.stage.run(Hook::Tc, from_servers(road, road.server).bytes());
    (void)site.stage.run(Hook::Tc, from_clients(road, road.client).bytes());
  }
  CHECK_EQUAL(value, site.state()->value);
  CHECK_EQUAL(value6, site.state6()->value);
}
TC_PACKET_TEST(IcmpErrors, that_are_cut_off_or_out_of_time_are_not_sent_on) {
  establish(site);
  for (const Road& road : kRoads) {
    IcmpError error = from_clients(road, road.client, 0);
    const Bytes whole = error.bytes();
    for (std::size_t size = 15; size < whole.size(); size++) {
      const Bytes cut(whole.begin(), whole.begin() + static_cast<std::ptrdiff_t>(size));
      CHECK(site.stage.run(Hook::Tc, cut).action != actions(Hook::Tc).redirect);
    }
    error.ttl = 1;
    LONGS_EQUAL(actions(Hook::Tc).drop, site.stage.run(Hook::Tc, error.bytes()).action);
  }
  LONGS_EQUAL(2, site.stage.reason(HCD_TTL));
  LONGS_EQUAL(0, site.stage.reason(HCD_ICMP_ERROR));
}
ONE_PACKET_TEST(IcmpErrors, are_left_to_tc_by_xdp) {
  establish(site);
  for (const Road& road : kRoads) {
    passes(site, from_servers(road, road.server).bytes(), Hook::Xdp);
    passes(site, from_clients(road, road.client).bytes(), Hook::Xdp);
  }
}
TC_PACKET_TEST(IcmpErrors, are_no_echoes_or_neighbours) {
  establish(site);
  for (const Road& road : kRoads)
    for (const std::uint8_t type : road.client.address.family == hcd::Family::Inet
                                       ? std::vector<std::uint8_t>{0, 4, 5, 8, 13}
                                       : std::vector<std::uint8_t>{0, 5, 128, 129, 135, 136}) {
      IcmpError error = from_clients(road, road.client);
      error.type = type;
      passes(site, error.bytes());
    }
}
TC_PACKET_TEST(IcmpErrors, to_an_unknown_neighbour_wait_for_the_kernel_to_resolve_it) {
  const Endpoint client = at("203.0.113.9", 40000);
  const Road road{client, kVip, kServer1, kRouter};
  site.forwards({.src = client, .dst = kVip, .flags = kSyn}, kServer1);
  const IcmpError error = from_servers(road, kRouter);
  LONGS_EQUAL(actions(Hook::Tc).redirect, site.stage.run(Hook::Tc, error.bytes()).action);
  LONGS_EQUAL(1, site.stage.reason(HCD_ICMP_ERROR));
}
