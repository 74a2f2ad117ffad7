#include "hcd/conf/resolver.h"

#include <CppUTest/TestHarness.h>

using namespace hcd;
using namespace hcd::conf;

TEST_GROUP(SystemResolver) {
  SystemResolver resolver;
};

TEST(SystemResolver, a_port_is_known_by_its_name) {
  CHECK(resolver.port("http") == 80);
  CHECK(resolver.port("https") == 443);
}

TEST(SystemResolver, an_unknown_port_name_gives_nothing) {
  CHECK(!resolver.port("no-such-service"));
}

TEST(SystemResolver, localhost_has_its_addresses_in_order) {
  const auto found = resolver.addresses("localhost");
  CHECK(found.has_value());
  for (std::size_t i = 1; i < found->size(); i++) CHECK((*found)[i - 1] < (*found)[i]);
}

TEST(SystemResolver, a_name_that_cannot_exist_is_refused_with_a_sentence) {
  const auto found = resolver.addresses("no..name");
  CHECK(!found.has_value());
  STRCMP_CONTAINS("cannot resolve 'no..name': ", found.error().text.c_str());
}
