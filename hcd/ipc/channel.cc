#include "hcd/ipc/channel.h"

#include <array>
#include <cstring>

#include <fcntl.h>
#include <poll.h>
#include <sys/socket.h>

namespace hcd::ipc {
namespace {

constexpr std::size_t kReadSize = 65536;
constexpr std::size_t kControlSize = CMSG_SPACE(kFdsMax * sizeof(int));

// Takes the descriptors out of a received control message. False when the kernel had to cut it off.
bool take_fds(msghdr& header, std::deque<UniqueFd>& out) {
  for (cmsghdr* c = CMSG_FIRSTHDR(&header); c != nullptr; c = CMSG_NXTHDR(&header, c)) {
    if (c->cmsg_level != SOL_SOCKET || c->cmsg_type != SCM_RIGHTS) continue;
    const std::size_t count = (c->cmsg_len - CMSG_LEN(0)) / sizeof(int);
    for (std::size_t i = 0; i < count; i++) {
      int fd = -1;
      std::memcpy(&fd, CMSG_DATA(c) + i * sizeof fd, sizeof fd);
      out.emplace_back(fd);
    }
  }
  return (header.msg_flags & MSG_CTRUNC) == 0;
}

}  // namespace

Result<std::pair<UniqueFd, UniqueFd>> socket_pair() {
  int fds[2];
  if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, fds) != 0) return fail_errno("socketpair");
  return std::pair(UniqueFd(fds[0]), UniqueFd(fds[1]));
}

Channel::Channel(event::Loop& loop, UniqueFd socket, Handler handler, Limits limits)
    : loop_(loop), socket_(std::move(socket)), handler_(std::move(handler)), limits_(limits), reader_(limits.received) {
  fcntl(socket_.get(), F_SETFL, fcntl(socket_.get(), F_GETFL) | O_NONBLOCK);
  watcher_ = loop_.watch(socket_.get(), [this](event::Ready ready) { on_ready(ready); });
  watch();
}

Channel::~Channel() = default;

void Channel::send(std::uint32_t type, std::uint32_t id, std::string_view payload, std::vector<UniqueFd> fds) {
  if (lost_) return;
  const auto count = static_cast<std::uint32_t>(fds.size());
  if (payload.size() + sizeof(FrameHeader) > limits_.frame || fds.size() > kFdsMax)
    return lose({Code::Limit, 0, "a message of " + std::to_string(payload.size()) + " bytes cannot be sent"});
  const std::size_t sent = fds.empty() && queue_.empty() && !held_ ? send_at_once(type, id, payload) : 0;
  if (sent == payload.size() + sizeof(FrameHeader)) return;
  std::string bytes = encode_frame(type, id, count, payload);
  queued_ += bytes.size() - sent;
  if (fds.empty() && may_join_last()) {
    queue_.back().bytes += bytes;
  } else {
    queue_.push_back({std::move(bytes), sent, std::move(fds)});
  }
  if (queued_ > limits_.queue) return lose({Code::Limit, 0, "the peer does not read"});
  if (held_) return;
  if (queue_.size() == 1) write();
  watch();
}

// The usual case, in which nothing is queued: no copy, and no allocation. What the socket does not take is the queue's.
std::size_t Channel::send_at_once(std::uint32_t type, std::uint32_t id, std::string_view payload) {
  FrameHeader frame{.type = type, .length = static_cast<std::uint32_t>(sizeof frame + payload.size()), .id = id};
  std::array<iovec, 2> vectors = {
      {{&frame, sizeof frame}, {const_cast<char*>(payload.data()), payload.size()}}};  // only read
  msghdr header{};
  header.msg_iov = vectors.data();
  header.msg_iovlen = vectors.size();
  const ssize_t count = sendmsg(socket_.get(), &header, MSG_NOSIGNAL);
  return count > 0 ? static_cast<std::size_t>(count) : 0;  // an error comes again when the queue is written
}

// Descriptors travel with the first byte of their frame, so a frame that has some starts and ends an entry.
bool Channel::may_join_last() const {
  constexpr std::size_t kEntryMax = 256 << 10;
  return !queue_.empty() && queue_.back().fds.empty() && queue_.back().sent == 0 &&
         queue_.back().bytes.size() < kEntryMax;
}

void Channel::hold(bool held) {
  held_ = held;
  if (held || lost_) return;
  write();
  watch();
}

