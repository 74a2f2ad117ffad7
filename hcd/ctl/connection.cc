#include "hcd/ctl/connection.h"

#include <sys/socket.h>

#include "fastpath/base/log.h"
#include "fastpath/base/text.h"

namespace hcd::ctl {
namespace {

constexpr unsigned kGreetingSeconds = 10, kMessageSeconds = 10, kIdleSeconds = 60, kStalledSeconds = 60;
constexpr std::size_t kQueueMax = 64U << 20;  // a snapshot of the largest configuration and a backlog fit

}  // namespace

Connection::Connection(event::Loop& loop, UniqueFd socket, Peer peer, Options options, Service& service)
    : peer_(std::move(peer)),
      options_(std::move(options)),
      service_(service),
      channel_(loop, std::move(socket),
               {.message = [this](const ipc::Message& message) { on_message(message); },
                .lost = [this](const Error& error) { on_lost(error); }},
               {.frame = kReplyMax, .received = kRequestMax, .queue = kQueueMax, .fds = false}) {}

template <class T>
void Connection::take(const ipc::Message& message, void (Connection::*handler)(const T&, std::uint32_t)) {
  const auto decoded = ipc::decode<T>(message.frame.payload);
  if (!decoded)
    return refuse(Verdict::Usage, "a message of type " + std::to_string(message.frame.type) + " and " +
                                      std::to_string(message.frame.payload.size()) + " bytes is malformed");
  (this->*handler)(*decoded, message.frame.id);
}

void Connection::on_message(const ipc::Message& message) {
  if (ended_) return;
  silent_ = midway_ = 0;
  const auto type = static_cast<Type>(message.frame.type);
  if (!greeted_ && type != Type::Hello) return refuse(Verdict::Usage, "the first message must be a hello");
  switch (type) {
    case Type::Hello: return take(message, &Connection::on_hello);
    case Type::Show: return take(message, &Connection::on_show);
    case Type::Subscribe: return take(message, &Connection::on_subscribe);
    case Type::Change: return take(message, &Connection::on_change);
    case Type::Reload: return take(message, &Connection::on_reload);
    case Type::Stop: return take(message, &Connection::on_stop);
    case Type::Checks: return take(message, &Connection::on_checks);
    case Type::CheckNow: return take(message, &Connection::on_check_now);
    default: break;
  }
  refuse(Verdict::Usage, "a message of type " + std::to_string(message.frame.type) + " is unknown");
}

void Connection::on_hello(const Hello& hello, std::uint32_t request) {
  if (greeted_) return refuse(Verdict::Usage, "a second hello");
  if (hello.lowest > kVersion || hello.highest < kVersion)
    return refuse(Verdict::Version, "this daemon speaks version " + std::to_string(kVersion) +
                                        " of the control protocol, the client " + std::to_string(hello.lowest) +
                                        " to " + std::to_string(hello.highest));
  greeted_ = true;
  channel_.send(Welcome{.version = kVersion, .daemon = options_.daemon, .read_only = options_.read_only}, request);
}

void Connection::on_show(const Show&, std::uint32_t request) {
  if (channel_.queued() > kBacklog) return answer(request, {Verdict::Limit, "what was asked before has not been read"});
  send_snapshot(request);
}

void Connection::on_subscribe(const Subscribe&, std::uint32_t request) {
  if (subscription_) return refuse(Verdict::Usage, "a second subscription");
  subscription_ = request;
  resynchronise();
}

bool Connection::may_change(std::uint32_t request, std::string_view what) {
  if (!options_.read_only) return true;
  log::notice("admin: " + std::string(what) + " by " + peer_.text() + " refused: this socket is read-only");
  answer(request, {Verdict::Permission, "this socket is read-only"});
  return false;
}

void Connection::on_change(const Change& change, std::uint32_t request) {
  const std::string what = std::string(kind_text(change.kind)) + " " + std::string(action_text(change.action)) + " " +
                           printable(change.target);
  if (!may_change(request, what)) return;
  answer(request, service_.change(change, peer_));
}

void Connection::on_reload(const Reload&, std::uint32_t request) {
  if (!may_change(request, "reload")) return;
  if (!waiting_.insert(request).second) return refuse(Verdict::Usage, "two requests of one number");
  service_.reload(*this, request);
}

void Connection::on_stop(const Stop& stop, std::uint32_t request) {
  if (may_change(request, stop.unload ? "stop unload" : "stop")) answer(request, service_.stop(stop, peer_));
}

void Connection::on_checks(const Checks& checks, std::uint32_t request) {
  if (channel_.queued() > kBacklog) return answer(request, {Verdict::Limit, "what was asked before has not been read"});
  auto evidence = service_.checks(checks);
  if (!evidence) return answer(request, evidence.error());
  for (const auto& part : in_frames(std::move(*evidence))) channel_.send(part, request);
  answer(request, {});
}

void Connection::on_check_now(const CheckNow& check, std::uint32_t request) {
  if (!may_change(request, "check now " + printable(check.target))) return;
  if (waiting_.contains(request)) return refuse(Verdict::Usage, "two requests of one number");
  if (!waiting_.empty()) return answer(request, {Verdict::Limit, "what was asked before has not ended"});
  waiting_.insert(request);
  service_.check_now(*this, check, request);
}

void Connection::tell(std::uint32_t request, Type type, std::string_view payload) {
  if (!ended_) channel_.send(static_cast<std::uint32_t>(type), request, payload);
}

void Connection::answer(std::uint32_t request, const Answer& answer) {
  waiting_.erase(request);
  if (ended_) return;
  Answer bounded = answer;
  bounded.text.resize(std::min(bounded.text.size(), kReplyMax / 2));  // every error of a large file
  channel_.send(bounded, request);
}

void Connection::send_snapshot(std::uint32_t request) {
  Snapshot snapshot = service_.snapshot();
  const std::uint64_t generation = snapshot.header.generation;
  channel_.send(Begin{snapshot.header}, request);
  for (const auto& rows : in_frames({.generation = generation,
                                     .services = std::move(snapshot.services),
                                     .tables = std::move(snapshot.tables),
                                     .hosts = std::move(snapshot.hosts)}))
    channel_.send(rows, request);
  channel_.send(End{generation}, request);
}

void Connection::resynchronise() {
  if (!subscription_) return;
  lagging_ = channel_.queued() > 0;
  if (!lagging_) send_snapshot(*subscription_);
}

void Connection::publish(Type type, std::string_view payload) {
  if (!subscription_ || ended_) return;
  if (lagging_ || channel_.queued() > kBacklog) return resynchronise();
  channel_.send(static_cast<std::uint32_t>(type), *subscription_, payload);
}

void Connection::tick() {
  if (ended_) return;
  if (lagging_) resynchronise();
  const std::size_t queued = channel_.queued();
  stalled_ = queued > 0 && queued >= queued_ ? stalled_ + 1 : 0;
  queued_ = queued;
  midway_ = channel_.midway() ? midway_ + 1 : 0;
  silent_++;
  if (stalled_ >= kStalledSeconds) return refuse(Verdict::TimedOut, "it does not read what it asked for");
  if (midway_ >= kMessageSeconds) return refuse(Verdict::TimedOut, "the rest of a message does not come");
  if (!greeted_ && silent_ >= kGreetingSeconds) return refuse(Verdict::TimedOut, "no hello came");
  const bool busy = subscription_ || !waiting_.empty() || queued > 0;
  if (!busy && silent_ >= kIdleSeconds) return refuse(Verdict::TimedOut, "nothing was asked for a minute");
}

void Connection::on_lost(const Error& error) {
  if (ended_) return;
  if (error.code == Code::System) return end();  // it closed
  // The channel sends no more, so the last word goes past it, where it cannot land within another frame.
  if (channel_.queued() == 0) {
    const Answer last{Verdict::Usage, error.text};
    const std::string frame = ipc::encode_frame(static_cast<std::uint32_t>(Answer::kType), 0, 0, ipc::encode(last));
    (void)send(channel_.fd(), frame.data(), frame.size(), MSG_DONTWAIT | MSG_NOSIGNAL);
  }
  log::warning("control: client " + peer_.text() + " dropped: " + error.text);
  end();
}

void Connection::refuse(Verdict verdict, const std::string& text) {
  log::warning("control: client " + peer_.text() + " dropped: " + text);
  answer(0, {verdict, text});
  end();
}

void Connection::end() {
  if (ended_) return;
  ended_ = true;
  service_.ended(*this);
}

}  // namespace hcd::ctl
