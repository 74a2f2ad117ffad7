// The send/expect check: what is sent, if anything, and whether what comes is as expected: a shell pattern that some
// beginning of it matches, or bytes that it begins with. Judged as it grows, to the byte, so how it came in pieces changes
// nothing; an answer that goes on without a match ends the check after kAnswerMax.
#pragma once
#include <array>

#include "fastpath/base/glob.h"
#include "hcd/hce/plan.h"
#include "hcd/hce/tcp.h"
#include "hcd/hce/transfer.h"

namespace hcd::hce {

class Exchange {  // over any stream
 public:
  static constexpr std::size_t kAnswerMax = 64 << 10;

  void begin(const Plan& plan);  // which outlives it
  [[nodiscard]] Step run(tls::Stream& stream, Verdict& out);
  [[nodiscard]] Verdict timed_out(bool encrypted) const;

 private:
  Step read(tls::Stream& stream, Verdict& out);
  [[nodiscard]] GlobRun::State feed(std::string_view bytes);
  [[nodiscard]] Step closed(Verdict& out);
  [[nodiscard]] Verdict mismatch(std::string_view what) const;

  const Plan* plan_ = nullptr;
  RequestWriter writer_;
  GlobRun run_;
  std::size_t heard_ = 0;         // bytes, in all
  std::array<char, 48> start_{};  // of the answer, to be told
};

[[nodiscard]] Status prepare_exchange(const conf::Check& check, Plan& plan);

class ExchangeProbe final : public StreamProbe<Exchange> {
  [[nodiscard]] bool listens_first(const Plan& plan) const override { return plan.request.empty(); }
};

}  // namespace hcd::hce
