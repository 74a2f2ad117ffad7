// The programs are shells: they tell what they found through files, since they have no other way out.
#include "hcd/proc/launch.h"

#include <csignal>
#include <filesystem>
#include <fstream>
#include <sstream>

#include <fcntl.h>
#include <poll.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tests/fake/needs.h"

#include <CppUTest/TestHarness.h>

using namespace hcd;
using namespace hcd::proc;
using How = hcd::proc::Outcome::How;

TEST_GROUP(Launch) {
  char directory[24] = "/tmp/hcd-launch-XXXXXX";

  void setup() override {
    CHECK(mkdtemp(directory) != nullptr);
    CHECK_EQUAL(0, chmod(directory, 0777));
  }
  void teardown() override {
    std::filesystem::remove_all(directory);
  }
  std::string path(const char* name) const {
    return std::string(directory) + "/" + name;
  }
  std::string script(const std::string& text) const {
    std::ofstream(path("script")) << "#!/bin/bash\ncd " << directory << "\n" << text;
    CHECK_EQUAL(0, chmod(path("script").c_str(), 0755));
    return path("script");
  }
  std::string told(const char* name) const {
    std::ostringstream out;
    out << std::ifstream(path(name)).rdbuf();
    return out.str();
  }
  static bool gone(pid_t pid) {  // or a zombie that nobody waits for yet
    std::ifstream file("/proc/" + std::to_string(pid) + "/stat");
    std::string number, name, state;
    return !(file >> number >> name >> state) || state == "Z";
  }
  static bool goes(pid_t pid) {
    for (int i = 0; i < 2000 && !gone(pid); i++) usleep(5000);
    return gone(pid);
  }
  static void wait_for(const Launched& program) {
    pollfd poll_fd{.fd = program.pidfd.get(), .events = POLLIN, .revents = 0};
    CHECK_EQUAL(1, poll(&poll_fd, 1, 20000));
  }
  static proc::Outcome run(const LaunchOptions& options) {
    const auto program = launch(options);
    CHECK(program.has_value());
    if (!program) return {};
    wait_for(*program);
    return finish(*program);
  }
};

TEST(Launch, it_finds_its_arguments_its_environment_and_nothing_else) {
  const UniqueFd leaked(fcntl(open("/dev/null", O_RDONLY | O_CLOEXEC), F_DUPFD, 90));  // not close-on-exec
  signal(SIGPIPE, SIG_IGN);
  const auto ended =
      run({.path = script("echo \"$0 $@\" >told; env >env; ls /proc/self/fd >fds; readlink /proc/self/fd/[012] >"
                          "null\nps -o pgid=,sid= $$ >group; echo $$ >>group; grep -E "
                          "'NoNewPrivs|SigIgn' /proc/self/status >status; ulimit -c >>status; pwd -P >where; exit 3"),
           .arguments = {"10.0.0.1", "a b"},
           .environment = {"HCD_HOST=10.0.0.1"}});
  CHECK(ended.how == How::Exited);
  CHECK_EQUAL(3, ended.value);
  STRCMP_EQUAL((path("script") + " 10.0.0.1 a b\n").c_str(), told("told").c_str());
  STRCMP_CONTAINS("HCD_HOST=10.0.0.1\n", told("env").c_str());
  CHECK(told("env").find("HOME=") == std::string::npos && told("env").find("LOGNAME=") == std::string::npos);
  CHECK(told("fds").find("90") == std::string::npos);
  STRCMP_EQUAL("SigIgn:\t0000000000000000\nNoNewPrivs:\t1\n0\n", told("status").c_str());  // no core file
  std::istringstream group(told("group"));
  int pgid = 0, sid = 0, pid = 0;
  group >> pgid >> sid >> pid;
  CHECK(pid != 0 && pgid == pid && sid == pid);
}

ROOT_TEST(Launch, it_is_the_user_it_was_given_without_a_capability) {
  const auto ended = run({.path = script("id -u >told; id -G >>told; grep Cap /proc/self/status >caps; exit 1"),
                          .user = User{65534, 65534}});
  CHECK_EQUAL(1, ended.value);
  STRCMP_EQUAL("65534\n65534\n", told("told").c_str());
  STRCMP_CONTAINS("CapPrm:\t0000000000000000\nCapEff:\t0000000000000000\n", told("caps").c_str());
}

TEST(Launch, pipes_of_ours_can_be_its_descriptors_and_are_closed_with_all_that_it_left) {
  int in[2], out[2];
  CHECK_EQUAL(0, pipe2(in, O_CLOEXEC));
  CHECK_EQUAL(0, pipe2(out, O_CLOEXEC));
  const UniqueFd in_read(in[0]), out_read(out[0]);
  UniqueFd in_write(in[1]), out_write(out[1]);
  const auto program = launch({.path = script("read word; echo \"got $word\"; echo error >&2; ls /proc/self/fd; "
                                              "(exec sleep 60) & exit 0"),
                               .descriptors = {{in_read.get(), out_write.get(), out_write.get()}}});
  CHECK(program.has_value());
  out_write.reset();
  CHECK_EQUAL(5, write(in_write.get(), "this\n", 5));
  std::string text;
  char bytes[512];
  for (ssize_t n; (n = read(out_read.get(), bytes, sizeof bytes)) > 0;) text.append(bytes, static_cast<std::size_t>(n));
  STRCMP_EQUAL("got this\nerror\n0\n1\n2\n3\n", text.c_str());  // 3 is the directory that ls reads
  wait_for(*program);
  CHECK_EQUAL(0, finish(*program).value);
}

