// The process's log: standard error in the foreground, syslog as a daemon; the daemon's children have no socket of their
// own and hand their lines to the parent. The lines' texts are an interface (operators grep them), so callers write whole
// sentences and this file adds nothing but, in the foreground, the time and the process.
#pragma once
#include <string>
#include <string_view>

namespace hcd::log {

enum class Level : unsigned char { Debug, Info, Notice, Warning, Error };

enum class Where : unsigned char {
  Terminal,  // standard error: time, process, line
  Syslog,
  Parent,   // standard error, a pipe: "<4>line", the number being syslog's priority
  Nowhere,  // for a process whose output is not the daemon's
};

// `process` is "parent", "hce", ...
void open(std::string process, Where where, bool verbose);

void set_verbose(bool verbose);  // Level::Debug too
[[nodiscard]] bool verbose();

void write(Level level, std::string_view line);
inline void debug(std::string_view line) {
  write(Level::Debug, line);
}
inline void info(std::string_view line) {
  write(Level::Info, line);
}
inline void notice(std::string_view line) {
  write(Level::Notice, line);
}
inline void warning(std::string_view line) {
  write(Level::Warning, line);
}
inline void error(std::string_view line) {
  write(Level::Error, line);
}

// Logs the line and ends the process with 1. Only for main, for process start-up, and for a peer process that is lost
// or lies.
[[noreturn]] void fatal(std::string_view line);

}  // namespace hcd::log
