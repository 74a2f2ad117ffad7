#include "hcd/parent/line_log.h"

#include <algorithm>

#include <fcntl.h>
#include <syslog.h>

#include "fastpath/base/text.h"

namespace hcd::parent {
namespace {

log::Level level_of(char priority) {
  switch (priority - '0') {
    case LOG_WARNING: return log::Level::Warning;
    case LOG_NOTICE: return log::Level::Notice;
    case LOG_INFO: return log::Level::Info;
    case LOG_DEBUG: return log::Level::Debug;
    default: return log::Level::Error;
  }
}

}  // namespace

LogLine read_log_line(const std::string& child, std::string_view line) {
  const bool ours = line.size() >= 3 && line[0] == '<' && line[1] >= '0' && line[1] <= '7' && line[2] == '>';
  if (ours) return {level_of(line[1]), printable(line.substr(3), LineLog::kLineMax)};
  return {log::Level::Warning, child + " wrote: " + printable(line, LineLog::kLineMax)};
}

LineLog::LineLog(event::Loop& loop, UniqueFd pipe, std::string child)
    : pipe_(std::move(pipe)), child_(std::move(child)) {
  watcher_ = loop.watch(pipe_.get(), [this](event::Ready) {
    const ssize_t count = read();
    if (count == 0 || (count < 0 && errno != EAGAIN && errno != EINTR)) watcher_->want({});
  });
  watcher_->want({.read = true});
}

LineLog::~LineLog() {
  while (read() > 0) {
  }
  if (!text_.empty()) log_line(text_);
}

Result<std::pair<UniqueFd, UniqueFd>> LineLog::make_pipe() {
  int fds[2];
  if (pipe2(fds, O_CLOEXEC | O_NONBLOCK) != 0) return fail_errno("make a pipe for a child's log");
  return std::pair(UniqueFd(fds[0]), UniqueFd(fds[1]));
}

ssize_t LineLog::read() {
  char bytes[4096];
  const ssize_t count = ::read(pipe_.get(), bytes, sizeof bytes);
  if (count <= 0) return count;
  text_.append(bytes, static_cast<std::size_t>(count));
  for (std::size_t end; (end = std::min(text_.find('\n'), kLineMax)) < text_.size();) {
    log_line(std::string_view(text_).substr(0, end));
    text_.erase(0, end + (text_[end] == '\n' ? 1 : 0));
  }
  return count;
}

void LineLog::log_line(std::string_view line) {
  const auto read = read_log_line(child_, line);
  log::write(read.level, read.text);
}

}  // namespace hcd::parent
