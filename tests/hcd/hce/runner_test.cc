#include "hcd/hce/runner.h"

#include <filesystem>
#include <map>

#include "fastpath/base/text.h"
#include "hcd/event/libevent_loop.h"
#include "tests/fake/loopback_server.h"
#include "tests/fake/needs.h"
#include "tests/fake/tls_server.h"

#include <CppUTest/TestHarness.h>

using namespace hcd;
using namespace hcd::hce;
using namespace std::chrono_literals;
using ipc::Reason;

namespace {

conf::Check check(conf::CheckType type, bool tls = false) {
  conf::Check out;
  out.type = type;
  if (tls) out.tls.emplace();
  return out;
}

conf::Check http_digest(std::string raw) {
  conf::Check out = check(conf::CheckType::HttpDigest);
  out.http.path = "/";
  out.http.digest_type = conf::DigestType::Sha1;
  out.http.digest = std::move(raw);
  return out;
}

bool say(int fd, std::string_view text) {
  return send(fd, text.data(), text.size(), MSG_NOSIGNAL) == static_cast<ssize_t>(text.size());
}

void reset_by(int fd) {
  const linger now{.l_onoff = 1, .l_linger = 0};
  setsockopt(fd, SOL_SOCKET, SO_LINGER, &now, sizeof now);
}

std::size_t open_descriptors() {
  const std::filesystem::directory_iterator all("/proc/self/fd");
  return static_cast<std::size_t>(std::distance(begin(all), end(all)));
}

conf::Check http_code(std::uint16_t code, bool tls = false) {
  conf::Check out = check(conf::CheckType::HttpCode, tls);
  out.http.path = "/";
  out.http.codes = {{code, code}};
  return out;
}

}  // namespace

