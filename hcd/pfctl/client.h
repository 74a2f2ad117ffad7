// pfe's way to pfctl: asks the process that may run it, and waits for the answer. That holds pfe up, as a system call would: for
// milliseconds, or for ProcessPfctl::kLimit where a pfctl hangs. Then nobody is asked for a while, one second at first and
// a minute at last, so that what is tried again, and what is counted, does not hold pfe up each time.
#pragma once
#include <functional>

#include "fastpath/base/clock.h"
#include "fastpath/base/unique_fd.h"
#include "fastpath/pf/pfctl.h"
#include "hcd/ipc/frame.h"

namespace hcd::pfctl {

class Client final : public fastpath::pf::Pfctl {
 public:
  static constexpr Milliseconds kLimit{4000};  // more than the other process takes to end a pfctl that hangs
  static constexpr Seconds kRestFirst{1}, kRestLast{60};

  // `lost`: the other process is gone or lies; no run can succeed any more. What it is told is a sentence.
  Client(UniqueFd socket, const Clock& clock, std::function<void(const std::string&)> lost,
         Milliseconds limit = kLimit);

  [[nodiscard]] Result<fastpath::pf::PfctlOutput> run(const std::vector<std::string>& arguments,
                                                      const std::string& input) override;

 private:
  [[nodiscard]] Result<fastpath::pf::PfctlOutput> exchange(const std::vector<std::string>& arguments,
                                                           const std::string& input);
  [[nodiscard]] Status wait(short event, TimePoint end) const;
  [[nodiscard]] Status write_all(std::string_view bytes, TimePoint end) const;
  [[nodiscard]] Result<ipc::Frame> next_frame(TimePoint end);
  [[nodiscard]] Result<fastpath::pf::PfctlOutput> read_answer(TimePoint end);
  void note(const Result<fastpath::pf::PfctlOutput>& output);

  UniqueFd socket_;
  const Clock& clock_;
  const std::function<void(const std::string&)> lost_;
  const Milliseconds limit_;
  ipc::FrameReader reader_;
  std::uint32_t number_ = 0;  // of the last run
  Seconds rest_{0};           // the last one, while runs take too long
  TimePoint rest_until_;
};

}  // namespace hcd::pfctl
