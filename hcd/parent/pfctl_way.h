// pfe's way to the process that runs pfctl for it: a socketpair, made anew for each pfe, so that what is on its way to one that
// has ended is not the next one's. Nothing of it is there where the packet path needs no pfctl.
#pragma once
#include <functional>
#include <vector>

#include "hcd/ipc/channel.h"
#include "hcd/parent/datapath.h"

namespace hcd::parent {

class PfctlWay {
 public:
  struct Outlet {
    std::function<ipc::Channel*()> channel;               // to the process; null while it is not ready
    std::function<void(const std::string& why)> end_pfe;  // it lied
  };
  PfctlWay(const Datapath& datapath, Outlet outlet) : datapath_(datapath), outlet_(std::move(outlet)) {}

  [[nodiscard]] bool needed() const { return datapath_.pfctl().has_value(); }
  [[nodiscard]] Status begin(std::vector<UniqueFd>& for_pfe);      // adds a new pfe's end
  void on_ready();                                                 // the process, which takes the other end
  [[nodiscard]] Status on_message(const ipc::Frame& frame) const;  // of the process; an error: it lies

 private:
  const Datapath& datapath_;
  Outlet outlet_;
  UniqueFd end_;  // until the process is there to take it
};

}  // namespace hcd::parent
