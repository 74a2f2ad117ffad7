// What the parent needs of the packet path's loader: programs attached and maps pinned, so that packets go on whatever
// becomes of the daemon.
#pragma once
#include <optional>
#include <string>
#include <vector>

#include "fastpath/base/error.h"
#include "fastpath/base/unique_fd.h"
#include "hcd/conf/config.h"
#include "hcd/ipc/pfctl_messages.h"

namespace hcd::parent {

class Datapath {
 public:
  virtual ~Datapath() = default;
  // Loads or adopts the programs and attaches them where the configuration says. Before the first commit and at each
  // reload: an error leaves what is attached as it was.
  virtual Status prepare(const conf::Global& global) = 0;
  // Looks again at what the machine's links can do: one that stops taking XDP frames would lose them. Every kRefresh.
  virtual Status refresh() = 0;
  static constexpr Duration kRefresh = Seconds(2);
  // A descriptor that is readable when the machine's routes or neighbours may have changed, -1: nobody cares. Then, and
  // every kKeep, what is remembered of them is brought up to date.
  virtual int routes() = 0;
  virtual Status keep_routes(TimePoint now) = 0;
  static constexpr Duration kKeep = Milliseconds(250);
  virtual std::string engine() const = 0;  // for people: "bpf (tc)"
  // What pfe makes its engine of: a text, and copies of the maps' descriptors and the writers' lock; none for an engine that
  // needs none.
  virtual std::string recipe() const { return engine(); }
  virtual Result<std::vector<UniqueFd>> maps() const = 0;
  // What pfctl is to be run for that engine; none: it needs none. A channel to who runs it goes with the descriptors.
  virtual std::optional<ipc::PfctlBegin> pfctl() const { return std::nullopt; }
  // The daemon's process id where tools look for it; 0: it is gone.
  virtual void claim(unsigned pid) = 0;
  // Detaches the programs and removes the pins.
  virtual Status unload() = 0;
};

}  // namespace hcd::parent
