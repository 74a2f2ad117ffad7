// A command of hcctl as a child process: its output is gathered, line by line, and bounded. It is killed when it is no longer
// wanted.
#pragma once
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include <sys/types.h>

#include "fastpath/base/error.h"
#include "fastpath/base/unique_fd.h"
#include "hcd/event/loop.h"

namespace hcd::ui {

// "host disable 'a b'" into words: blanks part them, quotes of either kind keep them together.
[[nodiscard]] Result<std::vector<std::string>> words_of(std::string_view text);

// hcctl beside our own program, or by PATH.
[[nodiscard]] std::string hcctl_path();

class Command {
 public:
  static constexpr std::size_t kLinesMax = 20'000, kLineMax = 4096;
  struct Handler {
    std::function<void(std::string line)> line;
    std::function<void(int status)> ended;  // exit status, or 128 and the signal; destroy after the current callbacks
  };
  [[nodiscard]] static Result<std::unique_ptr<Command>> start(event::Loop& loop, const std::vector<std::string>& words,
                                                              Handler handler);
  ~Command();
  Command(const Command&) = delete;
  Command& operator=(const Command&) = delete;

 private:
  Command(event::Loop& loop, UniqueFd output, pid_t pid, Handler handler);
  void on_ready();
  void take(std::string_view bytes);
  void end();
  void reap(int options);

  event::Loop& loop_;
  UniqueFd output_;
  pid_t pid_;
  int status_ = 0;
  Handler handler_;
  std::string partial_;
  std::size_t lines_ = 0;
  std::unique_ptr<event::Watcher> watcher_;
};

}  // namespace hcd::ui
