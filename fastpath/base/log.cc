#include "fastpath/base/log.h"

#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <ctime>

#include <syslog.h>

namespace hcd::log {
namespace {

struct State {
  std::string process = "hcd";
  bool foreground = true;
  bool verbose = false;
};

State& state() {
  static State it;
  return it;
}

int priority(Level level) {
  switch (level) {
    case Level::Debug: return LOG_DEBUG;
    case Level::Info: return LOG_INFO;
    case Level::Notice: return LOG_NOTICE;
    case Level::Warning: return LOG_WARNING;
    case Level::Error: return LOG_ERR;
  }
  return LOG_ERR;
}

}  // namespace

void open(std::string process, bool foreground, bool verbose) {
  state() = {std::move(process), foreground, verbose};
  if (!foreground) openlog("hcd", LOG_PID | LOG_NDELAY, LOG_DAEMON);
}

void write(Level level, std::string_view line) {
  if (level == Level::Debug && !state().verbose) return;
  if (!state().foreground) {
    syslog(priority(level), "%.*s", static_cast<int>(line.size()), line.data());
    return;
  }
  const auto now = std::chrono::system_clock::now();
  const std::time_t seconds = std::chrono::system_clock::to_time_t(now);
  const auto millis = std::chrono::duration_cast<std::chrono::milliseconds>(now.time_since_epoch()).count() % 1000;
  std::tm utc{};
  gmtime_r(&seconds, &utc);
  // One call, so that lines of several processes on one terminal do not mix.
  std::fprintf(stderr, "%02d:%02d:%02d.%03d %s: %.*s\n", utc.tm_hour, utc.tm_min, utc.tm_sec, static_cast<int>(millis),
               state().process.c_str(), static_cast<int>(line.size()), line.data());
}

void fatal(std::string_view line) {
  write(Level::Error, line);
  std::exit(EXIT_FAILURE);
}

}  // namespace hcd::log
