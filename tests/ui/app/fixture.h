// A controller over a site's desk, with a shell that remembers. Include it last: it includes CppUTest.
#pragma once
#include "tests/ui/stage.h"
#include "ui/app/controller.h"

#include <CppUTest/TestHarness.h>

namespace hcd::test {

// A shell that remembers what it was asked, and a daemon that answers as a test says.
class FakeShell final : public ui::Shell {
 public:
  void quit() override { said += "quit "; }
  void suspend() override { said += "suspend "; }
  void redraw() override { said += "redraw "; }
  void refresh() override { said += "refresh "; }
  void mouse(bool on) override { said += on ? "mouse " : "no-mouse "; }
  void interval() override { said += "interval "; }
  void inspect(const ui::Key& key) override { said += "inspect-" + std::to_string(key.id) + " "; }
  void check_now(const std::vector<ui::Key>& keys) override { said += "check-" + std::to_string(keys.size()) + " "; }
  bool change(const ctl::Change& change, std::function<void(const ctl::Answer&, const ctl::Outcome&)> ended) override {
    if (!reachable) return false;
    asked.push_back(change);
    ctl::Outcome told = outcome;
    told.dry_run = change.dry_run;
    told.consequence.action = change.action;
    ended(answer, told);
    return true;
  }
  void command(const std::string& text) override { said += "[" + text + "] "; }
  void end_command() override { said += "end-command "; }
  void copy(const std::string& text) override { said += "copy-" + text + " "; }
  Result<std::string> write(const std::string& text) override {
    written = text;
    return "file";
  }

  std::string said, written;
  std::vector<ctl::Change> asked;
  ctl::Answer answer;
  ctl::Outcome outcome;
  bool reachable = true;
};

struct ControllerFixture : Utest {
  Stage stage;
  ui::Desk& desk = stage.desk;
  FakeShell shell;
  ui::Controller controller{desk, shell};

  void setup() override {
    stage.tell_site();
    shell.outcome.consequence = {.changed = 1, .objects = "host 10.0.0.12 of web:80"};
    shell.outcome.objects = {{.kind = ctl::Kind::Host, .id = 12, .name = "web:80/10.0.0.12"}};
    shell.outcome.generation = 77;
    (void)stage.frame(80, 24);
  }
  void press(std::u32string_view keys) {
    for (const char32_t key : keys) {
      controller.press(key, stage.now);
      (void)stage.frame(80, 24);
    }
  }
  void press(ui::Special key) { press(std::u32string(1, key)); }
  void at(conf::Id host) {
    desk.at = {.kind = ctl::Kind::Host, .id = host, .service = 1};
    (void)stage.frame(80, 24);
    CHECK_EQUAL(host, desk.line()->key.id);
  }
  std::string here() { return ui::name_of(desk.shown(), desk.line()->key); }
};

}  // namespace hcd::test