void Channel::pause(bool paused) {
  paused_ = paused;
  watch();
}

void Channel::watch() {
  if (watcher_) watcher_->want({.read = !paused_ && !lost_, .write = !queue_.empty() && !held_ && !lost_});
}

void Channel::on_ready(event::Ready ready) {
  if (ready.write && !held_) write();
  if (ready.read && !lost_) read();
  watch();
}

void Channel::read() {
  char bytes[kReadSize];
  alignas(cmsghdr) char control[kControlSize];
  iovec vector{bytes, sizeof bytes};
  msghdr header{};
  header.msg_iov = &vector;
  header.msg_iovlen = 1;
  header.msg_control = control;
  header.msg_controllen = sizeof control;
  const ssize_t count = recvmsg(socket_.get(), &header, MSG_CMSG_CLOEXEC);
  if (count < 0) {
    if (errno == EAGAIN || errno == EINTR) return;
    return lose(fail_errno("recvmsg").error());
  }
  const bool whole = take_fds(header, received_);
  if (!whole || (!limits_.fds && !received_.empty())) return lose({Code::Protocol, 0, "descriptors where none belong"});
  if (count == 0) return lose({Code::System, 0, "closed"});
  drained_ = static_cast<std::size_t>(count) < sizeof bytes;
  reader_.feed({bytes, static_cast<std::size_t>(count)});
  dispatch();
}

void Channel::dispatch() {
  for (;;) {
    Message message;
    if (lost_) return;
    const auto more = reader_.next(message.frame);
    if (!more) return lose(more.error());
    if (!*more) return;
    if (message.frame.fds > received_.size()) return lose({Code::Protocol, 0, "descriptors are missing"});
    for (std::uint32_t i = 0; i < message.frame.fds; i++) {
      message.fds.push_back(std::move(received_.front()));
      received_.pop_front();
    }
    handler_.message(std::move(message));
  }
}

bool Channel::write_one(Outgoing& out) {
  iovec vector{out.bytes.data() + out.sent, out.bytes.size() - out.sent};
  msghdr header{};
  header.msg_iov = &vector;
  header.msg_iovlen = 1;
  alignas(cmsghdr) char control[kControlSize] = {};
  if (!out.fds.empty()) {  // with the first byte of their frame
    header.msg_control = control;
    header.msg_controllen = CMSG_SPACE(out.fds.size() * sizeof(int));
    cmsghdr* c = CMSG_FIRSTHDR(&header);
    c->cmsg_level = SOL_SOCKET;
    c->cmsg_type = SCM_RIGHTS;
    c->cmsg_len = CMSG_LEN(out.fds.size() * sizeof(int));
    for (std::size_t i = 0; i < out.fds.size(); i++) {
      const int fd = out.fds[i].get();
      std::memcpy(CMSG_DATA(c) + i * sizeof fd, &fd, sizeof fd);
    }
  }
  const ssize_t count = sendmsg(socket_.get(), &header, MSG_NOSIGNAL);
  if (count < 0) {
    if (errno != EAGAIN && errno != EINTR) lose(fail_errno("sendmsg").error());
    return false;
  }
  out.fds.clear();
  out.sent += static_cast<std::size_t>(count);
  queued_ -= static_cast<std::size_t>(count);
  return out.sent == out.bytes.size();
}

void Channel::write() {
  while (!lost_ && !queue_.empty() && write_one(queue_.front())) queue_.pop_front();
}

void Channel::flush(Milliseconds limit) {
  const TimePoint end = loop_.now() + limit;
  for (write(); !lost_ && !queue_.empty(); write()) {
    const auto left = std::chrono::ceil<Milliseconds>(end - loop_.now());
    pollfd poll_fd{.fd = socket_.get(), .events = POLLOUT, .revents = 0};
    if (left.count() <= 0 || poll(&poll_fd, 1, static_cast<int>(left.count())) <= 0) return;
  }
}

void Channel::lose(Error error) {
  if (lost_) return;
  lost_ = true;
  watch();
  // Deferred: the owner may destroy the channel, and this may be deep inside its callbacks.
  loop_.defer([this, alive = std::weak_ptr(alive_), error = std::move(error)] {
    if (!alive.expired()) handler_.lost(error);
  });
}

}  // namespace hcd::ipc
