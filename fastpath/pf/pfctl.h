// The pfctl(8) of a real pf, seen as a function: arguments and standard input go in, what it printed comes out. Who runs it,
// on this machine or another, is not known here.
#pragma once
#include <string>
#include <vector>

#include "fastpath/base/error.h"

namespace hcd::fastpath::pf {

struct PfctlOutput {
  int status = 0;  // of its exit
  std::string out, err;
};

class Pfctl {
 public:
  virtual ~Pfctl() = default;
  // An error where it could not be run at all. Its output is bounded by whoever runs it.
  [[nodiscard]] virtual Result<PfctlOutput> run(const std::vector<std::string>& arguments,
                                                const std::string& input) = 0;
};

}  // namespace hcd::fastpath::pf
