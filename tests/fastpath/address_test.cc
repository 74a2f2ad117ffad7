#include "fastpath/base/address.h"

#include <CppUTest/TestHarness.h>

using namespace hcd;

TEST_GROUP(Address){};

TEST(Address, text_round_trips_for_both_families) {
  for (const char* text : {"192.0.2.1", "0.0.0.0", "2001:db8::1", "::", "::ffff:192.0.2.1"}) {
    const auto address = Address::parse(text);
    CHECK(address.has_value());
    STRCMP_EQUAL(text, address->text().c_str());
  }
}

TEST(Address, refuses_what_is_not_numeric) {
  for (const char* text : {"", "localhost", "10.0.0", "10.0.0.256", "1.2.3.4.5", "fe80::1%eth0", ":::", "10.0.0.1 "})
    CHECK(!Address::parse(text));
  CHECK(!Address::parse(std::string(200, ':')));
  CHECK(!Address::parse(std::string("10.0.0.1\0x", 10)));
}

TEST(Address, orders_by_family_then_value) {
  CHECK(*Address::parse("9.0.0.1") < *Address::parse("10.0.0.1"));
  CHECK(*Address::parse("255.255.255.255") < *Address::parse("::"));
}

TEST(Address, sockaddr_round_trips) {
  sockaddr_storage storage{};
  const auto address = *Address::parse("2001:db8::7");
  CHECK_EQUAL(sizeof(sockaddr_in6), address.to_sockaddr(443, storage));
  CHECK(Address::from(reinterpret_cast<sockaddr*>(&storage)) == address);
  STRCMP_EQUAL("[2001:db8::7]:443", endpoint_text(address, 443).c_str());
}
