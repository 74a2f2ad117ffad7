#include "hcd/parent/parent.h"

#include <csignal>

#include <sys/socket.h>

#include "hcd/event/listen.h"
#include "hcd/ipc/messages.h"
#include "hcd/parent/memory_datapath.h"
#include "tests/fake/fake_launcher.h"
#include "tests/fake/fake_loop.h"
#include "tests/fake/fake_spawner.h"
#include "tests/fake/memory_files.h"

#include <CppUTest/TestHarness.h>

using namespace hcd;
using namespace hcd::parent;
using ipc::Type;
using proc::Role;

namespace {

conf::Loaded simple() {
  conf::Loaded loaded;
  loaded.config.global.fastpath = conf::FastpathMode::None;
  conf::Table table;
  table.name = "web:80";
  loaded.config.tables.push_back(table);
  table = {.id = 1, .name = "job:80", .port = 80};
  table.check.type = conf::CheckType::Script;
  table.check.script.path = "/bin/check";
  table.hosts.push_back({.id = 10, .name = "a", .address = *Address::parse("10.0.0.1")});
  loaded.config.tables.push_back(table);
  return loaded;
}

}  // namespace

TEST_GROUP(Parent) {
  char directory[24] = "/tmp/hcd-parent-XXXXXX";
  test::FakeLoop loop;
  test::FakeSpawner spawner;
  MemoryDatapath datapath;
  test::FakeLauncher launcher;
  MemoryFiles files;
  Options options;
  bool up = false;
  std::uint32_t generation = 1;
  std::unique_ptr<Parent> parent;

  void setup() override {
    CHECK(mkdtemp(directory) != nullptr);
    options.name = "hcd";
    options.config = std::string(directory) + "/hcd.conf";
    options.socket = std::string(directory) + "/hcd.sock";
    options.state_directory = std::string(directory) + "/state";
    parent = std::make_unique<Parent>(loop, options,
                                      Parent::Needs{.spawner = spawner,
                                                    .datapath = datapath,
                                                    .launcher = launcher,
                                                    .files = files,
                                                    .interface_index = [](const std::string&) { return 7U; },
                                                    .in_force = [this] { up = true; }});
    CHECK(parent->start(simple()).has_value());
  }
  void teardown() override {
    parent.reset();
    unlink((options.state_directory + "/overrides").c_str());
    rmdir(options.state_directory.c_str());
    CHECK_EQUAL(0, rmdir(directory));
  }

  template <class T>
  void say(Role role, const T& message, std::uint32_t id = 0) {
    auto& child = spawner.last(role);
    const auto bytes = ipc::encode_frame(static_cast<std::uint32_t>(T::kType), id, 0, ipc::encode(message));
    CHECK_EQUAL(static_cast<ssize_t>(bytes.size()), write(child.channel.get(), bytes.data(), bytes.size()));
    loop.ready(child.near, {.read = true});
  }
  std::vector<ipc::Frame> told(Role role) {
    char bytes[65536];
    ipc::FrameReader reader;
    for (ssize_t n; (n = recv(spawner.last(role).channel.get(), bytes, sizeof bytes, MSG_DONTWAIT)) > 0;)
      reader.feed({bytes, static_cast<std::size_t>(n)});
    std::vector<ipc::Frame> frames;
    for (ipc::Frame frame; *reader.next(frame);) frames.push_back(frame);
    return frames;
  }
  static std::size_t count(const std::vector<ipc::Frame>& frames, Type type) {
    return static_cast<std::size_t>(std::ranges::count(frames, static_cast<std::uint32_t>(type), &ipc::Frame::type));
  }
  static std::uint16_t free_port() {
    sockaddr_in at{};
    socklen_t size = sizeof at;
    const auto socket = event::listen_tcp(*Address::parse("127.0.0.1"), 0);
    CHECK_EQUAL(0, getsockname(socket->get(), reinterpret_cast<sockaddr*>(&at), &size));
    return ntohs(at.sin_port);
  }
  void begin() {
    say(Role::Hce, ipc::Ready{1});
    say(Role::Pfe, ipc::Ready{2});
    say(Role::Pfe, ipc::ConfigApplied{1, {}});
  }
};

