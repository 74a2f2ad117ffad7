// What a child of a daemon writes to its standard error: its log ("<4>line", log::Where::Parent), and what libraries, an
// assertion or the system call filter say last. It comes over a pipe, and the parent logs it a line at a time.
#pragma once
#include <memory>
#include <string>
#include <utility>

#include "fastpath/base/error.h"
#include "fastpath/base/log.h"
#include "fastpath/base/unique_fd.h"
#include "hcd/event/loop.h"

namespace hcd::parent {

struct LogLine {
  log::Level level;
  std::string text;
};
// "<4>text" at its level; anything else is a warning and says who wrote it. No control characters, whatever came.
[[nodiscard]] LogLine read_log_line(const std::string& child, std::string_view line);

class LineLog {
 public:
  static constexpr std::size_t kLineMax = 4096;

  LineLog(event::Loop& loop, UniqueFd pipe, std::string child);
  ~LineLog();  // what is there is logged first
  LineLog(const LineLog&) = delete;
  LineLog& operator=(const LineLog&) = delete;

  // Read end, then write end. A child whose parent does not keep up loses lines, it does not wait.
  [[nodiscard]] static Result<std::pair<UniqueFd, UniqueFd>> make_pipe();

 private:
  ssize_t read();  // read(2)'s result
  void log_line(std::string_view line);

  UniqueFd pipe_;
  std::string child_, text_;
  std::unique_ptr<event::Watcher> watcher_;
};

}  // namespace hcd::parent
