// The other process is a socket in which its answers stand already, or nothing does.
#include "hcd/pfctl/client.h"

#include <sys/socket.h>

#include "hcd/ipc/channel.h"
#include "hcd/ipc/pfctl_messages.h"
#include "hcd/pfctl/process_pfctl.h"
#include "tests/fake/fake_loop.h"

#include <CppUTest/TestHarness.h>

using namespace hcd;
using namespace hcd::pfctl;

TEST_GROUP(PfctlClient) {
  test::FakeLoop clock;
  UniqueFd other;
  std::string lost;
  std::unique_ptr<Client> client;

  void setup() override {
    make(Seconds(60));
  }
  void make(Milliseconds limit) {
    auto pair = ipc::socket_pair();
    other = std::move(pair->first);
    client =
        std::make_unique<Client>(std::move(pair->second), clock, [this](const std::string& why) { lost = why; }, limit);
  }
  template <class T>
  void answer(const T& message, std::uint32_t id) {
    const auto bytes = ipc::encode_frame(static_cast<std::uint32_t>(T::kType), id, 0, ipc::encode(message));
    CHECK_EQUAL(static_cast<ssize_t>(bytes.size()), write(other.get(), bytes.data(), bytes.size()));
  }
  void ends(std::uint32_t id, int status = 0) {
    answer(ipc::PfctlEnd{.failed = {}, .error = 0, .status = status, .err = "said\n"}, id);
  }
  void takes_too_long(std::uint32_t id) {
    answer(ipc::PfctlEnd{.failed = "it took too long", .error = ETIMEDOUT, .status = 0, .err = {}}, id);
  }
  std::vector<ipc::Frame> asked() {
    std::string bytes(1U << 20, '\0');
    ipc::FrameReader reader;
    for (ssize_t n; (n = recv(other.get(), bytes.data(), bytes.size(), MSG_DONTWAIT)) > 0;)
      reader.feed({bytes.data(), static_cast<std::size_t>(n)});
    std::vector<ipc::Frame> frames;
    for (ipc::Frame frame; *reader.next(frame);) frames.push_back(frame);
    return frames;
  }
};

TEST(PfctlClient, a_run_is_asked_for_and_its_answer_waited_for) {
  answer(ipc::PfctlText{"one\n"}, 1);
  answer(ipc::PfctlText{"two\n"}, 1);
  ends(1, 2);
  const std::string input(ipc::PfctlText::kMax + 5, 'x');
  const auto output = client->run({"-q", "-f", "-"}, input);
  STRCMP_EQUAL("one\ntwo\n", output->out.c_str());
  STRCMP_EQUAL("said\n", output->err.c_str());
  LONGS_EQUAL(2, output->status);
  const auto frames = asked();
  LONGS_EQUAL(3, frames.size());
  CHECK(ipc::decode<ipc::PfctlText>(frames[0].payload)->text + ipc::decode<ipc::PfctlText>(frames[1].payload)->text ==
        input);
  CHECK(ipc::decode<ipc::PfctlRun>(frames[2].payload)->arguments == (std::vector<std::string>{"-q", "-f", "-"}));
  ends(2);
  CHECK(client->run({"-s", "states"}, "").has_value());
  STRCMP_EQUAL("", lost.c_str());
}

TEST(PfctlClient, a_run_that_fails_says_why) {
  answer(ipc::PfctlEnd{.failed = "/sbin/pfctl: it cannot be run", .error = ENOENT, .status = 0, .err = {}}, 1);
  STRCMP_EQUAL("pfctl -s states: /sbin/pfctl: it cannot be run",
               client->run({"-s", "states"}, "").error().text.c_str());
  ends(2);
  CHECK(client->run({"-s", "states"}, "").has_value());
}

TEST(PfctlClient, after_one_that_took_too_long_nobody_is_asked_for_a_while_that_grows) {
  std::uint32_t number = 1;
  for (const int rest : {1, 2, 4, 8, 16, 32, 60, 60}) {
    takes_too_long(number++);
    STRCMP_CONTAINS("it took too long", client->run({"-s", "states"}, "").error().text.c_str());
    (void)asked();
    clock.advance(Seconds(rest) - Milliseconds(1));
    STRCMP_CONTAINS("not run", client->run({"-s", "states"}, "").error().text.c_str());
    LONGS_EQUAL(0, asked().size());
    clock.advance(Milliseconds(1));
  }
  ends(number++);
  CHECK(client->run({"-s", "states"}, "").has_value());
  takes_too_long(number++);
  CHECK(!client->run({"-s", "states"}, ""));
  clock.advance(Seconds(1));
  ends(number);
  CHECK(client->run({"-s", "states"}, "").has_value());
  STRCMP_EQUAL("", lost.c_str());
}

TEST(PfctlClient, a_process_that_is_gone_or_does_not_answer_or_lies_is_lost) {
  other.reset();
  CHECK(!client->run({"-s", "states"}, ""));
  STRCMP_CONTAINS("the process that runs pfctl: ", lost.c_str());
  make(Milliseconds(10));
  CHECK(!client->run({"-s", "states"}, ""));
  STRCMP_EQUAL("the process that runs pfctl: it does not answer", lost.c_str());
  make(Seconds(60));
  ends(5);
  CHECK(!client->run({"-s", "states"}, ""));
  STRCMP_EQUAL("the process that runs pfctl: it answers what was not asked", lost.c_str());
  make(Seconds(60));
  answer(ipc::Ready{1}, 1);
  CHECK(!client->run({"-s", "states"}, ""));
  STRCMP_CONTAINS("is malformed", lost.c_str());
}

TEST(PfctlClient, it_waits_longer_than_a_pfctl_may_take_and_less_than_a_child_has_to_end) {
  CHECK(Client::kLimit > ProcessPfctl::kLimit);
  CHECK(Client::kLimit < Seconds(5));
}
