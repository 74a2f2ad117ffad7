#include "hcd/ctl/subscriber.h"

#include <utility>

namespace hcd::ctl {
namespace {

constexpr std::uint32_t kHello = 1, kSubscription = 2;  // numbers of the first two requests
constexpr std::size_t kQueueMax = std::size_t{256} * 1024;

}  // namespace

Subscriber::Subscriber(event::Loop& loop, UniqueFd socket, const std::string& name, Handler handler, Subscribe wanted)
    : handler_(std::move(handler)),
      wanted_(wanted),
      last_(kSubscription),
      channel_(loop, std::move(socket),
               {.message = [this](const ipc::Message& message) { on_frame(message.frame); },
                .lost = [this](const Error& error) { lose(error); }},
               {.frame = kRequestMax, .received = kReplyMax, .queue = kQueueMax, .fds = false}),
      rested_(loop.timer([this] { channel_.pause(false); })) {
  channel_.send(Hello{.client = name}, kHello);
}

void Subscriber::subscribe(const Subscribe& wanted) {
  wanted_ = wanted;
  if (greeted_ && !lost_) channel_.send(wanted_, kSubscription);
}

bool Subscriber::ask(std::uint32_t type, const std::string& payload, Reply reply) {
  if (lost_ || !greeted_ || waiting_.size() >= kWaitingMax) return false;
  if (payload.size() + sizeof(ipc::FrameHeader) > kRequestMax) return false;
  waiting_[++last_] = std::move(reply);
  channel_.send(type, last_, payload);
  rested_->cancel();
  channel_.pause(false);
  return true;
}

void Subscriber::on_frame(const ipc::Frame& frame) {
  if (lost_) return;
  if (frame.id == 0 && is<Answer>(frame)) {  // the daemon's last word before it closes
    const auto last = read<Answer>(frame);
    return lose(last ? Error{Code::Protocol, 0, last->text} : not_understood(frame).error());
  }
  if (!greeted_) return on_greeting(frame);
  if (const auto waiting = waiting_.find(frame.id); waiting != waiting_.end()) return on_reply(frame, waiting->second);
  const auto update = frame.id == kSubscription ? update_of(frame) : std::nullopt;
  if (!update) return lose(not_understood(frame).error());
  rest();
  handler_.update(*update);
}

// What has been read already is handed on all the same.
void Subscriber::rest() {
  if (gather_.count() == 0 || !waiting_.empty() || !channel_.drained() || rested_->armed()) return;
  channel_.pause(true);
  rested_->after(gather_);
}

void Subscriber::on_greeting(const ipc::Frame& frame) {
  if (const auto refused = read<Answer>(frame)) return lose({Code::Protocol, 0, refused->text});
  const auto welcome = frame.id == kHello ? read<Welcome>(frame) : std::nullopt;
  if (!welcome) return lose(not_understood(frame).error());
  greeted_ = true;
  channel_.send(wanted_, kSubscription);
  handler_.welcome(*welcome);
}

void Subscriber::on_reply(const ipc::Frame& frame, Reply& reply) {
  if (const auto answer = read<Answer>(frame)) {
    const Reply taken = std::move(reply);
    waiting_.erase(frame.id);
    if (taken.answer) taken.answer(*answer);
    return;
  }
  if (const auto evidence = read<Evidence>(frame)) {
    if (reply.evidence) reply.evidence(*evidence);
  } else if (const auto outcome = read<Outcome>(frame)) {
    if (reply.outcome) reply.outcome(*outcome);
  } else if (!is<Checking>(frame) && !is<Checked>(frame)) {
    lose(not_understood(frame).error());
  }
}

void Subscriber::lose(const Error& error) {
  if (std::exchange(lost_, true)) return;
  handler_.lost(error);
}

}  // namespace hcd::ctl
