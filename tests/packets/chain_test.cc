#include "tests/packets/fixture.h"

#include <CppUTest/TestHarness.h>

using namespace hcd::packets;
using namespace hcd::abi;

TEST_GROUP(Chain){};

namespace {

const Endpoint kOther = at("192.0.2.90", 80), kOther6 = at("2001:db8::90", 80);

Endpoint port(const Endpoint& at, std::uint16_t number) {
  return {at.address, number};
}

// A client, what it calls, and three servers of its family, which are at any port.
struct Side {
  Endpoint client, vip, far[2];
  std::uint32_t host[3];
};
struct Ends {
  Side four, six;
  explicit Ends(Stage& stage)
      : four{kClient, kOther, {kServer1, kServer2}, {}}, six{kClient6, kOther6, {kServer61, kServer62}, {}} {
    for (Side* side : {&four, &six})
      for (int i = 0; i < 2; i++) side->host[i] = stage.add_host(port(side->far[i], 0));
  }
};

}  // namespace

PACKET_TEST(Chain, keeps_the_port_of_a_rule_for_many) {
  const Ends ends(site.stage);
  for (const Side& side : {ends.four, ends.six}) {
    (void)site.stage.add_rule({.to = side.vip, .ring = {side.host[0]}, .first = 2000, .last = 2999});
    for (const std::uint16_t number : std::vector<std::uint16_t>{2000, 2500, 2999})
      site.establish(side.client, port(side.vip, number), port(side.far[0], number));
    for (const std::uint16_t number : std::vector<std::uint16_t>{1999, 3000, 1, 65535})
      site.passes({.src = side.client, .dst = port(side.vip, number)});
  }
}
PACKET_TEST(Chain, shifts_the_ports_of_a_range) {
  const Ends ends(site.stage);
  for (const Side& side : {ends.four, ends.six}) {
    (void)site.stage.add_rule(
        {.to = side.vip, .ring = {side.host[0]}, .flags = HCD_RULE_SHIFT, .first = 2000, .last = 2999, .target = 8000});
    for (const std::uint16_t number : std::vector<std::uint16_t>{2000, 2001, 2999})
      site.establish(side.client, port(side.vip, number), port(side.far[0], static_cast<std::uint16_t>(number + 6000)));
  }
}
// Two flows of one client's port to two ports of the range would be one to the server.
PACKET_TEST(Chain, sends_a_range_to_one_port_and_lets_no_two_flows_be_mistaken) {
  const Ends ends(site.stage);
  for (const Side& side : {ends.four, ends.six}) {
    (void)site.stage.add_rule(
        {.to = side.vip, .ring = {side.host[0], side.host[1]}, .first = 2000, .last = 2999, .target = 8080});
    site.establish(side.client, port(side.vip, 2000), port(side.far[0], 8080));
    site.establish(side.client, port(side.vip, 2001), port(side.far[1], 8080));
    site.drops({.src = side.client, .dst = port(side.vip, 2002)}, HCD_STATE_INSERT);
    site.answers({.src = port(side.far[0], 8080), .dst = side.client, .flags = kAck}, port(side.vip, 2000));
    site.answers({.src = port(side.far[1], 8080), .dst = side.client, .flags = kAck}, port(side.vip, 2001));
  }
}
// Of the whole 16 bits, each its own flow though the client's end and the rule are the same.
PACKET_TEST(Chain, serves_any_port_and_tells_a_clients_flows_apart_by_it) {
  const Ends ends(site.stage);
  for (const Side& side : {ends.four, ends.six}) {
    const std::uint32_t rule = site.stage.add_rule({.to = port(side.vip, 0), .ring = {side.host[0], side.host[1]}});
    const std::uint16_t numbers[] = {1, 22, 80, 65535};
    for (int i = 0; i < 4; i++)
      site.establish(side.client, port(side.vip, numbers[i]), port(side.far[i % 2], numbers[i]));
    for (int i = 0; i < 4; i++) {
      site.forwards({.src = side.client, .dst = port(side.vip, numbers[i]), .flags = kAck},
                    port(side.far[i % 2], numbers[i]));
      site.answers({.src = port(side.far[i % 2], numbers[i]), .dst = side.client, .flags = kAck},
                   port(side.vip, numbers[i]));
    }
    LONGS_EQUAL(4, site.stage.cursors[rule].states);
    site.passes({.src = port(side.far[0], 443), .dst = side.client, .flags = kAck});
  }
}
PACKET_TEST(Chain, has_a_rule_of_the_port_go_before_one_for_any) {
  const Ends ends(site.stage);
  for (const Side& side : {ends.four, ends.six}) {
    (void)site.stage.add_rule({.to = port(side.vip, 0), .ring = {side.host[0]}});
    const std::uint32_t exact = site.stage.add_rule({.to = side.vip, .ring = {side.host[1]}});
    site.forwards({.src = side.client, .dst = side.vip}, port(side.far[1], 80));
    site.forwards({.src = side.client, .dst = port(side.vip, 81)}, port(side.far[0], 81));
    site.stage.set_ring(exact, 0);
    site.forwards({.src = port(side.client, 40001), .dst = side.vip}, port(side.far[0], 80));
    site.forwards({.src = side.client, .dst = side.vip, .flags = kAck}, port(side.far[1], 80));
  }
}
PACKET_TEST(Chain, gives_each_interface_its_rule_of_one_endpoint) {
  const Ends ends(site.stage);
  for (const Side& side : {ends.four, ends.six}) {
    const std::uint32_t head = site.stage.add_rule({.to = side.vip, .ring = {side.host[0]}, .ifindex = 99});
    const std::uint32_t last =
        site.stage.add_rule({.to = side.vip, .ring = {side.host[1]}, .ifindex = 1, .after = head});
    site.forwards({.src = side.client, .dst = side.vip}, port(side.far[1], 80));
    site.stage.rules[last].ifindex = 98;
    site.passes({.src = port(side.client, 40001), .dst = side.vip});
    site.forwards({.src = side.client, .dst = side.vip, .flags = kAck}, port(side.far[1], 80));  // by its state
  }
}
PACKET_TEST(Chain, takes_the_first_rule_whose_source_the_client_is) {
  const Ends ends(site.stage);
  for (const Side& side : {ends.four, ends.six}) {
    const bool six = side.client.address.family == hcd::Family::Inet6;
    const std::uint32_t head =
        site.stage.add_rule({.to = side.vip, .ring = {side.host[0]}, .flags = HCD_RULE_FROM, .from = 3});
    (void)site.stage.add_rule(
        {.to = side.vip, .ring = {side.host[1]}, .flags = HCD_RULE_FROM_NOT, .from = 4, .after = head});
    site.stage.put_network(3, side.client.address, six ? 64 : 24);
    site.forwards({.src = side.client, .dst = side.vip}, port(side.far[0], 80));
    site.stage.put_network(3, side.client.address, six ? 128 : 32, true);  // an exception in the network
    site.forwards({.src = port(side.client, 40001), .dst = side.vip}, port(side.far[1], 80));
    site.stage.put_network(4, side.client.address, six ? 48 : 16);
    site.passes({.src = port(side.client, 40002), .dst = side.vip});
    site.passes({.src = port(side.client, 40002), .dst = side.vip, .flags = kAck});
  }
}
PACKET_TEST(Chain, goes_on_to_the_next_rule_where_one_is_out_of_force) {
  const Ends ends(site.stage);
  for (const Side& side : {ends.four, ends.six}) {
    const std::uint32_t head = site.stage.add_rule({.to = side.vip, .ring = {side.host[0]}});
    (void)site.stage.add_rule({.to = side.vip, .ring = {side.host[1]}, .after = head});
    site.establish(side.client, side.vip, port(side.far[0], 80));
    site.stage.set_ring(head, 0);
    site.forwards({.src = port(side.client, 40001), .dst = side.vip}, port(side.far[1], 80));
    site.forwards({.src = side.client, .dst = side.vip, .flags = kAck}, port(side.far[0], 80));
    site.answers({.src = port(side.far[0], 80), .dst = side.client, .flags = kAck}, side.vip);
  }
}
PACKET_TEST(Chain, ends_at_its_bound_whatever_userland_wrote) {
  const Ends ends(site.stage);
  for (const Side& side : {ends.four, ends.six}) {
    const std::uint32_t head = site.stage.add_rule({.to = side.vip, .ring = {side.host[0]}, .ifindex = 99});
    site.stage.rules[head].next = head;
    site.passes({.src = side.client, .dst = side.vip});
  }
}
PACKET_TEST(Chain, counts_an_evaluation_for_each_rule_that_a_new_flow_came_to) {
  const Ends ends(site.stage);
  const std::uint32_t head = site.stage.add_rule({.to = kOther, .ring = {ends.four.host[0]}, .ifindex = 99});
  const std::uint32_t last = site.stage.add_rule({.to = kOther, .ring = {ends.four.host[1]}, .after = head});
  site.forwards({.src = kClient, .dst = kOther}, port(kServer2, 80));
  site.forwards({.src = kClient, .dst = kOther}, port(kServer2, 80));
  LONGS_EQUAL(1, site.stage.rule_stats(head).evaluations);
  LONGS_EQUAL(1, site.stage.rule_stats(last).evaluations);
}
