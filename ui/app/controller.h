// What keys do: to the desk by itself, to the world through a Shell. No terminal, no socket.
#pragma once
#include <functional>
#include <string>
#include <vector>

#include "ui/keys/keys.h"
#include "ui/model/desk.h"

namespace hcd::ui {

class Shell {  // what only the program can do
 public:
  virtual ~Shell() = default;
  virtual void quit() = 0;
  virtual void suspend() = 0;
  virtual void redraw() = 0;
  virtual void refresh() = 0;  // all that the daemon tells, again
  virtual void mouse(bool on) = 0;
  virtual void interval() = 0;               // desk.interval_ms has changed
  virtual void inspect(const Key& key) = 0;  // fill desk.inspection
  virtual void check_now(const std::vector<Key>& keys) = 0;
  // Asks the daemon; `ended` is called with its answer, or not at all when it is lost before. False: it cannot be asked now.
  virtual bool change(const ctl::Change& change,
                      std::function<void(const ctl::Answer&, const ctl::Outcome&)> ended) = 0;
  virtual void command(const std::string& text) = 0;  // of hcctl, its output on desk.page
  virtual void end_command() = 0;
  virtual void copy(const std::string& text) = 0;
  [[nodiscard]] virtual Result<std::string> write(const std::string& text) = 0;  // into a new file: its name
};

class Controller {
 public:
  Controller(Desk& desk, Shell& shell) : desk_(desk), shell_(shell) {}
  void press(KeyCode key, std::int64_t now_ms);
  void click(int line, bool twice);  // a line of the list
  void wheel(int lines);

 private:
  void act(const Binding& binding, KeyCode key);
  void browse(Act act, KeyCode key);
  void alter(Act act);
  void back();
  void page(int by);
  void scroll(int by);
  void first_or_last(bool last);
  void fold();
  void unfold();
  void fold_turn();
  void fold_all(bool folded);
  void go(View view);
  void sort_by(Sort sort);
  void sort_step(int by);
  void search_step(int by);
  void mark();
  void mark_range();
  void mark_all();
  void detail();
  void detail_moved();
  void help();
  void pause();
  void freeze();
  void interval(std::int64_t ms);
  void write_out();
  void copy_row();
  void mouse();
  void prompt(Mode mode, std::string text = {});
  void type(KeyCode key);
  void entered();
  void typed_filter();
  void chosen() { desk_.choice.version++; }
  [[nodiscard]] std::vector<Key> meant() const;  // the marks, or what is under the cursor
  [[nodiscard]] bool may_change();
  void change(Act act);
  void weigh(const std::string& typed);
  void dry_run();
  void confirm(KeyCode key);
  void answer_field(KeyCode key);
  void carry_out();
  void undo();

  Desk& desk_;
  Shell& shell_;
  std::int64_t now_ms_ = 0;
};

// One key in a line that is being typed; false when it means nothing there.
bool edit(std::string& text, KeyCode key);

}  // namespace hcd::ui
