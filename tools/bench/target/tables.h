// Which hosts new flows are given to by the kernel's tables, read as the packet path reads them: from the rules' rings.
#pragma once
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "fastpath/base/address.h"
#include "fastpath/bpf/kernel_maps.h"

namespace hcd::bench {

class Tables {
 public:
  using Host = std::uint32_t;  // its index

  [[nodiscard]] static Result<Tables> open(const std::string& pins);

  void look();  // at what has changed since the last time
  [[nodiscard]] std::size_t count() const { return count_; }
  [[nodiscard]] bool hold(Host host) const { return slots_of_[host] > 0; }
  [[nodiscard]] std::map<Address, Host> hosts() const;

 private:
  explicit Tables(std::unique_ptr<fastpath::KernelMaps> maps);
  void count(const std::vector<Host>& slots, int by);

  std::unique_ptr<fastpath::KernelMaps> maps_;
  std::vector<std::uint64_t> seen_;       // each rule's ring, as it was,
  std::vector<std::vector<Host>> slots_;  // and what stood in it
  std::vector<int> slots_of_;             // each host
  std::size_t count_ = 0;
};

}  // namespace hcd::bench
