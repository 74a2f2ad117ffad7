// The socket on which metrics are served, where the configuration says so. It is opened when a configuration is prepared, so
// that one with an address that cannot be had is refused, and given to the child `metrics`, which may open none. Whoever
// connects while that is started again waits for it.
#pragma once
#include <functional>
#include <optional>

#include "fastpath/base/unique_fd.h"
#include "hcd/conf/config.h"
#include "hcd/ipc/channel.h"

namespace hcd::parent {

class MetricsSocket {
 public:
  explicit MetricsSocket(std::function<void(bool needed)> need) : need_(std::move(need)) {}

  using Where = std::optional<conf::Endpoint>;
  [[nodiscard]] Status prepare(const Where& where);           // it may come in force
  void forget() { next_ = {}; }                               // it will not
  void take(const Where& where);                              // it is: the child is begun, begun anew or ended
  [[nodiscard]] Status hand_over(ipc::Channel& child) const;  // which is ready

 private:
  struct Open {
    Where where;
    UniqueFd socket;
  };

  std::function<void(bool)> need_;
  Open now_, next_;  // next_: what was prepared, if that is another one
};

}  // namespace hcd::parent
