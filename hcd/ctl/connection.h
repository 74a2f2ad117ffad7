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

#include "fastpath/base/log.h"
#include "hcd/ctl/peer.h"
#include "hcd/ctl/protocol.h"
#include "hcd/ipc/channel.h"

namespace hcd::ctl {

// What a look at the counters has found.
struct Look {
  std::uint64_t number = 0;
  Numbers numbers;
  Vitals vitals;
};

class Connection {
 public:
  // What a connection asks of the server. `ended` comes once; the connection is destroyed after the current callbacks.
  struct Service {
    std::function<Snapshot(bool rows)> snapshot;                    // the header, and the rows
    std::function<Look(std::uint64_t since)> numbers;               // that have changed after that look; 0: all
    std::function<std::vector<HostChecks>(std::uint8_t)> evidence;  // so many of each host
    std::function<std::vector<TableDurations>()> durations;
    std::function<std::vector<Event>(std::uint16_t)> events;  // the last ones
    std::function<std::expected<Outcome, Answer>(const Change&, const Peer&)> change;
    std::function<Answer(const Stop&, const Peer&)> stop;
    std::function<Answer(const Log&, const Peer&)> log;
    std::function<std::expected<Evidence, Answer>(const Checks&)> checks;
    std::function<void(Connection&, const Reload&, std::uint32_t request)> reload;       // answered later, by answer()
    std::function<void(Connection&, const Confirm&, std::uint32_t request)> confirm;     // the same
    std::function<void(Connection&, const CheckNow&, std::uint32_t request)> check_now;  // the same, and by tell()
    std::function<void(const Subscribe&)> subscribing;                                   // is about to begin
    std::function<void(log::Level, const std::string&)> report;                          // of this client, for the log
    std::function<void(Connection&)> ended;
  };
  struct Options {
    std::string daemon;  // "hcd 0.1.0"
    bool read_only = false;
    bool ours = false;  // a process of the daemon's own: it may be silent as long as it likes
  };

  Connection(event::Loop& loop, UniqueFd socket, Peer peer, Options options, Service& service);

  [[nodiscard]] const Peer& peer() const { return peer_; }
  [[nodiscard]] bool read_only() const { return options_.read_only; }
  [[nodiscard]] const std::optional<Subscribe>& subscription() const { return subscription_; }
  void publish(Type type, std::string_view payload);  // to a subscriber
  // Whether it is this subscriber's turn to get numbers, and then what was found.
  [[nodiscard]] bool due(TimePoint now) const;
  void pulse(TimePoint now);
  void answer(std::uint32_t request, const Answer& answer);
  void tell(std::uint32_t request, Type type, std::string_view payload);  // before the answer
  void tick();                                                            // every second

  // Bytes unread, beyond what it was sent at one go, from which on a subscriber has fallen behind.
  static constexpr std::size_t kBacklog = std::size_t{256} * 1024;

 private:
  void on_message(const ipc::Message& message);
  void on_hello(const Hello& hello, std::uint32_t request);
  void on_show(const Show&, std::uint32_t request);
  void on_subscribe(const Subscribe&, std::uint32_t request);
  void on_change(const Change& change, std::uint32_t request);
  void on_reload(const Reload& reload, std::uint32_t request);
  void on_log(const Log& log, std::uint32_t request);
  void on_confirm(const Confirm& confirm, std::uint32_t request);
  void on_stop(const Stop& stop, std::uint32_t request);
  void on_checks(const Checks& checks, std::uint32_t request);
  void on_check_now(const CheckNow& check, std::uint32_t request);
  void on_lost(const Error& error);
  void refuse(Verdict verdict, const std::string& text);  // says so, logs it, ends
  void end();
  void send_snapshot(std::uint32_t request, const Scope& scope);
  template <class T>
  void send_parts(T whole, std::uint32_t request) {
    for (const auto& part : in_frames(std::move(whole))) channel_.send(part, request);
  }
  void resynchronise();
  [[nodiscard]] bool is_behind();
  [[nodiscard]] bool may_wait(std::uint32_t request);
  [[nodiscard]] bool may_change(std::uint32_t request, std::string_view what);
  // Decodes, and calls the handler; a message that does not decode is refused.
  template <class T>
  void take(const ipc::Message& message, void (Connection::*handler)(const T&, std::uint32_t));

  Peer peer_;
  Options options_;
  Service& service_;
  ipc::Channel channel_;
  bool greeted_ = false, ended_ = false, lagging_ = false;
  std::optional<Subscribe> subscription_;
  std::uint32_t subscribed_ = 0;  // the number of that request
  std::size_t excused_ = 0;       // bytes of the last snapshot or numbers that may be unread
  std::uint64_t seen_ = 0;        // the last look at numbers that it has
  TimePoint next_numbers_;
  std::set<std::uint32_t> waiting_;                 // for what is answered later
  unsigned silent_ = 0, midway_ = 0, stalled_ = 0;  // seconds
  std::size_t queued_ = 0;                          // at the last tick
};

}  // namespace hcd::ctl
