#include "hcd/hce/hce.h"

#include "hcd/conf/config.h"
#include "hcd/hce/report.h"
#include "hcd/hce/teller.h"
#include "hcd/ipc/messages.h"
#include "hcd/proc/role.h"
#include "tests/fake/fake_loop.h"
#include "tests/fake/refused_call.h"

#include <CppUTest/TestHarness.h>

using namespace hcd;
using namespace hcd::hce;
using namespace std::chrono_literals;

namespace {

ipc::Message message(ipc::Type type, std::string payload) {
  ipc::Message out;
  out.frame.type = static_cast<std::uint32_t>(type);
  out.frame.payload = std::move(payload);
  return out;
}

template <class T>
ipc::Message message(const T& content) {
  return message(T::kType, ipc::encode(content));
}

}  // namespace

TEST_GROUP(Hce) {
  test::FakeLoop loop;
  Hce engine{loop, {}};
  std::vector<ipc::HostStatus> told;
  std::vector<ipc::CheckResult> more;  // like what was told before
  UniqueFd far;

  conf::Judgement judgement;
  conf::Check check;
  conf::Pace pace;
  bool with_child = false;

  void load(std::uint32_t generation) {
    conf::Table table;
    table.id = 1;
    table.judgement = judgement;
    table.pace = pace;
    table.name = "webhosts:80";
    table.port = 80;
    table.check = check;
    table.hosts.resize(1);
    table.hosts[0].id = 10;
    table.hosts[0].name = "10.0.0.1";
    table.hosts[0].address = *Address::parse("10.0.0.1");
    if (with_child) {
      table.hosts.push_back(table.hosts[0]);
      table.hosts[1].id = 11;
      table.hosts[1].parent = 10;
    }
    CHECK(engine.on_parent(message(ipc::ConfigBegin{generation, 0, "hcd"})).has_value());
    CHECK(engine.on_parent(message(ipc::Type::ConfigTable, ipc::encode(table))).has_value());
    CHECK(engine.on_parent(message(ipc::ConfigEnd{generation})).has_value());
  }
  void connect() {
    auto pair = std::move(*ipc::socket_pair());
    last_pfe = pair.second.get();
    ipc::Message peer = message(ipc::PeerChannel{2});
    peer.fds.push_back(std::move(pair.second));
    CHECK(engine.on_parent(std::move(peer)).has_value());
    far = std::move(pair.first);
  }
  UniqueFd connect_relay() {
    auto pair = std::move(*ipc::socket_pair());
    last_relay = pair.second.get();
    ipc::Message peer =
        message(ipc::PeerChannel{static_cast<std::uint8_t>(static_cast<int>(last_of(proc::Role())) + 1)});
    peer.fds.push_back(std::move(pair.second));
    CHECK(engine.on_parent(std::move(peer)).has_value());
    return std::move(pair.first);
  }
  int last_relay = -1, last_pfe = -1;
  void relay_says(const UniqueFd& relay, const ipc::PassiveResult& result) {
    const std::string frame = ipc::encode_frame(static_cast<std::uint32_t>(result.kType), 0, 0, ipc::encode(result));
    CHECK(write(relay.get(), frame.data(), frame.size()) > 0);
    CHECK(loop.ready(last_relay, {.read = true}));
  }
  void take() {
    loop.run();  // what was deferred to the end of the round
    told.clear();
    more.clear();
    ipc::FrameReader reader;
    char bytes[65536];
    for (ssize_t count; (count = read(far.get(), bytes, sizeof bytes)) > 0;)
      reader.feed({bytes, static_cast<std::size_t>(count)});
    for (ipc::Frame frame; reader.next(frame).value_or(false);) {
      if (frame.type == static_cast<std::uint32_t>(ipc::Type::HostStatus)) {
        told.push_back(*ipc::decode<ipc::HostStatus>(frame.payload));
      } else {
        const auto results = ipc::decode<ipc::CheckResults>(frame.payload);
        more.insert(more.end(), results->results.begin(), results->results.end());
      }
    }
  }
};

TEST(Hce, every_check_is_told_with_the_generation_in_use) {
  connect();
  load(1);
  loop.advance(10ms);
  take();
  CHECK_EQUAL(1U, told.size());
  CHECK_EQUAL(10U, told[0].host);
  CHECK_EQUAL(1U, told[0].generation);
  CHECK(told[0].state == ipc::HostState::Up);
  load(2);
  take();
  CHECK_EQUAL(1U, told.size());
  CHECK_EQUAL(2U, told[0].generation);
}

TEST(Hce, a_check_that_ends_like_the_last_is_told_in_numbers) {
  connect();
  with_child = true;
  load(1);
  loop.advance(10ms);
  take();
  CHECK_EQUAL(2U, told.size());
  loop.advance(10s);
  loop.advance(1s);
  take();
  CHECK(told.empty());
  CHECK_EQUAL(2U, more.size());
  CHECK_EQUAL(10U, more[0].host);
  CHECK_EQUAL(2U, more[0].total);
  CHECK_EQUAL(2U, more[0].up);
  CHECK(more[1].host == 11 && more[1].total == 2);
}

