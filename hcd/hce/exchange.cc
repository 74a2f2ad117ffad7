#include "hcd/hce/exchange.h"

#include <algorithm>

#include "fastpath/base/text.h"

namespace hcd::hce {

using ipc::Reason;
using tls::Io;

namespace {

constexpr std::size_t kReadSize = 4096;
constexpr std::size_t kDetailMax = 128;

struct PreparedGlob final : Prepared {
  explicit PreparedGlob(Glob compiled) : glob(std::move(compiled)) {}
  Glob glob;
};

}  // namespace

Status prepare_exchange(const conf::Check& check, Plan& plan) {
  const auto& exchange = check.exchange;
  if (exchange.expect.empty()) return fail(Code::Invalid, "nothing is expected");
  plan.request = exchange.send;
  if (exchange.binary) return {};
  auto glob = Glob::compile(exchange.expect);
  if (!glob) return std::unexpected(glob.error());
  plan.prepared = std::make_shared<const PreparedGlob>(std::move(*glob));
  return {};
}

void Exchange::begin(const Plan& plan) {
  plan_ = &plan;
  heard_ = 0;
  writer_.begin(plan.request);
  if (plan.prepared) run_.begin(static_cast<const PreparedGlob&>(*plan.prepared).glob);
}

Step Exchange::run(tls::Stream& stream, Verdict& out) {
  if (const auto step = writer_.run(stream, out)) return *step;
  return read(stream, out);  // at once: a server that speaks first may have done so, and is not told again
}

Step Exchange::read(tls::Stream& stream, Verdict& out) {
  std::array<char, kReadSize> bytes;
  Io io;
  for (int i = 0; i < kReadsPerStep; i++) {
    if (const auto step = read_once(stream, bytes, io, out)) return *step;
    if (io.what == Io::What::Closed) return closed(out);
    const auto state = feed({bytes.data(), io.bytes});
    if (state == GlobRun::State::Matched) {
      out = passed(Reason::SendExpectOk);
      return Step::Done;
    }
    if (state == GlobRun::State::Hopeless || heard_ >= kAnswerMax) {
      out = mismatch(state == GlobRun::State::Hopeless ? "got " : "endless answer: ");
      return Step::Done;
    }
  }
  return Step::Again;
}

GlobRun::State Exchange::feed(std::string_view bytes) {
  if (heard_ < start_.size()) bytes.copy(start_.data() + heard_, start_.size() - heard_);
  const std::size_t before = heard_;
  heard_ += bytes.size();
  if (plan_->prepared) return run_.feed(bytes);
  const std::string_view expected = std::string_view(plan_->check.exchange.expect).substr(before);
  const std::size_t size = std::min(expected.size(), bytes.size());
  if (bytes.substr(0, size) != expected.substr(0, size)) return GlobRun::State::Hopeless;
  return size == expected.size() ? GlobRun::State::Matched : GlobRun::State::Open;
}

Step Exchange::closed(Verdict& out) {
  const bool empty_will_do = plan_->prepared && run_.state() == GlobRun::State::Matched;
  out = empty_will_do ? passed(Reason::SendExpectOk) : mismatch(heard_ == 0 ? "empty answer" : "closed after ");
  return Step::Done;
}

Verdict Exchange::mismatch(std::string_view what) const {
  std::string detail(what);
  if (heard_ != 0) detail += "\"" + printable({start_.data(), std::min(heard_, start_.size())}, kDetailMax) + "\"";
  return failed(Reason::SendExpectFailed, detail.substr(0, kDetailMax));
}

Verdict Exchange::timed_out(bool encrypted) const {
  return failed(writer_.timed_out(encrypted), heard_ == 0 ? std::string() : mismatch("got ").detail);
}

}  // namespace hcd::hce
