#include "hcd/metrics/metrics.h"

#include <poll.h>

#include "hcd/event/listen.h"
#include "hcd/ipc/messages.h"
#include "hcd/proc/role.h"

#include <CppUTest/TestHarness.h>

using namespace hcd;
using metrics::Metrics;

TEST_GROUP(Metrics) {
  event::LibeventLoop loop;
  struct : Clock {
    TimePoint at{};
    [[nodiscard]] TimePoint now() const override { return at; }
    [[nodiscard]] std::chrono::system_clock::time_point wall() const override { return {}; }
  } clock;
  Metrics metrics{loop, clock};
  UniqueFd pfe;  // its end
  sockaddr_in served{};

  static ipc::Message message(ipc::Type type, std::string payload, UniqueFd fd) {
    ipc::Message out{.frame = {.type = static_cast<std::uint32_t>(type), .payload = std::move(payload)}, .fds = {}};
    if (fd) out.fds.push_back(std::move(fd));
    return out;
  }
  ipc::Message socket_message() {
    auto socket = event::listen_tcp(*Address::parse("127.0.0.1"), 0);
    socklen_t size = sizeof served;
    CHECK_EQUAL(0, getsockname(socket->get(), reinterpret_cast<sockaddr*>(&served), &size));
    return message(ipc::Type::MetricsSocket, {}, std::move(*socket));
  }
  ipc::Message peer_message(proc::Role role) {
    auto pair = ipc::socket_pair();
    pfe = std::move(pair->first);
    return message(ipc::Type::PeerChannel, ipc::encode(ipc::PeerChannel{static_cast<std::uint8_t>(role)}),
                   std::move(pair->second));
  }
  template <class T>
  void pfe_says(const T& part, std::uint32_t request) {
    const auto bytes = ipc::encode_frame(static_cast<std::uint32_t>(T::kType), request, 0, ipc::encode(part));
    CHECK_EQUAL(static_cast<ssize_t>(bytes.size()), write(pfe.get(), bytes.data(), bytes.size()));
  }
  // What is answered to a GET.
  std::string get(const std::string& path) {
    const UniqueFd client(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
    CHECK_EQUAL(0, connect(client.get(), reinterpret_cast<const sockaddr*>(&served), sizeof served));
    const std::string request = "GET " + path + " HTTP/1.0\r\n\r\n";
    CHECK_EQUAL(static_cast<ssize_t>(request.size()), write(client.get(), request.data(), request.size()));
    std::string out;
    for (ssize_t count = -1; count != 0;) {  // until it closes
      event_base_loop(loop.base(), EVLOOP_NONBLOCK);
      char bytes[4096];
      count = recv(client.get(), bytes, sizeof bytes, MSG_DONTWAIT);
      if (count > 0) out.append(bytes, static_cast<std::size_t>(count));
    }
    return out;
  }
};

TEST(Metrics, what_pfe_tells_is_served) {
  CHECK(metrics.on_parent(socket_message()).has_value());
  CHECK(metrics.on_parent(peer_message(proc::Role::Pfe)).has_value());
  pfe_says(ctl::Welcome{}, 1);
  pfe_says(ctl::Begin{.header = {.version = "9.9"}}, 2);
  pfe_says(ctl::End{}, 2);
  const auto page = get("/metrics");
  STRCMP_CONTAINS("HTTP/1.0 200 OK", page.c_str());
  STRCMP_CONTAINS("\nhcd_up 1\n", page.c_str());
  STRCMP_CONTAINS("version=\"9.9\"", page.c_str());
}

TEST(Metrics, while_pfe_is_not_there_it_says_so_and_a_new_one_is_asked) {
  CHECK(metrics.on_parent(socket_message()).has_value());
  STRCMP_CONTAINS("\nhcd_up 0\n", get("/metrics").c_str());
  CHECK(metrics.on_parent(peer_message(proc::Role::Pfe)).has_value());
  pfe.reset();  // it has ended
  clock.at += Seconds(1);
  STRCMP_CONTAINS("\nhcd_up 0\n", get("/metrics").c_str());
  CHECK(metrics.on_parent(peer_message(proc::Role::Pfe)).has_value());
  pfe_says(ctl::Welcome{}, 1);
  pfe_says(ctl::Begin{}, 2);
  pfe_says(ctl::End{}, 2);
  clock.at += Seconds(1);
  STRCMP_CONTAINS("\nhcd_up 1\n", get("/metrics").c_str());
}

TEST(Metrics, the_parent_is_taken_at_its_word_only) {
  CHECK(!metrics.on_parent(message(ipc::Type::MetricsSocket, {}, {})).has_value());
  CHECK(metrics.on_parent(socket_message()).has_value());
  CHECK(!metrics.on_parent(socket_message()).has_value());
  CHECK(!metrics.on_parent(peer_message(proc::Role::Hce)).has_value());
  CHECK(!metrics.on_parent(message(ipc::Type::PeerChannel, {}, {})).has_value());
  CHECK(!metrics.on_parent(message(ipc::Type::ConfigEnd, {}, {})).has_value());
}
