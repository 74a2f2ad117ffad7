#include "hcd/hce/teller.h"

#include "tests/fake/fake_loop.h"

#include <CppUTest/TestHarness.h>

using namespace hcd;
using namespace hcd::hce;
using namespace std::chrono_literals;

TEST_GROUP(Teller) {
  test::FakeLoop loop;
  Plan plan;
  conf::Host host;
  UniqueFd far;
  std::unique_ptr<ipc::Channel> channel;
  Teller teller{loop};
  std::vector<ipc::Frame> got;

  void setup() override {
    auto pair = std::move(*ipc::socket_pair());
    far = std::move(pair.first);
    channel = std::make_unique<ipc::Channel>(
        loop, std::move(pair.second),
        ipc::Channel::Handler{.message = [](ipc::Message) {}, .lost = [](const Error&) {}});
    teller.use(channel.get());
    host.id = 7;
  }
  std::size_t take() {
    got.clear();
    ipc::FrameReader reader;
    char bytes[65536];
    for (ssize_t count; (count = read(far.get(), bytes, sizeof bytes)) > 0;)
      reader.feed({bytes, static_cast<std::size_t>(count)});
    for (ipc::Frame frame; reader.next(frame).value_or(false);) got.push_back(frame);
    return got.size();
  }
  ipc::Type type(std::size_t i) const {
    return static_cast<ipc::Type>(got[i].type);
  }
};

TEST(Teller, what_is_new_goes_out_at_the_end_of_the_round) {
  Subject subject(host, plan);
  teller.tell(subject, 1);
  CHECK_EQUAL(0U, take());
  loop.run();
  CHECK_EQUAL(1U, take());
  CHECK(type(0) == ipc::Type::HostStatus);
  CHECK(subject.told);
}

TEST(Teller, what_is_not_new_is_gathered) {
  Subject subject(host, plan);
  subject.told = true;
  subject.latency = 3ms;
  for (int i = 0; i < 10; i++) teller.tell(subject, 1);
  loop.advance(Teller::kGather - 1ms);
  CHECK_EQUAL(0U, take());
  loop.advance(1ms);
  CHECK_EQUAL(1U, take());
  const auto results = ipc::decode<ipc::CheckResults>(got[0].payload);
  CHECK_EQUAL(10U, results->results.size());
  CHECK_EQUAL(7U, results->results[0].host);
  CHECK_EQUAL(3000U, results->results[0].latency_us);
}

TEST(Teller, a_certificate_is_told_once_beside_what_else_there_is_to_tell) {
  Subject subject(host, plan);
  subject.certificate = 4711;
  subject.certificate_told = false;
  subject.told = true;
  teller.tell(subject, 1);
  teller.tell(subject, 1);
  loop.advance(Teller::kGather);
  CHECK_EQUAL(2U, take());
  CHECK(type(0) == ipc::Type::HostCertificate && type(1) == ipc::Type::CheckResults);
  const auto shown = ipc::decode<ipc::HostCertificate>(got[0].payload);
  CHECK_EQUAL(7U, shown->host);
  CHECK_EQUAL(4711U, shown->expires);
}

TEST(Teller, a_change_does_not_overtake_what_was_gathered) {
  Subject subject(host, plan);
  subject.told = true;
  teller.tell(subject, 1);
  subject.told = false;
  teller.tell(subject, 1);
  loop.run();
  CHECK_EQUAL(2U, take());
  CHECK(type(0) == ipc::Type::CheckResults && type(1) == ipc::Type::HostStatus);
}

TEST(Teller, results_of_two_configurations_are_not_mixed) {
  Subject subject(host, plan);
  subject.told = true;
  teller.tell(subject, 1);
  teller.tell(subject, 2);
  loop.advance(Teller::kGather);
  CHECK_EQUAL(2U, take());
  CHECK_EQUAL(1U, ipc::decode<ipc::CheckResults>(got[0].payload)->generation);
  CHECK_EQUAL(2U, ipc::decode<ipc::CheckResults>(got[1].payload)->generation);
}

TEST(Teller, a_frame_holds_what_many_hosts_have_to_say) {
  Subject subject(host, plan);
  subject.told = true;
  for (int i = 0; i < 5000; i++) teller.tell(subject, 1);
  loop.advance(Teller::kGather);
  std::size_t results = 0;
  CHECK_EQUAL(3U, take());
  for (const auto& frame : got) results += ipc::decode<ipc::CheckResults>(frame.payload)->results.size();
  CHECK_EQUAL(5000U, results);
}

TEST(Teller, without_pfe_nothing_is_kept_for_it) {
  Subject subject(host, plan);
  teller.use(nullptr);
  teller.tell(subject, 1);
  CHECK(!subject.told);
  loop.advance(1s);
  CHECK_EQUAL(0U, take());
}
