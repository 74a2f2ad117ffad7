// One end of a Unix socket that carries frames: a socketpair to another process of the daemon, or a control connection.
// Sends never block: what the socket does not take is queued, up to a limit; beyond it the channel is lost.
#pragma once
#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "fastpath/base/error.h"
#include "fastpath/base/unique_fd.h"
#include "hcd/event/loop.h"
#include "hcd/ipc/codec.h"
#include "hcd/ipc/frame.h"

namespace hcd::ipc {

inline constexpr std::size_t kFdsMax = 64;  // descriptors in one frame; SCM_MAX_FD is 253

struct Message {
  Frame frame;
  std::vector<UniqueFd> fds;
};

class Channel {
 public:
  struct Handler {
    std::function<void(Message)> message;
    // Once: the peer closed (text "closed"), or an error; then destroy via defer.
    std::function<void(const Error&)> lost;
  };
  struct Limits {
    std::size_t frame = kFrameMax;     // sent
    std::size_t received = kFrameMax;  // by the peer: a longer one is a protocol error
    std::size_t queue = 64U << 20;     // bytes waiting to be sent
    bool fds = true;                   // false: a descriptor sent by the peer is a protocol error
  };

  Channel(event::Loop& loop, UniqueFd socket, Handler handler, Limits limits);
  Channel(event::Loop& loop, UniqueFd socket, Handler handler)
      : Channel(loop, std::move(socket), std::move(handler), Limits()) {}
  ~Channel();
  Channel(const Channel&) = delete;
  Channel& operator=(const Channel&) = delete;

  void send(std::uint32_t type, std::uint32_t id, std::string_view payload, std::vector<UniqueFd> fds = {});
  // A struct with fields() and `static constexpr auto kType`.
  template <class T>
  void send(const T& message, std::uint32_t id = 0, std::vector<UniqueFd> fds = {}) {
    send(static_cast<std::uint32_t>(T::kType), id, encode(message), std::move(fds));
  }
  // Between hold(true) and hold(false), what is sent is only queued: many small messages then take one system call.
  void hold(bool held);
  // Stops reading (a slow consumer), starts again.
  void pause(bool paused);
  [[nodiscard]] bool drained() const { return drained_; }  // the last read took all that there was
  [[nodiscard]] std::size_t queued() const { return queued_; }
  [[nodiscard]] bool midway() const { return reader_.buffered() > 0; }  // the peer has sent part of a message
  [[nodiscard]] int fd() const { return socket_.get(); }
  // Writes what is queued, blocking at most that long: for the last words before an exit.
  void flush(Milliseconds limit);

 private:
  struct Outgoing {
    std::string bytes;
    std::size_t sent = 0;
    std::vector<UniqueFd> fds;
  };

  void on_ready(event::Ready ready);
  [[nodiscard]] std::size_t send_at_once(std::uint32_t type, std::uint32_t id, std::string_view payload);
  void read();
  void write();
  bool write_one(Outgoing& out);  // false: the socket is full or lost
  void dispatch();
  [[nodiscard]] bool may_join_last() const;
  void lose(Error error);
  void watch();

  event::Loop& loop_;
  UniqueFd socket_;
  Handler handler_;
  Limits limits_;
  FrameReader reader_;
  std::deque<UniqueFd> received_;
  std::deque<Outgoing> queue_;
  std::size_t queued_ = 0;
  bool paused_ = false, held_ = false, lost_ = false, drained_ = false;
  std::unique_ptr<event::Watcher> watcher_;
  std::shared_ptr<const bool> alive_ = std::make_shared<const bool>(true);  // for what is deferred past our end
};

// A connected pair of non-blocking, close-on-exec stream sockets.
[[nodiscard]] Result<std::pair<UniqueFd, UniqueFd>> socket_pair();

}  // namespace hcd::ipc