TEST(Parent, it_is_up_when_the_engine_has_confirmed_the_first_configuration) {
  say(Role::Hce, ipc::Ready{1});
  say(Role::Pfe, ipc::Ready{2});
  CHECK(!up);
  say(Role::Pfe, ipc::ConfigApplied{1, {}});
  CHECK(up);
  const auto frames = told(Role::Pfe);
  CHECK_EQUAL(static_cast<std::uint32_t>(Type::EngineMaps), frames.front().type);
  for (const auto type : {Type::ControlSockets, Type::ConfigBegin, Type::ConfigTable, Type::ConfigEnd})
    CHECK_EQUAL(type == Type::ConfigTable ? 2U : 1U, count(frames, type));
}

TEST(Parent, a_first_configuration_that_the_engine_refuses_ends_the_daemon) {
  say(Role::Hce, ipc::Ready{1});
  say(Role::Pfe, ipc::Ready{2});
  say(Role::Pfe, ipc::ConfigApplied{1, "no room"});
  CHECK(parent->failed());
  CHECK_EQUAL(1U, count(told(Role::Hce), Type::Shutdown));
}

TEST(Parent, a_child_that_cannot_start_ends_the_daemon_and_later_is_only_restarted) {
  loop.ready(spawner.last(Role::Hce).pidfd, {.read = true});
  CHECK(parent->failed());
}

TEST(Parent, what_is_parked_goes_to_a_restarted_pfe_and_no_more_when_it_is_taken_back) {
  begin();
  say(Role::Pfe, ipc::Park{"host a", "disabled"});
  say(Role::Pfe, ipc::Park{"host b", "disabled"});
  say(Role::Pfe, ipc::Park{"host b", {}});
  loop.ready(spawner.last(Role::Pfe).pidfd, {.read = true});
  loop.advance(Milliseconds(100));
  say(Role::Pfe, ipc::Ready{3});
  CHECK(!parent->failed());
  const auto frames = told(Role::Pfe);
  CHECK_EQUAL(1U, count(frames, Type::Park));
  CHECK_EQUAL(1U, count(frames, Type::ConfigEnd));
}

TEST(Parent, what_one_process_may_say_another_may_not) {
  begin();
  say(Role::Hce, ipc::StopRequest{.uid = 0, .unload = true});
  CHECK(spawner.last(Role::Hce).killed);
  CHECK_EQUAL(0U, count(told(Role::Pfe), Type::Shutdown));
}

TEST(Parent, scripts_are_run_for_hce_alone_and_end_with_it_and_with_the_daemon) {
  begin();
  say(Role::Hce, ipc::ScriptRun{.run = 7, .host = 10});
  CHECK_EQUAL(1U, launcher.programs.size());
  STRCMP_EQUAL("/bin/check", launcher.programs[0].options.path.c_str());
  launcher.ends(loop, 0, 3);
  const auto frames = told(Role::Hce);
  const auto result = ipc::decode<ipc::ScriptResult>(frames.back().payload);
  CHECK(result->run == 7 && result->end == ipc::ScriptEnd::Exited && result->value == 3);
  say(Role::Hce, ipc::ScriptRun{.run = 8, .host = 10});
  loop.ready(spawner.last(Role::Hce).pidfd, {.read = true});
  CHECK(launcher.programs[1].killed);
  say(Role::Pfe, ipc::ScriptRun{.run = 9, .host = 10});
  CHECK(spawner.last(Role::Pfe).killed);
  CHECK_EQUAL(2U, launcher.programs.size());
}

TEST(Parent, a_run_that_is_asked_for_under_a_number_in_use_ends_hce) {
  begin();
  say(Role::Hce, ipc::ScriptRun{.run = 7, .host = 10});
  say(Role::Hce, ipc::ScriptRun{.run = 7, .host = 10});
  CHECK(spawner.last(Role::Hce).killed);
}

TEST(Parent, no_script_begins_when_the_daemon_ends) {
  begin();
  say(Role::Hce, ipc::ScriptRun{.run = 7, .host = 10});
  parent->stop(false);
  CHECK(launcher.programs[0].killed);
  say(Role::Hce, ipc::ScriptRun{.run = 8, .host = 10});
  CHECK_EQUAL(1U, launcher.programs.size());
}

