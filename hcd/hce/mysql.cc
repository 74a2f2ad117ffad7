#include "hcd/hce/mysql.h"

#include <algorithm>
#include <array>

namespace hcd::hce {
namespace {

using namespace std::string_view_literals;

constexpr std::string_view kQuit = "\x01\x00\x00\x00\x01"sv;
constexpr auto kIsOk = '\x00', kIsMore = '\x01', kIsSwitch = '\xfe', kIsError = '\xff';

// Errors that say no more than: not this user, not in this way. The server that says so serves.
bool refuses_login(std::uint16_t code) {
  constexpr std::array<std::uint16_t, 9> kCodes = {
      1044,  // no access to the database
      1045,  // access denied
      1251,  // the client's way of authentication is too old
      1698,  // access denied, no password
      1820,  // the password must be changed first
      1862,  // the password has expired
      3118,  // the account is locked: MySQL
      3159,  // only over TLS: MySQL; MariaDB says 1045
      4151,  // the account is locked: MariaDB
  };
  return std::ranges::find(kCodes, code) != kCodes.end();
}

}  // namespace

Mysql::Mysql() : Profile({ipc::Reason::MysqlOk, ipc::Reason::MysqlMalformed, ipc::Reason::MysqlFailed}) {
  packet_.reserve(256);
}

void Mysql::start() {
  phase_ = Phase::Greeting;
}

void Mysql::secured() {
  log_in(static_cast<std::uint8_t>(sequence_ + 2));
}

std::size_t Mysql::hear(std::string_view heard) {
  const auto packet = mysql::parse_packet(heard, kHeardMax - 4);
  if (packet.is == mysql::Packet::Is::Short) return 0;
  if (packet.is == mysql::Packet::Is::Malformed) return malformed("packet length"), heard.size();
  on_packet(packet);
  return packet.size();
}

void Mysql::on_packet(const mysql::Packet& packet) {
  if (packet.payload[0] == kIsError) return on_error(packet.payload);
  return phase_ == Phase::Greeting ? on_greeting(packet) : on_login_answer(packet);
}

void Mysql::on_greeting(const mysql::Packet& packet) {
  const auto greeting = mysql::parse_greeting(packet.payload);
  if (!greeting.problem.empty()) return malformed(greeting.problem);
  phase_ = Phase::Login;
  sequence_ = packet.sequence;
  if (!plan().check.peer.starttls) return log_in(static_cast<std::uint8_t>(sequence_ + 1));
  if ((greeting.capabilities & mysql::kSsl) == 0) return refused(0, "no TLS");
  packet_.clear();
  mysql::put_ssl_request(packet_, static_cast<std::uint8_t>(sequence_ + 1));
  say(packet_);
  secure();
}

void Mysql::log_in(std::uint8_t sequence) {
  packet_.clear();
  mysql::put_login(packet_, sequence, plan().check.peer.user, plan().check.peer.starttls);
  say(packet_);
}

void Mysql::on_login_answer(const mysql::Packet& packet) {
  switch (packet.payload[0]) {
    case kIsOk: return pass(kQuit);
    case kIsSwitch: return on_auth_switch(packet);
    case kIsMore:  // the server goes on with its plugin's questions: 3 says that it is content, and OK follows
      if (packet.payload == "\x01\x03") return;
      return plan().check.peer.user.empty() ? pass() : refused(0, "asks for a password");
    default: return malformed("answer to the log-in");
  }
}

// No password: nothing for most plugins, an empty string for those of MySQL 8.
void Mysql::on_auth_switch(const mysql::Packet& packet) {
  const std::string_view plugin = mysql::parse_auth_switch(packet.payload);
  if (plugin.empty() || phase_ == Phase::Switched) return malformed("switch of authentication");
  phase_ = Phase::Switched;
  const bool string = plugin == "caching_sha2_password" || plugin == "sha256_password";
  const char size = string ? '\1' : '\0', sequence = static_cast<char>(packet.sequence + 1);
  const std::array<char, 5> bytes = {size, '\0', '\0', sequence, '\0'};
  say({bytes.data(), string ? 5U : 4U});
}

void Mysql::on_error(std::string_view payload) {
  const auto error = mysql::parse_error(payload);
  if (!error.valid) return malformed("error");
  if (phase_ != Phase::Greeting && plan().check.peer.user.empty() && refuses_login(error.code)) return pass();
  refused(error.code, error.text);
}

}  // namespace hcd::hce
