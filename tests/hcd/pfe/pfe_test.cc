#include "hcd/pfe/pfe.h"

#include <cstddef>

#include <sys/socket.h>
#include <sys/un.h>

#include "fastpath/memory/memory_engine.h"
#include "hcd/ctl/protocol.h"
#include "hcd/proc/role.h"
#include "tests/hcd/ctl/pump.h"
#include "tests/hcd/pfe/sample.h"

#include <CppUTest/TestHarness.h>

using namespace hcd;
using namespace hcd::pfe;

namespace {

// The other end of a channel of the process, which remembers what came.
struct Far {
  std::vector<ipc::Message> got;
  bool lost = false;
  ipc::Channel channel;
  Far(event::Loop& loop, UniqueFd socket)
      : channel(loop, std::move(socket),
                {.message = [this](ipc::Message m) { got.push_back(std::move(m)); },
                 .lost = [this](const Error&) { lost = true; }}) {}
  template <class T>
  std::vector<T> all() const {
    std::vector<T> out;
    for (const auto& message : got)
      if (message.frame.type == static_cast<std::uint32_t>(T::kType))
        out.push_back(*ipc::decode<T>(message.frame.payload));
    return out;
  }
};

}  // namespace

TEST_GROUP(Pfe) {
  test::FakeLoop loop;
  fastpath::MemoryEngine* engine = nullptr;
  Status verdict;  // of the engine on the next commits
  std::unique_ptr<Far> parent, hce;
  std::unique_ptr<ipc::Channel> channel;
  std::unique_ptr<Pfe> pfe;
  Status told;  // what the process said of the parent's messages

  void setup() override {
    auto pair = std::move(*ipc::socket_pair());
    parent = std::make_unique<Far>(loop, std::move(pair.first));
    channel = std::make_unique<ipc::Channel>(loop, std::move(pair.second),
                                             ipc::Channel::Handler{.message =
                                                                       [this](ipc::Message m) {
                                                                         if (told) told = pfe->on_parent(std::move(m));
                                                                       },
                                                                   .lost = [](const Error&) {}});
    pfe = std::make_unique<Pfe>(
        loop, *channel,
        Options{.make_engine = [this](std::string_view,
                                      std::vector<UniqueFd>) -> Result<std::unique_ptr<fastpath::Engine>> {
          auto made = std::make_unique<fastpath::MemoryEngine>([this](const auto&) { return verdict; });
          engine = made.get();
          return made;
        }});
  }
  void send(ipc::Type type, std::string_view payload, std::vector<UniqueFd> fds = {}) {
    parent->channel.send(static_cast<std::uint32_t>(type), 0, payload, std::move(fds));
    test::pump(loop);
  }
  void engine_comes() {
    send(ipc::Type::EngineMaps, "memory");
  }
  void hce_comes() {
    auto pair = std::move(*ipc::socket_pair());
    hce = std::make_unique<Far>(loop, std::move(pair.first));
    std::vector<UniqueFd> fds;
    fds.push_back(std::move(pair.second));
    send(ipc::Type::PeerChannel, ipc::encode(ipc::PeerChannel{static_cast<std::uint8_t>(proc::Role::Hce)}),
         std::move(fds));
  }
  void configure(const Incoming& incoming) {
    send(ipc::Type::ConfigBegin, ipc::encode(ipc::ConfigBegin{.generation = incoming.generation, .anchor = "hcd"}));
    for (const auto& table : incoming.tables) send(ipc::Type::ConfigTable, ipc::encode(table));
    for (const auto& service : incoming.services) send(ipc::Type::ConfigService, ipc::encode(service));
    send(ipc::Type::ConfigEnd, ipc::encode(ipc::ConfigEnd{incoming.generation}));
  }
  void start() {
    engine_comes();
    configure(test::sample());
    hce_comes();
  }
  void hce_says(const ipc::HostStatus& status) {
    hce->channel.send(status);
    test::pump(loop);
  }
  UniqueFd operator_connects() {
    const std::string name = "hcd-pfe-test-" + std::to_string(getpid());
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    name.copy(address.sun_path + 1, name.size());
    const auto size = static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + 1 + name.size());
    UniqueFd listening(socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
    CHECK_EQUAL(0, bind(listening.get(), reinterpret_cast<const sockaddr*>(&address), size));
    CHECK_EQUAL(0, listen(listening.get(), 8));
    UniqueFd client(socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
    CHECK_EQUAL(0, connect(client.get(), reinterpret_cast<const sockaddr*>(&address), size));
    std::vector<UniqueFd> fds;
    fds.push_back(std::move(listening));
    send(ipc::Type::ControlSockets, {}, std::move(fds));
    return client;
  }
  [[nodiscard]] std::string in_force() const {
    return test::addresses(engine->ruleset(), "hcd/www", "www");
  }
};

TEST(Pfe, a_configuration_is_put_in_force_and_the_parent_told) {
  start();
  const auto applied = parent->all<ipc::ConfigApplied>();
  CHECK_EQUAL(1U, applied.size());
  STRCMP_EQUAL("", applied[0].error.c_str());
  hce_says(test::result(0, ipc::HostState::Up));
  STRCMP_EQUAL("10.1.1.100", in_force().c_str());
  CHECK(told.has_value());
}

TEST(Pfe, what_the_engine_refuses_is_told_to_the_parent) {
  start();
  hce_says(test::result(0, ipc::HostState::Up));
  verdict = fail(Code::Limit, "no space left");
  auto edited = test::sample(2);
  edited.services[0].virtuals[0].port = 81;
  configure(edited);
  STRCMP_EQUAL("no space left", parent->all<ipc::ConfigApplied>().back().error.c_str());
  CHECK_EQUAL(2U, parent->all<ipc::ConfigApplied>().back().generation);
  CHECK(told.has_value());
}

TEST(Pfe, a_table_may_come_in_several_frames) {
  auto sample = test::sample();
  auto rest = sample.tables[0];
  rest.hosts = {test::host(7, "10.1.1.107")};
  sample.tables.insert(sample.tables.begin() + 1, rest);
  engine_comes();
  configure(sample);
  hce_comes();
  hce_says(test::result(7, ipc::HostState::Up));
  STRCMP_EQUAL("10.1.1.107", in_force().c_str());
}

TEST(Pfe, a_restarted_check_engine_is_told_the_last_states_and_traffic_stays) {
  start();
  hce_says(test::result(0, ipc::HostState::Up, 3, 4));
  hce.reset();
  test::pump(loop);
  STRCMP_EQUAL("10.1.1.100", in_force().c_str());
  hce_comes();
  const auto syncs = hce->all<ipc::HostSync>();
  CHECK_EQUAL(3U, syncs.size());
  CHECK(syncs[0].state == ipc::HostState::Up && syncs[0].total == 4);
}

TEST(Pfe, nonsense_from_the_check_engine_ends_its_channel_and_the_parent_is_told) {
  start();
  hce_says(test::result(0, ipc::HostState::Up));
  hce->channel.send(static_cast<std::uint32_t>(ipc::Type::HostStatus), 0, "nonsense");
  test::pump(loop);
  CHECK(hce->lost);
  CHECK_EQUAL(1U, parent->all<ipc::Accuse>().size());
  STRCMP_EQUAL("10.1.1.100", in_force().c_str());
  CHECK(told.has_value());
}

TEST(Pfe, an_operator_disables_a_host_hce_is_told_and_the_parent_keeps_it) {
  start();
  hce_says(test::result(0, ipc::HostState::Up));
  hce_says(test::result(1, ipc::HostState::Up));
  UniqueFd client = operator_connects();
  const auto say = [&](const auto& message) {
    const std::string frame = ipc::encode_frame(static_cast<std::uint32_t>(message.kType), 1, 0, ipc::encode(message));
    CHECK(write(client.get(), frame.data(), frame.size()) > 0);
    test::pump(loop);
  };
  say(ctl::Hello());
  say(ctl::Change{.kind = ctl::Kind::Host, .action = ctl::Action::Disable, .targets = {{.text = "10.1.1.100"}}});
  STRCMP_EQUAL("10.1.1.101", in_force().c_str());
  CHECK(hce->all<ipc::HostSwitch>().back().enabled == false);
  STRCMP_EQUAL("host webhosts/10.1.1.100", parent->all<ipc::Park>().back().key.c_str());
  say(ctl::Stop());
  CHECK_EQUAL(1U, parent->all<ipc::StopRequest>().size());
  say(ctl::Reload());
  CHECK_EQUAL(1U, parent->all<ipc::ReloadRequest>().size());
}

TEST(Pfe, a_parent_that_lies_is_an_error) {
  const auto lie = [this](ipc::Type type, std::string_view payload) {
    told = {};
    send(type, payload);
    return told.has_value() ? "believed" : told.error().text;
  };
  STRCMP_CONTAINS("before an engine", lie(ipc::Type::ConfigEnd, ipc::encode(ipc::ConfigEnd{1})).c_str());
  told = {};
  engine_comes();
  STRCMP_CONTAINS("malformed", lie(ipc::Type::ConfigBegin, "x").c_str());
  STRCMP_CONTAINS("not begun", lie(ipc::Type::ConfigEnd, ipc::encode(ipc::ConfigEnd{1})).c_str());
  STRCMP_CONTAINS("outside a configuration",
                  lie(ipc::Type::ConfigTable, ipc::encode(test::sample().tables[0])).c_str());
  STRCMP_CONTAINS("malformed", lie(ipc::Type::PeerChannel, ipc::encode(ipc::PeerChannel{1})).c_str());
  STRCMP_CONTAINS("unexpected", lie(ipc::Type::HostStatus, "").c_str());
  STRCMP_CONTAINS("second engine", lie(ipc::Type::EngineMaps, "").c_str());
}

TEST(Pfe, unload_removes_the_rules) {
  start();
  hce_says(test::result(0, ipc::HostState::Up));
  CHECK(pfe->unload().has_value());
  CHECK(engine->ruleset().empty());
}
