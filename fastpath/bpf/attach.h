// Puts the two programs on interfaces through links that are pinned, so that they outlive us, and are replaced in place,
// which loses no packet. Kernels before 6.6 have no such link for tc; there it is a filter on clsact.
#pragma once
#include <cstdint>
#include <set>
#include <string>

#include "fastpath/base/error.h"
#include "fastpath/bpf/interfaces.h"

namespace hcd::fastpath {

class Attacher {
 public:
  // Descriptors of the programs; they stay the caller's.
  Attacher(std::string directory, int xdp, int tc) : directory_(std::move(directory)), xdp_(xdp), tc_(tc) {}

  // Each says how: "tcx", "clsact"; "native", "generic".
  [[nodiscard]] Result<std::string> attach_tc(const Interface& interface) const;
  [[nodiscard]] Result<std::string> attach_xdp(const Interface& interface, bool generic_will_do) const;

  // Whether any interface has one of them.
  [[nodiscard]] static bool attached(const std::string& directory);

  // Removes what was attached to others, and XDP from those that shall have tc alone.
  static void detach_others(const std::string& directory, const std::set<std::uint32_t>& tc,
                            const std::set<std::uint32_t>& xdp);

 private:
  [[nodiscard]] Result<std::string> attach_clsact(const Interface& interface) const;

  std::string directory_;
  int xdp_;
  int tc_;
};

}  // namespace hcd::fastpath
