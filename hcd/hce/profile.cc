#include "hcd/hce/profile.h"

#include <cassert>
#include <cstring>

#include "fastpath/base/text.h"

namespace hcd::hce {

using tls::Io;

namespace {

constexpr std::size_t kTextMax = 100;

}  // namespace

void Profile::begin(const Plan& plan) {
  plan_ = &plan;
  started_ = securing_ = judged_ = false;
  heard_size_ = heard_total_ = say_size_ = 0;
  writer_.begin({});
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
  if (const auto step = writer_.run(stream, out)) return step;
  say_size_ = 0;
  return std::nullopt;
}

std::optional<Step> Profile::read(tls::Stream& stream, Verdict& out) {
  Io io;
  if (const auto step = read_once(stream, std::span(heard_).subspan(heard_size_), io, out)) return step;
  if (io.what == Io::What::Closed) {
    malformed(heard_total_ == 0 ? "empty answer" : "truncated");
    return std::nullopt;
  }
  heard_size_ += io.bytes;
  heard_total_ += io.bytes;
  digest();
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
  writer_.begin({say_.data(), say_size_});  // nothing of it is written yet: it is heard again only when all was said
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

void Profile::unable(std::string_view lack) {
  judge(unrun(std::string(lack)), {});
}

Step Profile::end(tls::Stream& stream, Verdict& out) {
  static_cast<void>(writer_.run(stream, out));
  out = std::move(verdict_);
  return Step::Done;
}

}  // namespace hcd::hce
