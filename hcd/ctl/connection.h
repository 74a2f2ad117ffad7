// The daemon's end of one control connection. It greets, understands requests and hands them to its Service, and keeps
// this client from costing more than a bounded queue, whatever the client does:
//
//   - a message that is too long, unknown or malformed: an error to it, a line in the log, the end;
//   - silence before the greeting, half a message, or nothing at all: the same, after a while;
//   - a subscriber that falls behind gets no more changes until it has read what waits for it, and then a new snapshot;
//     one that reads nothing at all is given up.
#pragma once
#include <expected>
#include <functional>
#include <optional>
#include <set>
#include <string>
#include <string_view>

#include "hcd/ctl/peer.h"
#include "hcd/ctl/protocol.h"
#include "hcd/ipc/channel.h"

namespace hcd::ctl {

class Connection {
 public:
  // What a connection asks of the server. `ended` comes once; the connection is destroyed after the current callbacks.
  struct Service {
    std::function<Snapshot()> snapshot;
    std::function<Answer(const Change&, const Peer&)> change;
    std::function<Answer(const Stop&, const Peer&)> stop;
    std::function<std::expected<Evidence, Answer>(const Checks&)> checks;
    std::function<void(Connection&, std::uint32_t request)> reload;                      // answered later, by answer()
    std::function<void(Connection&, const CheckNow&, std::uint32_t request)> check_now;  // the same, and by tell()
    std::function<void(Connection&)> ended;
  };
  struct Options {
    std::string daemon;  // "hcd 0.1.0"
    bool read_only = false;
  };

  Connection(event::Loop& loop, UniqueFd socket, Peer peer, Options options, Service& service);

  [[nodiscard]] const Peer& peer() const { return peer_; }
  [[nodiscard]] bool read_only() const { return options_.read_only; }
  void publish(Type type, std::string_view payload);  // to a subscriber
  void answer(std::uint32_t request, const Answer& answer);
  void tell(std::uint32_t request, Type type, std::string_view payload);  // before the answer
  void tick();                                                            // every second

  static constexpr std::size_t kBacklog =
      std::size_t{256} * 1024;  // bytes unread, beyond which a subscriber has fallen behind

 private:
  void on_message(const ipc::Message& message);
  void on_hello(const Hello& hello, std::uint32_t request);
  void on_show(const Show&, std::uint32_t request);
  void on_subscribe(const Subscribe&, std::uint32_t request);
  void on_change(const Change& change, std::uint32_t request);
  void on_reload(const Reload&, std::uint32_t request);
  void on_stop(const Stop& stop, std::uint32_t request);
  void on_checks(const Checks& checks, std::uint32_t request);
  void on_check_now(const CheckNow& check, std::uint32_t request);
  void on_lost(const Error& error);
  void refuse(Verdict verdict, const std::string& text);  // says so, logs it, ends
  void end();
  void send_snapshot(std::uint32_t request);
  void resynchronise();
  [[nodiscard]] bool may_change(std::uint32_t request, std::string_view what);
  // Decodes, and calls the handler; a message that does not decode is refused.
  template <class T>
  void take(const ipc::Message& message, void (Connection::*handler)(const T&, std::uint32_t));

  Peer peer_;
  Options options_;
  Service& service_;
  ipc::Channel channel_;
  bool greeted_ = false, ended_ = false, lagging_ = false;
  std::optional<std::uint32_t> subscription_;       // the request's number
  std::set<std::uint32_t> waiting_;                 // for what is answered later
  unsigned silent_ = 0, midway_ = 0, stalled_ = 0;  // seconds
  std::size_t queued_ = 0;                          // at the last tick
};

}  // namespace hcd::ctl
