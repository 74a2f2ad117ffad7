// The ldap check (RFC 4511): an anonymous simple bind, version 3, answered with success. Another result fails with
// its code and the server's message, and so is its notice that it is about to disconnect.
#pragma once
#include "hcd/hce/profile.h"

namespace hcd::hce {

namespace ldap {

// What one LDAPMessage says, as far as a bind's answer or a notice of disconnection can.
struct Result {
  enum class Is : std::uint8_t { Short, Malformed, Bind, Extended };
  Is is = Is::Malformed;
  std::size_t size = 0;  // of the message
  std::uint32_t id = 0;
  std::uint32_t code = 0;  // RFC 4511 4.1.9
  std::string_view text;   // the diagnostic message
};
[[nodiscard]] Result parse_result(std::string_view bytes);

}  // namespace ldap

class Ldap final : public Profile {
 public:
  Ldap();

 private:
  void start() override;
  void secured() override;
  [[nodiscard]] std::size_t hear(std::string_view heard) override;
  void on_result(const ldap::Result& result);

  bool starting_tls_ = false;
};

}  // namespace hcd::hce
