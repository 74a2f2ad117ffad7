#include "hcd/parent/reload.h"

#include "hcd/conf/names.h"
#include "tests/fake/fake_loop.h"

#include <CppUTest/TestHarness.h>

using namespace hcd;
using namespace hcd::parent;

namespace {

conf::Config config_with(const std::string& service, unsigned id) {
  conf::Config config;
  conf::Table table;
  table.name = "web:80";
  config.tables.push_back(table);
  conf::Service made;
  made.id = id;
  made.name = service;
  config.services.push_back(made);
  return config;
}

}  // namespace

TEST_GROUP(Reload) {
  test::FakeLoop loop;
  std::vector<std::string> steps;
  Result<conf::Loaded> next = conf::Loaded{config_with("www", 0), {}};
  Status prepared, sent;
  std::string answer;
  conf::Answers answers;
  unsigned files = 0;      // taken into force
  unsigned abandoned = 0;  // what was prepared for them
  Reload reload{
      loop,
      {.load =
           [this](const std::string& path) {
             steps.push_back("load " + path);
             return next;
           },
       .prepare =
           [this](conf::Config&) {
             steps.emplace_back("prepare");
             return prepared;
           },
       .resolve = [this](const conf::Config& written,
                         const conf::Config& running) { return conf::with_addresses(written, answers, running); },
       .to_pfe =
           [this](const conf::Config& config, std::uint32_t generation) {
             steps.push_back("pfe " + config.services[0].name + " " + std::to_string(generation));
             return sent;
           },
       .to_hce =
           [this](const conf::Config& config, std::uint32_t generation) {
             steps.push_back("hce " + config.services[0].name + " " + std::to_string(generation));
             return Status();
           },
       .distrust_pfe = [this](const std::string&) { steps.emplace_back("distrust"); },
       .in_force = [this](const conf::Config&) { files++; },
       .abandoned = [this] { abandoned++; },
       .trial = [this](Duration left) { trial = left; },
       .taken_back = [this](const std::string& changes) { back = changes; }}};
  Duration trial{0};
  std::string back;  // what was said of a reload that was taken back
  std::string said;  // to whoever confirmed it

  void setup() override {
    CHECK(reload.begin({config_with("www", 0), {}}).has_value());
    steps.clear();
  }
  void ask() {
    reload.request("file", [this](bool ok, const std::string& text) { answer = (ok ? "ok: " : "no: ") + text; });
  }
  void try_mail() {  // for a minute
    next = conf::Loaded{config_with("mail", 0), {}};
    reload.request(
        "file", [this](bool ok, const std::string& text) { answer = (ok ? "ok: " : "no: ") + text; }, Seconds(60));
    CHECK(reload.on_applied(2, "").has_value());
    steps.clear();
  }
  std::string confirm(bool keep) {  // what is said of it at once; later answers come to `said` too
    said.clear();
    reload.confirm(keep, [this](bool ok, const std::string& text) { said = (ok ? "ok: " : "no: ") + text; });
    return said;
  }
  void steps_are(const std::vector<std::string>& wanted) {
    std::string want, got;
    for (const auto& s : wanted) want += s + "; ";
    for (const auto& s : steps) got += s + "; ";
    STRCMP_EQUAL(want.c_str(), got.c_str());
  }
};

TEST(Reload, a_good_file_is_swapped_in_when_the_engine_has_confirmed_it) {
  next = conf::Loaded{config_with("mail", 0), {}};
  ask();
  steps_are({"load file", "prepare", "pfe mail 2"});
  STRCMP_EQUAL("", answer.c_str());
  STRCMP_EQUAL("www", reload.running().services[0].name.c_str());
  CHECK(reload.on_applied(2, "").has_value());
  steps_are({"load file", "prepare", "pfe mail 2", "hce mail 2"});
  STRCMP_EQUAL("mail", reload.running().services[0].name.c_str());
  CHECK_EQUAL(2U, reload.generation());
  STRCMP_CONTAINS("ok: ", answer.c_str());
  STRCMP_CONTAINS("+1 service mail", answer.c_str());
}

TEST(Reload, a_bad_file_changes_nothing_and_all_its_errors_come_back) {
  next = fail(Code::Invalid, "f:1:2: first\nf:3:4: second");
  ask();
  steps_are({"load file"});
  STRCMP_EQUAL("no: f:1:2: first\nf:3:4: second", answer.c_str());
  CHECK_EQUAL(1U, reload.generation());
}

TEST(Reload, an_unknown_interface_changes_nothing) {
  prepared = fail(Code::NotFound, "there is no interface em9");
  ask();
  steps_are({"load file", "prepare"});
  STRCMP_EQUAL("no: there is no interface em9", answer.c_str());
}

