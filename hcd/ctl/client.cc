#include "hcd/ctl/client.h"

#include <algorithm>

#include <poll.h>
#include <sys/socket.h>
#include <sys/un.h>

namespace hcd::ctl {
namespace {

TimePoint now() {
  return SystemClock().now();
}

std::unexpected<Error> timed_out(Milliseconds limit) {
  return std::unexpected(
      Error{Code::System, ETIMEDOUT, "the daemon did not answer within " + std::to_string(limit.count()) + " ms"});
}

// The daemon's last word before it closes: it speaks of the connection, so it is an error of the call.
std::unexpected<Error> refusal(const Answer& answer) {
  const Code code = answer.verdict == Verdict::Permission ? Code::Permission : Code::Protocol;
  return std::unexpected(Error{code, answer.verdict == Verdict::TimedOut ? ETIMEDOUT : 0, answer.text});
}

// What a subscription brings, or why it brings no more.
Result<Update> taken(const ipc::Frame& frame) {
  if (auto update = update_of(frame)) return std::move(*update);
  const auto answer = read<Answer>(frame);
  if (answer) return refusal(*answer);
  return not_understood(frame);
}

template <class T>
void append(std::vector<T>& to, std::vector<T>& from) {
  std::ranges::move(from, std::back_inserter(to));
}

void add(Snapshot& to, Update update) {
  if (auto* begin = std::get_if<Begin>(&update)) to.header = std::move(begin->header);
  if (auto* rows = std::get_if<Rows>(&update)) {
    append(to.services, rows->services);
    append(to.tables, rows->tables);
    append(to.hosts, rows->hosts);
  }
  if (auto* numbers = std::get_if<Numbers>(&update)) {
    to.numbers.wall_ms = numbers->wall_ms;
    append(to.numbers.services, numbers->services);
    append(to.numbers.tables, numbers->tables);
    append(to.numbers.hosts, numbers->hosts);
  }
  if (auto* evidence = std::get_if<Evidence>(&update)) append(to.checks, evidence->hosts);
  if (auto* durations = std::get_if<Durations>(&update)) append(to.durations, durations->tables);
  if (auto* event = std::get_if<Event>(&update)) to.events.push_back(std::move(*event));
}

std::unexpected<Error> cannot_connect(const std::string& path, int sys) {
  if (sys == ENOENT || sys == ECONNREFUSED)
    return std::unexpected(Error{Code::NotFound, sys, path + ": no daemon listens there"});
  return fail_errno(path, sys);
}

}  // namespace

Client::Client(UniqueFd socket, Milliseconds limit)
    : socket_(std::move(socket)), limit_(limit), deadline_(now() + limit) {}

Result<UniqueFd> dial(const std::string& path) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  if (path.empty() || path.size() >= sizeof address.sun_path)
    return fail(Code::Invalid, "socket \"" + path + "\": 1 to " + std::to_string(sizeof address.sun_path - 1) +
                                   " characters are allowed");
  path.copy(address.sun_path, path.size());
  UniqueFd socket(::socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
  if (!socket) return fail_errno("socket");
  if (::connect(socket.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0) return socket;
  return cannot_connect(path, errno);
}

Result<Client> Client::connect(const std::string& path, Milliseconds limit) {
  const TimePoint deadline = now() + limit;
  for (;;) {
    auto socket = dial(path);
    if (socket) return Client(std::move(*socket), limit);
    if (socket.error().sys != EAGAIN && socket.error().sys != EINTR) return std::unexpected(socket.error());
    if (now() >= deadline) return timed_out(limit);
    poll(nullptr, 0, 10);  // the queue of those who want to connect is full
  }
}

Result<Welcome> Client::hello(const std::string& name) {
  if (auto sent = send(static_cast<std::uint32_t>(Hello::kType), ipc::encode(Hello{.client = name})); !sent)
    return std::unexpected(sent.error());
  const auto frame = receive(true);
  if (!frame) return std::unexpected(frame.error());
  const auto welcome = read<Welcome>(*frame);
  if (!welcome) return not_understood(*frame);
  return *welcome;
}

Result<Answer> Client::ask(std::uint32_t type, const std::string& payload) {
  if (auto sent = send(type, payload); !sent) return std::unexpected(sent.error());
  const auto frame = receive(true);
  if (!frame) return std::unexpected(frame.error());
  const auto answer = read<Answer>(*frame);
  if (!answer) return not_understood(*frame);
  return *answer;
}

Result<Answer> Client::change(const Change& change, Outcome& outcome) {
  std::optional<Outcome> whole;
  auto answer = ask<Outcome>(change, [&whole](const Outcome& part) { add(whole, part); });
  outcome = std::move(whole).value_or(Outcome());
  return answer;
}

Result<Snapshot> Client::show(const Scope& scope) {
  if (auto sent = send(static_cast<std::uint32_t>(Show::kType), ipc::encode(Show{scope})); !sent)
    return std::unexpected(sent.error());
  Snapshot out;
  for (;;) {
    const auto frame = receive(true);
    if (!frame) return std::unexpected(frame.error());
    auto update = taken(*frame);
    if (!update) return std::unexpected(update.error());
    if (std::holds_alternative<End>(*update)) return out;
    add(out, std::move(*update));
  }
}

template <class Part, class Request>
Result<Answer> Client::ask(const Request& request, const std::function<void(const Part&)>& each) {
  if (auto sent = send(static_cast<std::uint32_t>(Request::kType), ipc::encode(request)); !sent)
    return std::unexpected(sent.error());
  for (;;) {
    const auto frame = receive(true);
    if (!frame) return std::unexpected(frame.error());
    if (const auto answer = read<Answer>(*frame)) return *answer;
    const auto part = read<Part>(*frame);
    const auto checking = read<Checking>(*frame);
    if (part)
      each(*part);
    else if (checking)
      deadline_ = std::max(deadline_, now() + Milliseconds(checking->limit_ms) + limit_);
    else
      return not_understood(*frame);
  }
}

Result<Answer> Client::checks(const std::string& target, const std::function<void(const Evidence&)>& each) {
  return ask(Checks{target}, each);
}

Result<Answer> Client::check_now(const std::string& target, const std::function<void(const Checked&)>& each) {
  return ask(CheckNow{target}, each);
}

Status Client::subscribe(const Subscribe& subscribe) {
  return send(static_cast<std::uint32_t>(Subscribe::kType), ipc::encode(subscribe));
}

Result<Update> Client::next() {
  const auto frame = receive(false);
  if (!frame) return std::unexpected(frame.error());
  return taken(*frame);
}

Status Client::send(std::uint32_t type, const std::string& payload) {
  deadline_ = now() + limit_;
  const std::string frame = ipc::encode_frame(type, ++request_, 0, payload);
  if (frame.size() > kRequestMax) return fail(Code::Invalid, "the request is longer than the daemon takes");
  for (std::size_t done = 0; done < frame.size();) {
    const ssize_t count = ::send(socket_.get(), frame.data() + done, frame.size() - done, MSG_NOSIGNAL);
    if (count >= 0) {
      done += static_cast<std::size_t>(count);
    } else if (errno == EPIPE || errno == ECONNRESET) {
      return {};  // it has closed; why, it may have said before
    } else if (errno != EAGAIN && errno != EINTR) {
      return fail_errno("the daemon's socket");
    } else if (auto ready = wait(POLLOUT, true); !ready) {
      return ready;
    }
  }
  return {};
}

// The next frame of the current request. A daemon that closes with a last word sends it under number 0.
Result<ipc::Frame> Client::receive(bool limited) {
  for (;;) {
    ipc::Frame frame;
    const auto whole = reader_.next(frame);
    if (!whole) return std::unexpected(whole.error());
    if (*whole && frame.id == request_) return frame;
    if (*whole && frame.id == 0 && is<Answer>(frame)) {
      const auto last = ipc::decode<Answer>(frame.payload);
      return last ? refusal(*last) : not_understood(frame);
    }
    if (*whole) return not_understood(frame);
    char bytes[65536];
    const ssize_t count = recv(socket_.get(), bytes, sizeof bytes, 0);
    if (count > 0) {
      reader_.feed({bytes, static_cast<std::size_t>(count)});
    } else if (count == 0 || errno == ECONNRESET) {
      return fail(Code::NotFound, "the daemon closed the connection");
    } else if (errno != EAGAIN && errno != EINTR) {
      return fail_errno("the daemon's socket");
    } else if (auto ready = wait(POLLIN, limited); !ready) {
      return std::unexpected(ready.error());
    }
  }
}

Status Client::wait(short events, bool limited) const {
  const auto left = std::chrono::ceil<Milliseconds>(deadline_ - now());
  if (limited && left.count() <= 0) return timed_out(limit_);
  pollfd waited{.fd = socket_.get(), .events = events, .revents = 0};
  if (poll(&waited, 1, limited ? static_cast<int>(left.count()) : -1) < 0 && errno != EINTR) return fail_errno("poll");
  return {};
}

}  // namespace hcd::ctl
