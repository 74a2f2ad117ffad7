// Hosts by name: what the Director makes of a change of addresses.
#include "tests/hcd/pfe/director_fixture.h"

using namespace hcd;
using namespace hcd::pfe;
using ctl::Verdict;
using ipc::HostState;

namespace {

conf::Host named(conf::Id id, const char* name, const char* at, bool all = false) {
  auto out = test::host(id, at);
  out.name = name;
  out.by_name = conf::ByName({.all = all});
  return out;
}

// The sample, with these hosts in the first table.
pfe::Incoming with(std::vector<conf::Host> hosts, std::uint32_t generation) {
  auto out = test::sample(generation);
  out.tables[0].hosts = std::move(hosts);
  return out;
}

}  // namespace

TEST_GROUP_BASE(DirectorNames, test::DirectorFixture) {
  std::uint32_t generation = 1;

  [[nodiscard]] ctl::HostRow row(conf::Id id) const {
    for (const auto& row : director->snapshot().hosts)
      if (row.id == id) return row;
    return {};
  }
  [[nodiscard]] std::string word(conf::Id id) const {
    return ctl::status_text(row(id));
  }
  void hosts(std::vector<conf::Host> list) {
    CHECK(director->configure(with(std::move(list), ++generation)).has_value());
    loop.run();
  }
};

TEST(DirectorNames, a_host_whose_name_has_no_address_is_shown_and_never_up) {
  hosts({named(0, "web", "")});
  director->record(test::result(0, HostState::Up));
  loop.run();
  STRCMP_EQUAL("none", in_force().c_str());
  STRCMP_EQUAL("unknown", word(0).c_str());
  STRCMP_EQUAL("none", ctl::address_text(row(0)).c_str());
}

TEST(DirectorNames, one_that_leaves_keeps_its_place_until_there_is_a_result_of_what_came_in) {
  hosts({named(5, "web", "10.0.0.1")});
  result(5, HostState::Up);
  hosts({named(6, "web", "10.0.0.2")});
  STRCMP_EQUAL("10.0.0.1", in_force().c_str());
  STRCMP_EQUAL("active", service().c_str());
  result(6, HostState::Up);
  STRCMP_EQUAL("10.0.0.2", in_force().c_str());
}

TEST(DirectorNames, a_result_that_is_bad_ends_that_as_well) {
  hosts({named(5, "web", "10.0.0.1")});
  result(5, HostState::Up);
  hosts({named(6, "web", "10.0.0.2")});
  result(6, HostState::Down);
  STRCMP_EQUAL("none", in_force().c_str());
}

TEST(DirectorNames, without_any_result_it_ends_after_a_time) {
  hosts({named(5, "web", "10.0.0.1")});
  result(5, HostState::Up);
  hosts({named(6, "web", "10.0.0.2")});
  loop.advance(Seconds(20));
  STRCMP_EQUAL("10.0.0.1", in_force().c_str());
  loop.advance(Seconds(20));
  STRCMP_EQUAL("none", in_force().c_str());
}

TEST(DirectorNames, one_that_was_not_up_leaves_at_once) {
  hosts({named(5, "web", "10.0.0.1"), test::host(7, "10.0.0.7")});
  result(5, HostState::Down);
  result(7, HostState::Up);
  hosts({named(6, "web", "10.0.0.2"), test::host(7, "10.0.0.7")});
  STRCMP_EQUAL("10.0.0.7", in_force().c_str());
}

TEST(DirectorNames, changes_in_a_row_keep_what_serves) {
  hosts({named(5, "web", "10.0.0.1")});
  result(5, HostState::Up);
  hosts({named(6, "web", "10.0.0.2")});
  hosts({named(7, "web", "10.0.0.3")});
  STRCMP_EQUAL("10.0.0.1", in_force().c_str());
  hosts({named(8, "web", "10.0.0.1")});  // back again: it is the same host to the engine
  STRCMP_EQUAL("10.0.0.1", in_force().c_str());
  result(8, HostState::Up);
  STRCMP_EQUAL("10.0.0.1", in_force().c_str());
}

