// The dashboard on a terminal: keys, the daemon's stream and the clock come in on one loop, frames go out. A frame is drawn
// at once for a key, soon for a change, and each second for the clock; never more often than the eye wants.
#pragma once
#include <memory>
#include <vector>

#include "ui/app/command.h"
#include "ui/app/controller.h"
#include "ui/app/feed.h"
#include "ui/app/options.h"
#include "ui/curses/terminal.h"
#include "ui/panel/screen.h"

namespace hcd::ui {

class App final : public Shell {
 public:
  App(event::Loop& loop, Terminal& terminal, const Options& options, const Look& look, Desk& desk);
  void run();                               // of a daemon
  void run(std::vector<Moment> recording);  // at the pace it was recorded
  Feed& feed() { return feed_; }

  void quit() override { loop_.stop(); }
  void suspend() override;
  void redraw() override;
  void refresh() override;
  void mouse(bool on) override { terminal_.mouse(on); }
  void interval() override;
  void inspect(const Key& key) override;
  void check_now(const std::vector<Key>& keys) override;
  bool change(const ctl::Change& change, std::function<void(const ctl::Answer&, const ctl::Outcome&)> ended) override;
  void command(const std::string& text) override;
  void end_command() override;
  void copy(const std::string& text) override { terminal_.copy(text); }
  [[nodiscard]] Result<std::string> write(const std::string& text) override;

 private:
  void on_keys();
  void on_mouse(const Terminal::Click& click);
  void on_tick();
  void on_changed();
  void draw_soon();
  void draw_now();
  void play();
  void check_next();
  void on_command_end(const std::string& text, int status);
  [[nodiscard]] std::int64_t now_ms() const { return loop_.wall_ms() + behind_ms_; }

  event::Loop& loop_;
  Terminal& terminal_;
  const Options& options_;
  const Glyphs& glyphs_;
  Desk& desk_;
  Controller controller_;
  Feed feed_;
  std::unique_ptr<event::Watcher> keys_;
  std::vector<std::unique_ptr<event::Watcher>> signals_;
  std::unique_ptr<event::Timer> tick_, draw_, play_;
  Link::State state_ = Link::State::Connecting;  // when last drawn for it
  TimePoint drawn_{};
  Duration cost_{};  // of the last frame
  Layout layout_;
  unsigned ticks_ = 0;
  int clicked_y_ = -1;
  TimePoint clicked_{};

  std::unique_ptr<Command> command_;
  std::vector<std::string> to_check_;
  std::size_t checked_ = 0;
  std::vector<Moment> recording_;
  std::size_t played_ = 0;
  std::int64_t behind_ms_ = 0;  // what is shown was so at another time
};

}  // namespace hcd::ui
