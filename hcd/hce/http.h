// The http and https checks: one request, and its answer's status (HEAD) or the digest of its body (GET).
#pragma once
#include "hcd/hce/digest.h"
#include "hcd/hce/http_response.h"
#include "hcd/hce/plan.h"
#include "hcd/hce/request_writer.h"
#include "hcd/hce/tcp.h"

namespace hcd::hce {

class HttpExchange final : private BodySink {  // over any stream
 public:
  void begin(const Plan& plan);
  [[nodiscard]] Step run(tls::Stream& stream, Verdict& out);
  [[nodiscard]] ipc::Reason timed_out(bool encrypted) const { return writer_.timed_out(encrypted); }

 private:
  void body(std::string_view bytes) override { digest_.update(bytes); }
  Step read(tls::Stream& stream, Verdict& out);
  Step judge(HttpResponse::State state, Verdict& out);
  [[nodiscard]] Verdict judge_complete();

  const Plan* plan_ = nullptr;
  RequestWriter writer_;
  bool digest_ready_ = true;
  HttpResponse response_;
  Digest digest_;
};

// The request, ready to send.
[[nodiscard]] Status prepare_http(const conf::Check& check, Plan& plan);

class HttpProbe final : public TcpProbe {
 public:
  [[nodiscard]] Step start(const Address& address, const Plan& plan) override;

 private:
  [[nodiscard]] Step talk(tls::Stream& stream, const Plan& plan) override;
  [[nodiscard]] Verdict talk_timed_out(bool encrypted) const override { return failed(exchange_.timed_out(encrypted)); }

  HttpExchange exchange_;
};

}  // namespace hcd::hce
