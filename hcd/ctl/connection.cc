#include "hcd/ctl/connection.h"

#include <algorithm>

#include <sys/socket.h>

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
    case Type::Confirm: return take(message, &Connection::on_confirm);
    case Type::Log: return take(message, &Connection::on_log);
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
  peer_.program = hello.client;
  channel_.send(Welcome{.version = kVersion, .daemon = options_.daemon, .read_only = options_.read_only}, request);
}

void Connection::on_show(const Show& show, std::uint32_t request) {
  if (channel_.queued() > kBacklog) return answer(request, {Verdict::Limit, "what was asked before has not been read"});
  send_snapshot(request, show.scope);
}

void Connection::on_subscribe(const Subscribe& subscribe, std::uint32_t request) {
  Subscribe wanted = subscribe;
  wanted.interval_ms = std::clamp(subscribe.interval_ms, Subscribe::kLeastMs, Subscribe::kMostMs);
  service_.subscribing(wanted);
  subscription_ = wanted;
  subscribed_ = request;
  resynchronise();
}

bool Connection::may_wait(std::uint32_t request) {
  if (waiting_.insert(request).second) return true;
  refuse(Verdict::Usage, "two requests of one number");
  return false;
}

bool Connection::may_change(std::uint32_t request, std::string_view what) {
  if (!options_.read_only) return true;
  service_.report(log::Level::Notice,
                  "admin: " + std::string(what) + " by " + peer_.text() + " refused: this socket is read-only");
  answer(request, {Verdict::Permission, "this socket is read-only"});
  return false;
}

void Connection::on_change(const Change& change, std::uint32_t request) {
  std::string what = std::string(action_text(change.action)) + " " + std::string(kind_text(change.kind));
  if (!change.targets.empty()) what += " " + printable(change.targets.front().text);
  if (change.targets.size() > 1) what += " and " + std::to_string(change.targets.size() - 1) + " more";
  if (!change.dry_run && !may_change(request, what)) return;
  auto outcome = service_.change(change, peer_);
  if (!outcome) {
    if (!change.dry_run)
      service_.report(log::Level::Notice,
                      "admin: " + what + " by " + peer_.text() + " refused: " + printable(outcome.error().text));
    return answer(request, outcome.error());
  }
  std::string text = outcome_text(*outcome);
  send_parts(std::move(*outcome), request);
  answer(request, {Verdict::Done, std::move(text)});
}

void Connection::on_reload(const Reload& reload, std::uint32_t request) {
  if (may_change(request, "reload") && may_wait(request)) service_.reload(*this, reload, request);
}

void Connection::on_confirm(const Confirm& confirm, std::uint32_t request) {
  if (may_change(request, confirm.keep ? "confirm" : "take back") && may_wait(request))
    service_.confirm(*this, confirm, request);
}

void Connection::on_log(const Log& log, std::uint32_t request) {
  if (may_change(request, log.verbose ? "log verbose" : "log brief")) answer(request, service_.log(log, peer_));
}

void Connection::on_stop(const Stop& stop, std::uint32_t request) {
  if (may_change(request, stop.unload ? "stop unload" : "stop")) answer(request, service_.stop(stop, peer_));
}

void Connection::on_checks(const Checks& checks, std::uint32_t request) {
  if (channel_.queued() > kBacklog) return answer(request, {Verdict::Limit, "what was asked before has not been read"});
  auto evidence = service_.checks(checks);
  if (!evidence) return answer(request, evidence.error());
  send_parts(std::move(*evidence), request);
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

void Connection::send_snapshot(std::uint32_t request, const Scope& scope) {
  Snapshot snapshot = service_.snapshot(scope.rows);
  const std::uint64_t generation = snapshot.header.vitals.generation;
  channel_.send(Begin{std::move(snapshot.header)}, request);
  send_parts(Rows{.generation = generation,
                  .services = std::move(snapshot.services),
                  .tables = std::move(snapshot.tables),
                  .hosts = std::move(snapshot.hosts)},
             request);
  if (scope.numbers) {
    Look look = service_.numbers(0);
    seen_ = look.number;
    send_parts(std::move(look.numbers), request);
  }
  if (scope.checks > 0)
    send_parts(Evidence{.tables = {}, .hosts = service_.evidence(std::min(scope.checks, Scope::kChecksMax))}, request);
  if (scope.durations) send_parts(Durations{service_.durations()}, request);
  if (scope.events > 0)
    for (const auto& event : service_.events(scope.events)) channel_.send(event, request);
  channel_.send(End{generation}, request);
}

void Connection::resynchronise() {
  if (!subscription_) return;
  lagging_ = channel_.queued() > 0;
  if (lagging_) return;
  send_snapshot(subscribed_, subscription_->scope);
  excused_ = channel_.queued();
}

// A snapshot of ten thousand hosts is many times the backlog: who has only not read it to its end yet must not be sent
// another one.
bool Connection::is_behind() {
  excused_ = std::min(excused_, channel_.queued());
  return lagging_ || channel_.queued() > excused_ + kBacklog;
}

void Connection::publish(Type type, std::string_view payload) {
  if (!subscription_ || ended_) return;
  if (is_behind()) return resynchronise();
  channel_.send(static_cast<std::uint32_t>(type), subscribed_, payload);
}

// A subscriber that has not read its last numbers does without these.
bool Connection::due(TimePoint now) const {
  return subscription_ && subscription_->scope.numbers && !ended_ && !lagging_ && now >= next_numbers_ &&
         channel_.queued() <= kBacklog;
}

void Connection::pulse(TimePoint now) {
  const Duration interval = Milliseconds(subscription_->interval_ms);
  next_numbers_ =
      now + interval - interval / 8;  // a timer is never too early, and the next must not be missed by a hair
  Look look = service_.numbers(seen_);
  seen_ = look.number;
  channel_.send(look.vitals, subscribed_);
  send_parts(std::move(look.numbers), subscribed_);
  excused_ = channel_.queued();
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
  if (options_.ours) return;
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
  service_.report(log::Level::Warning, "control: client " + peer_.text() + " dropped: " + error.text);
  end();
}

void Connection::refuse(Verdict verdict, const std::string& text) {
  service_.report(log::Level::Warning, "control: client " + peer_.text() + " dropped: " + text);
  answer(0, {verdict, text});
  end();
}

void Connection::end() {
  if (ended_) return;
  ended_ = true;
  service_.ended(*this);
}

}  // namespace hcd::ctl
