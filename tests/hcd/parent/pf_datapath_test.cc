#include "hcd/parent/pf_datapath.h"

#include <cstring>

#include <sys/socket.h>

#include "hcd/parent/pfctl_way.h"
#include "tests/fake/fake_loop.h"
#include "tests/fake/memory_files.h"
#include "tests/fake/recorded_pfctl.h"

#include <CppUTest/TestHarness.h>

using namespace hcd;
using namespace hcd::parent;

TEST_GROUP(PfDatapath) {
  test::FakeLoop loop;
  test::RecordedPfctl pfctl;
  MemoryFiles files;
  conf::PfUse use{.dialect = conf::PfDialect::Auto, .pfctl = "/opt/pfctl"};
  PfDatapath datapath{"hcd", use, files, pfctl, loop};

  void teardown() override {
    LONGS_EQUAL(0, pfctl.steps.size());
  }
  conf::Global global() const {
    conf::Global out;
    out.fastpath = conf::FastpathMode::Pf;
    out.pf = use;
    return out;
  }
  std::string refusal(const conf::Global& wanted) {
    const auto done = datapath.prepare(wanted);
    return done ? "" : done.error().text;
  }
};

TEST(PfDatapath, a_pfctl_that_is_missing_or_not_roots_alone_is_refused) {
  STRCMP_EQUAL("pfctl /opt/pfctl: cannot be run: No such file or directory", refusal(global()).c_str());
  files.files["/opt/pfctl"] = "";
  STRCMP_EQUAL("pfctl /opt/pfctl: does not belong to root", refusal(global()).c_str());
  files.programs.insert("/opt/pfctl");
  STRCMP_EQUAL("", refusal(global()).c_str());
}

TEST(PfDatapath, another_way_of_steering_packets_is_the_next_daemons) {
  files.programs.insert("/opt/pfctl");
  for (auto* change : {+[](conf::Global& g) { g.fastpath = conf::FastpathMode::Auto; },
                       +[](conf::Global& g) { g.pf.dialect = conf::PfDialect::Old; },
                       +[](conf::Global& g) { g.pf.pfctl = "/sbin/pfctl"; }}) {
    conf::Global other = global();
    change(other);
    STRCMP_CONTAINS("restart it", refusal(other).c_str());
  }
}

TEST(PfDatapath, what_pfe_is_told_reads_back) {
  STRCMP_EQUAL("pf auto hcd", datapath.recipe().c_str());
  STRCMP_EQUAL("hcd", read_pf_recipe("pf old hcd")->prefix.c_str());
  CHECK(read_pf_recipe("pf old hcd")->dialect == conf::PfDialect::Old);
  for (const char* other : {"", "pf", "pf x hcd", "memory", "bpf (tc)", "pf old hcd more"})
    CHECK(!read_pf_recipe(other));
}

TEST(PfDatapath, unloading_takes_away_all_below_the_prefix) {
  pfctl.expect("-n -f -", fastpath::pf::kProbeNew.data());
  pfctl.expect("-a hcd -s Anchors", "", {.out = "  hcd/mail\n  hcd/www\n"});
  for (const char* name : {"hcd/mail", "hcd/www"}) {
    pfctl.expect((std::string("-a ") + name + " -s Tables").c_str(), "", {.out = "www\n"});
    pfctl.expect((std::string("-a ") + name + " -t www -vv -T show").c_str(), "", {.out = "   10.0.0.1\n"});
    pfctl.expect((std::string("-a ") + name + " -s rules").c_str());
  }
  for (const char* name : {"hcd/mail", "hcd/www"}) {
    pfctl.expect((std::string("-q -a ") + name + " -F rules").c_str());
    pfctl.expect((std::string("-q -a ") + name + " -F Tables").c_str());
  }
  CHECK(datapath.unload().has_value());
}

TEST(PfDatapath, each_pfe_gets_its_own_way_to_the_process_that_runs_pfctl) {
  auto pair = ipc::socket_pair();
  const UniqueFd process = std::move(pair->second);
  ipc::Channel channel(loop, std::move(pair->first), {.message = [](ipc::Message) {}, .lost = [](const Error&) {}});
  bool ready = false;
  std::string why;
  PfctlWay way(datapath, {.channel = [&]() -> ipc::Channel* { return ready ? &channel : nullptr; },
                          .end_pfe = [&](const std::string& text) { why = text; }});
  std::vector<UniqueFd> for_pfe;
  CHECK(way.begin(for_pfe).has_value());
  CHECK(way.begin(for_pfe).has_value());  // the first one has ended
  LONGS_EQUAL(2, for_pfe.size());
  char byte = 0;
  LONGS_EQUAL(0, recv(for_pfe[0].get(), &byte, 1, MSG_DONTWAIT));
  ready = true;
  way.on_ready();
  char bytes[512];
  alignas(cmsghdr) char control[256];
  iovec vector{bytes, sizeof bytes};
  msghdr header{};
  header.msg_iov = &vector;
  header.msg_iovlen = 1;
  header.msg_control = control;
  header.msg_controllen = sizeof control;
  const ssize_t size = recvmsg(process.get(), &header, MSG_DONTWAIT | MSG_CMSG_CLOEXEC);
  CHECK(size > 0);
  ipc::FrameReader reader;
  reader.feed({bytes, static_cast<std::size_t>(size)});
  ipc::Frame frame;
  CHECK(*reader.next(frame));
  STRCMP_EQUAL("/opt/pfctl", ipc::decode<ipc::PfctlBegin>(frame.payload)->path.c_str());
  STRCMP_EQUAL("hcd", ipc::decode<ipc::PfctlBegin>(frame.payload)->anchor.c_str());
  int fd = -1;
  std::memcpy(&fd, CMSG_DATA(CMSG_FIRSTHDR(&header)), sizeof fd);
  const UniqueFd end(fd);
  LONGS_EQUAL(1, write(end.get(), "x", 1));
  LONGS_EQUAL(1, recv(for_pfe[1].get(), &byte, 1, MSG_DONTWAIT));

  CHECK(way.on_message({.type = static_cast<std::uint32_t>(ipc::Type::Accuse),
                        .payload = ipc::encode(ipc::Accuse{.why = "pfctl -d\n"})})
            .has_value());
  STRCMP_EQUAL("it asked pfctl for what is not its to ask: pfctl -d\\x0a", why.c_str());
  CHECK(!way.on_message({.type = static_cast<std::uint32_t>(ipc::Type::Park)}).has_value());
}
