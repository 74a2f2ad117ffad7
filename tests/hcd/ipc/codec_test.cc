#include "hcd/ipc/codec.h"

#include "hcd/ipc/messages.h"

#include <CppUTest/TestHarness.h>

using namespace hcd;
using namespace hcd::ipc;

namespace {

HostStatus sample() {
  return {.host = 7,
          .generation = 3,
          .state = HostState::Down,
          .reason = Reason::TcpConnectFailed,
          .detail = "ECONNREFUSED",
          .latency = Milliseconds(2),
          .up = 9,
          .total = 10,
          .retries = 1};
}

struct Lists {
  std::vector<std::string> names;
  std::optional<std::uint16_t> port;
  Address address;
  void fields(auto& f) { f(names, port, address); }
};

}  // namespace

TEST_GROUP(Codec){};

TEST(Codec, a_message_comes_back_as_it_was) {
  const auto back = decode<HostStatus>(encode(sample()));
  CHECK(back.has_value());
  CHECK_EQUAL(7U, back->host);
  CHECK(back->state == HostState::Down && back->reason == Reason::TcpConnectFailed && back->latency == Milliseconds(2));
  STRCMP_EQUAL("ECONNREFUSED", back->detail.c_str());
}

TEST(Codec, every_shorter_or_longer_form_is_refused) {
  const std::string bytes = encode(sample());
  for (std::size_t size = 0; size < bytes.size(); size++) CHECK(!decode<HostStatus>(bytes.substr(0, size)));
  CHECK(!decode<HostStatus>(bytes + "x"));
}

TEST(Codec, an_enumerator_out_of_range_is_refused) {
  std::string bytes = encode(sample());
  bytes[8] = 77;  // state, after two u32
  CHECK(!decode<HostStatus>(bytes));
}

TEST(Codec, lists_options_and_addresses_come_back) {
  const auto back = decode<Lists>(encode(Lists{{"a", "", "c"}, 80, *Address::parse("2001:db8::1")}));
  CHECK(back && back->names.size() == 3 && back->port == 80 && back->address == *Address::parse("2001:db8::1"));
}

TEST(Codec, a_lying_count_is_refused_without_allocating) {
  const std::uint32_t count = 0xffffffff;
  CHECK(!decode<Lists>(std::string(reinterpret_cast<const char*>(&count), sizeof count)));
}
