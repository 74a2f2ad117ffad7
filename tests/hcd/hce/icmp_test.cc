#include "hcd/hce/icmp.h"

#include <vector>

#include <fcntl.h>
#include <linux/icmp.h>
#include <linux/if.h>
#include <sched.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "hcd/event/libevent_loop.h"
#include "hcd/hce/subject.h"
#include "tests/fake/needs.h"

#include <CppUTest/TestHarness.h>

using namespace hcd;
using namespace hcd::hce;
using namespace std::chrono_literals;

namespace {

// While it lives the thread is in a namespace whose loopback carries everything and answers no echo over IPv4.
class MuteNetwork {
 public:
  MuteNetwork() {
    CHECK(home_.get() >= 0);
    CHECK_EQUAL(0, unshare(CLONE_NEWNET));
    const UniqueFd any(socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0));
    ifreq link{.ifr_ifrn = {"lo"}, .ifr_ifru = {.ifru_flags = IFF_UP}};
    CHECK_EQUAL(0, ioctl(any.get(), SIOCSIFFLAGS, &link));
    const UniqueFd mute(::open("/proc/sys/net/ipv4/icmp_echo_ignore_all", O_WRONLY | O_CLOEXEC));
    CHECK_EQUAL(1, write(mute.get(), "1", 1));
  }
  ~MuteNetwork() { setns(home_.get(), CLONE_NEWNET); }
  MuteNetwork(const MuteNetwork&) = delete;
  MuteNetwork& operator=(const MuteNetwork&) = delete;

 private:
  UniqueFd home_{::open("/proc/thread-self/ns/net", O_RDONLY | O_CLOEXEC)};
};

}  // namespace

TEST_GROUP(Icmp) {
  hcd::event::LibeventLoop loop;
  std::vector<Probe*> answered;
  std::unique_ptr<hcd::event::Timer> give_up = loop.timer([this] { loop.stop(); });
  std::size_t expected = 1;

  std::unique_ptr<IcmpPool> open() {
    return std::make_unique<IcmpPool>(loop, open_icmp(), [this](Probe& probe) {
      answered.push_back(&probe);
      if (answered.size() == expected) loop.stop();
    });
  }
  void wait(Duration limit) {
    give_up->after(limit);
    loop.run();
  }
};

ROOT_TEST(Icmp, both_loopback_addresses_answer) {
  const auto pool = open();
  const Address v4 = *Address::parse("127.0.0.1"), v6 = *Address::parse("::1");
  const auto first = pool->make(), second = pool->make();
  expected = 2;
  CHECK(first->start(v4, {}) == Step::WaitRead);
  CHECK(second->start(v6, {}) == Step::WaitRead);
  wait(5s);
  CHECK_EQUAL(2U, answered.size());
  CHECK(first->ready() == Step::Done && first->verdict().reason == ipc::Reason::IcmpOk);
}

ROOT_TEST(Icmp, an_answer_finds_its_probe_among_many) {
  const auto pool = open();
  std::vector<std::unique_ptr<Probe>> probes;
  std::vector<Address> addresses;
  for (std::uint32_t i = 0; i < 1000; i++) addresses.push_back(Address::v4(htonl(0x7f010000 + i)));
  for (const auto& address : addresses) {
    probes.push_back(pool->make());
    CHECK(probes.back()->start(address, {}) == Step::WaitRead);
  }
  expected = 1000;
  wait(5s);
  CHECK_EQUAL(1000U, answered.size());
  for (std::size_t i = 0; i < probes.size(); i++) CHECK(answered[i] == probes[i].get());
}

ROOT_TEST(Icmp, an_answer_that_comes_after_the_end_is_dropped) {
  const auto pool = open();
  const Address v4 = *Address::parse("127.0.0.1");
  const auto probe = pool->make();
  CHECK(probe->start(v4, {}) == Step::WaitRead);
  probe->reset();
  wait(50ms);
  CHECK(answered.empty());
}

ROOT_TEST(Icmp, an_answer_from_another_address_or_with_another_cookie_does_not_count) {
  const MuteNetwork mute;
  const auto pool = open();
  const UniqueFd forger(socket(AF_INET, SOCK_RAW | SOCK_CLOEXEC, IPPROTO_ICMP));
  const UniqueFd tap(socket(AF_INET, SOCK_RAW | SOCK_CLOEXEC, IPPROTO_ICMP));
  const timeval limit{.tv_sec = 2, .tv_usec = 0};
  setsockopt(tap.get(), SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
  const Address elsewhere = *Address::parse("127.0.0.9"), here = *Address::parse("127.0.0.1");
  const auto probe = pool->make();
  CHECK(probe->start(here, {}) == Step::WaitRead);
  unsigned char packet[128];
  CHECK_EQUAL(44, recv(tap.get(), packet, sizeof packet, 0));  // our request: learn its identity
  probe->reset();
  CHECK(probe->start(elsewhere, {}) == Step::WaitRead);

  unsigned char* echo = packet + 20;  // a reply with the identity of the first: wrong address, old cookie
  echo[0] = 0;
  const unsigned sum = static_cast<unsigned>(echo[2] << 8 | echo[3]) + 0x0800;
  echo[2] = static_cast<unsigned char>(((sum & 0xffff) + (sum >> 16)) >> 8);
  echo[3] = static_cast<unsigned char>((sum & 0xffff) + (sum >> 16));
  sockaddr_storage to{};
  const socklen_t size = here.to_sockaddr(0, to);
  for (const std::size_t length : {24U, 23U, 8U, 1U})
    sendto(forger.get(), echo, length, 0, reinterpret_cast<const sockaddr*>(&to), size);
  wait(100ms);
  CHECK(answered.empty());
}

ROOT_TEST(Icmp, a_hosts_time_to_live_goes_with_its_own_request_alone) {
  const MuteNetwork network;
  const UniqueFd tap(socket(AF_INET, SOCK_RAW | SOCK_NONBLOCK | SOCK_CLOEXEC, IPPROTO_ICMP));
  const auto pool = open();
  const auto first = pool->make(), second = pool->make();
  const Plan plan;
  Subject near({.ttl = 7, .by_name = {}, .parent = {}}, plan);
  first->subject = &near;
  const Address self = *Address::parse("127.0.0.1");
  CHECK(first->start(self, plan) == Step::WaitRead);
  CHECK(second->start(self, plan) == Step::WaitRead);
  constexpr std::size_t kTtl = 8;  // its place in the header
  std::array<unsigned char, 128> one{}, two{};
  CHECK(recv(tap.get(), one.data(), one.size(), 0) > 20);
  CHECK(recv(tap.get(), two.data(), two.size(), 0) > 20);
  CHECK_EQUAL(7, one[kTtl]);
  CHECK_EQUAL(64, two[kTtl]);
}
