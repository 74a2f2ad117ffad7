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
  Where where = Where::Terminal;
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

// One call a line below, so that lines of several processes on one terminal or pipe do not mix.
void write_to_terminal(std::string_view line) {
  const auto now = std::chrono::system_clock::now();
  const std::time_t seconds = std::chrono::system_clock::to_time_t(now);
  const auto millis = std::chrono::duration_cast<std::chrono::milliseconds>(now.time_since_epoch()).count() % 1000;
  std::tm utc{};
  gmtime_r(&seconds, &utc);
  std::fprintf(stderr, "%02d:%02d:%02d.%03d %s: %.*s\n", utc.tm_hour, utc.tm_min, utc.tm_sec, static_cast<int>(millis),
               state().process.c_str(), static_cast<int>(line.size()), line.data());
}

void write_to_parent(Level level, std::string_view line) {
  std::fprintf(stderr, "<%d>%.*s\n", priority(level), static_cast<int>(line.size()), line.data());
}

}  // namespace

void open(std::string process, Where where, bool verbose) {
  state() = {std::move(process), where, verbose};
  if (where == Where::Syslog) openlog("hcd", LOG_PID | LOG_NDELAY, LOG_DAEMON);
}

void set_verbose(bool verbose) {
  state().verbose = verbose;
}

bool verbose() {
  return state().verbose;
}

void write(Level level, std::string_view line) {
  if (level == Level::Debug && !state().verbose) return;
  switch (state().where) {
    case Where::Terminal: return write_to_terminal(line);
    case Where::Syslog: return syslog(priority(level), "%.*s", static_cast<int>(line.size()), line.data());
    case Where::Parent: return write_to_parent(level, line);
    case Where::Nowhere: return;
  }
}

void fatal(std::string_view line) {
  write(Level::Error, line);
  std::exit(EXIT_FAILURE);
}

}  // namespace hcd::log
