#include "hcd/hce/teller.h"

#include "hcd/hce/report.h"

namespace hcd::hce {
namespace {

constexpr std::size_t kInOneFrame = 2048;  // of 24 bytes each: within ipc::kFrameMax

}  // namespace

Teller::Teller(event::Loop& loop) : loop_(loop), timer_(loop.timer([this] { send_gathered(); })) {
  gathered_.results.reserve(kInOneFrame);
}

void Teller::use(ipc::Channel* pfe) {
  pfe_ = pfe;
  in_round_ = false;
  gathered_.results.clear();
}

void Teller::tell(Subject& subject, std::uint32_t generation, bool asked) {
  if (pfe_ == nullptr) return;
  if (!std::exchange(subject.certificate_told, true)) {
    begin_round();
    pfe_->send(ipc::HostCertificate{.host = subject.id, .expires = subject.certificate}, subject.id);
  }
  if (subject.told && !asked) return gather(subject, generation);
  tell_change(subject, generation, asked);
  subject.told = true;
}

void Teller::tell_change(const Subject& subject, std::uint32_t generation, bool asked) {
  send_gathered();  // first: the order is that in which it was found
  begin_round();
  pfe_->send(status_of(subject, generation, asked), subject.id);
}

void Teller::begin_round() {
  if (std::exchange(in_round_, true)) return;
  pfe_->hold(true);
  loop_.defer([this, alive = std::weak_ptr(alive_)] {
    if (!alive.expired()) end_round();
  });
}

void Teller::gather(const Subject& subject, std::uint32_t generation) {
  if (generation != gathered_.generation) send_gathered();
  gathered_.generation = generation;
  gathered_.results.push_back({.host = subject.id,
                               .latency_us = ipc::microseconds(subject.latency),
                               .up = subject.machine.up(),
                               .total = subject.machine.total()});
  if (gathered_.results.size() == kInOneFrame) return send_gathered();
  if (gathered_.results.size() == 1) timer_->after(kGather);
}

void Teller::send_gathered() {
  if (pfe_ == nullptr || gathered_.results.empty()) return;
  ipc::Encoder encoder(std::move(room_));
  encoder(gathered_);
  room_ = encoder.take();
  pfe_->send(static_cast<std::uint32_t>(ipc::CheckResults::kType), 0, room_);
  gathered_.results.clear();
}

void Teller::end_round() {
  in_round_ = false;
  if (pfe_ != nullptr) pfe_->hold(false);
}

}  // namespace hcd::hce
