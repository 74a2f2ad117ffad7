#include "hcd/ipc/channel.h"

#include <fcntl.h>
#include <sys/socket.h>

#include "hcd/event/libevent_loop.h"
#include "hcd/ipc/messages.h"

#include <CppUTest/TestHarness.h>

using namespace hcd;
using namespace hcd::ipc;

namespace {

struct End {
  std::vector<Message> got;
  std::string lost;
  hcd::event::Loop& loop;
  std::size_t stop_after;
  Channel channel;
  End(hcd::event::Loop& l, UniqueFd fd, std::size_t stop, Channel::Limits limits = {})
      : loop(l),
        stop_after(stop),
        channel(l, std::move(fd),
                {.message =
                     [this](Message m) {
                       got.push_back(std::move(m));
                       if (got.size() == stop_after) loop.stop();
                     },
                 .lost =
                     [this](const Error& e) {
                       lost = e.text;
                       loop.stop();
                     }},
                limits) {}
};

}  // namespace

TEST_GROUP(Channel) {
  hcd::event::LibeventLoop loop;
  std::pair<UniqueFd, UniqueFd> pair = std::move(*socket_pair());
};

TEST(Channel, messages_arrive_whole_and_in_order_however_large) {
  End a(loop, std::move(pair.first), 0);
  End b(loop, std::move(pair.second), 100);
  for (std::uint32_t i = 0; i < 100; i++) a.channel.send(i, i * 2, std::string(i * 600, 'x'));
  loop.run();
  CHECK_EQUAL(100U, b.got.size());
  for (std::uint32_t i = 0; i < 100; i++) {
    CHECK_EQUAL(i, b.got[i].frame.type);
    CHECK_EQUAL(i * 600U, b.got[i].frame.payload.size());
  }
}

TEST(Channel, descriptors_travel_with_their_frame) {
  End a(loop, std::move(pair.first), 0);
  End b(loop, std::move(pair.second), 2);
  int pipe_fds[2];
  CHECK_EQUAL(0, pipe(pipe_fds));
  UniqueFd keep(pipe_fds[0]);
  std::vector<UniqueFd> fds;
  fds.emplace_back(pipe_fds[1]);
  a.channel.send(1, 0, "first");
  a.channel.send(2, 0, "second", std::move(fds));
  loop.run();
  CHECK(b.got[0].fds.empty());
  CHECK_EQUAL(1U, b.got[1].fds.size());
  CHECK_EQUAL(2, write(b.got[1].fds[0].get(), "ok", 2));
  char text[3] = {};
  CHECK_EQUAL(2, read(keep.get(), text, 2));
  STRCMP_EQUAL("ok", text);
}

TEST(Channel, a_closed_peer_is_told_once) {
  End b(loop, std::move(pair.second), 0);
  pair.first.reset();
  loop.run();
  STRCMP_EQUAL("closed", b.lost.c_str());
}

TEST(Channel, a_frame_that_is_too_long_or_too_short_ends_the_channel) {
  End b(loop, std::move(pair.second), 0);
  const FrameHeader header{.type = 1, .length = 3, .id = 0, .fds = 0};
  CHECK_EQUAL(16, write(pair.first.get(), &header, sizeof header));
  loop.run();
  STRCMP_CONTAINS("frame of 3 bytes", b.lost.c_str());
}

TEST(Channel, a_descriptor_where_none_belongs_ends_the_channel) {
  End a(loop, std::move(pair.first), 0);
  End b(loop, std::move(pair.second), 0, {.fds = false});
  std::vector<UniqueFd> fds;
  fds.emplace_back(open("/dev/null", O_RDONLY | O_CLOEXEC));
  a.channel.send(1, 0, "", std::move(fds));
  loop.run();
  STRCMP_CONTAINS("descriptors", b.lost.c_str());
}

TEST(Channel, a_peer_that_does_not_read_costs_a_bounded_queue) {
  End a(loop, std::move(pair.first), 0, {.queue = 1 << 20});
  for (int i = 0; i < 100 && a.lost.empty(); i++) a.channel.send(1, 0, std::string(60000, 'x'));
  CHECK(a.channel.queued() <= (1U << 20) + kFrameMax);
  loop.run();
  STRCMP_EQUAL("the peer does not read", a.lost.c_str());
}

TEST(Channel, what_is_sent_while_held_goes_out_together_and_descriptors_keep_their_frame) {
  End a(loop, std::move(pair.first), 0);
  End b(loop, std::move(pair.second), 4);
  a.channel.hold(true);
  a.channel.send(1, 0, "one");
  a.channel.send(2, 0, "two");
  std::vector<UniqueFd> fds;
  fds.emplace_back(open("/dev/null", O_RDONLY | O_CLOEXEC));
  a.channel.send(3, 0, "three", std::move(fds));
  a.channel.send(4, 0, "four");
  char byte = 0;
  CHECK_EQUAL(-1, recv(b.channel.fd(), &byte, 1, MSG_PEEK | MSG_DONTWAIT));
  a.channel.hold(false);
  loop.run();
  CHECK_EQUAL(4U, b.got.size());
  for (std::size_t i = 0; i < 4; i++) CHECK_EQUAL(i == 2 ? 1U : 0U, b.got[i].fds.size());
}
