#include "hcd/ctl/server.h"

#include <algorithm>

#include <fcntl.h>
#include <sys/socket.h>

#include "fastpath/base/log.h"

namespace hcd::ctl {
namespace {

constexpr const char* kDaemon = "hcd " HCD_VERSION;
constexpr Seconds kTick{1};
constexpr unsigned kReportsASecond = 10;
constexpr int kAcceptsAtOnce = 64;  // so that a flood of connections leaves time for those that are there

bool is_told_again(const Subscribe& wanted) {
  return wanted.beats || wanted.scope.numbers;
}

}  // namespace

Server::Server(event::Loop& loop, Backend& backend, Users users)
    : loop_(loop),
      backend_(backend),
      users_(std::move(users)),
      service_{.snapshot = [this](bool rows) { return backend_.snapshot(rows); },
               .numbers =
                   [this](std::uint64_t since) {
                     if (since == 0) backend_.look();
                     return backend_.numbers(since);
                   },
               .evidence = [this](std::uint8_t last) { return backend_.evidence(last); },
               .durations = [this] { return backend_.durations(); },
               .events =
                   [this](std::uint16_t last) {
                     const auto count = std::min<std::size_t>(last, events_.size());
                     return std::vector<Event>(events_.end() - static_cast<std::ptrdiff_t>(count), events_.end());
                   },
               .change = [this](const Change& change, const Peer& peer) { return backend_.change(change, peer); },
               .stop = [this](const Stop& stop, const Peer& peer) { return backend_.stop(stop, peer); },
               .log = [this](const Log& log, const Peer& peer) { return backend_.log(log, peer); },
               .checks = [this](const Checks& checks) { return backend_.checks(checks); },
               .reload =
                   [this](Connection& connection, const Reload& reload, std::uint32_t request) {
                     backend_.reload(reload, connection.peer(), ticket_for(connection, request));
                   },
               .confirm =
                   [this](Connection& connection, const Confirm& confirm, std::uint32_t request) {
                     backend_.confirm(confirm, connection.peer(), ticket_for(connection, request));
                   },
               .check_now =
                   [this](Connection& connection, const CheckNow& check, std::uint32_t request) {
                     backend_.check_now(check, connection.peer(), ticket_for(connection, request));
                   },
               .subscribing = [this](const Subscribe& wanted) { on_subscribing(wanted); },
               .report = [this](log::Level level, const std::string& line) { report(level, line); },
               .ended = [this](Connection& connection) { on_ended(connection); }},
      next_event_(static_cast<std::uint64_t>(loop_.wall_ms())),
      timer_(loop.timer([this] { tick(); })),
      pulse_(loop.timer([this] { pulse(); })) {}

Server::~Server() = default;

void Server::listen(UniqueFd socket, bool read_only) {
  fcntl(socket.get(), F_SETFL, fcntl(socket.get(), F_GETFL) | O_NONBLOCK);
  auto& listener = *listeners_.emplace_back(std::make_unique<Listener>(std::move(socket), read_only, nullptr));
  listener.watcher = loop_.watch(listener.socket.get(), [this, &listener](event::Ready) { on_acceptable(listener); });
  listener.watcher->want({.read = true});
}

void Server::stop_listening() {
  listeners_.clear();
}

void Server::on_acceptable(Listener& listener) {
  for (int i = 0; i < kAcceptsAtOnce; i++) {
    UniqueFd socket(accept4(listener.socket.get(), nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC));
    if (socket) {
      if (connections_.size() >= (listener.read_only ? kClients - kReserved : kClients))
        turn_away(socket);
      else
        admit(std::move(socket), {.daemon = kDaemon, .read_only = listener.read_only});
      continue;
    }
    if (errno == ECONNABORTED || errno == EINTR) continue;
    if (errno == EAGAIN) return;
    // No descriptor is free: the socket stays readable, so it is looked at again at the next tick only.
    log::warning(std::string("control: accept: ") + std::strerror(errno));
    listener.watcher->want({});
    timer_->after(kTick);
    return;
  }
}

void Server::serve(UniqueFd socket) {
  admit(std::move(socket), {.daemon = kDaemon, .read_only = true, .ours = true});
}

void Server::admit(UniqueFd socket, const Connection::Options& options) {
  auto peer = peer_of(socket.get(), users_);
  if (!peer) return log::warning("control: " + peer.error().text);
  connections_.push_back(std::make_unique<Connection>(loop_, std::move(socket), std::move(*peer), options, service_));
  if (!timer_->armed()) timer_->after(kTick);
}

void Server::turn_away(const UniqueFd& socket) {
  const Answer answer{Verdict::Limit, "too many clients: " + std::to_string(connections_.size()) + " are connected"};
  const std::string frame = ipc::encode_frame(static_cast<std::uint32_t>(Answer::kType), 0, 0, ipc::encode(answer));
  (void)send(socket.get(), frame.data(), frame.size(), MSG_DONTWAIT | MSG_NOSIGNAL);
  if (!std::exchange(full_, true)) log::warning("control: " + answer.text + ", more are turned away");
}

std::uint32_t Server::ticket_for(Connection& connection, std::uint32_t request) {
  const std::uint32_t ticket = next_ticket_++;
  tickets_[ticket] = {&connection, request};
  return ticket;
}

void Server::tell(std::uint32_t ticket, Type type, const std::string& payload) {
  if (const auto found = tickets_.find(ticket); found != tickets_.end())
    found->second.connection->tell(found->second.request, type, payload);
}

void Server::answer(std::uint32_t ticket, const Answer& answer) {
  const auto found = tickets_.find(ticket);
  if (found == tickets_.end()) return;  // its client is gone
  const Ticket open = found->second;
  tickets_.erase(found);
  open.connection->answer(open.request, answer);
}

void Server::on_ended(Connection& connection) {
  std::erase_if(tickets_, [&](const auto& entry) { return entry.second.connection == &connection; });
  const auto found = std::ranges::find(connections_, &connection, &std::unique_ptr<Connection>::get);
  if (found == connections_.end()) return;
  // It is within its own callback: it dies after this round. A shared_ptr, since what is deferred must be copyable.
  loop_.defer([dying = std::shared_ptr<Connection>(std::move(*found))] {});
  connections_.erase(found);
  if (connections_.size() < kClients - kReserved) full_ = false;
}

void Server::tick() {
  for (const auto& listener : listeners_) listener->watcher->want({.read = true});
  if (const auto more = std::exchange(unreported_, 0); more > 0)
    log::warning("control: " + std::to_string(more) + " more lines of this kind were left out");
  reports_ = 0;
  for (auto next = connections_.begin(); next != connections_.end();) (*next++)->tick();  // which may end it
  if (!connections_.empty()) timer_->after(kTick);
}

void Server::publish(Type type, const std::string& payload) {
  for (auto next = connections_.begin(); next != connections_.end();) (*next++)->publish(type, payload);
}

void Server::publish(const Rows& rows) {
  if (connections_.empty()) return;
  for (const auto& part : in_frames(rows)) publish(Rows::kType, ipc::encode(part));
}
void Server::publish(const Gone& gone) {
  publish(Gone::kType, ipc::encode(gone));
}
void Server::publish(Event event) {
  event.number = next_event_++;
  publish(Event::kType, ipc::encode(event));
  if (events_.size() == Scope::kEventsMax) events_.pop_front();
  events_.push_back(std::move(event));
}

bool Server::watched() const {
  return std::ranges::any_of(connections_, [](const auto& client) { return client->subscription().has_value(); });
}

bool Server::wants_beats() const {
  return std::ranges::any_of(
      connections_, [](const auto& client) { return client->subscription() && client->subscription()->beats; });
}

std::optional<Milliseconds> Server::pace() const {
  std::optional<Milliseconds> least;
  for (const auto& client : connections_) {
    const auto& wanted = client->subscription();
    if (!wanted || !is_told_again(*wanted)) continue;
    least = std::min(least.value_or(Milliseconds::max()), Milliseconds(wanted->interval_ms));
  }
  return least;
}

// Who subscribes again and again must not put off what others wait for.
void Server::arm_pulse(Milliseconds pace) {
  const TimePoint at = loop_.now() + pace;
  if (pulse_->armed() && pulse_at_ <= at) return;
  pulse_at_ = at;
  pulse_->after(pace);
}

// The checks gathered so far are in what a new subscriber begins with.
void Server::on_subscribing(const Subscribe& wanted) {
  hand_out_beats();
  if (is_told_again(wanted)) arm_pulse(Milliseconds(wanted.interval_ms));
}

void Server::hand_out_beats() {
  std::vector<std::string> payloads;
  for (const auto& part : in_frames(backend_.take_beats())) payloads.push_back(ipc::encode(part));
  for (auto next = connections_.begin(); next != connections_.end();) {
    Connection& client = **next++;  // which may end
    if (!client.subscription() || !client.subscription()->beats) continue;
    for (const auto& payload : payloads) client.publish(Beats::kType, payload);
  }
}

void Server::pulse() {
  if (const auto interval = pace()) arm_pulse(*interval);
  const TimePoint now = loop_.now();
  const auto due = [now](const auto& client) { return client->due(now); };
  if (std::ranges::any_of(connections_, due)) backend_.look();
  for (auto next = connections_.begin(); next != connections_.end();) {
    Connection& client = **next++;
    if (client.due(now)) client.pulse(now);
  }
  hand_out_beats();
}

void Server::report(log::Level level, const std::string& line) {
  if (reports_ == kReportsASecond) {
    unreported_++;
    return;
  }
  reports_++;
  log::write(level, line);
}

}  // namespace hcd::ctl
