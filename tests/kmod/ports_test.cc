#include "kmod/ports.h"

#include <initializer_list>

#include <arpa/inet.h>

#include <CppUTest/TestHarness.h>

using namespace hcd::abi;

TEST_GROUP(Ports){};

namespace {

// Back and forth: the virtual port that a flow to this one is told to have by its host's packets.
int back(const hcd_endpoint& host, const hcd_rule& rule, std::uint16_t vport) {
  return ntohs(hcd_virtual_port(&host, &rule, hcd_host_port(&host, &rule, htons(vport))));
}

}  // namespace

TEST(Ports, one_port_is_told_by_any_of_its_hosts) {
  const hcd_endpoint host{.port = htons(8080)}, any{};
  const hcd_rule rule{.to = {.port = htons(80)}};
  LONGS_EQUAL(80, back(host, rule, 80));
  LONGS_EQUAL(80, back(any, rule, 80));
  LONGS_EQUAL(0, hcd_virtual_port(&host, &rule, htons(8081)));
}

TEST(Ports, those_of_a_range_are_told_apart_where_the_hosts_are) {
  const hcd_endpoint any{}, one{.port = htons(9000)};
  const hcd_rule same{.flags = HCD_RULE_PORTS, .first = 8000, .last = 8009};
  hcd_rule shifted = same;
  shifted.flags |= HCD_RULE_SHIFT;
  shifted.target = 100;
  hcd_rule joined = same;
  joined.target = 9000;
  for (const auto port : std::initializer_list<std::uint16_t>{8000, 8005, 8009}) {
    LONGS_EQUAL(port, back(any, same, port));
    LONGS_EQUAL(port, back(any, shifted, port));
    LONGS_EQUAL(0, back(any, joined, port));
    LONGS_EQUAL(0, back(one, joined, port));
  }
  for (const auto port : std::initializer_list<std::uint16_t>{7999, 8010}) LONGS_EQUAL(0, hcd_virtual_port(&any, &same, htons(port)));
  for (const auto port : std::initializer_list<std::uint16_t>{99, 110}) LONGS_EQUAL(0, hcd_virtual_port(&any, &shifted, htons(port)));
}

TEST(Ports, any_port_is_its_own) {
  const hcd_endpoint any{};
  const hcd_rule rule{};
  LONGS_EQUAL(4711, back(any, rule, 4711));
}
