#include "hcd/hce/hce.h"

#include "hcd/conf/config.h"
#include "hcd/hce/report.h"
#include "hcd/ipc/messages.h"
#include "tests/fake/fake_loop.h"

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
  UniqueFd far;

  void load(std::uint32_t generation) {
    conf::Table table;
    table.id = 1;
    table.name = "webhosts:80";
    table.hosts.resize(1);
    table.hosts[0].id = 10;
    table.hosts[0].name = "10.0.0.1";
    table.hosts[0].address = *Address::parse("10.0.0.1");
    CHECK(engine.on_parent(message(ipc::ConfigBegin{generation, 0, "hcd"})).has_value());
    CHECK(engine.on_parent(message(ipc::Type::ConfigTable, ipc::encode(table))).has_value());
    CHECK(engine.on_parent(message(ipc::ConfigEnd{generation})).has_value());
  }
  void connect() {
    auto pair = std::move(*ipc::socket_pair());
    ipc::Message peer = message(ipc::PeerChannel{1});
    peer.fds.push_back(std::move(pair.second));
    CHECK(engine.on_parent(std::move(peer)).has_value());
    far = std::move(pair.first);
  }
  void take() {
    loop.run();  // what was deferred to the end of the round
    told.clear();
    ipc::FrameReader reader;
    char bytes[65536];
    for (ssize_t count; (count = read(far.get(), bytes, sizeof bytes)) > 0;)
      reader.feed({bytes, static_cast<std::size_t>(count)});
    for (ipc::Frame frame; reader.next(frame).value_or(false);)
      told.push_back(*ipc::decode<ipc::HostStatus>(frame.payload));
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

TEST(Hce, nonsense_from_the_parent_is_a_protocol_error) {
  CHECK(!engine.on_parent(message(ipc::Type::ConfigBegin, "xy")).has_value());
  CHECK(!engine.on_parent(message(ipc::Type::StopRequest, "")).has_value());
  CHECK(!engine.on_parent(message(ipc::PeerChannel{1})).has_value());
  CHECK(!engine.on_parent(message(ipc::ConfigBegin{1, 9, "hcd"})).has_value());
}

TEST_GROUP(Report) {
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

TEST(Report, a_log_line_is_the_one_operators_grep_for) {
  plan.check.type = conf::CheckType::HttpCode;
  Verdict ok = passed(ipc::Reason::HttpCodeOk);
  ok.code = 200;
  STRCMP_EQUAL("host 10.1.1.100, check http code (3ms,http code ok,200), state unknown -> up, availability 100.00%",
               line(ipc::HostState::Unknown, ok, 3999us).c_str());
  plan.check.type = conf::CheckType::Tcp;
  plan.check.tls = true;
  STRCMP_EQUAL("host 10.1.1.100, check tcp use tls (200ms,tls connect timeout), state up -> down, availability 0.00%",
               line(ipc::HostState::Up, failed(ipc::Reason::TlsConnectTimeout), 200ms).c_str());
}
