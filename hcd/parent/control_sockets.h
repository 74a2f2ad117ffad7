// The control sockets, opened by the parent and served by pfe: one on which operators of group hcd may change things, and
// one on which everybody may look.
#pragma once
#include <string>
#include <vector>

#include "fastpath/base/error.h"
#include "fastpath/base/unique_fd.h"

namespace hcd::parent {

class ControlSockets {
 public:
  // Exists: another daemon answers on it. A socket that nobody answers on is left over, and replaced; so is a killed
  // daemon's, once its children have ended, for which this waits up to three seconds.
  [[nodiscard]] static Result<ControlSockets> open(const std::string& path);
  ControlSockets(ControlSockets&&) = default;
  ControlSockets& operator=(ControlSockets&&) = default;
  ~ControlSockets();  // removes them from the file system

  [[nodiscard]] Result<std::vector<UniqueFd>> copies() const;  // read-write, then read-only

 private:
  ControlSockets() = default;
  struct Socket {
    std::string path;
    UniqueFd fd;
  };
  std::vector<Socket> sockets_;
};

}  // namespace hcd::parent
