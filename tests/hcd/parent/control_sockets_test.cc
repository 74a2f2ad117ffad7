#include "hcd/parent/control_sockets.h"

#include <cstring>

#include <fcntl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>

#include <CppUTest/TestHarness.h>

using namespace hcd;
using namespace hcd::parent;

TEST_GROUP(ControlSockets) {
  char directory[24] = "/tmp/hcd-control-XXXXXX";
  std::string path;

  void setup() override {
    CHECK(mkdtemp(directory) != nullptr);
    path = std::string(directory) + "/hcd.sock";
  }
  void teardown() override {
    unlink(path.c_str());
    CHECK_EQUAL(0, rmdir(directory));  // nothing is left behind
  }
  static unsigned mode(const std::string& of) {
    struct stat status{};
    CHECK_EQUAL(0, stat(of.c_str(), &status));
    return status.st_mode & 0777U;
  }
};

TEST(ControlSockets, one_is_for_the_group_the_other_for_everybody) {
  const auto sockets = ControlSockets::open(path);
  CHECK(sockets.has_value());
  CHECK_EQUAL(0660U, mode(path));
  CHECK_EQUAL(0666U, mode(std::string(directory) + "/hcd-ro.sock"));
  CHECK_EQUAL(2U, sockets->copies()->size());
}

TEST(ControlSockets, a_daemon_that_answers_keeps_them) {
  const auto first = ControlSockets::open(path);
  const auto second = ControlSockets::open(path);
  CHECK(!second.has_value());
  STRCMP_EQUAL(("control socket " + path + ": another daemon answers on it").c_str(), second.error().text.c_str());
  CHECK_EQUAL(0660U, mode(path));
}

TEST(ControlSockets, a_left_over_socket_is_replaced_and_a_file_is_not) {
  {
    const UniqueFd left(socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
    sockaddr_un address{.sun_family = AF_UNIX, .sun_path = {}};
    std::memcpy(address.sun_path, path.data(), path.size());
    CHECK_EQUAL(0, bind(left.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address));
  }
  CHECK(ControlSockets::open(path).has_value());
  const UniqueFd file(open(path.c_str(), O_CREAT | O_WRONLY | O_CLOEXEC, 0600));
  const auto refused = ControlSockets::open(path);
  CHECK(!refused.has_value());
  STRCMP_CONTAINS("there is a file of that name", refused.error().text.c_str());
}

TEST(ControlSockets, the_child_of_a_daemon_that_was_killed_is_waited_for) {
  int gate[2];
  CHECK_EQUAL(0, pipe2(gate, O_CLOEXEC));
  const pid_t daemon = fork();
  if (daemon == 0) {
    auto sockets = ControlSockets::open(path);
    if (sockets && fork() == 0) {
      alarm(10);  // SIGALRM ends it, whatever happens to the test
      usleep(200'000);
    }
    _exit(sockets ? 0 : 1);  // which leaves the sockets where they are
  }
  close(gate[1]);
  int status = 0;
  CHECK_EQUAL(daemon, waitpid(daemon, &status, 0));
  CHECK_EQUAL(0, status);
  CHECK(ControlSockets::open(path).has_value());
  char byte = 0;
  CHECK_EQUAL(0, read(gate[0], &byte, 1));  // the child had gone
  close(gate[0]);
}

TEST(ControlSockets, a_path_that_no_socket_can_have_is_refused) {
  CHECK(!ControlSockets::open("/tmp/" + std::string(200, 'x')).has_value());
}
