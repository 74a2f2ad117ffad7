// A control server on real sockets, a backend that remembers what it was asked, and clients that say what a test wants.
// Include it last: it includes CppUTest.
#pragma once
#include <cstddef>

#include <sys/socket.h>
#include <sys/un.h>

#include "hcd/ctl/server.h"
#include "tests/hcd/ctl/pump.h"

#include <CppUTest/TestHarness.h>

namespace hcd::test {

using namespace hcd::ctl;

class FakeBackend final : public Backend {
 public:
  Snapshot snapshot(bool rows) override {
    snapshots++;
    if (rows) return state;
    Snapshot out;
    out.header = state.header;
    return out;
  }
  void look() override { looks++; }
  Look numbers(std::uint64_t since) override {
    Look out{.number = looks, .numbers = {.wall_ms = static_cast<std::int64_t>(since)}};
    out.numbers.hosts = moving;
    return out;
  }
  std::vector<HostChecks> evidence(std::uint8_t last) override {
    return {{.id = 3, .checks = std::vector<CheckPoint>(last)}};
  }
  std::vector<TableDurations> durations() override { return {{.id = 2, .counts = {1}, .sum_us = 70}}; }
  Beats take_beats() override { return std::exchange(beats, {}); }
  std::expected<Outcome, Answer> change(const Change& change, const Peer& peer) override {
    if (change.targets.empty()) return std::unexpected(Answer{Verdict::NotFound, "nothing of that name"});
    asked.push_back(change.targets.front().text + " by " + peer.text());
    return Outcome{.generation = 9, .dry_run = change.dry_run, .objects = changed};
  }
  Answer log(const Log&, const Peer&) override { return {}; }
  Answer stop(const Stop&, const Peer&) override { return {Verdict::Done, "stopping"}; }
  void reload(const Reload&, const Peer&, std::uint32_t ticket) override { tickets.push_back(ticket); }
  void confirm(const Confirm&, const Peer&, std::uint32_t ticket) override { tickets.push_back(ticket); }
  std::expected<Evidence, Answer> checks(const Checks& checks) override {
    if (checks.target == "nothing") return std::unexpected(Answer{Verdict::NotFound, "no host or table"});
    return remembered;
  }
  void check_now(const CheckNow& check, const Peer& peer, std::uint32_t ticket) override {
    asked.push_back("check " + check.target + " by " + peer.text());
    tickets.push_back(ticket);
  }

  Snapshot state;
  Evidence remembered;
  Beats beats;
  std::vector<HostNumbers> moving;
  std::vector<Changed> changed{{.id = 1}};
  std::uint64_t looks = 0;
  int snapshots = 0;
  std::vector<std::string> asked;
  std::vector<std::uint32_t> tickets;
};

inline sockaddr_un abstract_address(const std::string& name, socklen_t& size) {
  sockaddr_un out{};
  out.sun_family = AF_UNIX;
  name.copy(out.sun_path + 1, sizeof out.sun_path - 1);
  size = static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + 1 + name.size());
  return out;
}

// A client that says what a test wants, not what it should.
class Wire {
 public:
  explicit Wire(const std::string& name) : socket_(::socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0)) {
    socklen_t size = 0;
    const auto address = abstract_address(name, size);
    connected = ::connect(socket_.get(), reinterpret_cast<const sockaddr*>(&address), size) == 0;
  }
  explicit Wire(UniqueFd socket) : connected(true), socket_(std::move(socket)) {}
  void raw(std::string_view bytes) { (void)::send(socket_.get(), bytes.data(), bytes.size(), MSG_NOSIGNAL); }
  template <class T>
  void say(const T& message, std::uint32_t id = 1) {
    raw(ipc::encode_frame(static_cast<std::uint32_t>(T::kType), id, 0, ipc::encode(message)));
  }
  void read() {
    char bytes[65536];
    for (;;) {
      const ssize_t count = recv(socket_.get(), bytes, sizeof bytes, MSG_DONTWAIT);
      if (count == 0) closed = true;
      if (count <= 0) return;
      reader_.feed({bytes, static_cast<std::size_t>(count)});
    }
  }
  // The next frame's type, or none.
  std::optional<Type> next() {
    read();
    const auto more = reader_.next(frame);
    return more && *more ? std::optional(static_cast<Type>(frame.type)) : std::nullopt;
  }
  template <class T>
  std::optional<T> take() {
    return next() == T::kType ? ipc::decode<T>(frame.payload) : std::nullopt;
  }

  bool connected = false, closed = false;
  ipc::Frame frame;

 private:
  UniqueFd socket_;
  ipc::FrameReader reader_;
};

struct ServerFixture : Utest {
  test::FakeLoop loop;
  FakeBackend backend;
  Server server{loop, backend, {{geteuid(), "alice"}}};
  std::string name = "hcd-test-" + std::to_string(getpid());

  void setup() override {
    listen(name, false);
    listen(name + "-ro", true);
  }
  void listen(const std::string& at, bool read_only) {
    UniqueFd socket(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
    socklen_t size = 0;
    const auto address = abstract_address(at, size);
    CHECK_EQUAL(0, bind(socket.get(), reinterpret_cast<const sockaddr*>(&address), size));
    CHECK_EQUAL(0, ::listen(socket.get(), 1024));
    server.listen(std::move(socket), read_only);
  }
  Wire greeted(const std::string& at) {
    Wire wire(at);
    wire.say(Hello());
    pump(loop);
    CHECK(wire.take<Welcome>().has_value());
    return wire;
  }
  // What a client is told at the end, and that it is the end.
  std::string last_word(Wire& wire) {
    pump(loop);
    const auto answer = wire.take<Answer>();
    wire.read();
    CHECK(wire.closed);
    return answer ? answer->text : "nothing";
  }
  void many_hosts() {
    for (Id id = 0; id < 10000; id++)
      backend.state.hosts.push_back({.id = id, .name = "host" + std::to_string(id), .detail = std::string(100, 'x')});
  }
};

}  // namespace hcd::test
