// The postgres check: a log-in without a password. A server that is ready, or that asks for the password, serves. So does
// one that refuses the log-in for the user or database that the check did not name. Any other error, such as 57P03 while it
// starts up, fails with its state and text.
#pragma once
#include "hcd/hce/postgres_message.h"
#include "hcd/hce/profile.h"

namespace hcd::hce {

[[nodiscard]] std::string postgres_request(const conf::Check& check);  // the StartupMessage

class Postgres final : public Profile {
 public:
  Postgres();

 private:
  enum class Phase : std::uint8_t { Ssl, Login, Accepted };

  void start() override;
  void secured() override;
  [[nodiscard]] std::size_t hear(std::string_view heard) override;
  std::size_t hear_ssl_answer(std::string_view heard);
  void on_message(const postgres::Message& message);
  void on_authentication(std::string_view body);
  void on_error(std::string_view body);

  Phase phase_ = Phase::Login;
};

}  // namespace hcd::hce