TEST(Reload, what_the_engine_refuses_changes_nothing_and_its_number_is_not_used_again) {
  ask();
  CHECK(reload.on_applied(2, "no room for rules").has_value());
  STRCMP_EQUAL("no: no room for rules", answer.c_str());
  CHECK_EQUAL(1U, reload.generation());
  ask();
  CHECK(reload.on_applied(3, "").has_value());
  CHECK_EQUAL(3U, reload.generation());
}

TEST(Reload, what_was_prepared_for_a_file_that_does_not_come_in_force_is_abandoned) {
  sent = fail(Code::System, "pfe is being restarted");
  ask();
  CHECK_EQUAL(1U, abandoned);
  sent = {};
  ask();
  ask();  // which is refused while the other is under way
  CHECK_EQUAL(1U, abandoned);
  CHECK(reload.on_applied(3, "no room for rules").has_value());
  CHECK_EQUAL(2U, abandoned);
  ask();
  CHECK(reload.on_applied(4, "").has_value());
  CHECK_EQUAL(2U, abandoned);
}

TEST(Reload, ids_stay_with_their_names) {
  auto fresh = config_with("mail", 0);
  fresh.services.push_back(config_with("www", 1).services[0]);
  next = conf::Loaded{fresh, {}};
  ask();
  CHECK(reload.on_applied(2, "").has_value());
  for (const auto& service : reload.running().services) CHECK_EQUAL(service.name == "www" ? 0U : 1U, service.id);
}

TEST(Reload, a_second_request_waits_for_nobody) {
  ask();
  ask();
  STRCMP_EQUAL("no: another reload is under way", answer.c_str());
  CHECK(reload.on_applied(2, "").has_value());
  STRCMP_CONTAINS("ok: ", answer.c_str());
}

TEST(Reload, a_process_that_dies_or_hangs_over_it_leaves_the_running_one) {
  ask();
  reload.on_pfe_lost();
  STRCMP_CONTAINS("no: ", answer.c_str());
  CHECK_EQUAL(1U, reload.generation());
  answer.clear();
  ask();
  loop.advance(Reload::kLimit);
  STRCMP_CONTAINS("no: ", answer.c_str());
  STRCMP_EQUAL("distrust", steps.back().c_str());
}

TEST(Reload, an_answer_for_a_configuration_that_was_never_sent_is_a_lie) {
  CHECK(reload.on_applied(1, "").has_value());  // a restarted process has the one in force
  CHECK(!reload.on_applied(2, "").has_value());
  ask();
  CHECK(!reload.on_applied(3, "").has_value());
}

TEST_GROUP(Renewal) {
  test::FakeLoop loop;
  conf::Config written;
  conf::Answers answers;
  std::string pfe, hce;  // the addresses of the configuration that each was sent last
  bool there_is_pfe = true;
  unsigned in_force = 0;
  Reload reload{
      loop,
      {.load = [this](const std::string&) -> Result<conf::Loaded> { return conf::Loaded{written, {}}; },
       .prepare = [](conf::Config&) { return Status(); },
       .resolve = [this](const auto& w, const auto& running) { return conf::with_addresses(w, answers, running); },
       .to_pfe =
           [this](const conf::Config& config, std::uint32_t) {
             if (!there_is_pfe) return Status(fail(Code::System, "no pfe"));
             pfe = text(config);
             return Status();
           },
       .to_hce = [this](const conf::Config& config, std::uint32_t) { return hce = text(config), Status(); },
       .distrust_pfe = [](const std::string&) {},
       .in_force = [this](const conf::Config&) { in_force++; }}};

  static std::string text(const conf::Config& config) {
    std::string out;
    for (const auto& host : config.tables.at(0).hosts) out += host.name + "=" + host.address.text() + " ";
    return out;
  }
  void setup() override {
    conf::Table table{.name = "t:80", .port = 80};
    table.hosts.push_back({.name = "web", .address = {}, .by_name = conf::ByName(conf::ByName::How{})});
    written.tables.push_back(table);
    CHECK(reload.begin({written, {}}).has_value());
  }
  void now(const char* address) {
    answers["web"] = {*Address::parse(address)};
    reload.renew();
  }
};

TEST(Renewal, other_addresses_are_swapped_in_like_another_file) {
  now("10.0.0.1");
  STRCMP_EQUAL("web=10.0.0.1 ", pfe.c_str());
  STRCMP_EQUAL("", hce.c_str());
  CHECK(reload.on_applied(2, "").has_value());
  STRCMP_EQUAL("web=10.0.0.1 ", hce.c_str());
  CHECK_EQUAL(0U, in_force);
  pfe.clear();
  reload.renew();
  STRCMP_EQUAL("", pfe.c_str());
}