TEST(DirectorNames, those_that_stay_keep_their_state) {
  hosts({named(5, "web@10.0.0.1", "10.0.0.1", true), named(6, "web@10.0.0.2", "10.0.0.2", true)});
  result(5, HostState::Up);
  result(6, HostState::Up);
  hosts({named(6, "web@10.0.0.2", "10.0.0.2", true)});
  STRCMP_EQUAL("10.0.0.2", in_force().c_str());
  STRCMP_EQUAL("up", word(6).c_str());
}

TEST(DirectorNames, a_host_that_is_switched_off_is_not_waited_for) {
  hosts({named(5, "web", "10.0.0.1")});
  result(5, HostState::Up);
  hosts({named(6, "web", "10.0.0.2")});
  disable(ctl::Kind::Host, "web");
  STRCMP_EQUAL("none", in_force().c_str());
}

TEST(DirectorNames, what_an_operator_said_of_a_name_is_of_its_next_address_too) {
  hosts({named(5, "web", "10.0.0.1"), test::host(7, "10.0.0.7")});
  disable(ctl::Kind::Host, "web");
  hosts({named(6, "web", "10.0.0.2"), test::host(7, "10.0.0.7")});
  STRCMP_EQUAL("disabled", word(6).c_str());
  STRCMP_EQUAL("6 off", switches.back().c_str());
}

TEST(DirectorNames, what_an_operator_said_of_one_of_all_waits_for_its_return) {
  const auto one = named(5, "web@10.0.0.1", "10.0.0.1", true), other = named(6, "web@10.0.0.2", "10.0.0.2", true);
  hosts({one, other});
  disable(ctl::Kind::Host, "10.0.0.1");
  hosts({other});
  CHECK(parked.contains("host webhosts/web@10.0.0.1"));
  hosts({one, other});
  STRCMP_EQUAL("disabled", word(5).c_str());
  hosts({test::host(7, "10.0.0.7")});
  CHECK(parked.at("host webhosts/web@10.0.0.1").empty());
}

TEST(DirectorNames, a_host_goes_by_its_name_or_its_address) {
  hosts({named(5, "web", "10.0.0.1"), named(6, "all@10.0.0.2", "10.0.0.2", true),
         named(7, "all@10.0.0.3", "10.0.0.3", true)});
  CHECK(disable(ctl::Kind::Host, "10.0.0.1").verdict == Verdict::Done);
  CHECK(enable(ctl::Kind::Host, "webhosts/web").verdict == Verdict::Done);
  CHECK(disable(ctl::Kind::Host, "all@10.0.0.2").verdict == Verdict::Done);
}

TEST(DirectorNames, a_name_given_with_all_is_each_of_its_addresses_and_those_to_come) {
  const auto one = named(5, "web@10.0.0.1", "10.0.0.1", true), two = named(6, "web@10.0.0.2", "10.0.0.2", true);
  hosts({one, two});
  STRCMP_EQUAL("host web of webhosts (all 2) disabled", disable(ctl::Kind::Host, "web").text.c_str());
  hosts({two, named(7, "web@10.0.0.3", "10.0.0.3", true)});
  STRCMP_EQUAL("disabled", word(6).c_str());
  STRCMP_EQUAL("disabled", word(7).c_str());
  CHECK(row(7).override.has_value());
  enable(ctl::Kind::Host, "10.0.0.3");
  hosts({two, named(7, "web@10.0.0.3", "10.0.0.3", true)});
  STRCMP_EQUAL("disabled", word(6).c_str());
  STRCMP_EQUAL("unknown", word(7).c_str());
  enable(ctl::Kind::Host, "webhosts/web");
  hosts({one, two, named(7, "web@10.0.0.3", "10.0.0.3", true)});
  for (const conf::Id id : {5U, 6U, 7U}) STRCMP_EQUAL("unknown", word(id).c_str());
  for (const auto& [key, value] : parked) CHECK_TEXT(value.empty(), key.c_str());
}

