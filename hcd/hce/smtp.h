// The smtp check (RFC 5321): a greeting of 220, EHLO answered by 250, QUIT. With `starttls` the server must offer it,
// begin TLS, and answer EHLO once more (RFC 3207). Any other code fails with that code and the line's text.
#pragma once
#include "hcd/hce/profile.h"

namespace hcd::hce {

[[nodiscard]] std::string smtp_request(const conf::Check& check);  // "EHLO name\r\n"

class Smtp final : public Profile {
 public:
  Smtp();
  [[nodiscard]] bool greets() const override { return true; }

 private:
  enum class Phase : std::uint8_t { Greeting, Hello, StartTls, HelloAgain };

  void start() override;
  void secured() override;
  [[nodiscard]] std::size_t hear(std::string_view heard) override;
  void on_line(std::string_view line);
  void on_reply(std::uint16_t code, std::string_view text);

  Phase phase_ = Phase::Greeting;
  std::uint16_t code_ = 0;  // of the reply whose lines are being read; 0: none
  bool offered_ = false;    // STARTTLS
};

}  // namespace hcd::hce
