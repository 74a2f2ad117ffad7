// All that a frame is drawn of: what the daemon told, what the operator chose, where the cursor stands, what is being typed.
// It is changed by the stream (Mirror) and by keys (Controller), and drawn by panels, which change nothing.
#pragma once
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "ui/model/mirror.h"
#include "ui/model/outline.h"

namespace hcd::ui {

struct Link {  // to the daemon
  enum class State : std::uint8_t { Connecting, Live, Lost } state = State::Connecting;
  std::int64_t heard_ms = 0;  // wall clock of the last word; 0: none yet
  std::int64_t retry_ms = 0;  // wall clock of the next attempt
  std::string error;
  bool read_only = false;
  bool replayed = false;  // a recording: there is no daemon
  [[nodiscard]] bool stale() const { return state != State::Live; }
};

enum class Mode : std::uint8_t { Browse, Search, FilterText, Command, Interval, Confirm, Help, Output };

struct Page {  // text to scroll through: help, a command's output
  std::string title;
  std::vector<std::string> lines;
  int top = 0;
};

struct Inspection {  // what the daemon remembers of the checks of the host in the detail pane
  Key of;
  std::vector<ctl::HostChecks> hosts;
};

// A change that waits for the operator's word: what would come of it has been asked of the daemon.
struct Ask {
  enum class Field : std::uint8_t { Answer, Reason, Weight, Name };
  ctl::Change change;
  ctl::Consequence consequence;
  Field field = Field::Answer;
};

struct Done {  // by us, and may be undone
  std::vector<ctl::Changed> objects;
  std::uint64_t generation = 0;
};

struct Desk {
  Mirror live;
  std::unique_ptr<Mirror> held;  // what is shown while paused
  Choice choice;
  Outline outline;
  Link link;
  Mode mode = Mode::Browse;
  bool detail = false, log = false, mouse = false;
  bool batch = false;  // nobody presses keys: the rows alone
  std::int64_t interval_ms = 1000;

  Key at;               // the cursor's
  int cursor = 0;       // its line
  int top = 0;          // the first line shown
  int rows = 0;         // that fit, when last drawn
  int log_top = 0;      // events scrolled back
  std::set<Key> marks;  // without a service
  std::optional<int> range;

  std::string typed;    // in a prompt
  std::string search;   // what was searched for last
  std::string message;  // of the last act
  bool alarming = false;
  Page page;
  Ask ask;
  Done done;
  Inspection inspection;
  std::uint64_t events_read = 0;

  [[nodiscard]] const Mirror& shown() const { return held ? *held : live; }
  [[nodiscard]] const Line* line() const;  // under the cursor; null: there is none
  // Brings the lines up to date and the cursor to where its object is now, with so many rows to be seen.
  void settle(int rows, std::int64_t now_ms);
  void move_to(int line);  // the nearest that is no note
  void say(std::string text, bool alarm = false) {
    message = std::move(text);
    alarming = alarm;
  }
};

[[nodiscard]] Key mark_of(Key key);
[[nodiscard]] Subject subject_of(const Mirror& mirror, const Key& key, std::int64_t now_ms);
// "web:80/10.0.0.12" for a host, the name of what else there is; empty when it is gone.
[[nodiscard]] std::string name_of(const Mirror& mirror, const Key& key);

}  // namespace hcd::ui
