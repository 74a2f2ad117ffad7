#include "hcd/hce/http.h"

#include <algorithm>

#include <fmt/format.h>

#include "fastpath/base/text.h"
#include "hcd/conf/http_words.h"
#include "hcd/conf/regex.h"

namespace hcd::hce {

using ipc::Reason;
using tls::Io;

namespace {

constexpr std::size_t kReadSize = 16384;

bool is_digest(const Plan& plan) {
  return plan.check.type == conf::CheckType::HttpDigest;
}

bool has_code(const conf::HttpCheck& check, std::uint16_t code) {
  return std::ranges::any_of(check.codes,
                             [code](const auto& range) { return code >= range.low && code <= range.high; });
}

struct PreparedHttp final : Prepared {
  std::vector<conf::Regex> headers;
  conf::Regex body;
};
const PreparedHttp* expected_of(const Plan& plan) {
  return static_cast<const PreparedHttp*>(plan.prepared.get());
}

std::string_view method_of(const conf::Check& check) {
  const bool body = check.type == conf::CheckType::HttpDigest || !check.http.expect_body.empty();
  if (check.http.method != conf::HttpMethod::Auto) return conf::method_text(check.http.method);
  return body ? "GET" : "HEAD";
}

// HTTP/1.1 obliges to name the host, so without one the check speaks 1.0, as hoststated does.
std::string http_request(const conf::Check& check) {
  const auto& http = check.http;
  std::string request = fmt::format("{} {} HTTP/1.{}\r\n", method_of(check), http.path, http.host.empty() ? '0' : '1');
  if (!http.host.empty()) request += fmt::format("Host: {}\r\n", http.host);
  for (const std::string_view own : {"User-Agent: hcd/" HCD_VERSION, "Accept: */*"})
    if (std::ranges::none_of(http.headers, [own](const std::string& header) {
          return same_name(conf::header_name(header), conf::header_name(own));
        }))
      request += fmt::format("{}\r\n", own);
  for (const auto& header : http.headers) request += header + "\r\n";
  if (http.method == conf::HttpMethod::Post) request += "Content-Length: 0\r\n";
  return request + "Connection: close\r\n\r\n";
}

bool has_controls(std::string_view text) {
  return std::ranges::any_of(text, [](unsigned char c) { return c < ' ' || c == 0x7f; });
}

std::size_t digest_size(conf::DigestType type) {
  return type == conf::DigestType::Md5 ? 16 : type == conf::DigestType::Sha1 ? 20 : 32;
}

Status prepare_expected(const conf::HttpCheck& http, Plan& plan) {
  if (http.expect_headers.empty() && http.expect_body.empty()) return {};
  if (http.expect_headers.size() > 32) return fail(Code::Limit, "more than 32 headers are expected");
  const auto expected = std::make_shared<PreparedHttp>();
  for (const auto& header : http.expect_headers) {
    auto regex = conf::compile_regex(header.pattern);
    if (!regex) return std::unexpected(regex.error());
    expected->headers.push_back(std::move(*regex));
  }
  if (!http.expect_body.empty()) {
    auto regex = conf::compile_regex(http.expect_body);
    if (!regex) return std::unexpected(regex.error());
    expected->body = std::move(*regex);
  }
  plan.prepared = std::shared_ptr<const Prepared>(expected);
  return {};
}

}  // namespace

Status prepare_http(const conf::Check& check, Plan& plan) {
  const auto& http = check.http;
  if (http.path.empty() || has_controls(http.path) || has_controls(http.host))
    return fail(Code::Invalid, "the check's path or host cannot stand in a request");
  for (const auto& header : http.headers)
    if (const auto problem = conf::header_problem(header); !problem.empty()) return fail(Code::Invalid, problem);
  if (check.type == conf::CheckType::HttpDigest && http.digest.size() != digest_size(http.digest_type))
    return fail(Code::Invalid, "the digest's length does not fit its type");
  plan.request = http_request(check);
  return prepare_expected(http, plan);
}

void HttpExchange::begin(const Plan& plan) {
  plan_ = &plan;
  writer_.begin(plan.request);
  digest_ready_ = !is_digest(plan) || digest_.begin(plan.check.http.digest_type);
  found_ = 0;
  searched_.clear();
  const auto* expected = expected_of(plan);
  const bool headers = expected != nullptr && !expected->headers.empty();
  if (headers) room_.resize(kHeaderMax);
  response_.begin(is_digest(plan) || (expected != nullptr && expected->body) ? this : nullptr, headers ? this : nullptr,
                  headers ? std::span<char>(room_) : std::span<char>());
}

void HttpExchange::body(std::string_view bytes) {
  if (is_digest(*plan_))
    digest_.update(bytes);
  else
    searched_ += bytes.substr(0, kSearchedMax - searched_.size());
}

void HttpExchange::header(std::string_view name, std::string_view value) {
  const auto& wanted = plan_->check.http.expect_headers;
  for (std::size_t i = 0; i < wanted.size(); i++)
    if (same_name(name, wanted[i].name) && conf::finds(expected_of(*plan_)->headers[i], value)) found_ |= 1U << i;
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
  Io io;
  for (int i = 0; i < kReadsPerStep; i++) {
    if (const auto step = read_once(stream, bytes, io, out)) return *step;
    if (io.what == Io::What::Closed) return judge(response_.closed(), out);
    const auto state = response_.feed({bytes.data(), io.bytes});
    if (state != HttpResponse::State::More) return judge(state, out);
    if (searched_.size() == kSearchedMax) return judge(HttpResponse::State::Complete, out);
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
  if (is_digest(*plan_)) return judge_digest();
  const bool same = has_code(plan_->check.http, response_.code());
  Verdict verdict = same ? judge_expected() : failed(Reason::HttpCodeMismatch);
  if (verdict.outcome == Outcome::Passed || !same) verdict.code = response_.code();
  return verdict;
}

Verdict HttpExchange::judge_digest() {
  const std::string got = digest_.finish();
  if (got != plan_->check.http.digest) return failed(Reason::HttpDigestMismatch, "got " + to_hex(got));
  Verdict verdict = judge_expected();
  if (verdict.outcome == Outcome::Passed) verdict.reason = Reason::HttpDigestOk;
  return verdict;
}

Verdict HttpExchange::judge_expected() const {
  const auto& http = plan_->check.http;
  for (std::size_t i = 0; i < http.expect_headers.size(); i++)
    if ((found_ >> i & 1) == 0) return failed(Reason::HttpHeaderMismatch, http.expect_headers[i].name);
  if (!http.expect_body.empty() && !conf::finds(expected_of(*plan_)->body, searched_))
    return failed(Reason::HttpBodyMismatch, searched_.empty() ? "no body" : "");
  return passed(Reason::HttpCodeOk);
}

}  // namespace hcd::hce