TEST(Renewal, one_that_comes_during_another_is_done_after_it) {
  now("10.0.0.1");
  now("10.0.0.2");
  STRCMP_EQUAL("web=10.0.0.1 ", pfe.c_str());
  CHECK(reload.on_applied(2, "").has_value());
  STRCMP_EQUAL("web=10.0.0.2 ", pfe.c_str());
  CHECK(reload.on_applied(3, "").has_value());
  STRCMP_EQUAL("web=10.0.0.2 ", hce.c_str());
}

TEST(Renewal, a_reload_that_is_asked_for_meanwhile_has_its_turn) {
  now("10.0.0.1");
  written.tables.at(0).hosts.push_back({.name = "10.0.0.9", .address = *Address::parse("10.0.0.9")});
  written.tables.at(0).hosts.back().id = 1;
  std::string answer, second;
  reload.request({}, [&](bool, const std::string& text) { answer = text; });
  reload.request({}, [&](bool, const std::string& text) { second = text; });
  STRCMP_EQUAL("another reload is under way", second.c_str());
  STRCMP_EQUAL("", answer.c_str());
  CHECK(reload.on_applied(2, "").has_value());
  STRCMP_EQUAL("web=10.0.0.1 10.0.0.9=10.0.0.9 ", pfe.c_str());
  CHECK(reload.on_applied(3, "").has_value());
  STRCMP_EQUAL("+1 host 10.0.0.9 in table t:80", answer.c_str());
  CHECK_EQUAL(1U, in_force);
}

TEST(Renewal, what_a_pfe_did_not_get_the_next_one_does) {
  there_is_pfe = false;
  now("10.0.0.1");
  there_is_pfe = true;
  CHECK(reload.on_applied(1, "").has_value());  // the restarted one has what is in force
  STRCMP_EQUAL("web=10.0.0.1 ", pfe.c_str());
  there_is_pfe = false;
  reload.on_pfe_lost();
  there_is_pfe = true;
  pfe.clear();
  CHECK(reload.on_applied(1, "").has_value());
  STRCMP_EQUAL("web=10.0.0.1 ", pfe.c_str());
}

TEST(Renewal, what_the_engine_refuses_is_tried_again_with_the_next_change) {
  now("10.0.0.1");
  CHECK(reload.on_applied(2, "no room").has_value());
  STRCMP_EQUAL("", hce.c_str());
  now("10.0.0.2");
  STRCMP_EQUAL("web=10.0.0.2 ", pfe.c_str());
}

TEST(Reload, what_is_not_confirmed_in_time_is_taken_back) {
  try_mail();
  STRCMP_CONTAINS("taken back in 60 seconds, unless it is confirmed", answer.c_str());
  CHECK(trial == Seconds(60));
  loop.advance(Seconds(59));
  CHECK(steps.empty());
  loop.advance(Seconds(1));
  steps_are({"prepare", "pfe www 3"});
  CHECK(reload.on_applied(3, "").has_value());
  steps_are({"prepare", "pfe www 3", "hce www 3"});
  CHECK(trial == Duration(0));
  STRCMP_CONTAINS("-1 service mail", back.c_str());
  STRCMP_EQUAL("no: no reload waits to be confirmed", confirm(true).c_str());
  loop.advance(Seconds(100));
  CHECK_EQUAL(3U, steps.size());
}

TEST(Reload, what_is_confirmed_stays_and_until_then_no_other_is_taken) {
  try_mail();
  ask();
  STRCMP_EQUAL("no: the last reload waits to be confirmed", answer.c_str());
  STRCMP_EQUAL("ok: the configuration is kept", confirm(true).c_str());
  CHECK(trial == Duration(0));
  loop.advance(Seconds(100));
  CHECK(steps.empty());
  ask();
  steps_are({"load file", "prepare", "pfe mail 3"});
}

TEST(Reload, it_can_be_taken_back_at_once) {
  try_mail();
  STRCMP_EQUAL("", confirm(false).c_str());
  CHECK(reload.on_applied(3, "").has_value());
  STRCMP_CONTAINS("ok: ", said.c_str());
  STRCMP_CONTAINS("-1 service mail", back.c_str());
  CHECK(reload.running().services[0].name == "www");
}

TEST(Reload, what_cannot_be_taken_back_is_tried_again) {
  try_mail();
  prepared = fail(Code::System, "no such interface");
  loop.advance(Seconds(60));
  steps_are({"prepare"});
  prepared = {};
  loop.advance(Seconds(1));
  reload.on_pfe_lost();
  loop.advance(Seconds(1));
  steps_are({"prepare", "prepare", "pfe www 3", "prepare", "pfe www 4"});
  CHECK(reload.on_applied(4, "").has_value());
  CHECK(reload.running().services[0].name == "www");
}