TEST(Parent, a_check_engine_that_lies_to_pfe_is_ended_and_not_the_other_way_round) {
  begin();
  say(Role::Pfe, ipc::Accuse{.why = "a malformed message"});
  CHECK(spawner.last(Role::Hce).killed);
  CHECK(!spawner.last(Role::Pfe).killed);
}

TEST(Parent, operators_load_files_beside_the_configuration_only) {
  begin();
  (void)told(Role::Pfe);
  say(Role::Pfe, ipc::ReloadRequest{"/etc/shadow"}, 5);
  const auto frames = told(Role::Pfe);
  CHECK_EQUAL(1U, count(frames, Type::ReloadResult));
  CHECK_EQUAL(5U, frames.back().id);
  const auto result = ipc::decode<ipc::ReloadResult>(frames.back().payload);
  CHECK(!result->ok);
  STRCMP_CONTAINS("only files in", result->text.c_str());
}

TEST(Parent, the_process_that_serves_metrics_is_there_while_they_are_configured_and_has_nothing_to_say) {
  begin();
  CHECK_EQUAL(0U, spawner.count(Role::Metrics));
  const auto reload_to = [this](const std::string& line) {
    files.files[options.config] = "fastpath none\n" + line;
    loop.ready(-SIGHUP, {});
    say(Role::Pfe, ipc::ConfigApplied{++generation, {}});
  };
  reload_to("metrics listen on 127.0.0.1 port " + std::to_string(free_port()) + "\n");
  CHECK_EQUAL(1U, spawner.count(Role::Metrics));
  (void)told(Role::Pfe);
  say(Role::Metrics, ipc::Ready{3});
  CHECK_EQUAL(1U, count(told(Role::Pfe), Type::PeerChannel));
  const auto frames = told(Role::Metrics);
  CHECK_EQUAL(2U, frames.size());
  CHECK_EQUAL(1U, count(frames, Type::MetricsSocket));
  CHECK_EQUAL(1U, count(frames, Type::PeerChannel));
  say(Role::Metrics, ipc::StopRequest{.uid = 0, .unload = true});
  CHECK(spawner.last(Role::Metrics).killed);
  loop.ready(spawner.last(Role::Metrics).pidfd, {.read = true});
  loop.advance(Milliseconds(100));
  CHECK_EQUAL(2U, spawner.count(Role::Metrics));
  say(Role::Metrics, ipc::Ready{4});
  reload_to("");
  CHECK_EQUAL(1U, count(told(Role::Metrics), Type::Shutdown));
}

TEST(Parent, a_reload_that_is_refused_is_told_until_one_is_not) {
  begin();
  (void)told(Role::Pfe);
  const auto last = [this] {
    bool refused = false;
    for (const auto& frame : told(Role::Pfe))
      if (frame.type == static_cast<std::uint32_t>(Type::Standing))
        refused = ipc::decode<ipc::Standing>(frame.payload)->refused;
    return refused;
  };
  files.files[options.config] = "nonsense\n";
  say(Role::Pfe, ipc::ReloadRequest{}, 5);
  CHECK(last());
  files.files[options.config] = "fastpath none\n";
  say(Role::Pfe, ipc::ReloadRequest{}, 6);
  say(Role::Pfe, ipc::ConfigApplied{2, {}});
  CHECK(!last());
}

TEST(Parent, a_stop_is_passed_on_with_what_becomes_of_the_rules) {
  begin();
  say(Role::Pfe, ipc::StopRequest{.uid = 0, .unload = true});
  for (const auto& frame : told(Role::Pfe))
    if (frame.type == static_cast<std::uint32_t>(Type::Shutdown))
      CHECK(ipc::decode<ipc::Shutdown>(frame.payload)->unload);
  for (const auto role : {Role::Hce, Role::Pfe}) loop.ready(spawner.last(role).pidfd, {.read = true});
  CHECK(loop.stopped());
  CHECK(!parent->failed());
}
