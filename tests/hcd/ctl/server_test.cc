#include "tests/hcd/ctl/server_fixture.h"

using namespace hcd;
using namespace hcd::ctl;
using test::Wire;

TEST_GROUP_BASE(ControlServer, test::ServerFixture){};

TEST(ControlServer, a_hello_is_answered_with_the_version_and_whether_changes_are_allowed) {
  Wire wire(name + "-ro");
  wire.say(Hello());
  pump(loop);
  const auto welcome = wire.take<Welcome>();
  CHECK_EQUAL(kVersion, welcome->version);
  CHECK(welcome->read_only);
}

TEST(ControlServer, a_client_without_a_version_in_common_is_told_both) {
  Wire wire(name);
  wire.say(Hello{.lowest = kVersion + 1, .highest = kVersion + 2, .client = "later"});
  const std::string ours = std::to_string(kVersion);
  STRCMP_EQUAL(("this daemon speaks version " + ours + " of the control protocol, the client " +
                std::to_string(kVersion + 1) + " to " + std::to_string(kVersion + 2))
                   .c_str(),
               last_word(wire).c_str());
}

TEST(ControlServer, a_snapshot_of_ten_thousand_hosts_comes_whole_in_frames_that_fit) {
  many_hosts();
  backend.state.header.vitals.generation = 77;
  Wire wire = greeted(name);
  wire.say(Show(), 5);
  std::size_t rows = 0;
  bool ended = false;
  for (int round = 0; round < 1000 && !ended; round++) {
    pump(loop);
    while (const auto type = wire.next()) {
      CHECK_EQUAL(5U, wire.frame.id);
      if (*type == Type::Rows) rows += ipc::decode<Rows>(wire.frame.payload)->hosts.size();
      ended |= *type == Type::End;
    }
  }
  CHECK(ended);
  CHECK_EQUAL(10000U, rows);
}

TEST(ControlServer, a_change_carries_who_asked_for_it) {
  Wire wire = greeted(name);
  wire.say(Change{.targets = {{.text = "www"}}});
  pump(loop);
  CHECK_EQUAL(9U, wire.take<Outcome>()->generation);
  CHECK(wire.take<Answer>()->verdict == Verdict::Done);
  STRCMP_EQUAL(("www by alice (uid " + std::to_string(geteuid()) + ", pid " + std::to_string(getpid()) + ")").c_str(),
               backend.asked.at(0).c_str());
}

TEST(ControlServer, the_read_only_socket_refuses_changes_and_goes_on) {
  Wire wire = greeted(name + "-ro");
  wire.say(Change{.targets = {{.text = "www"}}});
  wire.say(Reload());
  wire.say(Stop());
  wire.say(CheckNow{"webhosts"});
  wire.say(Show());
  pump(loop);
  for (int i = 0; i < 4; i++) CHECK(wire.take<Answer>()->verdict == Verdict::Permission);
  CHECK(backend.asked.empty() && backend.tickets.empty());
  CHECK(wire.take<Begin>().has_value());
}

TEST(ControlServer, a_reload_is_answered_when_its_result_comes) {
  Wire wire = greeted(name);
  wire.say(Reload(), 9);
  pump(loop);
  CHECK(!wire.next());
  server.answer(backend.tickets.at(0), {Verdict::Refused, "hcd.conf:3:1: what is this"});
  pump(loop);
  STRCMP_EQUAL("hcd.conf:3:1: what is this", wire.take<Answer>()->text.c_str());
  CHECK_EQUAL(9U, wire.frame.id);
}

TEST(ControlServer, what_is_remembered_of_many_hosts_comes_in_frames_that_fit_and_ends_with_an_answer) {
  for (Id id = 0; id < 2000; id++)
    backend.remembered.hosts.push_back({.id = id, .name = "h", .checks = {32, CheckPoint()}});
  Wire wire = greeted(name + "-ro");
  wire.say(Checks{"*"}, 4);
  wire.say(Checks{"nothing"}, 5);
  std::size_t hosts = 0;
  std::vector<Verdict> answers;
  for (int round = 0; round < 1000 && answers.size() < 2; round++) {
    pump(loop);
    while (const auto type = wire.next()) {
      if (*type == Type::Evidence) hosts += ipc::decode<Evidence>(wire.frame.payload)->hosts.size();
      if (*type == Type::Answer) answers.push_back(ipc::decode<Answer>(wire.frame.payload)->verdict);
    }
  }
  CHECK_EQUAL(2000U, hosts);
  CHECK(answers.at(0) == Verdict::Done);
  CHECK(answers.at(1) == Verdict::NotFound || answers.at(1) == Verdict::Limit);
}

TEST(ControlServer, a_number_that_waits_for_its_answer_is_not_given_again) {
  Wire wire = greeted(name);
  wire.say(Reload(), 9);
  wire.say(CheckNow{"webhosts"}, 9);
  pump(loop);
  CHECK(wire.take<Answer>()->verdict == Verdict::Usage);
  CHECK_EQUAL(1U, backend.tickets.size());
}

TEST(ControlServer, checks_that_are_asked_for_are_told_as_they_end_and_one_request_at_a_time) {
  Wire wire = greeted(name);
  wire.say(CheckNow{"webhosts"}, 7);
  wire.say(CheckNow{"webhosts"}, 8);
  pump(loop);
  CHECK(wire.take<Answer>()->verdict == Verdict::Limit);
  CHECK_EQUAL(8U, wire.frame.id);
  server.tell(backend.tickets.at(0), Checking{.hosts = 1, .limit_ms = 500});
  server.tell(backend.tickets.at(0), Checked{.name = "webhosts/10.0.0.1", .row = {.id = 1}});
  server.answer(backend.tickets.at(0), {});
  server.tell(backend.tickets.at(0), Checked());  // it has ended
  pump(loop);
  CHECK_EQUAL(500U, wire.take<Checking>()->limit_ms);
  CHECK_EQUAL(1U, wire.take<Checked>()->row.id);
  CHECK(wire.take<Answer>()->verdict == Verdict::Done);
  CHECK_EQUAL(7U, wire.frame.id);
  CHECK(!wire.next());
}

