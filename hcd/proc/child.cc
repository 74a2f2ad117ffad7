#include "hcd/proc/child.h"

#include <csignal>
#include <cstdlib>

#include <sys/prctl.h>

#include "fastpath/base/log.h"
#include "hcd/ipc/messages.h"

namespace hcd::proc {
namespace {

constexpr Milliseconds kLastWords{500};

// The parent alone says when to end, over the channel: a terminal's ^C and a service manager's SIGTERM reach every process
// of the group, and must not cut short what the parent is about to ask for.
void leave_signals_to_parent() {
  for (const int number : {SIGINT, SIGTERM, SIGHUP, SIGPIPE}) signal(number, SIG_IGN);
}

// No library's exit handlers: they have nothing to save, and would make calls that the filter forbids.
[[noreturn]] void leave(int status) {
  std::fflush(stderr);
  _exit(status);
}

[[noreturn]] void give_up(const std::string& why) {
  log::error(why);
  leave(EXIT_FAILURE);
}

}  // namespace

void run_child(const RoleInfo& role, const Confinement& confinement, const MakeWorker& make) {
  const std::string name(role.name);
  prctl(PR_SET_NAME, ("hcd: " + name).c_str());
  leave_signals_to_parent();
  event::LibeventLoop loop;
  if (auto done = confine(role, confinement); !done) give_up("cannot confine " + name + ": " + done.error().text);

  std::unique_ptr<Worker> worker;
  ipc::Channel parent(loop, UniqueFd(kChannelFd),
                      {.message =
                           [&](ipc::Message message) {
                             if (message.frame.type == static_cast<std::uint32_t>(ipc::Type::LogRequest)) {
                               const auto log = ipc::decode<ipc::LogRequest>(message.frame.payload);
                               if (!log) give_up("the parent's LogRequest message is malformed");
                               return log::set_verbose(log->verbose);
                             }
                             if (message.frame.type != static_cast<std::uint32_t>(ipc::Type::Shutdown)) {
                               if (auto done = worker->on_parent(std::move(message)); !done) give_up(done.error().text);
                               return;
                             }
                             const auto shutdown = ipc::decode<ipc::Shutdown>(message.frame.payload);
                             if (!shutdown) give_up("the parent's Shutdown message is malformed");
                             if (auto done = worker->shut_down(shutdown->unload); !done) give_up(done.error().text);
                             parent.flush(kLastWords);
                             leave(EXIT_SUCCESS);
                           },
                       .lost = [&](const Error& error) { give_up("the parent is gone (" + error.text + ")"); }});
  worker = make(loop, parent);
  parent.send(ipc::Ready{static_cast<std::uint32_t>(getpid())});
  loop.run();
  give_up("the event loop has ended");
}

}  // namespace hcd::proc
