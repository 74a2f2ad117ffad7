#include "ui/app/feed.h"

#include <cstdlib>

#include "tests/hcd/ctl/server_fixture.h"

using namespace hcd;
using namespace hcd::ui;

TEST_GROUP(Feed) {
  char directory[24] = "/tmp/hcd-feed-XXXXXX";
  std::string path;
  test::FakeLoop loop;
  test::FakeBackend backend;
  std::unique_ptr<ctl::Server> server;
  Desk desk;
  unsigned drawn = 0;
  std::unique_ptr<Feed> feed;

  void setup() override {
    CHECK(mkdtemp(directory) != nullptr);
    path = std::string(directory) + "/hcd.sock";
    backend.state.hosts = {{.id = 1, .generation = 1, .name = "10.0.0.1"}};
  }
  void teardown() override {
    feed.reset();
    server_ends();
    CHECK_EQUAL(0, rmdir(directory));
  }
  UniqueFd listening() {
    UniqueFd socket(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
    sockaddr_un address{.sun_family = AF_UNIX, .sun_path = {}};
    path.copy(address.sun_path, sizeof address.sun_path - 1);
    CHECK_EQUAL(0, bind(socket.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address));
    CHECK_EQUAL(0, listen(socket.get(), 4));
    return socket;
  }
  void server_begins(bool read_only = false) {
    server = std::make_unique<ctl::Server>(loop, backend, ctl::Users());
    server->listen(listening(), read_only);
  }
  void server_ends() {
    server.reset();
    unlink(path.c_str());
  }
  void start(bool read_only = false) {
    feed = std::make_unique<Feed>(loop, Feed::Options{.sockets = {path}, .read_only = read_only}, desk,
                                  [this] { drawn++; });
    feed->start();
    test::pump(loop);
  }
  [[nodiscard]] bool lives() const {
    return desk.link.state == Link::State::Live;
  }
  [[nodiscard]] std::int64_t next_try() const {  // in milliseconds
    return desk.link.retry_ms - loop.wall_ms();
  }
  void try_again() {
    loop.advance(Milliseconds(next_try()));
    test::pump(loop);
  }
};

TEST(Feed, a_daemon_that_is_not_there_is_looked_for_at_first_soon_then_every_five_seconds) {
  start();
  STRCMP_EQUAL("no socket", desk.link.error.c_str());
  for (const std::int64_t ms : {100, 200, 400, 800, 1600, 3200, 5000, 5000}) {
    CHECK_EQUAL(ms, next_try());
    try_again();
  }
  CHECK(!lives());
  CHECK_EQUAL(9U, drawn);
}

TEST(Feed, one_that_comes_is_shown_one_that_goes_leaves_what_was_shown_and_comes_back_as_it_is_then) {
  start();
  server_begins();
  try_again();
  CHECK(lives());
  STRCMP_EQUAL("", desk.link.error.c_str());
  CHECK(desk.live.host(1) != nullptr);
  server_ends();
  test::pump(loop);
  CHECK(desk.link.stale());
  CHECK_EQUAL(100, next_try());
  CHECK(desk.live.host(1) != nullptr);
  loop.advance(Seconds(3));
  CHECK(desk.link.heard_ms < loop.wall_ms() - 2900);
  backend.state.hosts = {{.id = 2, .generation = 1, .name = "10.0.0.2"}};
  server_begins();
  try_again();
  CHECK(lives());
  CHECK(desk.live.host(1) == nullptr && desk.live.host(2) != nullptr);
  CHECK_EQUAL(loop.wall_ms(), desk.link.heard_ms);
}

TEST(Feed, one_that_listens_and_does_not_answer_is_given_up) {
  const auto deaf = listening();
  start();
  CHECK(desk.link.state == Link::State::Connecting);
  loop.advance(Feed::kGreeting);
  test::pump(loop);
  CHECK(desk.link.state == Link::State::Lost);
  STRCMP_EQUAL("the daemon does not answer", desk.link.error.c_str());
}

TEST(Feed, one_that_refuses_says_why) {
  const auto socket = listening();
  start();
  const UniqueFd client(accept(socket.get(), nullptr, nullptr));
  const auto last = ipc::encode_frame(static_cast<std::uint32_t>(ctl::Answer::kType), 0, 0,
                                      ipc::encode(ctl::Answer{ctl::Verdict::Limit, "too many clients"}));
  CHECK_EQUAL(static_cast<ssize_t>(last.size()), write(client.get(), last.data(), last.size()));
  test::pump(loop);
  STRCMP_EQUAL("too many clients", desk.link.error.c_str());
}

TEST(Feed, a_reader_is_one_by_the_socket_or_by_its_own_will) {
  server_begins(true);
  start();
  CHECK(desk.link.read_only);
  feed.reset();
  server_ends();
  server_begins();
  start(true);
  CHECK(desk.link.read_only);
  start();
  CHECK(!desk.link.read_only);
}

TEST(Feed, nothing_is_asked_of_one_that_is_not_there_and_all_is_told_again_when_that_is_wanted) {
  start();
  CHECK(!feed->ask(ctl::Checks{"web"}, {}));
  server_begins();
  try_again();
  CHECK(feed->ask(ctl::Checks{"web"}, {}));
  const int before = backend.snapshots;
  feed->again();
  test::pump(loop);
  CHECK(lives());
  CHECK_EQUAL(before + 1, backend.snapshots);
}
