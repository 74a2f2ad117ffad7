// Starts the real children. In the foreground they share the terminal; a daemon's write their log into a pipe.
#pragma once
#include "hcd/parent/children.h"
#include "hcd/parent/options.h"

namespace hcd::parent {

class SystemSpawner final : public Spawner {
 public:
  explicit SystemSpawner(const Options& options);

  Result<proc::Child> spawn(proc::Role role) override;
  proc::Ending reap(const proc::Child& child) override { return proc::reap(child.pidfd); }
  void kill(const proc::Child& child) override;
  UniqueFd take_errors() override { return std::move(errors_); }

 private:
  proc::SpawnOptions options_;
  bool foreground_;
  UniqueFd errors_;
};

}  // namespace hcd::parent
