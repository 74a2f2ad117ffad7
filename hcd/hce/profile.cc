#include "hcd/hce/profile.h"

#include <cassert>
#include <cstring>

#include "fastpath/base/text.h"

namespace hcd::hce {

using ipc::Reason;
using tls::Io;

namespace {

constexpr int kReadsPerStep = 4;  // then others are served
constexpr std::size_t kTextMax = 100;

}  // namespace

void Profile::begin(const Plan& plan) {
  plan_ = &plan;
  started_ = securing_ = judged_ = false;
  heard_size_ = heard_total_ = say_size_ = said_ = 0;
}

Step Profile::run(tls::Stream& stream, Verdict& out) {
  if (!std::exchange(started_, true)) start();
  if (securing_ && stream.encrypted()) {
    securing_ = false;
    secured();
  }
  for (int i = 0; i < kReadsPerStep; i++) {
    if (judged_) return end(stream, out);
    if (const auto step = flush(stream, out)) return *step;
    if (securing_) return Step::Done;
    if (const auto step = read(stream, out)) return *step;
  }
  return judged_ ? end(stream, out) : Step::Again;
}

std::optional<Step> Profile::flush(tls::Stream& stream, Verdict& out) {
  while (said_ < say_size_) {
    const Io io = stream.write({say_.data() + said_, say_size_ - said_});
    switch (io.what) {
      case Io::What::Done: said_ += io.bytes; break;
      case Io::What::WantRead: return Step::WaitRead;
      case Io::What::WantWrite: return Step::WaitWrite;
      case Io::What::Closed:
      case Io::What::Failed:
        out = failed(stream.encrypted() ? Reason::TlsWriteError : Reason::TcpWriteFailed,
                     io.what == Io::What::Closed ? "closed" : stream.error());
        return Step::Done;
    }
  }
  said_ = say_size_ = 0;
  return std::nullopt;
}

std::optional<Step> Profile::read(tls::Stream& stream, Verdict& out) {
  const Io io = stream.read(std::span(heard_).subspan(heard_size_));
  switch (io.what) {
    case Io::What::WantRead: return Step::WaitRead;
    case Io::What::WantWrite: return Step::WaitWrite;
    case Io::What::Closed: malformed(heard_total_ == 0 ? "empty answer" : "truncated"); break;
    case Io::What::Failed:
      out = failed(stream.encrypted() ? Reason::TlsReadError : Reason::TcpReadFailed, stream.error());
      return Step::Done;
    case Io::What::Done:
      heard_size_ += io.bytes;
      heard_total_ += io.bytes;
      digest();
      break;
  }
  return std::nullopt;
}

void Profile::digest() {
  std::string_view left(heard_.data(), heard_size_);
  while (!left.empty() && !judged_ && !securing_) {
    const std::size_t size = hear(left);
    if (size == 0) break;
    left.remove_prefix(size);
  }
  if (judged_) return;
  // Whoever stands between could have put it there to be taken for an answer under TLS.
  if (securing_ && !left.empty()) return malformed("more than the answer before TLS");
  if (left.size() == heard_.size()) return malformed("answer too long");
  if (heard_total_ >= kConversationMax) return malformed("endless answer");
  std::memmove(heard_.data(), left.data(), left.size());
  heard_size_ = left.size();
}

void Profile::say(std::string_view words) {
  assert(say_size_ + words.size() <= say_.size());
  say_size_ += words.copy(say_.data() + say_size_, say_.size() - say_size_);
}

void Profile::judge(Verdict verdict, std::string_view last_words) {
  if (std::exchange(judged_, true)) return;
  verdict_ = std::move(verdict);
  say(last_words);
}

void Profile::pass(std::string_view last_words) {
  judge(passed(reasons_.ok), last_words);
}

void Profile::malformed(std::string_view problem) {
  judge(failed(reasons_.malformed, std::string(problem)), {});
}

void Profile::refused(std::uint16_t code, std::string_view text, std::string_view last_words) {
  Verdict verdict = failed(reasons_.failed, printable(text, kTextMax).substr(0, kTextMax));
  verdict.code = code;
  judge(std::move(verdict), last_words);
}

Step Profile::end(tls::Stream& stream, Verdict& out) {
  if (said_ < say_size_) static_cast<void>(stream.write({say_.data() + said_, say_size_ - said_}));
  out = std::move(verdict_);
  return Step::Done;
}

Reason Profile::timed_out(bool encrypted) const {
  if (said_ < say_size_) return encrypted ? Reason::TlsWriteTimeout : Reason::TcpWriteTimeout;
  return encrypted ? Reason::TlsReadTimeout : Reason::TcpReadTimeout;
}

}  // namespace hcd::hce
