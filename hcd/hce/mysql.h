// The mysql check: the server greets, and answers a log-in without a password. With a user named the log-in must succeed;
// without one a refusal of just that log-in is an answer too. Any other error, such as too many connections, is failed
// with its code and text.
//
// A server blocks a client that breaks off its handshakes too often (max_connect_errors), so the check always goes through
// to the log-in and ends it with COM_QUIT.
#pragma once
#include "hcd/hce/mysql_message.h"
#include "hcd/hce/profile.h"

namespace hcd::hce {

// A log-in of the longest user fits what a profile may say.
inline constexpr std::size_t kMysqlUserMax = 80;

class Mysql final : public Profile {
 public:
  Mysql();
  [[nodiscard]] bool greets() const override { return true; }

 private:
  enum class Phase : std::uint8_t { Greeting, Login, Switched };

  void start() override;
  void secured() override;
  [[nodiscard]] std::size_t hear(std::string_view heard) override;
  void on_packet(const mysql::Packet& packet);
  void on_greeting(const mysql::Packet& packet);
  void on_login_answer(const mysql::Packet& packet);
  void on_auth_switch(const mysql::Packet& packet);
  void on_error(std::string_view payload);
  void log_in(std::uint8_t sequence);

  Phase phase_ = Phase::Greeting;
  std::uint8_t sequence_ = 0;
  std::string packet_;  // what is said next; keeps its memory from check to check
};

}  // namespace hcd::hce
