// Daemon mode. The process that the operator started stays until its daemon says that it is up, or ends: so the exit
// status tells, and errors still reach the terminal.
#pragma once
#include "fastpath/base/error.h"
#include "fastpath/base/unique_fd.h"

namespace hcd::parent {

class Background {
 public:
  // Returns in the daemon alone.
  [[nodiscard]] static Result<Background> enter();
  // The daemon is up: lets go of the terminal and of the waiting process.
  [[nodiscard]] Status up();

 private:
  UniqueFd up_;
};

}  // namespace hcd::parent
