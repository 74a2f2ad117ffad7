#include "hcd/parent/metrics_socket.h"

#include "hcd/event/listen.h"
#include "hcd/ipc/messages.h"
#include "tests/fake/fake_loop.h"

#include <CppUTest/TestHarness.h>

using namespace hcd;
using namespace hcd::parent;

namespace {

std::uint16_t port_of(const UniqueFd& socket) {
  sockaddr_in at{};
  socklen_t size = sizeof at;
  CHECK_EQUAL(0, getsockname(socket.get(), reinterpret_cast<sockaddr*>(&at), &size));
  return ntohs(at.sin_port);
}

conf::Endpoint at(const char* address, std::uint16_t port) {
  return {.address = *Address::parse(address), .port = port};
}

}  // namespace

TEST_GROUP(MetricsSocket) {
  std::vector<bool> needs;
  MetricsSocket sockets{[this](bool needed) { needs.push_back(needed); }};
  std::uint16_t port = port_of(*event::listen_tcp(*Address::parse("127.0.0.1"), 0));  // free

  static bool answers(const conf::Endpoint& where) {
    const UniqueFd client(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
    sockaddr_storage to{};
    const auto size = where.address.to_sockaddr(where.port, to);
    return connect(client.get(), reinterpret_cast<const sockaddr*>(&to), size) == 0;
  }
  void in_force(const MetricsSocket::Where& where) {
    CHECK(sockets.prepare(where).has_value());
    sockets.take(where);
  }
};

TEST(MetricsSocket, no_child_is_needed_where_nothing_is_configured) {
  in_force({});
  CHECK(needs.empty());
}

TEST(MetricsSocket, the_child_is_begun_and_ended_as_the_configuration_says) {
  in_force(at("127.0.0.1", port));
  CHECK(needs.back());
  CHECK(answers(at("127.0.0.1", port)));
  const auto before = needs.size();
  in_force(at("127.0.0.1", port));
  CHECK_EQUAL(before, needs.size());
  in_force({});
  CHECK(!needs.back());
  CHECK(!answers(at("127.0.0.1", port)));
}

TEST(MetricsSocket, one_that_moves_begins_anew_and_may_keep_its_port) {
  in_force(at("127.0.0.1", port));
  needs.clear();
  in_force(at("0.0.0.0", port));
  CHECK(needs == std::vector({false, true}));
  CHECK(answers(at("127.0.0.2", port)));
  in_force(at("127.0.0.1", port));
  CHECK(!answers(at("127.0.0.2", port)));
}

TEST(MetricsSocket, an_address_that_cannot_be_had_is_refused_and_the_former_one_stays) {
  in_force(at("127.0.0.1", port));
  needs.clear();
  const auto refused = sockets.prepare(at("192.0.2.77", port));
  STRCMP_EQUAL(
      ("metrics: listen on 192.0.2.77 port " + std::to_string(port) + ": Cannot assign requested address").c_str(),
      refused.error().text.c_str());
  const auto other = event::listen_tcp(*Address::parse("127.0.0.1"), 0);
  CHECK_EQUAL(EADDRINUSE, sockets.prepare(at("127.0.0.1", port_of(*other))).error().sys);
  CHECK(needs.empty());
  CHECK(answers(at("127.0.0.1", port)));
  CHECK(!event::listen_tcp(*Address::parse("127.0.0.1"), port).has_value());  // nobody else may share it
}

TEST(MetricsSocket, what_was_prepared_and_does_not_come_in_force_is_closed) {
  CHECK(sockets.prepare(at("127.0.0.1", port)).has_value());
  CHECK(answers(at("127.0.0.1", port)));
  sockets.forget();
  CHECK(!answers(at("127.0.0.1", port)));
}

TEST(MetricsSocket, the_child_gets_a_copy_of_it_whenever_it_is_new) {
  in_force(at("127.0.0.1", port));
  test::FakeLoop loop;
  auto pair = ipc::socket_pair();
  const int far = pair->second.get();
  std::vector<std::uint16_t> got;
  ipc::Channel parent(loop, std::move(pair->first),
                      {.message = [](const ipc::Message&) {}, .lost = [](const Error&) {}});
  ipc::Channel child(loop, std::move(pair->second),
                     {.message =
                          [&](const ipc::Message& message) {
                            CHECK(message.frame.type == static_cast<std::uint32_t>(ipc::Type::MetricsSocket));
                            for (const auto& fd : message.fds) got.push_back(port_of(fd));
                          },
                      .lost = [](const Error&) {}});
  for (int i = 0; i < 2; i++) CHECK(sockets.hand_over(parent).has_value());
  for (int i = 0; i < 2; i++) loop.ready(far, {.read = true});
  CHECK(got == std::vector({port, port}));
}