ROOT_TEST(Launch, as_root_it_has_no_capability) {
  CHECK_EQUAL(1, run({.path = script("id -u >told; grep Cap /proc/self/status >caps; exit 1")}).value);
  STRCMP_EQUAL("0\n", told("told").c_str());
  STRCMP_CONTAINS("CapPrm:\t0000000000000000\nCapEff:\t0000000000000000\nCapBnd:\t0000000000000000\n",
                  told("caps").c_str());
}

TEST(Launch, how_it_ended_is_told) {
  CHECK_EQUAL(0, run({.path = script("exit 0")}).value);
  const auto killed = run({.path = script("kill -SEGV $$")});
  CHECK(killed.how == How::Killed);
  CHECK_EQUAL(SIGSEGV, killed.value);
}

TEST(Launch, what_cannot_be_run_is_told_by_its_errno) {
  const auto missing = run({.path = path("nothing")});
  CHECK(missing.how == How::NotRun);
  CHECK_EQUAL(ENOENT, missing.value);
  std::ofstream(path("plain")) << "#!/bin/sh\n";
  const auto plain = run({.path = path("plain")});
  CHECK(plain.how == How::NotRun);
  CHECK_EQUAL(EACCES, plain.value);
}

TEST(Launch, its_whole_group_is_ended_with_it_and_by_a_kill) {
  const auto program =
      launch({.path = script("(echo $BASHPID >child; exec sleep 60) & while [ ! -s child ]; do :; done; wait")});
  CHECK(program.has_value());
  for (int i = 0; i < 2000 && told("child").empty(); i++) usleep(5000);
  const auto child = static_cast<pid_t>(std::stoi(told("child")));
  end(*program);
  wait_for(*program);
  CHECK(finish(*program).how == How::Killed);
  CHECK(goes(child));
  CHECK_EQUAL(0, unlink(path("child").c_str()));

  const auto ended =
      run({.path = script("(echo $BASHPID >child; exec sleep 60) & while [ ! -s child ]; do :; done; exit 5")});
  CHECK_EQUAL(5, ended.value);
  const auto left = static_cast<pid_t>(std::stoi(told("child")));
  CHECK(goes(left));
}

// From its group and session, and from the process that made it: nothing of the program's is above it any more.
TEST(Launch, what_has_escaped_is_ended_too) {
  const std::string escapes =
      "(setsid bash -c '(echo $BASHPID >child; exec setsid sleep 60) & exit') & while [ ! -s child ]; do :; done; ";
  const auto ended = run({.path = script(escapes + "exit 5")});
  CHECK(ended.how == How::Exited);
  CHECK_EQUAL(5, ended.value);
  CHECK(gone(static_cast<pid_t>(std::stoi(told("child")))));
  CHECK_EQUAL(0, unlink(path("child").c_str()));

  const auto program = launch({.path = script(escapes + "exec sleep 60")});
  CHECK(program.has_value());
  for (int i = 0; i < 2000 && told("child").empty(); i++) usleep(5000);
  const auto child = static_cast<pid_t>(std::stoi(told("child")));
  end(*program);
  wait_for(*program);
  CHECK(finish(*program).how == How::Killed);
  CHECK(gone(child));
}

TEST(Launch, it_may_take_no_more_than_its_bounds) {
  const auto ended =
      run({.path = script("ulimit -n >told; ulimit -t >>told; ulimit -f >>told; exit 1"), .cpu = Seconds(7)});
  CHECK_EQUAL(1, ended.value);
  STRCMP_EQUAL("256\n7\n16384\n", told("told").c_str());
}

ROOT_TEST(Launch, its_user_may_have_no_more_than_so_many_processes) {
  (void)run({.path = script("ulimit -u >told"), .user = User{65534, 65534}, .processes = 4000});
  STRCMP_EQUAL("4000\n", told("told").c_str());
}
TEST(Launch, processes_are_not_bounded_where_they_are_those_of_our_own_user) {
  rlimit ours{};
  CHECK_EQUAL(0, getrlimit(RLIMIT_NPROC, &ours));
  (void)run({.path = script("ulimit -u >told"), .processes = 1});
  const std::string wanted = ours.rlim_cur == RLIM_INFINITY ? "unlimited" : std::to_string(ours.rlim_cur);
  STRCMP_EQUAL((wanted + "\n").c_str(), told("told").c_str());
}
