// The parent: the one process that stays privileged. It reads the configuration, opens what needs privilege, hands it to
// its children, keeps what they would forget, and starts them again when they end. It never reads a byte that came from
// the network; what its children say is checked by pipe, length and type, in that order.
#pragma once
#include <map>
#include <memory>
#include <string>

#include "hcd/parent/children.h"
#include "hcd/parent/control_sockets.h"
#include "hcd/parent/datapath.h"
#include "hcd/parent/metrics_socket.h"
#include "hcd/parent/names.h"
#include "hcd/parent/options.h"
#include "hcd/parent/pfctl_way.h"
#include "hcd/parent/reload.h"
#include "hcd/parent/scripts.h"
#include "hcd/parent/state_file.h"

namespace hcd::parent {

class Parent {
 public:
  struct Needs {
    Spawner& spawner;
    Datapath& datapath;
    Launcher& launcher;
    const Files& files;
    std::function<Result<unsigned>(const std::string& name)> interface_index;
    std::function<void()> in_force;  // once: the first configuration is in the engine
  };

  Parent(event::Loop& loop, const Options& options, Needs needs);
  ~Parent();
  Parent(const Parent&) = delete;
  Parent& operator=(const Parent&) = delete;

  [[nodiscard]] Status start(conf::Loaded first);
  void stop(bool unload);                                // an orderly end: the loop stops when the children are gone
  [[nodiscard]] bool failed() const { return failed_; }  // a child could not do its work from the beginning

 private:
  [[nodiscard]] Result<conf::Loaded> load(const std::string& path) const;
  [[nodiscard]] Status prepare(conf::Config& config);
  [[nodiscard]] Status send_config(proc::Role role, const conf::Config& config, std::uint32_t generation);
  [[nodiscard]] Status equip_pfe();

  void on_ready(proc::Role role);
  void on_ended(proc::Role role, const std::string& how);
  [[nodiscard]] Status on_message(proc::Role role, const ipc::Message& message);
  [[nodiscard]] Status on_hce_message(const ipc::Frame& frame);
  [[nodiscard]] Status on_names_message(const ipc::Frame& frame);
  [[nodiscard]] Status on_applied(const ipc::Frame& frame);
  [[nodiscard]] Status on_reload_request(const ipc::Frame& frame);
  [[nodiscard]] Status on_confirm_request(const ipc::Frame& frame);
  [[nodiscard]] Status on_log_request(const ipc::Frame& frame);
  [[nodiscard]] Status on_stop_request(const ipc::Frame& frame);
  void now_stands(const std::string& by);  // the configuration has come in force
  void still_stands();                     // the one that there is: another was refused
  void tell_standing();
  [[nodiscard]] Status on_park(const ipc::Frame& frame);
  [[nodiscard]] Status on_accuse(const ipc::Frame& frame);
  void on_hangup();
  void save();
  void now_wanted(const conf::Config& written);  // of the children that are there only for something
  void refresh();
  void keep_routes();

  event::Loop& loop_;
  const Options& options_;
  Needs needs_;
  std::unique_ptr<ControlSockets> sockets_;
  StateFile state_;
  std::map<std::string, std::string> parked_;
  bool saving_ = false;     // at the end of this round
  std::string save_error_;  // the last, so that it is logged once
  ipc::Standing standing_;
  Names names_;
  MetricsSocket metrics_;
  Reload reload_;
  Scripts scripts_;
  PfctlWay pfctl_;
  Children children_;
  std::vector<std::unique_ptr<event::Watcher>> signals_;
  std::unique_ptr<event::Timer> refresher_, keeper_;
  std::unique_ptr<event::Watcher> routes_;
  bool untidy_ = false;                       // a configuration was read and sent: what that took is to be given back
  std::string refresh_error_, routes_error_;  // the last, so that it is logged once
  bool in_force_ = false, failed_ = false, stopping_ = false, unload_ = false;
};

}  // namespace hcd::parent