TEST(Hce, a_host_is_unknown_and_not_down_where_this_machine_lacks_a_buffer_or_a_port) {
  check.type = conf::CheckType::Tcp;
  connect();
  load(1);
  for (const auto& [error, name] : {std::pair{ENOBUFS, "ENOBUFS"}, std::pair{EADDRNOTAVAIL, "EADDRNOTAVAIL"}}) {
    CHECK(test::with_refused("connect", error, [this] { loop.advance(10s); }));
    take();
    CHECK_EQUAL(1U, told.size());
    CHECK(told[0].state == ipc::HostState::Unknown && told[0].reason == ipc::Reason::NoResources);
    STRCMP_EQUAL(name, told[0].detail.c_str());
    CHECK_EQUAL(0U, told[0].total);
  }
}

TEST(Hce, a_check_that_pfe_asks_for_is_told_at_once_as_asked_and_its_childrens_too) {
  connect();
  with_child = true;
  load(1);
  loop.advance(10ms);
  take();
  CHECK(!told[0].asked && !told[1].asked);
  const std::string order = ipc::encode_frame(static_cast<std::uint32_t>(ipc::CheckNow::kType), 0, 0,
                                              ipc::encode(ipc::CheckNow{.hosts = {10, 11, 99}}));
  CHECK(write(far.get(), order.data(), order.size()) > 0);
  CHECK(loop.ready(last_pfe, {.read = true}));
  loop.advance(10ms);
  take();
  CHECK_EQUAL(2U, told.size());
  CHECK(told[0].host == 10 && told[0].asked && told[0].total == 2);
  CHECK(told[1].host == 11 && told[1].asked && told[1].total == 2);
  loop.advance(11s);
  take();
  CHECK(told.empty());
  CHECK_EQUAL(2U, more.size());
}

TEST(Hce, a_new_channel_to_pfe_is_told_all_that_is_known) {
  load(1);
  loop.advance(10ms);
  connect();
  take();
  CHECK_EQUAL(1U, told.size());
  connect();
  take();
  CHECK_EQUAL(1U, told.size());
}

TEST(Hce, a_host_with_a_parent_is_told_with_it) {
  with_child = true;
  connect();
  load(1);
  loop.advance(10ms);
  take();
  CHECK_EQUAL(2U, told.size());
  CHECK_EQUAL(11U, told[1].host);
  CHECK(told[1].state == ipc::HostState::Up && told[1].total == 1);
}

TEST(Hce, enough_failures_told_by_a_relay_take_a_host_down_until_its_check_passes) {
  judgement = {.passive = 2, .passive_within = 10s};
  connect();
  load(1);
  loop.advance(10ms);
  take();
  UniqueFd relay = connect_relay();
  relay_says(relay, ipc::PassiveResult{.host = 10, .ok = false, .reason = ipc::Reason::TcpReadFailed, .latency = 3ms});
  relay_says(relay, ipc::PassiveResult{.host = 10, .ok = true, .reason = ipc::Reason::HttpCodeOk});
  relay_says(relay, ipc::PassiveResult{.host = 99, .ok = false});
  take();
  CHECK(told.empty());
  relay_says(relay, ipc::PassiveResult{.host = 10, .ok = false, .reason = ipc::Reason::TcpReadFailed, .latency = -3ms});
  take();
  CHECK_EQUAL(1U, told.size());
  CHECK(told[0].state == ipc::HostState::Down && told[0].reason == ipc::Reason::TcpReadFailed);
  STRCMP_EQUAL("passive fail 2 in 10s", told[0].detail.c_str());
  CHECK(told[0].latency == 0ms && told[0].memory.struck);
  loop.advance(10s);
  take();
  CHECK(told.back().state == ipc::HostState::Up);
}

TEST(Hce, a_host_that_is_down_is_checked_at_another_interval) {
  judgement = {.passive = 1, .passive_within = 10s};
  pace = {.down = 2s};
  connect();
  load(1);
  loop.advance(10ms);
  const UniqueFd relay = connect_relay();
  relay_says(relay, ipc::PassiveResult{.host = 10, .ok = false, .reason = ipc::Reason::TcpReadFailed});
  take();
  CHECK(told.back().state == ipc::HostState::Down);
  loop.advance(3s);
  take();
  CHECK(told.back().state == ipc::HostState::Up);
  loop.advance(3s);
  loop.advance(Teller::kGather);
  take();
  CHECK(told.empty() && more.empty());  // it has its own interval again
}

TEST(Hce, a_relay_that_says_anything_else_is_heard_no_more) {
  judgement = {.passive = 1, .passive_within = 10s};
  connect();
  load(1);
  loop.advance(10ms);
  take();
  const ipc::PassiveResult accusation{.host = 10, .ok = false, .reason = ipc::Reason::TcpReadFailed};
  for (const auto& nonsense :
       {ipc::encode_frame(static_cast<std::uint32_t>(ipc::Type::HostSwitch), 0, 0, ipc::encode(ipc::HostSwitch{10})),
        ipc::encode_frame(static_cast<std::uint32_t>(ipc::Type::PassiveResult), 0, 0, "short"),
        std::string("\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff")}) {
    UniqueFd relay = connect_relay();
    const std::string after =
        ipc::encode_frame(static_cast<std::uint32_t>(accusation.kType), 0, 0, ipc::encode(accusation));
    const std::string bytes = nonsense + after;
    CHECK(write(relay.get(), bytes.data(), bytes.size()) > 0);
    CHECK(loop.ready(last_relay, {.read = true}));
    take();
    CHECK(told.empty());
    char byte = 0;
    CHECK_EQUAL(0, read(relay.get(), &byte, 1));  // closed
  }
}

