// A Director on an engine that remembers, with a clock that stands still. Include it last: it includes CppUTest.
#pragma once
#include "fastpath/base/text.h"
#include "fastpath/memory/memory_engine.h"
#include "hcd/pfe/director.h"
#include "tests/fake/fake_loop.h"
#include "tests/hcd/pfe/sample.h"

#include <CppUTest/TestHarness.h>

namespace hcd::test {

using namespace pfe;
using ctl::Verdict;
using ipc::HostState;

struct DirectorFixture : Utest {
  test::FakeLoop loop;
  Status verdict;  // of the engine on the next commits
  unsigned commits = 0;
  Duration commit_takes{0};
  fastpath::MemoryEngine* engine = nullptr;
  std::vector<std::string> switches, events;
  std::vector<ctl::Rows> rows;
  std::map<std::string, std::string> parked;
  std::string orders;              // hosts that hce was told to check now
  std::vector<std::string> parts;  // of answers to those who asked
  bool there_is_hce = true;
  ctl::Outcome outcome;  // of the last change that was done
  std::unique_ptr<Director> director;

  void setup() override {
    auto made = std::make_unique<fastpath::MemoryEngine>([this](const auto&) {
      commits++;
      loop.advance(commit_takes);
      return verdict;
    });
    engine = made.get();
    start(std::move(made));
    CHECK(director->configure(test::sample()).has_value());
    loop.run();
  }
  void start(std::unique_ptr<fastpath::Engine> made) {
    director = std::make_unique<Director>(
        loop, std::move(made),
        Director::Outlet{
            .to_hce =
                [this](const ipc::HostSwitch& m) {
                  switches.push_back(std::to_string(m.host) + (m.enabled ? " on" : " off"));
                },
            .rows = [this](const ctl::Rows& m) { rows.push_back(m); },
            .gone = [this](const ctl::Gone& m) { events.push_back("gone " + std::to_string(m.id)); },
            .event = [this](const ctl::Event& m) { events.push_back(m.subject + ": " + m.text); },
            .park = [this](const std::string& key, const std::string& value) { parked[key] = value; },
            .check_now =
                [this](const ipc::CheckNow& m) {
                  for (const auto id : m.hosts) orders += (orders.empty() ? "" : " ") + std::to_string(id);
                  return there_is_hce;
                },
            .checking = [this](std::uint32_t,
                               const ctl::Checking& m) { parts.push_back("checking " + std::to_string(m.hosts)); },
            .checked =
                [this](std::uint32_t, const ctl::Checked& m) {
                  parts.push_back(m.name + " " + std::string(ctl::word_text(m.row.word)));
                },
            .answer = [this](std::uint32_t,
                             const ctl::Answer& m) { parts.push_back(m.verdict == Verdict::Done ? "done" : m.text); }});
  }
  void result(conf::Id id, HostState state) {
    director->record(test::result(id, state));
    loop.run();
  }
  ctl::Answer change(ctl::Kind kind, ctl::Action action, const std::string& target) {
    return change({.kind = kind, .action = action, .targets = {{.text = target}}});
  }
  ctl::Answer change(const ctl::Change& change, const std::string& by = "root (uid 0, pid 4411)") {
    const auto done = director->change(change, by);
    loop.run();
    if (!done) return done.error();
    outcome = *done;
    return {Verdict::Done, ctl::outcome_text(*done)};
  }
  ctl::Answer disable(ctl::Kind kind, const std::string& target) { return change(kind, ctl::Action::Disable, target); }
  ctl::Answer enable(ctl::Kind kind, const std::string& target) { return change(kind, ctl::Action::Enable, target); }
  [[nodiscard]] std::string in_force() const { return test::addresses(engine->ruleset(), "hcd/www", "www"); }
  [[nodiscard]] std::string service() const { return ctl::status_text(director->snapshot().services.at(0)); }
  [[nodiscard]] std::string table(std::size_t n) const { return ctl::status_text(director->snapshot().tables.at(n)); }
  [[nodiscard]] std::string host(std::size_t n) const { return ctl::status_text(director->snapshot().hosts.at(n)); }
};

}  // namespace hcd::test
