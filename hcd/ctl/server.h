// The control sockets: accepts clients on listening sockets, each read-write or read-only, and tells subscribers what
// changes. At most kClients are connected, of which the read-only socket never takes the last kReserved: whoever may
// only look cannot lock out who may act.
#pragma once
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
  [[nodiscard]] virtual Snapshot snapshot() = 0;
  [[nodiscard]] virtual Answer change(const Change& change, const Peer& peer) = 0;
  [[nodiscard]] virtual Answer stop(const Stop& stop, const Peer& peer) = 0;
  [[nodiscard]] virtual std::expected<Evidence, Answer> checks(const Checks& checks) = 0;
  // Answered later by Server::answer(ticket, ...), which may be called from within.
  virtual void reload(const Peer& peer, std::uint32_t ticket) = 0;
  virtual void check_now(const CheckNow& check, const Peer& peer, std::uint32_t ticket) = 0;
};

class Server {
 public:
  static constexpr std::size_t kClients = 128, kReserved = 32;

  Server(event::Loop& loop, Backend& backend, Users users);
  ~Server();

  void listen(UniqueFd socket, bool read_only);
  void stop_listening();  // for sockets that are replaced

  [[nodiscard]] bool watched() const { return !connections_.empty(); }
  void publish(const Rows& rows);
  void publish(const Gone& gone);
  void publish(const Event& event);
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
  void admit(UniqueFd socket, bool read_only);
  void turn_away(const UniqueFd& socket);
  [[nodiscard]] std::uint32_t ticket_for(Connection& connection, std::uint32_t request);
  void tell(std::uint32_t ticket, Type type, const std::string& payload);
  void on_ended(Connection& connection);
  void tick();
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
  std::unique_ptr<event::Timer> timer_;
};

}  // namespace hcd::ctl
