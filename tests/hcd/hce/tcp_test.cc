#include "hcd/hce/tcp.h"

#include <sys/resource.h>

#include "fastpath/base/unique_fd.h"
#include "hcd/hce/plan.h"
#include "hcd/hce/subject.h"

#include <CppUTest/TestHarness.h>

using namespace hcd;
using namespace hcd::hce;
using ipc::Reason;

namespace {

struct Listener {
  explicit Listener(const char* address) : at(*Address::parse(address)) {
    fd.reset(socket(at.af(), SOCK_STREAM | SOCK_CLOEXEC, 0));
    sockaddr_storage name;
    socklen_t size = at.to_sockaddr(0, name);
    bind(fd.get(), reinterpret_cast<sockaddr*>(&name), size);
    listen(fd.get(), 16);
    getsockname(fd.get(), reinterpret_cast<sockaddr*>(&name), &size);
    port = ntohs(at.af() == AF_INET ? reinterpret_cast<sockaddr_in&>(name).sin_port
                                    : reinterpret_cast<sockaddr_in6&>(name).sin6_port);
  }
  Address at;
  UniqueFd fd;
  std::uint16_t port = 0;
};

Plan plan_for(std::uint16_t port) {
  Plan plan;
  plan.port = port;
  plan.check.type = conf::CheckType::Tcp;
  return plan;
}

}  // namespace

TEST_GROUP(TcpProbe) {
  TcpProbe probe;

  Reason run(const Address& address, std::uint16_t port) {
    const Plan plan = plan_for(port);
    Step step = probe.start(address, plan);
    while (step != Step::Done) step = probe.ready();
    const Reason reason = probe.verdict().reason;
    probe.reset();
    return reason;
  }
};

TEST(TcpProbe, one_socket_serves_check_after_check_whatever_became_of_the_last) {
  const Listener server("127.0.0.1");
  const std::uint16_t closed = Listener("127.0.0.1").port;
  CHECK(run(server.at, server.port) == Reason::TcpConnectOk);
  const int socket = probe.fd();
  CHECK(socket >= 0);
  CHECK(run(server.at, closed) == Reason::TcpConnectFailed);
  CHECK(run(*Address::parse("127.9.9.9"), server.port) == Reason::TcpConnectFailed);
  CHECK(run(server.at, server.port) == Reason::TcpConnectOk);
  CHECK_EQUAL(socket, probe.fd());
}

TEST(TcpProbe, the_other_family_takes_another_socket) {
  const Listener four("127.0.0.1"), six("::1");
  probe.watched = true;
  CHECK(run(four.at, four.port) == Reason::TcpConnectOk);
  CHECK(run(six.at, six.port) == Reason::TcpConnectOk);
  CHECK_FALSE(probe.watched);
  CHECK(run(four.at, four.port) == Reason::TcpConnectOk);
}

TEST(TcpProbe, a_socket_that_is_shed_is_closed) {
  const Listener server("127.0.0.1");
  CHECK(run(server.at, server.port) == Reason::TcpConnectOk);
  probe.watched = true;
  probe.shed();
  CHECK_EQUAL(-1, probe.fd());
  CHECK_FALSE(probe.watched);
  CHECK(run(server.at, server.port) == Reason::TcpConnectOk);
}

TEST(TcpProbe, without_a_descriptor_nothing_is_said_of_the_host) {
  const Listener server("127.0.0.1");
  const Plan plan = plan_for(server.port);
  rlimit limit{};
  getrlimit(RLIMIT_NOFILE, &limit);
  const rlimit none{3, limit.rlim_max};
  setrlimit(RLIMIT_NOFILE, &none);
  const Step step = probe.start(server.at, plan);
  setrlimit(RLIMIT_NOFILE, &limit);
  CHECK(step == Step::Done);
  CHECK(probe.verdict().outcome == Outcome::Unrun);
  CHECK(probe.verdict().reason == Reason::NoResources);
  STRCMP_EQUAL("EMFILE", probe.verdict().detail.c_str());
  CHECK(run(server.at, server.port) == Reason::TcpConnectOk);
}

TEST(TcpProbe, a_hosts_time_to_live_is_its_own_on_a_socket_that_serves_many) {
  const auto hops = [this](int level, int option) {
    int value = 0;
    socklen_t size = sizeof value;
    CHECK_EQUAL(0, getsockopt(probe.fd(), level, option, &value, &size));
    return value;
  };
  const Listener v4("127.0.0.1"), v6("::1");
  const Plan plan = plan_for(v4.port);
  Subject near({.ttl = 3, .by_name = {}, .parent = {}}, plan), far({.by_name = {}, .parent = {}}, plan);
  probe.subject = &far;
  CHECK(run(v4.at, v4.port) == Reason::TcpConnectOk);
  const int usual = hops(IPPROTO_IP, IP_TTL);
  probe.subject = &near;
  CHECK(run(v4.at, v4.port) == Reason::TcpConnectOk);
  CHECK_EQUAL(3, hops(IPPROTO_IP, IP_TTL));
  probe.subject = &far;
  CHECK(run(v4.at, v4.port) == Reason::TcpConnectOk);
  CHECK_EQUAL(usual, hops(IPPROTO_IP, IP_TTL));
  probe.subject = &near;
  CHECK(run(v6.at, v6.port) == Reason::TcpConnectOk);
  CHECK_EQUAL(3, hops(IPPROTO_IPV6, IPV6_UNICAST_HOPS));
}
