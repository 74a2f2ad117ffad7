// Whose sessions the Director has the engine end.
#include "tests/hcd/pfe/director_fixture.h"

using namespace hcd;
using namespace hcd::pfe;
using ctl::Verdict;
using ipc::HostState;

TEST_GROUP_BASE(DirectorCut, test::DirectorFixture){void resetting(){auto config = test::sample(2);
config.services[0].reset_on_down = true;
CHECK(director->configure(config).has_value());
for (const conf::Id id : {0U, 1U, 3U}) result(id, HostState::Up);
}
[[nodiscard]] std::string cut() const {
  std::string out;
  for (const auto& one : engine->was_cut())
    out += (out.empty() ? "" : " ") + one.anchor + ":" + (one.host ? one.host->text() : "all");
  return out;
}
ctl::Answer disable_and_cut(ctl::Kind kind, const char* target) {
  return change({.kind = kind, .action = ctl::Action::Disable, .targets = {{.text = target}}, .cut = true});
}
}
;

TEST(DirectorCut, a_host_that_goes_down_loses_its_sessions_once_it_has_no_place_any_more) {
  resetting();
  const unsigned before = commits;
  result(0, HostState::Down);
  LONGS_EQUAL(before + 1, commits);
  STRCMP_EQUAL("hcd/www:10.1.1.100", cut().c_str());
  result(0, HostState::Down);
  STRCMP_EQUAL("hcd/www:10.1.1.100", cut().c_str());
}

TEST(DirectorCut, so_does_one_that_was_drained_and_one_of_a_table_that_is_not_in_use) {
  resetting();
  change(ctl::Kind::Host, ctl::Action::Drain, "0");
  CHECK(cut().empty());
  result(0, HostState::Down);
  result(3, HostState::Down);
  STRCMP_EQUAL("hcd/www:10.1.1.100 hcd/www:127.0.0.1", cut().c_str());
}

TEST(DirectorCut, who_is_disabled_or_out_of_use_or_of_a_service_that_keeps_has_not_gone_down) {
  result(0, HostState::Up);
  result(0, HostState::Down);
  resetting();
  disable(ctl::Kind::Host, "0");
  disable(ctl::Kind::Table, "webhosts");
  disable(ctl::Kind::Service, "www");
  CHECK(cut().empty());
}

TEST(DirectorCut, an_operator_cuts_what_he_disables_even_a_second_time) {
  resetting();
  CHECK(disable_and_cut(ctl::Kind::Host, "1").verdict == Verdict::Done);
  STRCMP_EQUAL("hcd/www:10.1.1.101", cut().c_str());
  STRCMP_EQUAL("host 10.1.1.101 of webhosts: disabled already", disable_and_cut(ctl::Kind::Host, "1").text.c_str());
  STRCMP_EQUAL("hcd/www:10.1.1.101 hcd/www:10.1.1.101", cut().c_str());
}

TEST(DirectorCut, a_table_is_all_its_hosts_and_a_service_all_that_its_rules_made) {
  resetting();
  disable_and_cut(ctl::Kind::Table, "webhosts");
  disable_and_cut(ctl::Kind::Service, "www");
  STRCMP_EQUAL("hcd/www:10.1.1.100 hcd/www:10.1.1.101 hcd/www:all", cut().c_str());
  CHECK(events.back().find("service www: 0 sessions cut") != std::string::npos);
}

TEST(DirectorCut, what_the_engine_refuses_to_change_or_to_cut_is_told) {
  result(0, HostState::Up);
  verdict = fail(Code::Limit, "full");
  STRCMP_EQUAL("host 10.1.1.100 of webhosts disabled, but the engine refuses: full; it is tried again",
               disable_and_cut(ctl::Kind::Host, "0").text.c_str());
  CHECK(cut().empty());
}