TEST(Hce, a_channel_to_an_unknown_role_is_a_protocol_error) {
  ipc::Message peer = message(ipc::PeerChannel{9});
  peer.fds.push_back(std::move(ipc::socket_pair()->first));
  CHECK(!engine.on_parent(std::move(peer)).has_value());
}

TEST(Hce, nonsense_from_the_parent_is_a_protocol_error) {
  CHECK(!engine.on_parent(message(ipc::Type::ConfigBegin, "xy")).has_value());
  CHECK(!engine.on_parent(message(ipc::Type::StopRequest, "")).has_value());
  CHECK(!engine.on_parent(message(ipc::PeerChannel{1})).has_value());
  CHECK(!engine.on_parent(message(ipc::ConfigBegin{1, 9, "hcd"})).has_value());
}

TEST_GROUP(Report) {
  conf::Judgement flappy{.flap = 1, .flap_within = 600s, .flap_hold = 30s};

  conf::Host host;
  Plan plan;
  std::string line(ipc::HostState from, Verdict verdict, Duration latency) {
    host.name = "10.1.1.100";
    Subject subject(host, plan);
    const Transition change{.from = from, .to = subject.machine.apply(verdict.outcome).to};
    subject.last = std::move(verdict);
    subject.latency = latency;
    return log_line(subject, change);
  }
};

TEST(Report, a_host_that_flaps_is_down_for_that_reason_whatever_its_check_says) {
  host.name = "10.1.1.100";
  plan.judgement = flappy;
  Subject subject(host, plan);
  subject.last = passed(ipc::Reason::TcpConnectOk);
  TimePoint now(1000s);
  for (const auto outcome : {Outcome::Passed, Outcome::Failed}) subject.machine.apply(outcome, flappy, now += 1s);
  const Transition held = subject.machine.apply(Outcome::Passed, flappy, now += 1s);
  const auto status = status_of(subject, 1);
  CHECK(status.state == ipc::HostState::Down && status.reason == ipc::Reason::Flapping);
  STRCMP_EQUAL("2x in 10m", status.detail.c_str());
  STRCMP_EQUAL("host 10.1.1.100, flapping 2x in 10m, held down until 30s without a change",
               hold_line(subject, held).c_str());
  const Transition free = subject.machine.apply(Outcome::Passed, flappy, now += 30s);
  STRCMP_EQUAL("host 10.1.1.100, flapping no more, state up", hold_line(subject, free).c_str());
  CHECK(status_of(subject, 1).reason == ipc::Reason::TcpConnectOk);
}

TEST(Report, a_code_is_told_with_the_text_that_came_with_it) {
  Subject subject(host, plan);
  subject.last = failed(ipc::Reason::MysqlFailed, "Too many connections");
  subject.last.code = 1040;
  STRCMP_EQUAL("1040 Too many connections", status_of(subject, 1).detail.c_str());
  STRCMP_CONTAINS("(0ms,mysql failed,1040), state", log_line(subject, {}).c_str());
  subject.last.detail.clear();
  STRCMP_EQUAL("1040", status_of(subject, 1).detail.c_str());
  subject.last.detail.assign(200, 'x');
  CHECK_EQUAL(128, status_of(subject, 1).detail.size());
}

TEST(Report, a_failure_told_from_outside_is_not_called_a_check) {
  host.name = "10.1.1.100";
  Subject subject(host, plan);
  subject.last = failed(ipc::Reason::TcpReadFailed, passive_text({.passive = 5, .passive_within = 10s}));
  subject.accused = true;
  subject.latency = 3ms;
  STRCMP_EQUAL("host 10.1.1.100, passive fail 5 in 10s (3ms,tcp read failed), state up -> down, availability ",
               log_line(subject, {.from = ipc::HostState::Up, .to = ipc::HostState::Down}).c_str());
}

TEST(Report, a_log_line_is_the_one_operators_grep_for) {
  plan.check.type = conf::CheckType::HttpCode;
  Verdict ok = passed(ipc::Reason::HttpCodeOk);
  ok.code = 200;
  STRCMP_EQUAL("host 10.1.1.100, check http code (3ms,http code ok,200), state unknown -> up, availability 100.00%",
               line(ipc::HostState::Unknown, ok, 3999us).c_str());
  plan.check.type = conf::CheckType::Tcp;
  plan.check.tls.emplace();
  STRCMP_EQUAL("host 10.1.1.100, check tcp use tls (200ms,tls connect timeout), state up -> down, availability 0.00%",
               line(ipc::HostState::Up, failed(ipc::Reason::TlsConnectTimeout), 200ms).c_str());
}
