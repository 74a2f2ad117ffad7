#include "hcd/parent/system_spawner.h"

#include <csignal>

namespace hcd::parent {

SystemSpawner::SystemSpawner(const Options& options) : foreground_(options.foreground) {
  options_.program = options.name;
  options_.arguments = {"-C", options.empty_directory};
  if (options.foreground) options_.arguments.emplace_back("-d");
  for (unsigned i = 0; i < options.verbose; i++) options_.arguments.emplace_back("-v");
}

Result<proc::Child> SystemSpawner::spawn(proc::Role role) {
  if (foreground_) return proc::spawn(role, options_);
  auto pipe = LineLog::make_pipe();
  if (!pipe) return std::unexpected(pipe.error());
  errors_ = std::move(pipe->first);
  options_.standard_error = pipe->second.get();
  return proc::spawn(role, options_);
}

void SystemSpawner::kill(const proc::Child& child) {
  proc::send_signal(child.pidfd, SIGKILL);
}

}  // namespace hcd::parent
