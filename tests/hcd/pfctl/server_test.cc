#include "hcd/pfctl/server.h"

#include <sys/socket.h>

#include "tests/fake/fake_loop.h"
#include "tests/fake/recorded_pfctl.h"

#include <CppUTest/TestHarness.h>

using namespace hcd;
using namespace hcd::pfctl;
using fastpath::pf::PfctlOutput;
using ipc::Type;

namespace {

// What the server owns, in front of the test's.
class Borrowed final : public fastpath::pf::Pfctl {
 public:
  explicit Borrowed(fastpath::pf::Pfctl& pfctl) : pfctl_(pfctl) {}
  Result<PfctlOutput> run(const std::vector<std::string>& arguments, const std::string& input) override {
    return pfctl_.run(arguments, input);
  }

 private:
  fastpath::pf::Pfctl& pfctl_;
};

}  // namespace

TEST_GROUP(PfctlServer) {
  test::FakeLoop loop;
  test::RecordedPfctl pfctl;
  std::string path, accused;
  Server server{loop,
                {.make =
                     [this](const std::string& program) {
                       path = program;
                       return std::make_unique<Borrowed>(pfctl);
                     },
                 .accuse = [this](const ipc::Accuse& accuse) { accused = accuse.why; }}};
  UniqueFd pfe;
  int near = -1;

  void setup() override {
    begin();
  }
  void teardown() override {
    LONGS_EQUAL(0, pfctl.steps.size());
  }
  void begin() {
    auto pair = ipc::socket_pair();
    pfe = std::move(pair->first);
    near = pair->second.get();
    ipc::Message message{.frame = {.type = static_cast<std::uint32_t>(Type::PfctlBegin),
                                   .payload = ipc::encode(ipc::PfctlBegin{.path = "/sbin/pfctl", .anchor = "hcd"})},
                         .fds = {}};
    message.fds.push_back(std::move(pair->second));
    CHECK(server.on_parent(std::move(message)).has_value());
    STRCMP_EQUAL("/sbin/pfctl", path.c_str());
  }
  template <class T>
  void say(const T& message, std::uint32_t id = 7) {
    const auto bytes = ipc::encode_frame(static_cast<std::uint32_t>(T::kType), id, 0, ipc::encode(message));
    CHECK_EQUAL(static_cast<ssize_t>(bytes.size()), write(pfe.get(), bytes.data(), bytes.size()));
    loop.ready(near, {.read = true});
  }
  std::vector<ipc::Frame> told() {
    std::string bytes(1U << 20, '\0');
    ipc::FrameReader reader;
    for (ssize_t n; (n = recv(pfe.get(), bytes.data(), bytes.size(), MSG_DONTWAIT)) > 0;) {
      reader.feed({bytes.data(), static_cast<std::size_t>(n)});
      loop.ready(near, {.write = true});
    }
    std::vector<ipc::Frame> frames;
    for (ipc::Frame frame; *reader.next(frame);) frames.push_back(frame);
    return frames;
  }
  bool closed() {
    char byte = 0;
    return recv(pfe.get(), &byte, 1, MSG_DONTWAIT) == 0;
  }
};

TEST(PfctlServer, it_runs_what_pfe_asks_for_with_its_input_and_tells_what_came_of_it) {
  pfctl.expect("-q -a hcd/www -t www -T replace -f -", "10.0.0.1\n10.0.0.2\n",
               {.status = 1, .out = "printed\n", .err = "pfctl: busy\n"});
  say(ipc::PfctlText{"10.0.0.1\n10."});
  say(ipc::PfctlText{"0.0.2\n"});
  say(ipc::PfctlRun{{"-q", "-a", "hcd/www", "-t", "www", "-T", "replace", "-f", "-"}});
  const auto frames = told();
  LONGS_EQUAL(2, frames.size());
  LONGS_EQUAL(7, frames[0].id);
  STRCMP_EQUAL("printed\n", ipc::decode<ipc::PfctlText>(frames[0].payload)->text.c_str());
  const auto end = ipc::decode<ipc::PfctlEnd>(frames[1].payload);
  LONGS_EQUAL(1, end->status);
  STRCMP_EQUAL("pfctl: busy\n", end->err.c_str());
  STRCMP_EQUAL("", end->failed.c_str());
  STRCMP_EQUAL("", accused.c_str());
  pfctl.expect("-s states");  // whose input is none again
  say(ipc::PfctlRun{{"-s", "states"}}, 8);
  LONGS_EQUAL(8, told().at(0).id);
}

TEST(PfctlServer, output_of_any_length_comes_in_parts) {
  const std::string much(300'000, 'x');
  pfctl.expect("-s states", "", {.out = much});
  say(ipc::PfctlRun{{"-s", "states"}});
  std::string text;
  for (const auto& frame : told())
    if (frame.type == static_cast<std::uint32_t>(Type::PfctlText))
      text += ipc::decode<ipc::PfctlText>(frame.payload)->text;
  CHECK(text == much);
}

TEST(PfctlServer, what_pfe_has_no_business_with_is_not_run_and_pfe_is_accused) {
  say(ipc::PfctlRun{{"-d"}});
  STRCMP_EQUAL("pfctl -d: no command of the engine's", accused.c_str());
  CHECK(closed());
  accused.clear();
  begin();
  say(ipc::PfctlText{"block drop all\n"});
  say(ipc::PfctlRun{{"-q", "-a", "hcd/www", "-f", "-"}});
  STRCMP_CONTAINS("pfctl -q -a hcd/www -f -: ", accused.c_str());
  CHECK(closed());
}

TEST(PfctlServer, messages_that_are_malformed_too_long_or_not_its_are_an_accusation) {
  say(ipc::PfctlRun{std::vector<std::string>(Server::kArgumentsMax + 1)});
  STRCMP_EQUAL("a malformed run of pfctl", accused.c_str());
  begin();
  say(ipc::Ready{1});
  STRCMP_CONTAINS("is not its to send", accused.c_str());
  begin();
  for (std::size_t sent = 0; sent <= Server::kInputMax; sent += ipc::PfctlText::kMax)
    say(ipc::PfctlText{std::string(ipc::PfctlText::kMax, 'x')});
  STRCMP_EQUAL("too much input for pfctl", accused.c_str());
}

TEST(PfctlServer, a_pfe_that_ends_is_no_news_and_the_next_one_finds_nothing_of_it) {
  say(ipc::PfctlText{"10.0.0.1\n"});
  pfe.reset();
  loop.ready(near, {.read = true});
  STRCMP_EQUAL("", accused.c_str());
  begin();
  pfctl.expect("-q -a hcd/www -t www -T replace -f -", "");
  say(ipc::PfctlRun{{"-q", "-a", "hcd/www", "-t", "www", "-T", "replace", "-f", "-"}});
  LONGS_EQUAL(1, told().size());
}

TEST(PfctlServer, the_parent_says_one_thing_alone) {
  CHECK(!server.on_parent({.frame = {.type = static_cast<std::uint32_t>(Type::ConfigBegin)}, .fds = {}}));
  CHECK(!server.on_parent(
      {.frame = {.type = static_cast<std::uint32_t>(Type::PfctlBegin), .payload = ipc::encode(ipc::PfctlBegin{})},
       .fds = {}}));
}
