#include "hcd/hce/http.h"

#include <algorithm>

#include <fmt/format.h>

#include "fastpath/base/text.h"

namespace hcd::hce {

using ipc::Reason;
using tls::Io;

namespace {

constexpr std::size_t kReadSize = 16384;
constexpr int kReadsPerStep = 4;  // a server that sends without end gets 64 KiB, then others are served

bool is_digest(const Plan& plan) {
  return plan.check.type == conf::CheckType::HttpDigest;
}

bool has_code(const conf::HttpCheck& check, std::uint16_t code) {
  return std::ranges::any_of(check.codes,
                             [code](const auto& range) { return code >= range.low && code <= range.high; });
}

// HTTP/1.1 obliges to name the host, so without one the check speaks 1.0, as hoststated does.
std::string http_request(const conf::Check& check) {
  const bool code = check.type == conf::CheckType::HttpCode;
  const auto& http = check.http;
  std::string request =
      fmt::format("{} {} HTTP/1.{}\r\n", code ? "HEAD" : "GET", http.path, http.host.empty() ? '0' : '1');
  if (!http.host.empty()) request += fmt::format("Host: {}\r\n", http.host);
  return request + "User-Agent: hcd/" HCD_VERSION "\r\nAccept: */*\r\nConnection: close\r\n\r\n";
}

bool has_controls(std::string_view text) {
  return std::ranges::any_of(text, [](unsigned char c) { return c < ' ' || c == 0x7f; });
}

std::size_t digest_size(conf::DigestType type) {
  return type == conf::DigestType::Md5 ? 16 : type == conf::DigestType::Sha1 ? 20 : 32;
}

}  // namespace

Status prepare_http(const conf::Check& check, Plan& plan) {
  const auto& http = check.http;
  if (http.path.empty() || has_controls(http.path) || has_controls(http.host))
    return fail(Code::Invalid, "the check's path or host cannot stand in a request");
  if (check.type == conf::CheckType::HttpDigest && http.digest.size() != digest_size(http.digest_type))
    return fail(Code::Invalid, "the digest's length does not fit its type");
  plan.request = http_request(check);
  return {};
}

void HttpExchange::begin(const Plan& plan) {
  plan_ = &plan;
  writer_.begin(plan.request);
  digest_ready_ = !is_digest(plan) || digest_.begin(plan.check.http.digest_type);
  response_.begin(is_digest(plan) ? this : nullptr);
}

Step HttpExchange::run(tls::Stream& stream, Verdict& out) {
  if (!digest_ready_) {
    out = unrun("digest");
    return Step::Done;
  }
  if (!writer_.ended()) {
    if (const auto step = writer_.run(stream, out)) return *step;
    // Over TCP no answer can be here yet; over TLS the record that holds it may have been read already.
    if (!stream.encrypted()) return Step::WaitRead;
  }
  return read(stream, out);
}

Step HttpExchange::read(tls::Stream& stream, Verdict& out) {
  std::array<char, kReadSize> bytes;
  for (int i = 0; i < kReadsPerStep; i++) {
    const Io io = stream.read(bytes);
    switch (io.what) {
      case Io::What::WantRead: return Step::WaitRead;
      case Io::What::WantWrite: return Step::WaitWrite;
      case Io::What::Closed: return judge(response_.closed(), out);
      case Io::What::Failed:
        out = failed(stream.encrypted() ? Reason::TlsReadError : Reason::TcpReadFailed, stream.error());
        return Step::Done;
      case Io::What::Done: break;
    }
    if (const auto state = response_.feed({bytes.data(), io.bytes}); state != HttpResponse::State::More)
      return judge(state, out);
  }
  return Step::Again;
}

Step HttpExchange::judge(HttpResponse::State state, Verdict& out) {
  if (state == HttpResponse::State::Complete) {
    out = judge_complete();
  } else {
    out = failed(is_digest(*plan_) ? Reason::HttpDigestMalformed : Reason::HttpCodeMalformed,
                 std::string(response_.problem()));
  }
  return Step::Done;
}

Verdict HttpExchange::judge_complete() {
  Verdict verdict;
  if (is_digest(*plan_)) {
    const std::string got = digest_.finish();
    verdict = got == plan_->check.http.digest ? passed(Reason::HttpDigestOk)
                                              : failed(Reason::HttpDigestMismatch, "got " + to_hex(got));
  } else {
    const bool same = has_code(plan_->check.http, response_.code());
    verdict = same ? passed(Reason::HttpCodeOk) : failed(Reason::HttpCodeMismatch);
    verdict.code = response_.code();
  }
  return verdict;
}

Step HttpProbe::start(const Address& address, const Plan& plan) {
  exchange_.begin(plan);
  return TcpProbe::start(address, plan);
}

Step HttpProbe::talk(tls::Stream& stream, const Plan&) {
  Verdict verdict;
  const Step step = exchange_.run(stream, verdict);
  return step == Step::Done ? done(std::move(verdict)) : step;
}

}  // namespace hcd::hce