TEST_GROUP(Runner) {
  hcd::event::LibeventLoop loop;
  std::map<conf::Id, Verdict> verdicts;
  std::size_t expected = 0;
  std::unique_ptr<Runner> runner;
  std::vector<std::unique_ptr<Plan>> plans;
  std::vector<std::unique_ptr<Subject>> subjects;  // destroyed before the plans
  std::unique_ptr<hcd::event::Timer> give_up;

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
  void add(conf::Check how, const char* address, std::uint16_t port, Milliseconds timeout = 200ms,
           Milliseconds interval = 10s) {
    conf::Table table;
    table.name = "t";
    table.port = port;
    table.check = std::move(how);
    table.timeout = timeout;
    table.interval = interval;
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

TEST(Runner, a_handshake_is_ok_failed_an_error_or_late) {
  test::TlsServer speaks({});
  test::LoopbackServer closes(loop, [](int, const std::string&) { return false; });
  test::LoopbackServer babbles(loop, [](int fd, const std::string&) { return say(fd, "220 not TLS\r\n"); });
  test::LoopbackServer silent(loop, [](int, const std::string&) { return true; });
  add(check(conf::CheckType::Tls, true), "127.0.0.1", speaks.port(), 2s);
  add(check(conf::CheckType::Tls, true), "127.0.0.1", closes.port());
  add(check(conf::CheckType::Tls, true), "127.0.0.1", babbles.port());
  add(check(conf::CheckType::Tls, true), "127.0.0.1", silent.port());
  finish();
  CHECK(reason(1) == Reason::TlsConnectOk);
  CHECK(reason(2) == Reason::TlsConnectFailed);
  CHECK(reason(3) == Reason::TlsConnectError);
  CHECK(reason(4) == Reason::TlsConnectTimeout);
}

TEST(Runner, what_is_sent_is_answered_as_expected_or_not) {
  test::LoopbackServer echo(loop, [](int fd, const std::string& got) { return say(fd, got); });
  conf::Check how = check(conf::CheckType::SendExpect);
  how.exchange.send = "PING\r\n";
  how.exchange.expect = "PING*";
  add(how, "127.0.0.1", echo.port());
  how.exchange.expect = "PONG*";
  add(how, "127.0.0.1", echo.port());
  how.exchange.expect = "*PONG";
  add(how, "127.0.0.1", echo.port());
  finish();
  CHECK(reason(1) == Reason::SendExpectOk);
  CHECK(reason(2) == Reason::SendExpectFailed);
  CHECK(reason(3) == Reason::TcpReadTimeout);
  STRCMP_EQUAL("got \"PING\\x0d\\x0a\"", verdicts[3].detail.c_str());
}

// The kernel has nothing more to tell of what TLS has taken from it already.
TEST(Runner, what_tls_holds_back_is_read_though_nothing_more_comes) {
  const std::size_t record = 16384;
  test::TlsServer server({.answer = std::string(100 + record - 3, 'x') + "END", .first = 100});
  conf::Check how = check(conf::CheckType::SendExpect, true);
  how.exchange.send = "go";
  how.exchange.expect = "*END";
  add(how, "127.0.0.1", server.port(), 2s);
  finish();
  STRCMP_EQUAL("send/expect ok", std::string(ipc::reason_text(reason(1))).c_str());
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

TEST(Runner, each_misbehaving_server_gets_its_reason_and_disturbs_no_other) {
  using test::LoopbackServer;
  LoopbackServer good(loop, [](int fd, const std::string&) { return say(fd, "HTTP/1.1 200 OK\r\n\r\n"); });
  LoopbackServer silent(loop, [](int, const std::string&) { return true; });
  LoopbackServer closing(loop, [](int, const std::string&) { return false; });
  LoopbackServer resetting(loop, [](int fd, const std::string&) { return reset_by(fd), false; });
  LoopbackServer garbage(loop, [](int fd, const std::string&) { return say(fd, "\x01\x02\x03\n"); });
  LoopbackServer half(loop, [](int fd, const std::string&) { return say(fd, "HTTP/1.1 200 OK\r\nA: "); });
  LoopbackServer endless(
      loop, [](int fd, const std::string&) { return say(fd, "HTTP/1.1 200 OK\r\n" + std::string(70000, 'x')); });
  const std::pair<LoopbackServer*, Reason> servers[] = {
      {&silent, Reason::TcpReadTimeout},   {&closing, Reason::HttpCodeMalformed},
      {&resetting, Reason::TcpReadFailed}, {&garbage, Reason::HttpCodeMalformed},
      {&half, Reason::TcpReadTimeout},     {&endless, Reason::HttpCodeMalformed},
      {&good, Reason::HttpCodeOk}};
  for (const auto& [server, reason] : servers) add(http_code(200), "127.0.0.1", server->port());
  finish();
  for (conf::Id id = 1; const auto& [server, expected_reason] : servers)
    STRCMP_EQUAL(std::string(ipc::reason_text(expected_reason)).c_str(),
                 std::string(ipc::reason_text(reason(id++))).c_str());
}

TEST(Runner, an_answer_byte_by_byte_passes) {
  std::vector<std::unique_ptr<hcd::event::Timer>> timers;
  test::LoopbackServer drip(loop, [&](int fd, const std::string&) {
    const std::string answer = "HTTP/1.1 200 OK\r\n\r\n";
    for (std::size_t i = 0; i < answer.size(); i++) {
      timers.push_back(loop.timer([fd, c = answer[i]] { say(fd, {&c, 1}); }));
      timers.back()->after(Milliseconds(i));
    }
    return true;
  });
  add(http_code(200), "127.0.0.1", drip.port(), 2000ms);
  finish();
  CHECK(reason(1) == Reason::HttpCodeOk);
}

TEST(Runner, a_digest_of_a_body_that_ends_with_the_connection) {
  test::LoopbackServer server(
      loop, [](int fd, const std::string&) { return say(fd, "HTTP/1.0 200 OK\r\n\r\nhello world") && false; });
  add(http_digest(*from_hex("2aae6c35c94fcfb415dbe95f408b9ce91ee846ed")), "127.0.0.1", server.port());
  add(http_digest(std::string(20, 'x')), "127.0.0.1", server.port());
  finish();
  CHECK(reason(1) == Reason::HttpDigestOk);
  CHECK(reason(2) == Reason::HttpDigestMismatch);
}

TEST(Runner, https_speaks_tls_and_names_the_host) {
  test::TlsServer server({.answer = "HTTP/1.1 200 OK\r\n\r\n"});
  conf::Check how = http_code(200, true);
  how.http.host = "www.example.org";
  add(how, "127.0.0.1", server.port(), 4000ms);
  finish();
  CHECK(reason(1) == Reason::HttpCodeOk);
  STRCMP_EQUAL("www.example.org", server.name().c_str());
}

TEST(Runner, a_handshake_ends_well_or_with_its_reason) {
  test::TlsServer server({});
  test::LoopbackServer silent(loop, [](int, const std::string&) { return true; });
  test::LoopbackServer plain(loop, [](int fd, const std::string&) { return say(fd, "HTTP/1.0 400 Bad\r\n\r\n"); });
  test::LoopbackServer resetting(loop, [](int fd, const std::string&) { return reset_by(fd), false; });
  const conf::Check how = check(conf::CheckType::Tls, true);
  add(how, "127.0.0.1", server.port(), 4000ms);
  add(how, "127.0.0.1", silent.port());
  add(how, "127.0.0.1", plain.port());
  add(how, "127.0.0.1", resetting.port());
  finish();
  CHECK(reason(1) == Reason::TlsConnectOk);
  CHECK(reason(2) == Reason::TlsConnectTimeout);
  CHECK(reason(3) == Reason::TlsConnectError);
  STRCMP_EQUAL("wrong version number", verdicts[3].detail.c_str());
  CHECK(reason(4) == Reason::TlsConnectFailed);
}

TEST(Runner, without_a_raw_socket_an_icmp_check_is_not_run) {
  add(check(conf::CheckType::Icmp), "127.0.0.1", 0);
  finish();
  CHECK(verdicts[1].outcome == Outcome::Unrun);
  CHECK(reason(1) == Reason::NoResources);
}

TEST(Runner, a_table_without_a_check_holds_its_hosts_for_up) {
  add(check(conf::CheckType::None), "192.0.2.1", 80);
  finish();
  CHECK(verdicts[1].outcome == Outcome::Passed);
}

TEST(Runner, hundreds_of_hosts_through_ten_places) {
  test::LoopbackServer server(loop, [](int, const std::string&) { return true; });
  make({.running = 10, .burst = 64}, {});
  for (int i = 0; i < 300; i++) add(check(conf::CheckType::Tcp), "127.0.0.1", server.port());
  finish();
  for (const auto& [id, verdict] : verdicts) CHECK(verdict.reason == Reason::TcpConnectOk);
}

TEST(Runner, a_tcp_check_does_not_wake_the_server) {
  test::LoopbackServer server(loop, [](int, const std::string&) { return true; });
  for (int i = 0; i < 5; i++) add(check(conf::CheckType::Tcp), "127.0.0.1", server.port());
  finish();
  CHECK(reason(5) == Reason::TcpConnectOk);
  CHECK_EQUAL(0, server.accepted());
}

TEST(Runner, a_server_that_is_to_speak_first_is_not_kept_waiting) {
  test::LoopbackServer server(loop, [](int, const std::string&) { return true; });
  conf::Check how = check(conf::CheckType::SendExpect);
  how.exchange.expect = "220*";
  add(how, "127.0.0.1", server.port(), 50ms);
  finish();
  CHECK(reason(1) == Reason::TcpReadTimeout);
  CHECK_EQUAL(1, server.accepted());
}

TEST(Runner, an_answer_in_time_is_told_also_by_a_socket_that_timed_out_before) {
  test::LoopbackServer silent(loop, [](int, const std::string&) { return true; });
  test::LoopbackServer good(loop, [](int fd, const std::string&) { return say(fd, "HTTP/1.1 200 OK\r\n\r\n"); });
  make({.running = 16, .burst = 64}, {});
  for (int i = 0; i < 40; i++) add(http_code(200), "127.0.0.1", i < 16 ? silent.port() : good.port(), 50ms);
  finish();
  for (const auto& [id, verdict] : verdicts)
    CHECK(verdict.reason == (id <= 16 ? Reason::TcpReadTimeout : Reason::HttpCodeOk));
}

TEST(Runner, of_many_sockets_a_few_are_kept) {
  test::LoopbackServer silent(loop, [](int, const std::string&) { return true; });
  make({.running = 80, .burst = 80}, {});
  const auto before = open_descriptors();
  for (int i = 0; i < 80; i++) add(http_code(200), "127.0.0.1", silent.port(), 50ms);
  finish();
  for (auto& subject : subjects) runner->forget(*subject);
  give_up->after(20ms);  // in which the server sees that its connections are gone
  loop.run();
  CHECK_EQUAL(before + 10, open_descriptors());
}

TEST(Runner, a_check_that_had_to_wait_for_its_start_has_its_whole_timeout) {
  test::LoopbackServer silent(loop, [](int, const std::string&) { return true; });
  make({.running = 1, .burst = 64}, {});
  for (int i = 0; i < 2; i++) add(http_code(200), "127.0.0.1", silent.port(), 80ms, 120ms);
  finish();
  CHECK(reason(1) == Reason::TcpReadTimeout);
  CHECK(reason(2) == Reason::TcpReadTimeout);
}

ROOT_TEST(Runner, icmp_checks_share_one_socket_of_each_family) {
  make({.running = 100, .burst = 64}, open_icmp());
  const auto before = open_descriptors();
  for (int i = 0; i < 50; i++) add(check(conf::CheckType::Icmp), i % 2 == 0 ? "127.0.0.1" : "::1", 0);
  finish();
  for (const auto& [id, verdict] : verdicts) CHECK(verdict.reason == Reason::IcmpOk);
  CHECK_EQUAL(before, open_descriptors());
}