TEST(ControlServer, the_result_of_a_reload_whose_client_has_gone_is_dropped) {
  {
    Wire wire = greeted(name);
    wire.say(Reload());
    pump(loop);
  }
  pump(loop);
  CHECK_EQUAL(0U, server.clients());
  server.answer(backend.tickets.at(0), {Verdict::Done, ""});
}

TEST(ControlServer, who_asks_again_without_reading_is_refused_and_not_served) {
  many_hosts();
  Wire wire = greeted(name);
  for (int i = 0; i < 200; i++) wire.say(Show());
  pump(loop);
  CHECK(backend.snapshots < 3);
}

TEST(ControlServer, a_message_that_is_malformed_unknown_or_out_of_turn_ends_its_client_with_a_word) {
  Wire truncated = greeted(name);
  truncated.raw(ipc::encode_frame(static_cast<std::uint32_t>(Type::Change), 1, 0, "ab"));
  STRCMP_EQUAL("a message of type 4 and 2 bytes is malformed", last_word(truncated).c_str());
  Wire unknown = greeted(name);
  unknown.raw(ipc::encode_frame(99, 1, 0, ""));
  STRCMP_EQUAL("a message of type 99 is unknown", last_word(unknown).c_str());
  Wire early(name);
  early.say(Show());
  STRCMP_EQUAL("the first message must be a hello", last_word(early).c_str());
  Wire twice = greeted(name);
  twice.say(Hello());
  STRCMP_EQUAL("a second hello", last_word(twice).c_str());
}

TEST(ControlServer, a_frame_that_is_too_long_or_a_descriptor_ends_its_client_with_a_word) {
  Wire longer = greeted(name);
  longer.raw(ipc::encode_frame(static_cast<std::uint32_t>(Type::Change), 1, 0, std::string(65530, 'x')));
  STRCMP_CONTAINS("frame of 65546 bytes", last_word(longer).c_str());
  Wire lying = greeted(name);
  lying.raw(ipc::encode_frame(static_cast<std::uint32_t>(Type::Show), 1, 3, ""));
  STRCMP_CONTAINS("descriptors", last_word(lying).c_str());
}

TEST(ControlServer, half_a_message_silence_and_idleness_end_after_a_while) {
  Wire half = greeted(name);
  half.raw(std::string(10, '\0'));
  Wire silent(name);
  pump(loop);
  loop.advance(Seconds(9));
  CHECK_EQUAL(2U, server.clients());
  loop.advance(Seconds(2));
  STRCMP_EQUAL("the rest of a message does not come", last_word(half).c_str());
  STRCMP_EQUAL("no hello came", last_word(silent).c_str());
  Wire idle = greeted(name);
  Wire subscriber = greeted(name);
  subscriber.say(Subscribe());
  pump(loop);
  loop.advance(Seconds(61));
  STRCMP_EQUAL("nothing was asked for a minute", last_word(idle).c_str());
  CHECK_EQUAL(1U, server.clients());
}

TEST(ControlServer, a_process_of_the_daemons_own_may_look_and_be_silent_however_many_others_there_are) {
  std::vector<Wire> crowd;
  for (int i = 0; i < 128; i++) crowd.emplace_back(name);
  pump(loop);
  auto pair = ipc::socket_pair();
  server.serve(std::move(pair->first));
  Wire ours(std::move(pair->second));
  loop.advance(Seconds(300));
  CHECK_EQUAL(1U, server.clients());
  ours.say(Hello());
  ours.say(Stop(), 2);
  pump(loop);
  CHECK(ours.take<Welcome>()->read_only);
  CHECK(ours.take<Answer>()->verdict == Verdict::Permission);
  loop.advance(Seconds(300));
  CHECK_EQUAL(1U, server.clients());
}

TEST(ControlServer, a_client_that_drips_a_message_byte_by_byte_gains_no_time) {
  Wire wire = greeted(name);
  for (int i = 0; i < 11; i++) {
    wire.raw("x");
    pump(loop);
    loop.advance(Seconds(1));
  }
  CHECK_EQUAL(0U, server.clients());
}

TEST(ControlServer, one_bad_client_disturbs_no_other) {
  Wire good = greeted(name);
  Wire bad = greeted(name);
  bad.raw(std::string(64, '\xff'));
  pump(loop);
  good.say(Change{.targets = {{.text = "www"}}});
  pump(loop);
  CHECK(good.take<Outcome>().has_value());
  CHECK(good.take<Answer>()->verdict == Verdict::Done);
  CHECK_EQUAL(1U, server.clients());
}

TEST(ControlServer, a_crowd_on_the_read_only_socket_leaves_room_for_who_may_act) {
  std::vector<Wire> crowd;
  for (int i = 0; i < 300; i++) crowd.emplace_back(name + "-ro");
  pump(loop);
  CHECK_EQUAL(96U, server.clients());
  STRCMP_EQUAL("too many clients: 96 are connected", last_word(crowd.back()).c_str());
  std::vector<Wire> operators;
  for (int i = 0; i < 40; i++) operators.emplace_back(name);
  pump(loop);
  CHECK_EQUAL(128U, server.clients());
  crowd.clear();
  pump(loop);
  CHECK_EQUAL(32U, server.clients());
  Wire next = greeted(name + "-ro");
}
