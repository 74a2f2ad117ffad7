// The parent's children: started, watched, connected to each other, and started again when they end. What they are told
// and what they say is the Handler's business.
//
// A child is of use once it has said Ready. Then the handler tells it its state, and after that it and its peers (links()
// of proc/role.h) get the two ends of a new socketpair, so that a peer's messages find it configured.
#pragma once
#include <functional>
#include <map>
#include <memory>

#include "hcd/event/loop.h"
#include "hcd/ipc/channel.h"
#include "hcd/parent/backoff.h"
#include "hcd/parent/line_log.h"
#include "hcd/proc/spawn.h"

namespace hcd::parent {

// The operating system's part, which a test replaces.
class Spawner {
 public:
  virtual ~Spawner() = default;
  virtual Result<proc::Child> spawn(proc::Role role) = 0;
  virtual proc::Ending reap(const proc::Child& child) = 0;  // its pidfd is readable
  virtual void kill(const proc::Child& child) = 0;
  virtual UniqueFd take_errors() { return {}; }  // of the child last spawned: what it writes to its standard error
};

class Children {
 public:
  struct Handler {
    std::function<void(proc::Role)> ready;
    std::function<Status(proc::Role, ipc::Message)> message;        // an error ends the child
    std::function<void(proc::Role, const std::string& how)> ended;  // to be started again after a while
  };
  static constexpr Duration kReadyLimit = Seconds(20), kExitLimit = Seconds(5);

  Children(event::Loop& loop, Spawner& spawner, Handler handler);
  ~Children();
  Children(const Children&) = delete;
  Children& operator=(const Children&) = delete;

  void start();                                          // those that are always there
  void need(proc::Role role, bool need);                 // of the others: starts it, or has it finish
  [[nodiscard]] ipc::Channel* channel(proc::Role role);  // null while it is not ready
  void end(proc::Role role, const std::string& why);     // it lied, or hangs: killed, then started again

  // Asks all to finish, ends those that do not, then calls `done`. Nothing is started any more.
  void shut_down(bool unload, std::function<void()> done);

 private:
  struct Live {
    proc::Child child;
    TimePoint since;
    bool ready = false;
    bool finishing = false;  // told to
    bool condemned = false;  // killed: nobody speaks or listens to it any more
    std::unique_ptr<ipc::Channel> channel;
    std::unique_ptr<event::Watcher> exit;
    std::unique_ptr<LineLog> errors;
  };
  struct Slot {
    proc::Role role{};
    bool needed = true;
    Backoff backoff;
    Duration lived{0};                    // the last time
    std::unique_ptr<event::Timer> timer;  // to be started again; or, while it lives, to be ready or gone
    std::unique_ptr<Live> live;
  };

  void spawn(Slot& slot);
  void on_message(Slot& slot, ipc::Message message);
  void on_lost(Slot& slot, const Error& error);
  void on_ready(Slot& slot);
  void on_exit(Slot& slot);
  void on_timer(Slot& slot);
  void link(proc::Role role);
  void ended(Slot& slot, const std::string& how);
  void finish(Slot& slot, bool unload);

  event::Loop& loop_;
  Spawner& spawner_;
  Handler handler_;
  std::map<proc::Role, Slot> slots_;
  std::function<void()> shut_down_;  // set: nothing is started any more
};

}  // namespace hcd::parent
