// The control sockets: accepts clients on listening sockets, each read-write or read-only, and tells subscribers what
// changes. The last events are kept for those who ask. What clients do wrong is logged, a few lines a second. At most
// kClients are connected, of which the read-only socket never takes the last kReserved: whoever may only look cannot
// lock out who may act.
#pragma once
#include <deque>
#include <list>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "hcd/ctl/connection.h"

namespace hcd::ctl {

class Backend {  // what the server asks of the daemon
 public:
  virtual ~Backend() = default;
  [[nodiscard]] virtual Snapshot snapshot(bool rows) = 0;  // the header, and the rows
  // Has a look at the counters; then what has changed after a former look, or all (0).
  virtual void look() = 0;
  [[nodiscard]] virtual Look numbers(std::uint64_t since) = 0;
  [[nodiscard]] virtual std::vector<HostChecks> evidence(std::uint8_t last) = 0;
  [[nodiscard]] virtual std::vector<TableDurations> durations() = 0;
  [[nodiscard]] virtual Beats take_beats() = 0;  // those since the last time
  [[nodiscard]] virtual std::expected<Outcome, Answer> change(const Change& change, const Peer& peer) = 0;
  [[nodiscard]] virtual Answer stop(const Stop& stop, const Peer& peer) = 0;
  [[nodiscard]] virtual Answer log(const Log& log, const Peer& peer) = 0;
  [[nodiscard]] virtual std::expected<Evidence, Answer> checks(const Checks& checks) = 0;
  // Answered later by Server::answer(ticket, ...), which may be called from within.
  virtual void reload(const Reload& reload, const Peer& peer, std::uint32_t ticket) = 0;
  virtual void confirm(const Confirm& confirm, const Peer& peer, std::uint32_t ticket) = 0;
  virtual void check_now(const CheckNow& check, const Peer& peer, std::uint32_t ticket) = 0;
};

class Server {
 public:
  static constexpr std::size_t kClients = 128, kReserved = 32;

  Server(event::Loop& loop, Backend& backend, Users users);
  ~Server();

  void listen(UniqueFd socket, bool read_only);
  void stop_listening();        // for sockets that are replaced
  void serve(UniqueFd socket);  // connected to a process of the daemon's own, which may look and is never too many

  [[nodiscard]] bool watched() const;  // by subscribers
  [[nodiscard]] bool wants_beats() const;
  void publish(const Rows& rows);
  void publish(const Gone& gone);
  void publish(Event event);  // which is given its number
  void answer(std::uint32_t ticket, const Answer& answer);
  template <class T>
  void tell(std::uint32_t ticket, const T& part) {  // before the answer
    tell(ticket, T::kType, ipc::encode(part));
  }
  [[nodiscard]] std::size_t clients() const { return connections_.size(); }

 private:
  struct Listener {
    UniqueFd socket;
    bool read_only;
    std::unique_ptr<event::Watcher> watcher;
  };
  struct Ticket {
    Connection* connection;
    std::uint32_t request;
  };

  void on_acceptable(Listener& listener);
  void admit(UniqueFd socket, const Connection::Options& options);
  void turn_away(const UniqueFd& socket);
  [[nodiscard]] std::uint32_t ticket_for(Connection& connection, std::uint32_t request);
  void tell(std::uint32_t ticket, Type type, const std::string& payload);
  void on_ended(Connection& connection);
  void tick();
  void pulse();
  void hand_out_beats();
  void on_subscribing(const Subscribe& wanted);
  [[nodiscard]] std::optional<Milliseconds> pace() const;  // of the fastest who is to be told again and again
  void arm_pulse(Milliseconds pace);                       // or leaves it where it comes sooner
  void report(log::Level level, const std::string& line);
  void publish(Type type, const std::string& payload);

  event::Loop& loop_;
  Backend& backend_;
  Users users_;
  Connection::Service service_;
  std::vector<std::unique_ptr<Listener>> listeners_;
  std::list<std::unique_ptr<Connection>> connections_;
  std::map<std::uint32_t, Ticket> tickets_;
  std::uint32_t next_ticket_ = 1;
  bool full_ = false;  // and the log says so
  std::deque<Event> events_;
  std::uint64_t next_event_;
  unsigned reports_ = 0, unreported_ = 0;  // in this second
  std::unique_ptr<event::Timer> timer_, pulse_;
  TimePoint pulse_at_;
};

}  // namespace hcd::ctl
