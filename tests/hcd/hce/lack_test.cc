// What this machine lacks (a descriptor, a buffer, a port), whichever call of whichever check meets it, says nothing of the
// host.
#include "hcd/hce/icmp.h"
#include "tests/fake/loopback_server.h"
#include "tests/fake/refused_call.h"
#include "tests/hcd/hce/checking.h"

#include <CppUTest/TestHarness.h>

using namespace hcd;
using conf::CheckType;

TEST_GROUP(Lack){static conf::Check check_of(CheckType type){conf::Check check;
check.type = type;
if (type == CheckType::Tls) check.tls.emplace();
check.http.path = "/";
check.http.codes = {{200, 200}};
check.exchange.send = "PING";
check.exchange.expect = "PONG";
check.peer.name = type == CheckType::Dns ? "www.example.org" : "";
check.peer.query = type == CheckType::Dns ? 1 : 0;
return check;
}
// How a check ends where the call fails so: its server listens, and never answers.
static std::string told(CheckType type, const char* call, int error) {
  event::LibeventLoop servers;
  const test::LoopbackServer server(servers, [](int, const std::string&) { return true; });
  std::string out;
  const bool done = test::with_refused(call, error, [&] {
    test::Checking checking;
    out = checking.told(check_of(type), "127.0.0.1", server.port(), Seconds(4));
  });
  return done ? out : "no filter";
}
}
;

TEST(Lack, of_a_descriptor_a_buffer_or_a_port_when_it_begins) {
  for (const auto type :
       {CheckType::Tcp, CheckType::Tls, CheckType::HttpCode, CheckType::SendExpect, CheckType::Dns, CheckType::Grpc,
        CheckType::Redis, CheckType::Mysql, CheckType::Postgres, CheckType::Smtp, CheckType::Ldap}) {
    STRCMP_EQUAL("no resources (EMFILE)", told(type, "socket", EMFILE).c_str());
    STRCMP_EQUAL("no resources (ENFILE)", told(type, "socket", ENFILE).c_str());
    STRCMP_EQUAL("no resources (ENOBUFS)", told(type, "connect", ENOBUFS).c_str());
    STRCMP_EQUAL("no resources (EADDRNOTAVAIL)", told(type, "connect", EADDRNOTAVAIL).c_str());
    STRCMP_EQUAL("no resources (EAGAIN)", told(type, "connect", EAGAIN).c_str());
  }
}

TEST(Lack, of_a_buffer_when_it_speaks) {
  for (const auto type : {CheckType::HttpCode, CheckType::SendExpect, CheckType::Dns, CheckType::Grpc, CheckType::Redis,
                          CheckType::Postgres, CheckType::Ldap})
    STRCMP_EQUAL("no resources (ENOBUFS)", told(type, "sendto", ENOBUFS).c_str());
  STRCMP_EQUAL("no resources (ENOBUFS)", told(CheckType::Tls, "write", ENOBUFS).c_str());
}

TEST(Lack, of_memory_when_it_listens) {
  for (const auto type : {CheckType::SendExpect, CheckType::Grpc, CheckType::Redis, CheckType::Mysql,
                          CheckType::Postgres, CheckType::Smtp, CheckType::Ldap})
    STRCMP_EQUAL("no resources (ENOMEM)", told(type, "recvfrom", ENOMEM).c_str());
}

TEST(Lack, of_a_buffer_for_an_echo) {
  event::LibeventLoop loop;
  hce::IcmpSockets sockets;
  sockets.v4.reset(socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0));
  hce::IcmpPool pool(loop, std::move(sockets), [](hce::Probe&) {});
  const auto probe = pool.make();
  const auto address = *Address::parse("127.0.0.1");
  const hce::Plan plan;
  for (const int error : {ENOBUFS, EADDRNOTAVAIL, ENOMEM}) {
    CHECK(test::with_refused("sendmsg", error, [&] { CHECK(probe->start(address, plan) == hce::Step::Done); }));
    CHECK(probe->verdict() == hce::failed_call(ipc::Reason::IcmpWriteTimeout, error));
    CHECK(probe->verdict().reason == ipc::Reason::NoResources);
  }
}
