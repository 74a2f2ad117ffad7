// The packet filter engine's process: carries messages between the parent, hce and operators, and the Director, which
// decides.
//
// The role's main wires it so:
//
//   auto users = ctl::read_users();               // before the root directory is empty: names for audit lines
//   ... confine: user, chroot, seccomp ...
//   ipc::Channel parent(loop, fd, {.message = ..., .lost = ...});
//   pfe::Pfe pfe(loop, parent, {.make_engine = ..., .users = std::move(users)});
//   parent's message handler: if (auto status = pfe.on_parent(std::move(message)); !status) log::fatal(...)
//
// It takes, in any order but for the engine, which comes first: EngineMaps, Park, PeerChannel (hce's end, or that of metrics,
// which is a control client), ControlSockets, ConfigBegin, ConfigTable, ConfigService, ConfigEnd, NameState, Standing,
// ReloadResult. Ready and Shutdown are its caller's;
// `unload()` is what Shutdown{unload} asks for. It sends ConfigApplied once the engine has confirmed or refused, Park,
// ReloadRequest, ConfirmRequest, LogRequest and StopRequest. A table of more hosts than one frame holds comes as several ConfigTable frames of the
// same id: the later ones' hosts are added.
#pragma once
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "fastpath/base/error.h"
#include "fastpath/base/unique_fd.h"
#include "fastpath/engine.h"
#include "hcd/event/loop.h"
#include "hcd/ipc/channel.h"

namespace hcd::pfe {

struct Options {
  // Makes the engine of what EngineMaps brings: its payload and descriptors are the factory's own business.
  std::function<Result<std::unique_ptr<fastpath::Engine>>(std::string_view payload, std::vector<UniqueFd> maps)>
      make_engine;
  std::map<std::uint32_t, std::string> users = {};  // names of user ids
  std::string hostname = {};
};

class Pfe {
 public:
  Pfe(event::Loop& loop, ipc::Channel& parent, Options options);
  ~Pfe();
  Pfe(const Pfe&) = delete;
  Pfe& operator=(const Pfe&) = delete;

  // An error is a protocol error of the parent's, or an engine that cannot be: the caller ends the process.
  [[nodiscard]] Status on_parent(ipc::Message message);
  [[nodiscard]] Status unload();  // removes every anchor

 private:
  class Process;
  std::unique_ptr<Process> process_;
};

}  // namespace hcd::pfe
