// A steady load of checks allocates nothing.
#include <thread>

#include <poll.h>

#include "hcd/event/libevent_loop.h"
#include "hcd/hce/runner.h"
#include "tests/fake/allocations.h"

#include <CppUTest/TestHarness.h>

using namespace hcd;
using namespace hcd::hce;
using namespace std::chrono_literals;

namespace {

// Answers each connection's first bytes, in a thread of its own, whose allocations are not the test's.
class Answerer {
 public:
  explicit Answerer(std::string_view answer) : answer_(answer) {
    const sockaddr_in any{.sin_family = AF_INET, .sin_port = 0, .sin_addr = {htonl(INADDR_LOOPBACK)}, .sin_zero = {}};
    listener_.reset(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
    bind(listener_.get(), reinterpret_cast<const sockaddr*>(&any), sizeof any);
    listen(listener_.get(), 4096);
    thread_ = std::thread([this] { run(); });
  }
  ~Answerer() {
    shutdown(listener_.get(), SHUT_RDWR);
    thread_.join();
  }
  Answerer(const Answerer&) = delete;
  Answerer& operator=(const Answerer&) = delete;
  [[nodiscard]] std::uint16_t port() const {
    sockaddr_in at{};
    socklen_t size = sizeof at;
    getsockname(listener_.get(), reinterpret_cast<sockaddr*>(&at), &size);
    return ntohs(at.sin_port);
  }

 private:
  void run() {
    while (true) {
      const UniqueFd connection(accept4(listener_.get(), nullptr, nullptr, SOCK_CLOEXEC));
      if (!connection) return;
      char request[1024];
      if (recv(connection.get(), request, sizeof request, 0) > 0)
        (void)send(connection.get(), answer_.data(), answer_.size(), MSG_NOSIGNAL);
    }
  }
  std::string_view answer_;
  UniqueFd listener_;
  std::thread thread_;
};

}  // namespace

TEST_GROUP(Steady) {
  hcd::event::LibeventLoop loop;

  // Checks of 40 hosts, counted by the thousand, the first aside: the least of any thousand. More than before may run side
  // by side in one of them, which then makes probes that are used from then on; in ten thousand that has an end.
  std::size_t allocations_of(conf::Check how, std::uint16_t port) {
    constexpr std::size_t kCount = 1000, kMost = 10 * kCount;
    std::size_t done = 0, passed = 0, least = kMost;
    auto give_up = loop.timer([this] { loop.stop(); });
    Runner runner(loop, {}, {.running = 8, .burst = 64}, [&](Subject&, const Verdict& verdict, Duration) {
      passed += verdict.outcome == Outcome::Passed ? 1 : 0;
      if (++done % kCount != 0) return;
      if (done > kCount) least = std::min(least, test::counted_allocations());
      if (least == 0 || done == kMost) return loop.stop();
      test::count_allocations();
    });
    conf::Table table;
    table.name = "t";
    table.port = port;
    table.check = std::move(how);
    table.timeout = 2s;
    table.interval = 30ms;
    const Plan plan = *make_plan(table);
    std::vector<std::unique_ptr<Subject>> subjects;
    for (conf::Id id = 1; id <= 40; id++) {
      conf::Host host;
      host.id = id;
      host.address = *Address::parse("127.0.0.1");
      subjects.push_back(std::make_unique<Subject>(host, plan));
      runner.watch(*subjects.back());
    }
    give_up->after(30s);
    loop.run();
    for (auto& subject : subjects) runner.forget(*subject);
    CHECK(done >= 2 * kCount);
    CHECK(passed > done * 9 / 10);
    return least;
  }
};

TEST(Steady, what_is_allocated_is_counted) {
  test::count_allocations();
  const auto some = std::make_unique<std::string>(100, 'x');
  CHECK(test::counted_allocations() >= 2);
}

TEST(Steady, tcp_checks_allocate_nothing) {
  const Answerer server("");
  conf::Check how;
  how.type = conf::CheckType::Tcp;
  const std::size_t least = allocations_of(how, server.port());
  CHECK_EQUAL(0, least);
}

TEST(Steady, http_checks_allocate_nothing) {
  const Answerer server("HTTP/1.1 200 OK\r\nServer: one\r\nContent-Length: 2\r\n\r\nok");
  conf::Check how;
  how.type = conf::CheckType::HttpCode;
  how.http.path = "/";
  how.http.method = conf::HttpMethod::Get;
  how.http.codes = {{200, 200}};
  const std::size_t least = allocations_of(how, server.port());
  CHECK_EQUAL(0, least);
}

TEST(Steady, send_and_expect_allocates_nothing) {
  const Answerer server("+PONG\r\n");
  conf::Check how;
  how.type = conf::CheckType::SendExpect;
  how.exchange.send = "PING\r\n";
  how.exchange.expect = "+PONG*";
  const std::size_t least = allocations_of(how, server.port());
  CHECK_EQUAL(0, least);
}
