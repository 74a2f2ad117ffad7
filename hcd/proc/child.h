// The life of every child process: an event loop, confinement, Ready, then the parent's messages until it says Shutdown.
#pragma once
#include <functional>
#include <memory>
#include <string>

#include "fastpath/base/error.h"
#include "hcd/event/libevent_loop.h"
#include "hcd/ipc/channel.h"
#include "hcd/proc/confine.h"

namespace hcd::proc {

// What a role does with the parent's messages. An error ends the process: the parent lied, or nothing can be done.
class Worker {
 public:
  virtual ~Worker() = default;
  virtual Status on_parent(ipc::Message message) = 0;  // never Shutdown
  virtual Status shut_down(bool /*unload*/) { return {}; }
};
using MakeWorker = std::function<std::unique_ptr<Worker>(event::LibeventLoop& loop, ipc::Channel& parent)>;

// Called in the new process, when what needs files or privilege was done; `make` is called without either.
[[noreturn]] void run_child(const RoleInfo& role, const Confinement& confinement, const MakeWorker& make);

}  // namespace hcd::proc
