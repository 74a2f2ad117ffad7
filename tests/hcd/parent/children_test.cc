#include "hcd/parent/children.h"

#include <sys/socket.h>

#include "hcd/ipc/messages.h"
#include "tests/fake/fake_loop.h"
#include "tests/fake/fake_spawner.h"

#include <CppUTest/TestHarness.h>

using namespace hcd;
using namespace hcd::parent;
using proc::Role;
using test::FakeChild;
using test::FakeSpawner;

TEST_GROUP(Children) {
  test::FakeLoop loop;
  FakeSpawner spawner;
  std::vector<std::string> events;
  Children children{
      loop,
      spawner,
      {.ready = [this](Role role) { events.push_back("ready " + name(role)); },
       .message = [this](Role role, const ipc::Message& m) -> Status {
         events.push_back(name(role) + " says " + std::to_string(m.frame.type));
         if (m.frame.type == 99) return fail(Code::Protocol, "nonsense");
         return {};
       },
       .ended = [this](Role role, const std::string& how) { events.push_back("ended " + name(role) + ": " + how); }}};

  static std::string name(Role role) {
    return std::string(proc::info(role).name);
  }

  void say(Role role, std::uint32_t type, std::string_view payload = {}) {
    FakeChild& child = spawner.last(role);
    const std::string bytes = ipc::encode_frame(type, 0, 0, payload);
    CHECK_EQUAL(static_cast<ssize_t>(bytes.size()), write(child.channel.get(), bytes.data(), bytes.size()));
    loop.ready(child.near, {.read = true});
  }
  void say_ready(Role role) {
    say(role, static_cast<std::uint32_t>(ipc::Type::Ready), ipc::encode(ipc::Ready{7}));
  }
  void die(Role role) {
    loop.ready(spawner.last(role).pidfd, {.read = true});
  }

  // The frames that a child was sent, and how many descriptors came along.
  std::vector<std::uint32_t> told(Role role, int& fds) {
    char bytes[4096];
    alignas(cmsghdr) char control[256];
    iovec vector{bytes, sizeof bytes};
    msghdr header{};
    header.msg_iov = &vector;
    header.msg_iovlen = 1;
    header.msg_control = control;
    header.msg_controllen = sizeof control;
    std::vector<std::uint32_t> types;
    fds = 0;
    for (ssize_t n; (n = recvmsg(spawner.last(role).channel.get(), &header, MSG_DONTWAIT)) > 0;
         header.msg_controllen = sizeof control) {
      for (cmsghdr* c = CMSG_FIRSTHDR(&header); c != nullptr; c = CMSG_NXTHDR(&header, c)) {
        int fd = -1;
        std::memcpy(&fd, CMSG_DATA(c), sizeof fd);
        close(fd);
        fds++;
      }
      ipc::FrameReader reader;
      reader.feed({bytes, static_cast<std::size_t>(n)});
      for (ipc::Frame frame; *reader.next(frame);) types.push_back(frame.type);
    }
    return types;
  }
};

TEST(Children, all_are_started_and_linked_once_both_ends_are_ready) {
  children.start();
  CHECK_EQUAL(2U, spawner.born.size());
  POINTERS_EQUAL(nullptr, children.channel(Role::Hce));
  int fds = 0;
  say_ready(Role::Hce);
  CHECK(told(Role::Hce, fds).empty());
  say_ready(Role::Pfe);
  for (const Role role : {Role::Hce, Role::Pfe}) {
    const auto types = told(role, fds);
    CHECK_EQUAL(1U, types.size());
    CHECK_EQUAL(static_cast<std::uint32_t>(ipc::Type::PeerChannel), types[0]);
    CHECK_EQUAL(1, fds);
  }
}

TEST(Children, one_that_ends_is_started_again_ever_later_and_at_once_after_a_quiet_time) {
  children.start();
  for (const auto wait : {100, 200, 400, 800, 1600, 3200, 5000, 5000}) {
    const auto born = spawner.count(Role::Hce);
    die(Role::Hce);
    loop.advance(Milliseconds(wait - 1));
    CHECK_EQUAL(born, spawner.count(Role::Hce));
    loop.advance(Milliseconds(1));
    CHECK_EQUAL(born + 1, spawner.count(Role::Hce));
  }
  say_ready(Role::Hce);
  say_ready(Role::Pfe);
  loop.advance(Backoff::kQuiet);
  const auto born = spawner.count(Role::Hce);
  die(Role::Hce);
  loop.advance(Milliseconds(100));
  CHECK_EQUAL(born + 1, spawner.count(Role::Hce));
  CHECK_EQUAL(1U, spawner.count(Role::Pfe));
}

TEST(Children, a_restarted_one_and_the_surviving_one_get_a_new_link) {
  children.start();
  say_ready(Role::Hce);
  say_ready(Role::Pfe);
  int fds = 0;
  (void)told(Role::Pfe, fds);
  die(Role::Hce);
  loop.advance(Milliseconds(100));
  CHECK(told(Role::Pfe, fds).empty());
  say_ready(Role::Hce);
  CHECK_EQUAL(1U, told(Role::Pfe, fds).size());
  CHECK_EQUAL(1, fds);
  CHECK_EQUAL(1U, told(Role::Hce, fds).size());
  STRCMP_EQUAL("ready hce", events.back().c_str());
}