TEST(DirectorNames, what_is_said_of_a_name_without_an_address_is_true_of_those_that_it_gets) {
  hosts({named(5, "web", "", true)});
  disable(ctl::Kind::Host, "web");
  hosts({named(5, "web@10.0.0.1", "10.0.0.1", true), named(6, "web@10.0.0.2", "10.0.0.2", true)});
  STRCMP_EQUAL("disabled", word(5).c_str());
  STRCMP_EQUAL("disabled", word(6).c_str());
  change(ctl::Kind::Host, ctl::Action::Enable, "web");
  change(ctl::Kind::Host, ctl::Action::Drain, "web");
  hosts({named(5, "web@10.0.0.1", "10.0.0.1", true), named(7, "web@10.0.0.3", "10.0.0.3", true)});
  CHECK(row(5).drained && row(7).drained);
  change(ctl::Kind::Host, ctl::Action::Undrain, "web");
  for (const auto& [key, value] : parked) CHECK_TEXT(value.empty(), key.c_str());
}

TEST(DirectorNames, a_name_that_two_tables_have_is_ambiguous) {
  auto both = with({named(5, "web@10.0.0.1", "10.0.0.1", true)}, ++generation);
  both.tables[1].hosts = {named(6, "web@10.0.0.1", "10.0.0.1", true)};
  CHECK(director->configure(both).has_value());
  CHECK(disable(ctl::Kind::Host, "web").verdict == Verdict::Ambiguous);
  CHECK(disable(ctl::Kind::Host, "webhosts/web").verdict == Verdict::Done);
}

TEST(DirectorNames, what_is_said_of_a_name_is_shown_with_its_hosts) {
  hosts({named(5, "web", "10.0.0.1"), named(6, "x", "")});
  director->note_name({.name = "web", .fault = conf::NameFault::Timeout, .answered = true});
  director->note_name({.name = "x", .fault = conf::NameFault::NotAsked});
  director->note_name({.name = "stranger", .fault = conf::NameFault::Timeout});
  STRCMP_EQUAL("timeout, the last answer is kept", row(5).lookup.c_str());
  STRCMP_EQUAL("not looked up yet", row(6).lookup.c_str());
  STRCMP_EQUAL("web: its name: timeout, the last answer is kept", events.at(events.size() - 2).c_str());
  hosts({named(5, "web", "10.0.0.1"), named(6, "x", "")});
  STRCMP_EQUAL("timeout, the last answer is kept", row(5).lookup.c_str());
  director->note_name({.name = "x", .fault = conf::NameFault::None, .answered = true});
  STRCMP_EQUAL("no address is left for it", row(6).lookup.c_str());
}

TEST(DirectorNames, a_check_that_is_asked_for_is_not_waited_for_without_an_address) {
  hosts({named(5, "web", "")});
  director->check_now({.target = "web"}, 1, "root");
  CHECK(parts == (std::vector<std::string>{"webhosts/web unknown", "done"}));
}

TEST(DirectorNames, a_new_process_keeps_what_the_engine_has_while_names_are_looked_up) {
  hosts({named(5, "web", "10.0.0.1")});
  result(5, HostState::Up);
  auto engine_left = std::make_unique<fastpath::MemoryEngine>();
  fastpath::Transaction copy(engine_left->ruleset());
  for (const auto& [name, anchor] : engine->ruleset()) bring_about(copy, name, anchor);
  CHECK(engine_left->commit(copy).has_value());
  engine = engine_left.get();
  start(std::move(engine_left));
  hosts({named(0, "web", "")});
  STRCMP_EQUAL("10.0.0.1", in_force().c_str());
  STRCMP_EQUAL("active", service().c_str());
  hosts({named(0, "web", "10.0.0.1")});
  STRCMP_EQUAL("10.0.0.1", in_force().c_str());
  result(0, HostState::Down);
  STRCMP_EQUAL("none", in_force().c_str());
}
