#include "hcd/hce/runner.h"

#include <cstring>
#include <map>

#include "hcd/event/libevent_loop.h"
#include "tests/fake/loopback_server.h"

#include <CppUTest/TestHarness.h>

using namespace hcd;
using namespace hcd::hce;
using namespace std::chrono_literals;
using ipc::Reason;

namespace {

conf::Check check(conf::CheckType type, bool tls = false) {
  conf::Check out;
  out.type = type;
  out.tls = tls;
  return out;
}

conf::Check http_code(std::uint16_t code, bool tls = false) {
  conf::Check out = check(conf::CheckType::HttpCode, tls);
  out.path = "/";
  out.code = code;
  return out;
}

}  // namespace

TEST_GROUP(Runner) {
  event::LibeventLoop loop;
  std::map<conf::Id, Verdict> verdicts;
  std::size_t expected = 0;
  std::unique_ptr<Runner> runner;
  std::vector<std::unique_ptr<Plan>> plans;
  std::vector<std::unique_ptr<Subject>> subjects;  // destroyed before the plans
  std::unique_ptr<event::Timer> give_up;

  void setup() {
    make({.running = 100, .burst = 64}, {});
  }
  void teardown() {
    for (auto& subject : subjects) runner->forget(*subject);
  }
  void make(Scheduler::Limits limits, IcmpSockets sockets) {
    runner = std::make_unique<Runner>(loop, std::move(sockets), limits, [this](Subject& s, const Verdict& v, Duration) {
      verdicts.try_emplace(s.id, v);
      if (verdicts.size() == expected) loop.stop();
    });
  }
  void add(conf::Check how, const char* address, std::uint16_t port, Milliseconds timeout = 200ms) {
    conf::Table table;
    table.name = "t";
    table.port = port;
    table.check = std::move(how);
    table.timeout = timeout;
    plans.push_back(std::make_unique<Plan>(*make_plan(table)));
    conf::Host host;
    host.id = static_cast<conf::Id>(subjects.size() + 1);
    host.name = address;
    host.address = *Address::parse(address);
    subjects.push_back(std::make_unique<Subject>(host, *plans.back()));
    runner->watch(*subjects.back());
  }
  void finish() {
    expected = subjects.size();
    give_up = loop.timer([this] { loop.stop(); });
    give_up->after(5s);
    loop.run();
    CHECK_EQUAL(expected, verdicts.size());
  }
  Reason reason(conf::Id id) {
    return verdicts[id].reason;
  }
};

TEST(Runner, tcp_to_a_listener_is_ok_and_to_a_closed_port_failed) {
  test::LoopbackServer server(loop, [](int, const std::string&) { return true; });
  std::uint16_t closed = 0;
  {
    closed = test::LoopbackServer(loop, [](int, const std::string&) { return true; }).port();
  }
  add(check(conf::CheckType::Tcp), "127.0.0.1", server.port());
  add(check(conf::CheckType::Tcp), "127.0.0.1", closed);
  finish();
  CHECK(reason(1) == Reason::TcpConnectOk);
  CHECK(reason(2) == Reason::TcpConnectFailed);
  STRCMP_EQUAL("ECONNREFUSED", verdicts[2].detail.c_str());
}

TEST(Runner, http_code_ok_and_mismatch) {
  std::string request;
  test::LoopbackServer server(loop, [&](int fd, const std::string& got) {
    request = got;
    return !got.ends_with("\r\n\r\n") || write(fd, "HTTP/1.0 200 OK\r\nServer: x\r\n\r\n", 30) < 0;
  });
  add(http_code(200), "127.0.0.1", server.port());
  add(http_code(201), "127.0.0.1", server.port());
  finish();
  CHECK(reason(1) == Reason::HttpCodeOk);
  CHECK_EQUAL(200, verdicts[1].code);
  CHECK(reason(2) == Reason::HttpCodeMismatch);
  STRCMP_CONTAINS("HEAD / HTTP/1.0\r\nUser-Agent: hcd/", request.c_str());
  STRCMP_CONTAINS("Connection: close\r\n\r\n", request.c_str());
}
