// The http and https checks: one request, and its answer's status (HEAD) or the digest of its body (GET), and what is found
// in its headers and its body. Room for these grows to what the answers need, within bounds, and is kept.
#pragma once
#include "hcd/hce/digest.h"
#include "hcd/hce/http_response.h"
#include "hcd/hce/plan.h"
#include "hcd/hce/tcp.h"
#include "hcd/hce/transfer.h"

namespace hcd::hce {

class HttpExchange final : private BodySink, private HeaderSink {  // over any stream
 public:
  static constexpr std::size_t kSearchedMax = 64 << 10;  // of a body, in which an expression is looked for
  static constexpr std::size_t kHeaderMax = 4096;        // of a header's line, likewise

  void begin(const Plan& plan);  // which outlives it
  [[nodiscard]] Step run(tls::Stream& stream, Verdict& out);
  [[nodiscard]] Verdict timed_out(bool encrypted) const { return failed(writer_.timed_out(encrypted)); }

 private:
  void body(std::string_view bytes) override;
  void header(std::string_view name, std::string_view value) override;
  Step read(tls::Stream& stream, Verdict& out);
  Step judge(HttpResponse::State state, Verdict& out);
  [[nodiscard]] Verdict judge_complete();
  [[nodiscard]] Verdict judge_digest();
  [[nodiscard]] Verdict judge_expected() const;

  const Plan* plan_ = nullptr;
  RequestWriter writer_;
  bool digest_ready_ = true;
  HttpResponse response_;
  Digest digest_;
  std::uint32_t found_ = 0;  // a bit for each expected header that was there as expected
  std::string searched_;     // the body's start
  std::string room_;         // for a header's line
};

// The request, ready to send.
[[nodiscard]] Status prepare_http(const conf::Check& check, Plan& plan);

using HttpProbe = StreamProbe<HttpExchange>;

}  // namespace hcd::hce
