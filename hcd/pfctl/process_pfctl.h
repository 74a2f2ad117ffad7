// pfctl(8) as a program of this machine: below a keeper, without environment or capabilities, with pipes as its standard
// descriptors, bounded in time and in what it prints. A run blocks the caller.
#pragma once
#include "fastpath/base/clock.h"
#include "fastpath/pf/pfctl.h"

namespace hcd::pfctl {

class ProcessPfctl final : public fastpath::pf::Pfctl {
 public:
  static constexpr Milliseconds kLimit{3000};  // less than a child of the daemon's has to end (parent/children.h)
  static constexpr std::size_t kOutputMax = 16U << 20;

  explicit ProcessPfctl(std::string path, Milliseconds limit = kLimit) : path_(std::move(path)), limit_(limit) {}

  // SIGPIPE must be ignored. An error with ETIMEDOUT: it took longer than the limit, and was killed.
  [[nodiscard]] Result<fastpath::pf::PfctlOutput> run(const std::vector<std::string>& arguments,
                                                      const std::string& input) override;

 private:
  const std::string path_;
  const Milliseconds limit_;
};

}  // namespace hcd::pfctl