TEST(Children, one_that_sends_nonsense_is_killed_and_the_rest_goes_on) {
  children.start();
  say_ready(Role::Hce);
  say_ready(Role::Pfe);
  say(Role::Pfe, 99);
  CHECK(spawner.last(Role::Pfe).killed);
  CHECK(!spawner.last(Role::Hce).killed);
  POINTERS_EQUAL(nullptr, children.channel(Role::Pfe));
  const auto seen = events.size();
  say(Role::Pfe, 99);  // what it still had to say is not heard
  CHECK_EQUAL(seen, events.size());
  die(Role::Pfe);
  loop.advance(Milliseconds(100));
  CHECK_EQUAL(2U, spawner.count(Role::Pfe));
}

TEST(Children, a_frame_of_a_wrong_length_a_closed_channel_and_a_second_ready_end_the_child) {
  children.start();
  say_ready(Role::Pfe);
  say_ready(Role::Pfe);
  CHECK(spawner.last(Role::Pfe).killed);
  CHECK_EQUAL(16, write(spawner.last(Role::Hce).channel.get(), "\1\0\0\0\3\0\0\0\0\0\0\0\0\0\0\0", 16));
  loop.ready(spawner.last(Role::Hce).near, {.read = true});
  CHECK(spawner.last(Role::Hce).killed);
  die(Role::Hce);
  loop.advance(Milliseconds(100));
  CHECK(!spawner.last(Role::Hce).killed);
  spawner.last(Role::Hce).channel.reset();
  loop.ready(spawner.last(Role::Hce).near, {.read = true});
  CHECK(spawner.last(Role::Hce).killed);
}

TEST(Children, one_that_speaks_before_it_is_ready_or_never_becomes_so_is_killed) {
  children.start();
  say(Role::Hce, static_cast<std::uint32_t>(ipc::Type::HostStatus));
  CHECK(spawner.last(Role::Hce).killed);
  CHECK(!spawner.last(Role::Pfe).killed);
  loop.advance(Children::kReadyLimit);
  CHECK(spawner.last(Role::Pfe).killed);
}

TEST(Children, one_that_cannot_be_started_is_tried_again) {
  spawner.refuse = true;
  children.start();
  STRCMP_EQUAL("ended pfe: no more processes", events.back().c_str());
  spawner.refuse = false;
  loop.advance(Milliseconds(100));
  CHECK_EQUAL(2U, spawner.born.size());
}

TEST(Children, an_orderly_end_asks_waits_and_starts_nothing_again) {
  children.start();
  say_ready(Role::Hce);
  say_ready(Role::Pfe);
  bool done = false;
  children.shut_down(true, [&] { done = true; });
  int fds = 0;
  CHECK_EQUAL(static_cast<std::uint32_t>(ipc::Type::Shutdown), told(Role::Hce, fds).back());
  die(Role::Hce);
  CHECK(!done);
  loop.advance(Children::kExitLimit);
  CHECK(spawner.last(Role::Pfe).killed);
  CHECK(!done);
  die(Role::Pfe);
  CHECK(done);
  loop.advance(Seconds(60));
  CHECK_EQUAL(2U, spawner.born.size());
}

TEST(Children, one_that_is_not_always_there_is_there_while_it_is_needed) {
  children.start();
  CHECK_EQUAL(0U, spawner.count(Role::Names));
  children.need(Role::Names, true);
  children.need(Role::Names, true);
  CHECK_EQUAL(1U, spawner.count(Role::Names));
  say_ready(Role::Names);
  children.need(Role::Names, false);
  int fds = 0;
  CHECK_EQUAL(static_cast<std::uint32_t>(ipc::Type::Shutdown), told(Role::Names, fds).back());
  die(Role::Names);
  loop.advance(Seconds(60));
  CHECK_EQUAL(1U, spawner.count(Role::Names));
}

TEST(Children, one_that_does_not_end_when_it_is_not_needed_is_ended) {
  children.need(Role::Names, true);
  say_ready(Role::Names);
  children.need(Role::Names, false);
  loop.advance(Children::kExitLimit);
  CHECK(spawner.last(Role::Names).killed);
}

TEST(Children, one_that_is_needed_again_while_it_ends_comes_again) {
  children.need(Role::Names, true);
  say_ready(Role::Names);
  children.need(Role::Names, false);
  children.need(Role::Names, true);
  die(Role::Names);
  loop.advance(Milliseconds(100));
  CHECK_EQUAL(2U, spawner.count(Role::Names));
}

TEST(Children, one_that_is_not_ready_when_nothing_needs_it_any_more_is_ended) {
  children.need(Role::Names, true);
  children.need(Role::Names, false);
  CHECK(spawner.last(Role::Names).killed);
}
