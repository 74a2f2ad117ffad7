#include "hcd/ctl/client.h"

#include <sys/socket.h>

#include "hcd/ipc/channel.h"

#include <CppUTest/TestHarness.h>

using namespace hcd;
using namespace hcd::ctl;

// What the daemon will say is in the socket before the client asks: requests are numbered from 1.
TEST_GROUP(ControlClient) {
  std::pair<UniqueFd, UniqueFd> ends = std::move(*ipc::socket_pair());
  Client client{std::move(ends.first), Milliseconds(0)};

  template <class T>
  void daemon_says(std::uint32_t request, const T& message) {
    const std::string frame = ipc::encode_frame(static_cast<std::uint32_t>(T::kType), request, 0, ipc::encode(message));
    CHECK_EQUAL(static_cast<ssize_t>(frame.size()), send(ends.second.get(), frame.data(), frame.size(), 0));
  }
};

TEST(ControlClient, it_greets_and_learns_whether_it_may_change_things) {
  daemon_says(1, Welcome{.daemon = "hcd 9", .read_only = true});
  CHECK(client.hello("test")->read_only);
}

TEST(ControlClient, a_snapshot_is_gathered_from_its_parts) {
  daemon_says(1, Begin{.header = {.vitals = {.generation = 7}}});
  daemon_says(1, Rows{.services = {{.id = 1}}});
  daemon_says(1, Rows{.tables = {{.id = 2}}, .hosts = {{.id = 3}, {.id = 4}}});
  daemon_says(1, End{.generation = 7});
  const auto snapshot = client.show();
  CHECK_EQUAL(7U, snapshot->header.vitals.generation);
  CHECK_EQUAL(1U, snapshot->services.size());
  CHECK_EQUAL(4U, snapshot->hosts.at(1).id);
}

TEST(ControlClient, a_subscription_gives_one_update_after_the_other) {
  CHECK(client.subscribe().has_value());
  daemon_says(1, Event{.text = "up -> down"});
  STRCMP_EQUAL("up -> down", std::get<Event>(*client.next()).text.c_str());
}

TEST(ControlClient, a_daemon_that_does_not_answer_in_time_is_an_error_of_its_own) {
  CHECK_EQUAL(ETIMEDOUT, client.show().error().sys);
}

TEST(ControlClient, the_daemons_last_word_is_the_error) {
  daemon_says(0, Answer{Verdict::Limit, "too many clients: 128 are connected"});
  ends.second.reset();
  STRCMP_EQUAL("too many clients: 128 are connected", client.hello("test").error().text.c_str());
}

TEST(ControlClient, a_daemon_that_closes_or_talks_nonsense_is_an_error) {
  daemon_says(1, Event{});
  STRCMP_CONTAINS("not understood", client.hello("test").error().text.c_str());
  daemon_says(9, End{});
  STRCMP_CONTAINS("not understood", client.show().error().text.c_str());
  ends.second.reset();
  STRCMP_EQUAL("the daemon closed the connection", client.ask(Stop()).error().text.c_str());
}

TEST(ControlClient, no_daemon_no_permission_and_a_path_that_cannot_be_differ) {
  CHECK(Client::connect("/nonexistent/hcd.sock", Milliseconds(0)).error().code == Code::NotFound);
  CHECK(Client::connect(std::string(200, 'x'), Milliseconds(0)).error().code == Code::Invalid);
  CHECK(Client::connect("", Milliseconds(0)).error().code == Code::Invalid);
}
