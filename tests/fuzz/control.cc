// The control server's reading of what clients send: any bytes, cut at any place, on either socket. It must neither fall
// nor keep a client that it could not understand, and a change must never come through the read-only socket.
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include <sys/socket.h>

#include "hcd/ctl/connection.h"
#include "tests/fake/fake_loop.h"

using namespace hcd;
using namespace hcd::ctl;

namespace {

struct Stage {
  test::FakeLoop loop;
  bool read_only = false, ended = false;
  Connection::Service service{
      .snapshot =
          [](bool) {
            Snapshot out;
            out.hosts.push_back({.id = 1, .name = "10.0.0.1"});
            return out;
          },
      .numbers = [](std::uint64_t) { return Look{.numbers = {.hosts = {{.id = 1}}}}; },
      .evidence = [](std::uint8_t last) { return std::vector<HostChecks>{{.checks = std::vector<CheckPoint>(last)}}; },
      .events = [](std::uint16_t last) { return std::vector<Event>(last); },
      .change = [this](const Change& change, const Peer&) -> std::expected<Outcome, Answer> {
        if (!change.dry_run) (void)changed();
        return Outcome{.dry_run = change.dry_run, .objects = std::vector<Changed>(change.targets.size())};
      },
      .stop = [this](const Stop&, const Peer&) { return changed(); },
      .log = [this](const Log&, const Peer&) { return changed(); },
      .checks = [](const Checks&) -> std::expected<Evidence, Answer> { return Evidence(); },
      .reload = [this](Connection&, const Reload&, std::uint32_t) { (void)changed(); },
      .confirm = [this](Connection&, const Confirm&, std::uint32_t) { (void)changed(); },
      .check_now = [this](Connection&, const CheckNow&, std::uint32_t) { (void)changed(); },
      .subscribed = [] {},
      .report = [](log::Level, const std::string&) {},
      .ended = [this](Connection&) { ended = true; }};
  [[nodiscard]] Answer changed() const {
    if (read_only) std::abort();
    return {};
  }
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);

// The first byte: bit 0 the read-only socket, bit 1 a greeting comes first, the rest how many bytes come at a time.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  Stage stage;
  stage.read_only = (data[0] & 1) != 0;
  auto pair = std::move(*ipc::socket_pair());
  const int fd = pair.first.get();
  Connection connection(stage.loop, std::move(pair.first), Peer{}, {.daemon = "hcd", .read_only = stage.read_only},
                        stage.service);
  std::string input;
  if ((data[0] & 2) != 0)
    input = ipc::encode_frame(static_cast<std::uint32_t>(Hello::kType), 1, 0, ipc::encode(Hello()));
  input.append(reinterpret_cast<const char*>(data) + 1, size - 1);
  const std::size_t step = 1 + (data[0] >> 2) * 64U;
  char drain[65536];
  for (std::size_t at = 0; at < input.size() && !stage.ended; at += step) {
    const std::string_view part = std::string_view(input).substr(at, step);
    (void)send(pair.second.get(), part.data(), part.size(), MSG_DONTWAIT | MSG_NOSIGNAL);
    stage.loop.ready(fd, {.read = true, .write = true});
    connection.publish(Type::Event, "event");
    if (connection.due(stage.loop.now())) connection.pulse(stage.loop.now());
    connection.tick();
    while (recv(pair.second.get(), drain, sizeof drain, MSG_DONTWAIT) > 0) {
    }
  }
  return 0;
}
