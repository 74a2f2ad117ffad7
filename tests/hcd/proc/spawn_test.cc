// The spawned program is a shell here: it can tell which descriptors and arguments it found.
#include "hcd/proc/spawn.h"

#include <csignal>

#include <fcntl.h>
#include <poll.h>
#include <sys/stat.h>

#include <CppUTest/TestHarness.h>

using namespace hcd;
using namespace hcd::proc;

namespace {

void wait_for(const UniqueFd& pidfd) {
  pollfd poll_fd{.fd = pidfd.get(), .events = POLLIN, .revents = 0};
  CHECK_EQUAL(1, poll(&poll_fd, 1, 10000));
}

std::string read_all(const UniqueFd& fd) {
  std::string out;
  char text[256];
  for (ssize_t n; (n = read(fd.get(), text, sizeof text)) > 0;) out.append(text, static_cast<std::size_t>(n));
  return out;
}

// A shell script in a file, since the arguments of a role come first.
struct Script {
  char path[24] = "/tmp/hcd-spawn-XXXXXX";
  explicit Script(const std::string& text) {
    const UniqueFd fd(mkstemp(path));
    const std::string whole = "#!/bin/bash\n" + text;
    CHECK_EQUAL(static_cast<ssize_t>(whole.size()), write(fd.get(), whole.data(), whole.size()));
    fchmod(fd.get(), 0700);
  }
  ~Script() { unlink(path); }
};

struct Pipe {
  UniqueFd read, write;
  Pipe() {
    int fds[2];
    CHECK_EQUAL(0, pipe2(fds, O_CLOEXEC));
    read.reset(fds[0]);
    write.reset(fds[1]);
  }
};

}  // namespace

TEST_GROUP(Spawn){};

TEST(Spawn, a_child_finds_its_role_its_channel_and_nothing_else) {
  const Script script("echo \"$@\" >&2; echo hello >&3; ls /proc/$$/fd >&2\n");
  const UniqueFd leaked(fcntl(open("/dev/null", O_RDONLY | O_CLOEXEC), F_DUPFD, 90));  // not close-on-exec
  Pipe error;
  auto child = spawn(Role::Hce, {.image = script.path, .arguments = {"-v"}, .standard_error = error.write.get()});
  CHECK(child.has_value());
  error.write.reset();
  wait_for(child->pidfd);
  CHECK(reap(child->pidfd).clean);
  char text[16] = {};
  CHECK_EQUAL(6, read(child->channel.get(), text, sizeof text));
  STRCMP_EQUAL("hello\n", text);
  STRCMP_EQUAL("-P hce -v\n0\n1\n2\n255\n3\n", read_all(error.read).c_str());  // 255 is the shell's own
}

TEST(Spawn, an_image_that_cannot_be_executed_ends_with_127) {
  auto child = spawn(Role::Pfe, {.image = "/nonexistent"});
  CHECK(child.has_value());
  wait_for(child->pidfd);
  const auto ending = reap(child->pidfd);
  CHECK(!ending.clean);
  STRCMP_EQUAL("exit status 127", ending.text.c_str());
}

TEST(Spawn, an_ending_by_signal_is_named) {
  const Script script("exec sleep 60\n");  // reading would not wait: the channel does not block
  auto child = spawn(Role::Pfe, {.image = script.path});
  CHECK(child.has_value());
  send_signal(child->pidfd, SIGKILL);
  wait_for(child->pidfd);
  const auto ending = reap(child->pidfd);
  CHECK_EQUAL(SIGKILL, ending.signal);
  STRCMP_EQUAL("killed by signal 9 (Killed)", ending.text.c_str());
}
